//! The results as a file of comma-separated values: a line for each point, or for each run.

use super::book::OpenSweep;
use super::dimension::Dimension;
use super::metric::Metric;
use super::results::PointResult;
use crate::state::chart_table::quoted;
use model::sweep::RunState;
use model::verdict::Verdict;

/// Every point with means and half the widths of their 95 % confidence intervals.
pub fn points_csv(sweep: &OpenSweep, results: &[PointResult]) -> String {
    let mut heads = dimension_heads(sweep);
    heads.push("runs".to_owned());
    for metric in Metric::ALL {
        heads.extend([column(metric), format!("{}_ci95", column(metric))]);
    }
    heads.push("failed".to_owned());
    let mut lines = vec![heads];
    for result in results {
        let mut cells = dimension_cells(sweep, result.point);
        cells.push(result.done().count().to_string());
        for metric in Metric::ALL {
            let estimate = result.estimate(metric);
            let half = estimate.and_then(|estimate| estimate.half_width);
            cells.extend([number(estimate.map(|estimate| estimate.mean)), number(half)]);
        }
        cells.push(result.failed().to_string());
        lines.push(cells);
    }
    written(&lines)
}

/// Every run that has ended.
pub fn runs_csv(sweep: &OpenSweep) -> String {
    let mut heads = dimension_heads(sweep);
    heads.extend(["repetition", "trial", "state", "verdict", "reason"].map(str::to_owned));
    heads.extend(Metric::ALL.map(column));
    let mut lines = vec![heads];
    for run in sweep.runs.values() {
        let (point, repetition) = sweep.plan.place_of_run(run.run);
        let mut cells = dimension_cells(sweep, point);
        cells.push((repetition + 1).to_string());
        cells.push(run.trial.map(|trial| trial.to_string()).unwrap_or_default());
        let (state, reason) = match &run.state {
            RunState::Done => ("done", ""),
            RunState::Failed { reason } => ("failed", reason.as_str()),
        };
        let verdict = match run.verdict {
            Some(Verdict::Pass) => "pass",
            Some(Verdict::NoProgress) => "no_progress",
            Some(Verdict::Diverged(_)) => "diverged",
            None => "",
        };
        cells.extend([state, verdict, reason].map(str::to_owned));
        cells.extend(Metric::ALL.map(|metric| number(run.figures.as_ref().and_then(|figures| metric.of(figures)))));
        lines.push(cells);
    }
    written(&lines)
}

fn dimension_heads(sweep: &OpenSweep) -> Vec<String> {
    let axes = sweep.plan.axes.iter().map(|axis| axis.key.clone());
    std::iter::once("protocol".to_owned()).chain(axes).collect()
}

fn dimension_cells(sweep: &OpenSweep, point: usize) -> Vec<String> {
    let all = std::iter::once(Dimension::Protocol).chain((0..sweep.plan.axes.len()).map(Dimension::Axis));
    all.map(|each| each.value(&sweep.plan, each.place(&sweep.plan, point), &|name| name.to_owned())).collect()
}

/// The name of a metric's column, unit included.
fn column(metric: Metric) -> String {
    match metric {
        Metric::Throughput => "throughput_req_s",
        Metric::P50 => "latency_p50_ms",
        Metric::P90 => "latency_p90_ms",
        Metric::P99 => "latency_p99_ms",
        Metric::Max => "latency_max_ms",
        Metric::Messages => "messages_s",
        Metric::Bytes => "bytes_s",
        Metric::Cpu => "cpu_percent",
        Metric::Memory => "memory_mib_max_per_unit",
    }
    .to_owned()
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn written(lines: &[Vec<String>]) -> String {
    let line = |cells: &Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n";
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{done, failed, plan, summary};
    use super::super::results::results;
    use super::*;

    #[test]
    fn points_and_runs_are_written_with_their_values_and_what_was_not_measured_stays_empty() {
        let runs = [done(0, 90.0), done(1, 110.0), failed(2)].map(|run| (run.run, run));
        let sweep = OpenSweep { summary: summary(1), plan: plan(), runs: runs.into() };
        let points = points_csv(&sweep, &results(&sweep));
        let lines: Vec<&str> = points.split("\r\n").collect();
        assert!(lines[0].starts_with("protocol,benchmark.block-size,benchmark.authentication,runs,throughput_req_s,"));
        assert!(lines[1].starts_with("pbft,1,mac,2,100,"), "{}", lines[1]);
        assert!(lines[2].starts_with("pbft,1,none,0,,,") && lines[2].ends_with(",1"), "{}", lines[2]);
        assert_eq!(lines.len(), 14);
        let runs = runs_csv(&sweep);
        let lines: Vec<&str> = runs.split("\r\n").collect();
        assert!(lines[1].starts_with("pbft,1,mac,1,1,done,pass,,90,"), "{}", lines[1]);
        assert!(lines[3].starts_with("pbft,1,none,1,3,failed,,replica 3 did not arrive,,"), "{}", lines[3]);
    }
}
