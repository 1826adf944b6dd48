//! One line on standard error that says where an experiment is: rewritten in place on a terminal, now and then elsewhere.

use app::state::format::{grouped, si};
use lab::experiment::Snapshot;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often a line is written where it cannot be rewritten.
const EVERY: Duration = Duration::from_secs(5);

/// The line.
pub(in crate::command) struct ProgressLine {
    /// Before the figures: which run of a sweep this is.
    prefix: String,
    is_terminal: bool,
    is_shown: bool,
    last: Option<Instant>,
}

impl ProgressLine {
    pub(in crate::command) fn new() -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { prefix: String::new(), is_terminal, is_shown: false, last: None }
    }

    /// What stands before the figures from now on.
    pub(in crate::command) fn set_prefix(&mut self, prefix: String) {
        self.prefix = prefix;
    }

    /// Shows where the experiment is.
    pub(in crate::command) fn show(&mut self, snapshot: &Snapshot) {
        let line = format!("{}{}", self.prefix, text(snapshot));
        if self.is_terminal {
            write(&format!("\r\x1b[2K{line}"));
            self.is_shown = true;
        } else if self.last.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last = Some(Instant::now());
            write(&format!("{line}\n"));
        }
    }

    /// Says something that stays.
    pub(in crate::command) fn note(&mut self, sentence: &str) {
        self.clear();
        write(&format!("{sentence}\n"));
    }

    /// Takes the line away.
    pub(in crate::command) fn clear(&mut self) {
        if self.is_shown {
            self.is_shown = false;
            write("\r\x1b[2K");
        }
    }
}

/// Whoever reads standard error may have gone away; the experiment goes on.
fn write(text: &str) {
    let mut errors = std::io::stderr();
    let _ = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
}

fn text(snapshot: &Snapshot) -> String {
    if snapshot.elapsed_s < 0.0 {
        return format!("warming up, {:.1} s left, {} req/s", -snapshot.elapsed_s, grouped(snapshot.throughput_req_s));
    }
    let milliseconds = |value: Option<f64>| match value {
        None => "–".to_owned(),
        Some(value) if value >= 1_000.0 => format!("{} s", si(value / 1_000.0)),
        Some(value) => format!("{} ms", si(value)),
    };
    format!(
        "{:.1} s, {} req/s, p50 {}, p99 {}, view {}, executed {}, {}",
        snapshot.elapsed_s,
        grouped(snapshot.throughput_req_s),
        milliseconds(snapshot.p50_ms),
        milliseconds(snapshot.p99_ms),
        snapshot.view,
        grouped(snapshot.executed as f64),
        snapshot.verdict.label()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::verdict::Verdict;

    #[test]
    fn the_line_has_time_rate_latency_view_place_and_verdict() {
        let mut snapshot = Snapshot {
            elapsed_s: -1.5,
            throughput_req_s: 12_345.0,
            p50_ms: Some(4.071),
            p99_ms: None,
            view: 2,
            executed: 4_000,
            verdict: Verdict::Pass,
        };
        assert_eq!(text(&snapshot), "warming up, 1.5 s left, 12,345 req/s");
        snapshot.elapsed_s = 20.04;
        assert_eq!(text(&snapshot), "20.0 s, 12,345 req/s, p50 4.07 ms, p99 –, view 2, executed 4,000, Pass");
    }
}
