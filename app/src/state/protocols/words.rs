//! What a simulated run came to, in the words of the page and of the command line.

use protocol::simulator::Outcome;

/// Median and 99th percentile of the latencies, in simulated time.
pub fn latency(outcome: &Outcome) -> String {
    let shown = |quantile| outcome.latency_us(quantile).map(|micros| format!("{:.3} ms", micros as f64 / 1_000.0));
    match (shown(0.5), shown(0.99)) {
        (Some(median), Some(high)) => format!("p50 {median}, p99 {high}"),
        _ => "no request was answered".to_owned(),
    }
}
