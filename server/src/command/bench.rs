//! `bftgym bench`: one trial without the page, ending in figures.

use super::headless::{exit_code, figures};
use super::{config, payload_note, print_json};
use crate::cli::BenchArgs;
use crate::error::ServerError;
use crate::protocols::ChosenProtocol;
use lab::bench::{self, BenchOptions};
use std::time::Duration;

/// Runs the trial and prints its figures; the exit status says what the histories say.
pub(super) async fn run(args: BenchArgs) -> Result<u8, ServerError> {
    let protocol = ChosenProtocol::named(&args.protocol)?;
    let tree = config::with_settings(args.config.as_deref(), &args.settings)?;
    if let Some(note) = payload_note::note(&tree, &args.settings) {
        eprintln!("{note}");
    }
    let binary = std::env::current_exe()
        .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
    if !args.json {
        eprintln!("{}", announced(&protocol.name, args.duration, args.warmup));
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

fn announced(protocol: &str, duration: Duration, warmup: Duration) -> String {
    let (duration, warmup) = (duration.as_secs_f64(), warmup.as_secs_f64());
    format!("Running {protocol} for {duration} s after a warm-up of {warmup} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_seconds_are_told() {
        let said = announced("pbft", Duration::from_secs(30), Duration::from_millis(500));
        assert_eq!(said, "Running pbft for 30 s after a warm-up of 0.5 s");
    }
}
