//! The program `bftgym`.

use server::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors. Where the output is gone, there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { server::error::USAGE } else { 0 });
        }
    };
    match server::command::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("bftgym: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
