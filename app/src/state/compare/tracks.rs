//! The lines of a comparison's charts: one a trial, or one a group of repetitions with its confidence band.

use crate::state::compare::letter;
use crate::state::tracks::Track;
use model::statistics::estimate;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The steps in which repetitions are brought together, ms.
const STEP_MS: i64 = 1_000;

/// Up to so many lines have their trials' names in the legend; the letters of more stand in the table, which has the names.
const NAMED_LINES: usize = 4;

/// What a line of a comparison is made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The trial's name.
    pub name: &'a str,
    /// The moment that is second 0 of the axis, milliseconds since the epoch.
    pub zero_ms: i64,
    /// (milliseconds since the epoch, value), in time order.
    pub points: &'a [(i64, f64)],
}

/// The lines of groups of trials, each trial given with what it reported; a group of one is a line as it is.
pub fn tracks<'a>(sources: &[Source<'a>], groups: &[Vec<usize>]) -> Vec<Track<'a>> {
    let line = |group: &Vec<usize>| {
        let members: Vec<Source<'a>> = group.iter().filter_map(|member| sources.get(*member).copied()).collect();
        let first = members.first()?;
        let label = label(group, (groups.len() <= NAMED_LINES).then_some(first.name));
        Some(match members.as_slice() {
            [only] => Track {
                label,
                style: group[0],
                zero_ms: only.zero_ms,
                points: Cow::Borrowed(only.points),
                band: Vec::new(),
            },
            several => {
                let (points, band) = merged(several);
                Track { label, style: group[0], zero_ms: 0, points: Cow::Owned(points), band }
            }
        })
    };
    groups.iter().filter_map(line).filter(|track| !track.points.is_empty()).collect()
}

/// "A · name", or "A, C · name (2 runs)"; without a name the letters alone.
fn label(group: &[usize], name: Option<&str>) -> String {
    let letters: Vec<String> = group.iter().map(|member| letter(*member).to_string()).collect();
    let letters = letters.join(", ");
    match (name, group.len()) {
        (None, _) => letters,
        (Some(name), 1) => format!("{letters} · {name}"),
        (Some(name), runs) => format!("{letters} · {name} ({runs} runs)"),
    }
}

type Points = Vec<(i64, f64)>;
type Band = Vec<(i64, f64, f64)>;

/// The mean of repetitions over the time that all of them ran, with its 95 % confidence interval; times count from second 0.
fn merged(members: &[Source<'_>]) -> (Points, Band) {
    let mut steps: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for member in members {
        let step = |point: &(i64, f64)| (point.0 - member.zero_ms).div_euclid(STEP_MS);
        for within in member.points.chunk_by(|one, next| step(one) == step(next)) {
            let mean = within.iter().map(|point| point.1).sum::<f64>() / within.len() as f64;
            steps.entry(step(&within[0])).or_default().push(mean);
        }
    }
    steps.retain(|_, values| values.len() == members.len());
    let (mut points, mut band) = (Vec::new(), Vec::new());
    for (step, values) in steps {
        let Some(found) = estimate(&values) else { continue };
        let (at_ms, half) = (step * STEP_MS + STEP_MS / 2, found.half_width.unwrap_or(0.0));
        points.push((at_ms, found.mean));
        // What is counted is never below nothing, however wide the interval is.
        band.push((at_ms, (found.mean - half).max(0.0), found.mean + half));
    }
    (points, band)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_a_line_and_repetitions_are_one_with_a_band() {
        let one: Vec<_> = (0..40).map(|index| (1_000_000 + 250 * index, 90.0)).collect();
        let other: Vec<_> = (0..20).map(|index| (5_000_000 + 250 * index, 110.0)).collect();
        let source = |name, zero_ms, points| Source { name, zero_ms, points };
        let sources = [source("a", 1_000_000, &one[..]), source("b", 5_000_000, &other), source("c", 0, &[])];
        let single = tracks(&sources, &[vec![0], vec![1], vec![2]]);
        assert_eq!((single.len(), single[1].label.as_str(), single[1].style), (2, "B · b", 1));
        let merged = tracks(&sources, &[vec![0, 1]]);
        assert_eq!(merged[0].label, "A, B · a (2 runs)");
        // Only as long as both ran.
        assert_eq!((merged[0].points.len(), merged[0].points[0]), (5, (500, 100.0)));
        let (at_ms, low, high) = merged[0].band[0];
        assert!(at_ms == 500 && low == 0.0 && high > 200.0, "{low} {high}");
    }

    #[test]
    fn many_lines_have_their_letters_only() {
        let points = [(500, 90.0)];
        let crowd: Vec<_> = (0..5).map(|_| Source { name: "a", zero_ms: 0, points: &points }).collect();
        let lines = tracks(&crowd, &[vec![0], vec![1], vec![2], vec![3], vec![4]]);
        assert_eq!(lines.iter().map(|line| line.label.as_str()).collect::<String>(), "ABCDE");
    }
}
