//! Bringing the times of several trials together.

use crate::backend::ComparedTrial;
use crate::state::compare::address::Align;
use crate::state::compare::letter;
use crate::state::marks::{Mark, MarkKind};
use crate::state::trial::zero_ms;

/// Where each trial's time begins on the common axis, and what happened there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aligned {
    /// The moment of each trial that is second 0 of the axis, milliseconds since the epoch.
    pub zeros_ms: Vec<i64>,
    /// The marks of all trials, each with its trial's letter.
    pub marks: Vec<Mark>,
    /// Where on the axis the common mark is, seconds.
    pub at: Option<f64>,
    /// Those that have no such mark: they stand from their start.
    pub without: Vec<usize>,
}

/// The marks that trials can be aligned by: what was done to them. View changes come by themselves, and in numbers.
fn deeds(marks: &[Mark]) -> impl Iterator<Item = &Mark> {
    marks.iter().filter(|mark| mark.kind != MarkKind::View)
}

/// How many marks the trial with the most has: so many choices there are.
pub fn most_marks(trials: &[ComparedTrial]) -> usize {
    trials.iter().map(|trial| deeds(&trial.marks).count()).max().unwrap_or(0)
}

/// Aligns trials. The axis begins with the earliest start, so that no time is negative.
pub fn align(trials: &[ComparedTrial], how: Align) -> Aligned {
    let own: Vec<&[Mark]> = trials.iter().map(|trial| trial.marks.as_slice()).collect();
    let chosen = |marks: &&[Mark]| match how {
        Align::Start => None,
        Align::Mark(number) => deeds(marks).nth(number - 1).map(|mark| mark.at),
    };
    let at = own.iter().filter_map(chosen).reduce(f64::max);
    // How much later than the axis each trial begins.
    let shift = |marks: &&[Mark]| chosen(marks).zip(at).map_or(0.0, |(mark, at)| at - mark);
    let zeros_ms =
        trials.iter().zip(&own).map(|(trial, marks)| zero_ms(&trial.detail) - (shift(marks) * 1_000.0) as i64);
    let moved = own.iter().enumerate().flat_map(|(index, marks)| {
        let (shift, letter) = (shift(marks), letter(index));
        marks.iter().map(move |mark| Mark {
            at: mark.at + shift,
            flag: format!("{letter} {}", mark.flag),
            text: format!("{letter} {}", mark.text),
            ..mark.clone()
        })
    });
    let mut all: Vec<Mark> = moved.collect();
    all.sort_by(|one, other| one.at.total_cmp(&other.at));
    let without = match how {
        Align::Start => Vec::new(),
        Align::Mark(_) => (0..own.len()).filter(|index| chosen(&own[*index]).is_none()).collect(),
    };
    Aligned { zeros_ms: zeros_ms.collect(), marks: all, at, without }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::marks::marks;
    use crate::state::series::SeriesSet;
    use crate::state::trial::tests::{patch, running};
    use model::trial::PatchRecord;

    fn patched_at(started_ms: i64, at: &[i64]) -> ComparedTrial {
        let mut detail = running();
        detail.summary.started_ms = Some(started_ms);
        for (index, at_ms) in at.iter().enumerate() {
            let mut patch = patch(index as u64 + 1, "fault.slow-proposal.timer", 400);
            patch.at_ms = started_ms + at_ms;
            detail.patches.push(PatchRecord { patch, applied: vec![] });
        }
        let marks = marks(&detail, &SeriesSet::default());
        ComparedTrial { detail, lines: Vec::new(), marks }
    }

    #[test]
    fn trials_are_moved_until_their_marks_stand_together() {
        let (early, late, none) =
            (patched_at(1_000, &[5_000]), patched_at(900_000, &[2_000, 12_000]), patched_at(50_000, &[]));
        let trials = [early, late, none];
        let aligned = align(&trials, Align::Mark(1));
        assert_eq!(aligned.at, Some(5.0));
        assert_eq!(aligned.zeros_ms, [1_000, 897_000, 50_000]);
        assert_eq!(aligned.marks.iter().map(|mark| mark.at).collect::<Vec<_>>(), [5.0, 5.0, 15.0]);
        assert_eq!((aligned.marks[1].flag.as_str(), &aligned.without), ("B v1", &vec![2]));
        let aligned = align(&trials, Align::Start);
        assert_eq!((aligned.zeros_ms, aligned.at), (vec![1_000, 900_000, 50_000], None));
        assert_eq!(most_marks(&trials), 2);
        // A view change is shown, and not counted.
        let [mut early, late, _] = trials;
        early.marks.insert(0, Mark { kind: MarkKind::View, at: 1.0, flag: "view 1".into(), text: String::new() });
        let aligned = align(&[early, late], Align::Mark(1));
        assert_eq!((aligned.at, aligned.marks[0].flag.as_str()), (Some(5.0), "A view 1"));
    }
}
