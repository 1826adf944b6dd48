//! What happened at a moment of a trial: the vertical marks on its charts.

mod views;

use crate::state::series::SeriesSet;
use crate::state::trial::zero_ms;
use model::patch::Patch;
use model::schema;
use model::trial::TrialDetail;
use model::unit::{UnitHealth, UnitRole};
use serde::{Deserialize, Serialize};

/// Closer together than this, seconds, are the cursor and the mark it stands on.
const NEAR: f64 = 0.005;

/// What kind of moment a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// An Update changed settings.
    Patch,
    /// An Update changed faults, and nothing else.
    Fault,
    /// Replicas entered another view: the leader was replaced.
    View,
    /// A unit died.
    Death,
}

impl MarkKind {
    /// The value of the `data-mark` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Fault => "fault",
            Self::View => "view",
            Self::Death => "death",
        }
    }

    /// The word for it in a list.
    pub fn label(self) -> &'static str {
        match self {
            Self::Patch => "Update",
            Self::Fault => "Fault",
            Self::View => "View change",
            Self::Death => "Death",
        }
    }
}

/// A vertical mark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What it stands for.
    pub kind: MarkKind,
    /// Seconds since the trial's start.
    pub at: f64,
    /// What stands on its flag: "v2".
    pub flag: String,
    /// What happened: "v2: Slow-proposal timer = 400 ms".
    pub text: String,
}

impl Mark {
    /// Its name for a screen reader: what happened, with what stands on its flag in it (WCAG 2.5.3, Label in Name).
    pub fn name(&self, flag: &str) -> String {
        if self.text.to_lowercase().contains(&flag.to_lowercase()) {
            self.text.clone()
        } else {
            format!("{flag}: {}", self.text)
        }
    }
}

/// The width of a letter on a flag, and of what is around them, CSS pixels.
const LETTER: f64 = 6.5;
const AROUND: f64 = 10.0;
/// How far a flag may reach beyond the right end, CSS pixels.
const BEYOND: f64 = 16.0;

/// What a mark shows at its top.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flag {
    /// What stands on it.
    pub text: String,
    /// Whether it stands left of its mark, for want of room on the right.
    pub left: bool,
}

/// The flags of marks in time order, of those within `low..=high` seconds, on a drawing `width` CSS pixels wide. A mark whose
/// flag would lie on that of a later one has none; the later one says how many others there are.
pub fn flags(marks: &[Mark], (low, high): (f64, f64), width: f64) -> Vec<Option<Flag>> {
    let mut flags: Vec<Option<Flag>> = vec![None; marks.len()];
    // From right to left: each with its mark, and for how many others it stands.
    let mut placed: Vec<(usize, usize)> = Vec::new();
    let text = |(index, others): (usize, usize)| match others {
        0 => marks[index].flag.clone(),
        _ => format!("{} +{others}", marks[index].flag),
    };
    let at = |index: usize| (marks[index].at - low) / (high - low) * width;
    let room = |flag| AROUND + LETTER * text(flag).chars().count() as f64;
    let is_left = |flag: (usize, usize)| at(flag.0) + room(flag) > width + BEYOND;
    let from = |flag: (usize, usize)| if is_left(flag) { at(flag.0) - room(flag) } else { at(flag.0) };
    let to = |flag: (usize, usize)| if is_left(flag) { at(flag.0) } else { at(flag.0) + room(flag) };
    for index in (0..marks.len()).rev().filter(|index| (low..=high).contains(&marks[*index].at)) {
        placed.push((index, 0));
        // What stands for more is wider, and may then lie on the next one itself.
        while let [.., right, last] = placed.as_mut_slice()
            && to(*last) > from(*right)
        {
            right.1 += last.1 + 1;
            placed.pop();
        }
    }
    for flag in placed {
        flags[flag.0] = Some(Flag { text: text(flag), left: is_left(flag) });
    }
    flags
}

/// All marks of a trial, in time order.
pub fn marks(detail: &TrialDetail, series: &SeriesSet) -> Vec<Mark> {
    let zero = zero_ms(detail);
    let elapsed = |at_ms: i64| ((at_ms - zero) as f64 / 1000.0).max(0.0);
    let patches = detail.patches.iter().map(|record| {
        let version = record.patch.version;
        // The mark stands where the first unit had the change in force; until then, where it was sent.
        let at_ms = record.applied.iter().map(|(_, at_ms)| *at_ms).min().unwrap_or(record.patch.at_ms);
        let faults =
            !record.patch.items.is_empty() && record.patch.items.iter().all(|item| item.key.starts_with("fault."));
        Mark {
            kind: if faults { MarkKind::Fault } else { MarkKind::Patch },
            at: elapsed(at_ms),
            flag: format!("v{version}"),
            text: format!("v{version}: {}", patch_text(&record.patch)),
        }
    });
    let deaths = detail.units.iter().filter_map(|status| {
        let UnitHealth::Died { reason, at_ms } = &status.health else { return None };
        // Where nobody saw the moment itself, the last report of the unit is the closest to it.
        let last = match status.role {
            UnitRole::Controller => None,
            _ => series.last_report_ms(status.unit.0.checked_sub(1)?),
        };
        let at_ms = at_ms.or(last).or(detail.summary.ended_ms)?;
        let name = status.role.label();
        Some(Mark {
            kind: MarkKind::Death,
            at: elapsed(at_ms),
            flag: format!("{name} died"),
            text: death_text(&name, reason),
        })
    });
    let views = views::changes(series, detail.summary.replicas).into_iter().map(|change| Mark {
        kind: MarkKind::View,
        at: elapsed(change.at_ms),
        flag: change.flag(),
        text: change.text(),
    });
    let mut marks: Vec<_> = patches.chain(deaths).chain(views).collect();
    marks.sort_by(|a, b| a.at.total_cmp(&b.at));
    marks
}

/// The mark before or after a time; none where there is none further on that side.
pub fn next_mark(marks: &[Mark], at: f64, forward: bool) -> Option<&Mark> {
    if forward { marks.iter().find(|mark| mark.at > at + NEAR) } else { marks.iter().rfind(|mark| mark.at < at - NEAR) }
}

/// The marks under a cursor in a window, at most `most` of them.
pub fn marks_at(marks: &[Mark], at: f64, (low, high): (f64, f64), most: usize) -> Vec<&Mark> {
    let reach = ((high - low) / 150.0).max(NEAR);
    marks.iter().filter(|mark| (mark.at - at).abs() <= reach).take(most).collect()
}

/// Why a unit died, in a sentence that names it once.
pub fn death_text(name: &str, reason: &str) -> String {
    if reason.starts_with(name) { reason.to_owned() } else { format!("{name}: {reason}") }
}

/// What a patch changes, in words: "Slow-proposal timer = 400 ms, Slow leaders = 0".
pub fn patch_text(patch: &Patch) -> String {
    let changes = patch.items.iter().map(|item| {
        let value = item.tree_value().to_string();
        let value = if value.trim().is_empty() { "none" } else { &value };
        match schema::descriptor(&item.key) {
            Some(known) => {
                let unit =
                    if matches!(known.unit, "ms" | "bytes") { format!(" {}", known.unit) } else { String::new() };
                format!("{} = {value}{unit}", known.label)
            }
            None => format!("{} = {value}", item.key),
        }
    });
    changes.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::{patch, running};
    use model::ids::UnitId;
    use model::series::LivePoint;
    use model::trial::PatchRecord;

    #[test]
    fn a_patch_is_marked_where_the_first_unit_applied_it() {
        let mut detail = running();
        let applied = vec![(UnitId(1), 5300), (UnitId(2), 5100)];
        detail.patches.push(PatchRecord { patch: patch(2, "fault.slow-proposal.timer", 400), applied });
        let marks = marks(&detail, &SeriesSet::default());
        assert_eq!(marks.len(), 1);
        assert_eq!((marks[0].at, marks[0].flag.as_str()), (4.1, "v2"));
        assert_eq!(marks[0].name("v2"), marks[0].text, "the flag is in it");
        assert_eq!(marks[0].text, "v2: Slow-proposal timer = 400 ms");
    }

    #[test]
    fn a_change_of_faults_alone_is_told_from_one_of_settings() {
        let mut detail = running();
        for (version, key) in [(1, "fault.slow-proposal.timer"), (2, "benchmark.block-size")] {
            detail.patches.push(PatchRecord { patch: patch(version, key, 7), applied: vec![] });
        }
        let kinds: Vec<_> = marks(&detail, &SeriesSet::default()).into_iter().map(|mark| mark.kind).collect();
        assert_eq!(kinds, [MarkKind::Fault, MarkKind::Patch]);
    }

    #[test]
    fn a_cursor_walks_from_mark_to_mark_and_finds_those_under_it() {
        let mark = |at: f64| Mark { kind: MarkKind::View, at, flag: String::new(), text: at.to_string() };
        let marks = [mark(1.0), mark(4.0), mark(4.2), mark(90.0)];
        let next = |at, forward| next_mark(&marks, at, forward).map(|mark| mark.at);
        assert_eq!([next(0.0, true), next(1.0, true), next(90.0, true)], [Some(1.0), Some(4.0), None]);
        assert_eq!([next(90.0, false), next(4.1, false), next(1.0, false)], [Some(4.2), Some(4.0), None]);
        let under = |at, most| marks_at(&marks, at, (0.0, 60.0), most).len();
        assert_eq!((under(4.1, 5), under(4.1, 1), under(50.0, 5)), (2, 1, 0));
    }

    #[test]
    fn of_marks_at_the_same_place_one_has_a_flag_and_says_that_there_are_more() {
        let mark = |at: f64, flag: &str| Mark { kind: MarkKind::View, at, flag: flag.into(), text: flag.into() };
        let marks = [mark(1.0, "v1"), mark(5.0, "v2"), mark(5.1, "view 1"), mark(5.2, "v3"), mark(9.0, "v4")];
        let shown = |time: (f64, f64), width| -> Vec<(String, bool)> {
            flags(&marks, time, width).into_iter().flatten().map(|flag| (flag.text, flag.left)).collect()
        };
        let right = |text: &str| (text.to_owned(), false);
        assert_eq!(shown((0.0, 20.0), 2_000.0), [right("v1"), right("v3 +2"), right("v4")]);
        assert_eq!(shown((0.0, 20.0), 20_000.0), ["v1", "v2", "view 1", "v3", "v4"].map(right));
        // At the right end a flag turns round, and lies on those before it then.
        assert_eq!(shown((0.0, 5.2), 520.0), [right("v1"), ("v3 +2".to_owned(), true)]);
        // One that stands for others needs more room, and lies on the next one then.
        assert_eq!(shown((0.0, 20.0), 160.0), [right("v1"), right("v2"), right("v4 +2")]);
        // Marks that are not shown are not counted.
        assert_eq!(shown((5.05, 5.5), 100.0), [right("v3 +1")]);
    }

    #[test]
    fn a_death_is_marked_at_the_units_last_report() {
        let mut detail = running();
        let mut series = SeriesSet::default();
        series.push(&[LivePoint { metric: "last-executed-sequence".into(), entity: 2, at_ms: 9000, value: 5.0 }]);
        detail.units[3].health = UnitHealth::Died { reason: "killed by signal 9".into(), at_ms: None };
        let marks = marks(&detail, &series);
        assert_eq!((marks[0].kind, marks[0].at), (MarkKind::Death, 8.0));
        assert_eq!(marks[0].text, "Replica 2: killed by signal 9");
        assert_eq!(marks[0].name("Replica 2 died"), "Replica 2 died: Replica 2: killed by signal 9");

        let reason = "Replica 2 was killed by signal 9 (SIGKILL)";
        detail.units[3].health = UnitHealth::Died { reason: reason.into(), at_ms: Some(9_500) };
        let seen = super::marks(&detail, &series);
        assert_eq!((seen[0].at, seen[0].text.as_str()), (8.5, reason));
    }
}
