//! The tables at the end of an experiment.

use crate::command::verdict;
use app::state::format::{grouped, si};
use lab::experiment::{FaultFigures, Figures, LatencyFigures, Outcome, ReplicaFigures};
use model::words::numbered;

/// Prints an experiment's figures to standard output.
pub(in crate::command) fn print(outcome: &Outcome) {
    figures(&outcome.figures).iter().for_each(|(name, text)| println!("{name:<15} {text}"));
    let tables = [("change", faults(&outcome.faults)), ("replica", replicas(&outcome.replicas))];
    for (_, rows) in tables.iter().filter(|(_, rows)| rows.len() > 1) {
        println!();
        table(rows).iter().for_each(|line| println!("{line}"));
    }
    if !outcome.deaths.is_empty() {
        println!();
        outcome.deaths.iter().for_each(|reason| println!("{reason}"));
    }
}

/// The lines of a bench or a run.
pub(in crate::command) fn figures(figures: &Figures) -> Vec<(&'static str, String)> {
    let authentication = match figures.authentication.as_str() {
        "protocol" => "as the protocol says",
        scheme => scheme,
    };
    vec![
        (
            "protocol",
            format!(
                "{} ({}, authentication: {authentication})",
                figures.protocol,
                numbered(figures.replicas, "replica")
            ),
        ),
        ("load", load(figures)),
        ("payload", format!("{} bytes a request, {} bytes a reply", figures.request_bytes, figures.reply_bytes)),
        ("throughput", format!("{:.0} requests/s over {:.1} s", figures.throughput_req_s, figures.duration_s)),
        (
            "latency",
            match figures.latency_ms {
                Some(LatencyFigures { p50, p90, p99, max }) => {
                    format!("p50 {p50:.2} ms, p90 {p90:.2} ms, p99 {p99:.2} ms, max {max:.2} ms")
                }
                None => "no request was answered".to_owned(),
            },
        ),
        ("messages", format!("{:.0} a second, all units together", figures.messages_s)),
        ("memory", format!("{:.1} MiB at most in one unit", figures.memory_mib_max_per_unit)),
        ("processor", format!("{:.0} % of one core, all units together", figures.cpu_percent)),
        ("verdict", verdict::text(&figures.verdict)),
    ]
}

/// What clients asked for: in an open loop a rate, in a closed one as much as is answered.
fn load(figures: &Figures) -> String {
    let asked = match (figures.offered_req_s, figures.outstanding) {
        (Some(offered), _) => format!("open loop, {offered:.0} requests/s offered"),
        (None, outstanding) => format!("{} requests outstanding", outstanding.unwrap_or_default()),
    };
    format!("{asked}, blocks of {}", figures.block_size)
}

fn faults(faults: &[FaultFigures]) -> Vec<Vec<String>> {
    let mut rows = vec![["at", "req/s before", "after", "recovered", "change"].map(str::to_owned).to_vec()];
    let rate = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), grouped);
    for fault in faults {
        let recovered = match fault.recovered_after_ms {
            Some(0) => "at once".to_owned(),
            Some(after_ms) => format!("after {} ms", grouped(after_ms as f64)),
            None => "no".to_owned(),
        };
        rows.push(vec![
            format!("{:.1} s", fault.at_s),
            rate(fault.throughput_before_req_s),
            rate(fault.throughput_after_req_s),
            recovered,
            fault.change.clone(),
        ]);
    }
    rows
}

fn replicas(replicas: &[ReplicaFigures]) -> Vec<Vec<String>> {
    let heads = ["replica", "executed", "view", "cpu", "memory", "messages/s", "bytes/s"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(replicas.iter().map(|replica| {
        vec![
            replica.replica.to_string(),
            grouped(replica.executed as f64),
            replica.view.to_string(),
            format!("{:.0} %", replica.cpu_percent),
            format!("{:.1} MiB", replica.memory_mib),
            si(replica.messages_s),
            si(replica.bytes_s),
        ]
    }));
    rows
}

/// Rows as lines with even columns: all but the last to the right.
pub(in crate::command) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length = |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| length(row, column)).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| match column + 1 == columns {
            true => cell.clone(),
            false => format!("{cell:>width$}", width = widths[column]),
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_even() {
        let rows = [vec!["at", "change"], vec!["20.0 s", "x"]].map(|row| row.into_iter().map(str::to_owned).collect());
        assert_eq!(table(&rows), ["    at  change", "20.0 s  x"]);
    }
}
