//! What happened at a moment of a trial: the vertical marks on its charts.

use crate::state::series::SeriesSet;
use crate::state::trial::zero_ms;
use model::patch::Patch;
use model::schema;
use model::trial::TrialDetail;
use model::unit::{UnitHealth, UnitRole};

/// What kind of moment a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// An Update was sent.
    Patch,
    /// A unit died.
    Death,
}

impl MarkKind {
    /// The value of the `data-mark` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Death => "death",
        }
    }
}

/// A vertical mark.
#[derive(Clone, Debug, PartialEq)]
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

/// All marks of a trial, in time order.
pub fn marks(detail: &TrialDetail, series: &SeriesSet) -> Vec<Mark> {
    let zero = zero_ms(detail);
    let elapsed = |at_ms: i64| ((at_ms - zero) as f64 / 1000.0).max(0.0);
    let patches = detail.patches.iter().map(|record| {
        let version = record.patch.version;
        // The mark stands where the first unit had the change in force; until then, where it was sent.
        let at_ms = record.applied.iter().map(|(_, at_ms)| *at_ms).min().unwrap_or(record.patch.at_ms);
        Mark {
            kind: MarkKind::Patch,
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
    let mut marks: Vec<_> = patches.chain(deaths).collect();
    marks.sort_by(|a, b| a.at.total_cmp(&b.at));
    marks
}

/// Why a unit died, in a sentence that names it once.
pub fn death_text(name: &str, reason: &str) -> String {
    if reason.starts_with(name) { reason.to_owned() } else { format!("{name}: {reason}") }
}

/// What a patch changes, in words: "Slow-proposal timer = 400 ms, Slow leaders = 0".
pub fn patch_text(patch: &Patch) -> String {
    let changes = patch.items.iter().map(|item| {
        let value = item.tree_value();
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
        assert_eq!(marks[0].text, "v2: Slow-proposal timer = 400 ms");
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

        let reason = "Replica 2 was killed by signal 9 (SIGKILL)";
        detail.units[3].health = UnitHealth::Died { reason: reason.into(), at_ms: Some(9_500) };
        let seen = super::marks(&detail, &series);
        assert_eq!((seen[0].at, seen[0].text.as_str()), (8.5, reason));
    }
}
