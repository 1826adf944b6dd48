//! What the runs of a sweep came to, point by point.

use super::super::headless::table;
use super::journal::Run;
use lab::experiment::{Estimate, Grid, estimate};
use model::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// One point with all its runs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    #[serde(skip)]
    label: String,
    protocol: String,
    settings: BTreeMap<String, String>,
    /// Finished runs.
    runs: usize,
    throughput_req_s: Option<Estimate>,
    p50_ms: Option<Estimate>,
    p99_ms: Option<Estimate>,
    verdicts: Verdicts,
}

/// How often each verdict was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Verdicts {
    pass: usize,
    no_progress: usize,
    diverged: usize,
    /// Runs that did not come to their end.
    failed: usize,
}

/// All points in order.
pub(super) fn rows(grid: &Grid, done: &BTreeMap<usize, Run>, failures: &BTreeMap<usize, usize>) -> Vec<Row> {
    let repetitions = grid.plan.repetitions as usize;
    let of_point = |(index, point): (usize, &lab::experiment::Point)| {
        let point = &point.at;
        let runs: Vec<&Run> = done.range(index * repetitions..(index + 1) * repetitions).map(|(_, run)| run).collect();
        let of =
            |value: fn(&Run) -> Option<f64>| estimate(&runs.iter().filter_map(|run| value(run)).collect::<Vec<_>>());
        let mut verdicts = Verdicts { failed: failures.get(&index).copied().unwrap_or(0), ..Verdicts::default() };
        for run in &runs {
            match run.verdict {
                Verdict::Pass => verdicts.pass += 1,
                Verdict::NoProgress => verdicts.no_progress += 1,
                Verdict::Diverged(_) => verdicts.diverged += 1,
            }
        }
        Row {
            label: point.label(),
            protocol: point.protocol.clone(),
            settings: point.settings.iter().cloned().collect(),
            runs: runs.len(),
            throughput_req_s: of(|run| Some(run.throughput_req_s)),
            p50_ms: of(|run| run.p50_ms),
            p99_ms: of(|run| run.p99_ms),
            verdicts,
        }
    };
    grid.points.iter().enumerate().map(of_point).collect()
}

/// 2 where a run diverged, else 1 where one failed, else 3 where one made no progress.
pub(super) fn exit_code(rows: &[Row]) -> u8 {
    let any = |count: fn(&Verdicts) -> usize| rows.iter().any(|row| count(&row.verdicts) > 0);
    match (any(|all| all.diverged), any(|all| all.failed), any(|all| all.no_progress)) {
        (true, ..) => 2,
        (_, true, _) => 1,
        (.., true) => 3,
        _ => 0,
    }
}

/// A table for people: means with half the width of their 95 % confidence intervals.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let mut cells = vec![["runs", "req/s", "p50 ms", "p99 ms", "verdicts", "point"].map(str::to_owned).to_vec()];
    for row in rows {
        cells.push(vec![
            row.runs.to_string(),
            shown(row.throughput_req_s, 0),
            shown(row.p50_ms, 2),
            shown(row.p99_ms, 2),
            row.verdicts.shown(),
            row.label.clone(),
        ]);
    }
    table(&cells)
}

/// The same for programs: a heading, then a line for each point.
pub(super) fn csv(grid: &Grid, rows: &[Row]) -> Vec<String> {
    let keys: Vec<&str> = grid.plan.axes.iter().map(|axis| axis.key.as_str()).collect();
    let figures = ["throughput_req_s", "p50_ms", "p99_ms"];
    let mut heads = vec!["protocol".to_owned()];
    heads.extend(keys.iter().map(|key| (*key).to_owned()));
    heads.push("runs".to_owned());
    heads.extend(figures.iter().flat_map(|figure| [(*figure).to_owned(), format!("{figure}_ci95")]));
    heads.extend(["pass", "no_progress", "diverged", "failed"].map(str::to_owned));
    let line = |cells: &[String]| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    let mut lines = vec![line(&heads)];
    for row in rows {
        let mut cells = vec![row.protocol.clone()];
        cells.extend(keys.iter().map(|key| row.settings.get(*key).cloned().unwrap_or_default()));
        cells.push(row.runs.to_string());
        for figure in [row.throughput_req_s, row.p50_ms, row.p99_ms] {
            cells.push(figure.map_or_else(String::new, |figure| figure.mean.to_string()));
            cells.push(figure.and_then(|figure| figure.half_width).map_or_else(String::new, |half| half.to_string()));
        }
        let Verdicts { pass, no_progress, diverged, failed } = row.verdicts;
        cells.extend([pass, no_progress, diverged, failed].map(|count| count.to_string()));
        lines.push(line(&cells));
    }
    lines
}

impl Verdicts {
    fn shown(self) -> String {
        let named = [
            (self.pass, "Pass"),
            (self.no_progress, "No progress"),
            (self.diverged, "Diverged"),
            (self.failed, "failed"),
        ];
        let named = named.into_iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
        named.collect::<Vec<_>>().join(", ")
    }
}

fn shown(figure: Option<Estimate>, decimals: usize) -> String {
    match figure {
        None => "–".to_owned(),
        Some(Estimate { mean, half_width: None }) => format!("{mean:.decimals$}"),
        Some(Estimate { mean, half_width: Some(half) }) => format!("{mean:.decimals$} ± {half:.decimals$}"),
    }
}

/// A cell of a line of comma-separated values (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_with_a_comma_is_quoted_and_an_estimate_shows_its_interval() {
        assert_eq!([quoted("1"), quoted("1,0"), quoted("a\"b")], ["1", "\"1,0\"", "\"a\"\"b\""]);
        assert_eq!(shown(Some(Estimate { mean: 1234.5, half_width: Some(3.21) }), 1), "1234.5 ± 3.2");
        assert_eq!(shown(Some(Estimate { mean: 2.0, half_width: None }), 0), "2");
    }

    #[test]
    fn the_worst_verdict_is_the_exit_status() {
        let row = |verdicts| Row {
            label: String::new(),
            protocol: String::new(),
            settings: BTreeMap::new(),
            runs: 1,
            throughput_req_s: None,
            p50_ms: None,
            p99_ms: None,
            verdicts,
        };
        let pass = row(Verdicts { pass: 1, ..Verdicts::default() });
        let stuck = row(Verdicts { no_progress: 1, ..Verdicts::default() });
        let failed = row(Verdicts { failed: 1, ..Verdicts::default() });
        let diverged = row(Verdicts { diverged: 1, ..Verdicts::default() });
        assert_eq!(exit_code(std::slice::from_ref(&pass)), 0);
        assert_eq!(exit_code(&[pass.clone(), stuck.clone()]), 3);
        assert_eq!(exit_code(&[stuck.clone(), failed.clone()]), 1);
        assert_eq!(exit_code(&[failed, diverged, pass]), 2);
        assert_eq!(stuck.verdicts.shown(), "1 No progress");
    }
}
