//! `bftgym bench`: one trial without the page, ending in figures.

use super::headless::{exit_code, figures};
use super::{config, print_json};
use crate::cli::BenchArgs;
use crate::error::ServerError;
use crate::protocols::ChosenProtocol;
use lab::bench::{self, BenchOptions};

/// Runs the trial and prints its figures; the exit status says what the histories say.
pub(super) async fn run(args: BenchArgs) -> Result<u8, ServerError> {
    let protocol = ChosenProtocol::named(&args.protocol)?;
    let tree = config::with_settings(args.config.as_deref(), &args.settings)?;
    let binary = std::env::current_exe()
        .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
    if !args.json {
        eprintln!(
            "Running {} for {:.0} s after a warm-up of {:.0} s",
            protocol.name,
            args.duration.as_secs_f64(),
            args.warmup.as_secs_f64()
        );
    }
    let result = bench::run(BenchOptions {
        binary,
        protocol_name: protocol.name,
        protocol_text: protocol.text,
        config: tree,
        warmup: args.warmup,
        duration: args.duration,
    })
    .await?;
    if args.json {
        print_json(&result)?;
    } else {
        figures(&result).iter().for_each(|(name, text)| println!("{name:<15} {text}"));
    }
    Ok(exit_code(&result.verdict))
}
