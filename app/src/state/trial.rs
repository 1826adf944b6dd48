//! One trial as the live stream goes on. Every event may come twice (once in the loaded answer, once in the stream):
//! applying it again changes nothing.

use crate::state::ordered;
use model::config::ConfigTree;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::trial::{PatchRecord, TrialDetail};
use model::unit::UnitStatus;

/// The most log lines kept.
pub const MAX_LOG_LINES: usize = 500;

/// The trial an event is about, if it is about one.
pub fn trial_of(event: &LiveEvent) -> Option<TrialId> {
    match event {
        LiveEvent::Trial { summary } => Some(summary.id),
        LiveEvent::TrialDeleted { trial }
        | LiveEvent::Phase { trial, .. }
        | LiveEvent::Host { trial, .. }
        | LiveEvent::Unit { trial, .. }
        | LiveEvent::Patched { trial, .. }
        | LiveEvent::Applied { trial, .. }
        | LiveEvent::Samples { trial, .. }
        | LiveEvent::Log { trial, .. } => Some(*trial),
        LiveEvent::Queue { .. }
        | LiveEvent::Testbeds { .. }
        | LiveEvent::Configurations { .. }
        | LiveEvent::Sweep { .. }
        | LiveEvent::SweepDeleted { .. }
        | LiveEvent::Cloudlab { .. }
        | LiveEvent::CloudlabForgotten { .. }
        | LiveEvent::Reset => None,
    }
}

/// Puts an event into the trial it is about. Samples are kept apart, in [`crate::state::series::SeriesSet`].
pub fn apply(detail: &mut TrialDetail, event: &LiveEvent) {
    match event {
        LiveEvent::Trial { summary } => detail.summary.clone_from(summary),
        LiveEvent::Phase { phase, .. } => match detail.phases.iter_mut().find(|known| known.name == phase.name) {
            Some(known) => known.clone_from(phase),
            None => detail.phases.push(phase.clone()),
        },
        LiveEvent::Unit { status, .. } => apply_unit(detail, status),
        LiveEvent::Host { status, .. } => match detail.hosts.iter_mut().find(|known| known.place == status.place) {
            Some(known) => known.clone_from(status),
            None => ordered::insert(&mut detail.hosts, status.clone(), |status| status.place),
        },
        LiveEvent::Patched { patch, .. } => {
            if detail.patches.iter().all(|known| known.patch.version != patch.version) {
                detail.patches.push(PatchRecord { patch: patch.clone(), applied: Vec::new() });
            }
        }
        LiveEvent::Applied { unit, version, at_ms, .. } => {
            if let Some(record) = detail.patches.iter_mut().find(|record| record.patch.version == *version)
                && record.applied.iter().all(|(known, _)| known != unit)
            {
                record.applied.push((*unit, *at_ms));
            }
            if let Some(status) = detail.units.iter_mut().find(|status| status.unit == *unit) {
                status.applied_version = status.applied_version.max(*version);
            }
        }
        LiveEvent::Log { lines, .. } => {
            let newest = detail.log.last().map_or(i64::MIN, |line| line.at_ms);
            let fresh = lines.iter().filter(|line| line.at_ms > newest || !detail.log.contains(line));
            let fresh: Vec<_> = fresh.cloned().collect();
            detail.log.extend(fresh);
            let surplus = detail.log.len().saturating_sub(MAX_LOG_LINES);
            detail.log.drain(..surplus);
        }
        LiveEvent::TrialDeleted { .. }
        | LiveEvent::Samples { .. }
        | LiveEvent::Configurations { .. }
        | LiveEvent::Sweep { .. }
        | LiveEvent::SweepDeleted { .. }
        | LiveEvent::Queue { .. }
        | LiveEvent::Testbeds { .. }
        | LiveEvent::Cloudlab { .. }
        | LiveEvent::CloudlabForgotten { .. }
        | LiveEvent::Reset => {}
    }
}

fn apply_unit(detail: &mut TrialDetail, status: &UnitStatus) {
    match detail.units.iter_mut().find(|known| known.unit == status.unit) {
        Some(known) => known.clone_from(status),
        None => ordered::insert(&mut detail.units, status.clone(), |status| status.unit),
    }
}

/// The configuration in force: the one the trial started with and every Update since.
pub fn current_config(detail: &TrialDetail) -> ConfigTree {
    let mut config = detail.config.clone();
    for record in &detail.patches {
        record.patch.apply_to(&mut config);
    }
    config
}

/// The newest configuration version; 0 is the starting configuration.
pub fn newest_version(detail: &TrialDetail) -> u64 {
    detail.patches.iter().map(|record| record.patch.version).max().unwrap_or(0)
}

/// The moment that the charts count from: when clients began to send, or the creation before that.
pub fn zero_ms(detail: &TrialDetail) -> i64 {
    detail.summary.started_ms.unwrap_or(detail.summary.created_ms)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use model::config::ConfigValue;
    use model::ids::UnitId;
    use model::patch::{Patch, PatchItem};
    use model::testbed::{Engine, TestbedName};
    use model::trial::{LogLine, Phase, PhaseName, TrialState, TrialSummary};
    use model::unit::{UnitHealth, UnitRole};

    /// A running trial of four replicas that started at 1,000 ms.
    pub(crate) fn running() -> TrialDetail {
        TrialDetail {
            summary: TrialSummary {
                id: TrialId(7),
                name: "Trial 7".into(),
                protocol: "pbft".into(),
                replicas: 4,
                testbed: TestbedName::default(),
                engine: Engine::Native,
                created_ms: 0,
                started_ms: Some(1000),
                ended_ms: None,
                state: TrialState::Running,
                verdict: None,
                note: String::new(),
                pinned: false,
                figures: None,
            },
            config: model::schema::default_tree(),
            phases: Vec::new(),
            patches: Vec::new(),
            units: (0..6)
                .map(|unit| UnitStatus {
                    unit: UnitId(unit),
                    role: UnitRole::of(UnitId(unit), 4),
                    health: UnitHealth::Up,
                    applied_version: 0,
                })
                .collect(),
            hosts: Vec::new(),
            log: Vec::new(),
            environment: Vec::new(),
            protocol_text: None,
            schedule: vec![],
        }
    }

    pub(crate) fn patch(version: u64, key: &str, value: i64) -> Patch {
        let items = vec![PatchItem { kind: "int".into(), key: key.into(), value: ConfigValue::Integer(value) }];
        Patch { version, at_ms: 5000, items }
    }

    #[test]
    fn an_update_is_marked_and_every_unit_acknowledges_it_once() {
        let mut detail = running();
        let trial = detail.summary.id;
        let events = [
            LiveEvent::Patched { trial, patch: patch(1, "fault.slow-proposal.timer", 400) },
            LiveEvent::Applied { trial, unit: UnitId(2), version: 1, at_ms: 5020 },
        ];
        for event in events.iter().chain(&events) {
            apply(&mut detail, event);
        }
        assert_eq!(detail.patches.len(), 1);
        assert_eq!(detail.patches[0].applied, [(UnitId(2), 5020)]);
        assert_eq!(detail.units[2].applied_version, 1);
        assert_eq!(detail.units[3].applied_version, 0);
        assert_eq!(current_config(&detail).integer("fault.slow-proposal.timer", 0), 400);
        assert_eq!(newest_version(&detail), 1);
    }

    #[test]
    fn phases_and_units_replace_their_older_lines() {
        let mut detail = running();
        let trial = detail.summary.id;
        for ended_ms in [None, Some(90)] {
            let phase = Phase { name: PhaseName::Spawn, started_ms: 10, ended_ms };
            apply(&mut detail, &LiveEvent::Phase { trial, phase });
        }
        assert_eq!(detail.phases.len(), 1);
        assert_eq!(detail.phases[0].ended_ms, Some(90));
        let mut status = detail.units[3].clone();
        status.health = UnitHealth::Died { reason: "killed".into(), at_ms: None };
        apply(&mut detail, &LiveEvent::Unit { trial, status: status.clone() });
        assert_eq!((detail.units.len(), &detail.units[3]), (6, &status));
    }

    #[test]
    fn the_log_is_bounded_and_repeated_lines_are_dropped() {
        let mut detail = running();
        let trial = detail.summary.id;
        let line = |at_ms: i64| LogLine { at_ms, unit: UnitId(1), text: format!("line {at_ms}") };
        let lines: Vec<_> = (0..700).map(line).collect();
        apply(&mut detail, &LiveEvent::Log { trial, lines: lines.clone() });
        apply(&mut detail, &LiveEvent::Log { trial, lines: lines[600..].to_vec() });
        assert_eq!(detail.log.len(), MAX_LOG_LINES);
        assert_eq!(detail.log.last(), lines.last());
    }
}
