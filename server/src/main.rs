//! The program `bftgym`.

use clap::Parser;
use server::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    match server::command::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bftgym: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
