//! What a simulation came to, for people and for scripts.

use super::plan::Planned;
use crate::command::{say, verdict as verdicts};
use crate::error::ServerError;
use app::state::protocols::words;
use model::verdict::Verdict;
use model::words::numbered;
use protocol::engine::block::hexadecimal;
use protocol::simulator::{Outcome, Scenario};

/// How many requests are to be answered.
pub(super) fn wanted(scenario: &Scenario) -> u64 {
    u64::from(scenario.clients).saturating_mul(scenario.requests_a_client)
}

/// Blocks that were executed, counted where there are most.
fn blocks(outcome: &Outcome) -> u64 {
    outcome.executed.iter().map(|sequence| sequence.0).max().unwrap_or_default()
}

fn per_block(count: u64, outcome: &Outcome) -> f64 {
    count as f64 / blocks(outcome).max(1) as f64
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

/// Prints it.
pub(super) fn print(planned: &Planned, scenario: &Scenario, outcome: &Outcome) -> Result<(), ServerError> {
    for (name, text) in rows(planned, scenario, outcome) {
        say(format!("{name:<11} {text}"))?;
    }
    let width = outcome.messages.iter().map(|(name, _)| name.len()).max().unwrap_or_default().max("message".len());
    if !outcome.messages.is_empty() {
        say(format!("\n{:<width$}  {:>10}  {:>9}", "message", "sent", "per block"))?;
    }
    for (name, count) in &outcome.messages {
        say(format!("{name:<width$}  {count:>10}  {:>9.2}", per_block(*count, outcome)))?;
    }
    Ok(())
}

fn rows(planned: &Planned, scenario: &Scenario, outcome: &Outcome) -> Vec<(&'static str, String)> {
    let table = &scenario.table;
    let total: u64 = outcome.messages.iter().map(|(_, count)| count).sum();
    let executed: Vec<String> = outcome.executed.iter().map(|sequence| sequence.0.to_string()).collect();
    let block_size = scenario.config.integer("benchmark.block-size", 10);
    vec![
        ("protocol", format!("{} ({} replicas, f = {}), seed {}", planned.name, table.n, table.f, scenario.seed)),
        (
            "load",
            format!(
                "{}, {} each, blocks of {block_size}",
                numbered(scenario.clients, "client"),
                numbered(scenario.requests_a_client, "request")
            ),
        ),
        ("verdict", verdicts::text(&verdict(scenario, outcome))),
        ("answered", format!("{} of {} requests", outcome.completed, wanted(scenario))),
        ("ended", format!("after {:.3} ms of simulated time", milliseconds(outcome.ended_us))),
        ("view", outcome.view.to_string()),
        ("executed", last_blocks(&executed)),
        ("latency", words::latency(outcome)),
        ("slow path", numbered(outcome.slow, "block")),
        ("rolled back", numbered(outcome.rolled_back, "block")),
        ("refused", numbered(outcome.refused, "message")),
        ("messages", format!("{total}, {:.2} per block, {} bytes", per_block(total, outcome), outcome.bytes)),
        ("trace hash", hexadecimal(&outcome.trace_hash)),
    ]
}

/// The last block of each replica; one number where all have the same.
fn last_blocks(executed: &[String]) -> String {
    match executed {
        [first, rest @ ..] if !rest.is_empty() && rest.iter().all(|other| other == first) => {
            format!("{first} (last block of all {} replicas)", executed.len())
        }
        _ => format!("{} (last block of each replica)", executed.join(" ")),
    }
}

fn verdict(scenario: &Scenario, outcome: &Outcome) -> Verdict {
    match &outcome.verdict {
        Verdict::Diverged(found) => Verdict::Diverged(found.clone()),
        _ if outcome.completed < wanted(scenario) => Verdict::NoProgress,
        verdict => verdict.clone(),
    }
}

/// The same as one object.
pub(super) fn json(planned: &Planned, scenario: &Scenario, outcome: &Outcome) -> serde_json::Value {
    let messages: Vec<serde_json::Value> = outcome
        .messages
        .iter()
        .map(
            |(name, count)| serde_json::json!({ "name": name, "sent": count, "per_block": per_block(*count, outcome) }),
        )
        .collect();
    serde_json::json!({
        "protocol": planned.name,
        "replicas": scenario.table.n,
        "f": scenario.table.f,
        "seed": scenario.seed,
        "verdict": verdict(scenario, outcome),
        "requests": wanted(scenario),
        "answered": outcome.completed,
        "ended_ms": milliseconds(outcome.ended_us),
        "view": outcome.view,
        "executed": outcome.executed,
        "latency_ms": {
            "p50": outcome.latency_us(0.5).map(milliseconds),
            "p99": outcome.latency_us(0.99).map(milliseconds),
        },
        "slow_path": outcome.slow,
        "rolled_back": outcome.rolled_back,
        "refused": outcome.refused,
        "messages": messages,
        "bytes": outcome.bytes,
        "trace_hash": hexadecimal(&outcome.trace_hash),
    })
}
