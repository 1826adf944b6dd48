//! `bftgym bench`: one trial without the page, ending in figures.

use super::config;
use crate::cli::BenchArgs;
use crate::error::ServerError;
use lab::bench::{self, BenchOptions, BenchResult};
use model::trial::Verdict;
use model::validate::{Change, apply_changes};
use std::path::PathBuf;

/// Runs the trial and prints its figures.
pub(super) async fn run(args: BenchArgs) -> Result<(), ServerError> {
    let definition = protocol::definitions::find(&args.protocol).ok_or_else(|| ServerError::UnknownProtocol {
        name: args.protocol.clone(),
        known: protocol::definitions::ALL.iter().map(|definition| definition.name).collect::<Vec<_>>().join(", "),
    })?;
    let mut tree = config::load(args.config.as_deref())?;
    let changes: Vec<Change> = args.settings.into_iter().map(|(key, text)| Change { key, text }).collect();
    apply_changes(&mut tree, &changes)
        .map_err(|problems| ServerError::ConfigProblems { path: PathBuf::from("--set"), problems })?;
    let binary = std::env::current_exe()
        .map_err(|source| ServerError::Io { what: "this program does not know its own place", source })?;
    if !args.json {
        eprintln!(
            "Running {} for {:.0} s after a warm-up of {:.0} s",
            definition.title,
            args.duration.as_secs_f64(),
            args.warmup.as_secs_f64()
        );
    }
    let result = bench::run(BenchOptions {
        binary,
        protocol_name: definition.name.to_owned(),
        protocol_text: definition.text.to_owned(),
        config: tree,
        warmup: args.warmup,
        duration: args.duration,
    })
    .await?;
    if args.json {
        let text = serde_json::to_string_pretty(&result)
            .map_err(|error| ServerError::Measurement { reason: error.to_string() })?;
        println!("{text}");
    } else {
        print_table(&result);
    }
    match result.verdict {
        Verdict::Pass => Ok(()),
        other => Err(ServerError::Verdict { label: other.label() }),
    }
}

fn print_table(result: &BenchResult) {
    let latency = &result.latency_ms;
    println!(
        "protocol        {} ({} replicas, authentication {})",
        result.protocol, result.replicas, result.authentication
    );
    println!("load            {} requests outstanding, blocks of {}", result.outstanding, result.block_size);
    println!("payload         {} bytes a request, {} bytes a reply", result.request_bytes, result.reply_bytes);
    println!("throughput      {:.0} requests/s over {:.1} s", result.throughput_req_s, result.duration_s);
    println!(
        "latency         p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        latency.p50, latency.p90, latency.p99, latency.max
    );
    println!("messages        {:.0} a second, all units together", result.messages_s);
    println!("memory          {:.1} MiB at most in one unit", result.memory_mib_max_per_unit);
    println!("processor       {:.0} % of one core, all units together", result.cpu_percent);
    println!("verdict         {}", result.verdict.label());
}
