//! Sentences about a sweep.

use crate::state::format;
use crate::state::summary::Tone;
use model::sweep::{SweepPlan, SweepState, SweepSummary};
use model::verdict::Verdict;
use model::words::numbered;

/// The tone of a sweep's state.
pub fn tone(state: &SweepState) -> Tone {
    match state {
        SweepState::Running => Tone::Busy,
        SweepState::Finished => Tone::Good,
        SweepState::Paused { .. } => Tone::Warning,
        SweepState::Cancelled => Tone::Neutral,
        SweepState::Failed { .. } => Tone::Bad,
    }
}

/// What the histories of a run say, in a word.
pub fn verdict(verdict: Option<&Verdict>) -> &'static str {
    match verdict {
        None => format::NOTHING,
        Some(Verdict::Pass) => "Pass",
        Some(Verdict::NoProgress) => "No progress",
        Some(Verdict::Diverged(_)) => "Diverged",
    }
}

/// How far it is: `14 of 24 runs, 1 failed`.
pub fn progress(summary: &SweepSummary) -> String {
    let tried = summary.done + summary.failed;
    let failed = if summary.failed > 0 { format!(", {} failed", summary.failed) } else { String::new() };
    format!("{tried} of {}{failed}", numbered(summary.total, "run"))
}

/// How long it still takes, `passed_ms` after its current run began: `about 3 min left`.
pub fn remaining(summary: &SweepSummary, passed_ms: u64) -> Option<String> {
    let left = summary.remaining_ms(passed_ms)?;
    Some(format!("about {} left", about(left)))
}

/// A duration in round numbers.
pub fn about(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    match seconds {
        0..=90 => format!("{} s", seconds.max(1)),
        91..=5_400 => format!("{} min", (seconds + 30) / 60),
        5_401..=172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    }
}

/// What a plan measures in each run: `10.0 s after a warm-up of 2.0 s`.
pub fn times(plan: &SweepPlan) -> String {
    let shown = |milliseconds: u64| format::duration_ms(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    match plan.warmup_ms {
        0 => format!("{} from the start", shown(plan.duration_ms)),
        warmup_ms => format!("{} after a warm-up of {}", shown(plan.duration_ms), shown(warmup_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{plan, summary};
    use super::*;

    #[test]
    fn progress_and_time_left_are_said_in_words() {
        let running = SweepSummary { done: 3, failed: 1, ..summary(1) };
        assert_eq!(progress(&running), "4 of 24 runs, 1 failed");
        assert_eq!(remaining(&running, 2_000).as_deref(), Some("about 78 s left"));
        assert_eq!(remaining(&SweepSummary { state: SweepState::Cancelled, ..running }, 0), None);
        assert_eq!(
            [about(1), about(91_000), about(7_260_000), about(864_000_000)],
            ["1 s", "2 min", "2 h 1 min", "10 days"]
        );
        assert_eq!(times(&plan()), "2.0 s after a warm-up of 500 ms");
    }
}
