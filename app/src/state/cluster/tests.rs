use super::*;
use crate::state::trial::tests::{patch, running};
use model::config::ConfigValue;
use model::metric;
use model::patch::{Patch, PatchItem};
use model::series::LivePoint;
use model::trial::{PatchRecord, TrialState};
use model::unit::UnitHealth;
use model::verdict::{Compared, Divergence};

fn point(metric: &str, entity: u32, at_ms: i64, value: f64) -> LivePoint {
    LivePoint { metric: metric.into(), entity, at_ms, value }
}

/// Each replica's view, leader and last executed block at a time.
fn reports(at_ms: i64, lines: &[(u32, f64, f64, f64)]) -> Vec<LivePoint> {
    lines
        .iter()
        .flat_map(|(replica, view, leader, executed)| {
            [
                point(metric::VIEW, *replica, at_ms, *view),
                point(metric::LEADER, *replica, at_ms, *leader),
                point(metric::LAST_EXECUTED, *replica, at_ms, *executed),
            ]
        })
        .collect()
}

fn seen(detail: &TrialDetail, points: &[LivePoint]) -> Cluster {
    let mut series = SeriesSet::default();
    series.push(points);
    Cluster::of(detail, &series, &crate::state::trial::current_config(detail), 10_000)
}

fn crash_list(version: u64, at_ms: i64, text: &str) -> PatchRecord {
    let items = vec![PatchItem {
        kind: "int_list".into(),
        key: "fault.crash.affected-entities".into(),
        value: ConfigValue::Text(text.into()),
    }];
    PatchRecord { patch: Patch { version, at_ms, items }, applied: Vec::new() }
}

#[test]
fn the_leader_is_the_one_that_most_replicas_of_the_main_view_name() {
    let detail = running();
    let mut points = reports(5_000, &[(0, 0., 0., 90.), (1, 1., 1., 100.), (2, 1., 1., 100.), (3, 1., 1., 99.)]);
    let cluster = seen(&detail, &points);
    assert_eq!((cluster.view, cluster.leader, cluster.rotating), (Some(1), Some(1), false));
    assert_eq!(cluster.replicas.iter().map(|replica| replica.leads).collect::<Vec<_>>(), [false, true, false, false]);
    assert_eq!(cluster.replicas[0].view, Some(0));
    assert_eq!(cluster.committed, Some(100));

    // The leader changes, the view does not: it rotates.
    points.extend(reports(5_250, &[(1, 1., 2., 150.), (2, 1., 2., 150.), (3, 1., 2., 150.)]));
    let cluster = seen(&detail, &points);
    assert_eq!((cluster.view, cluster.leader, cluster.rotating), (Some(1), Some(2), true));
}

#[test]
fn nobody_leads_when_nobody_has_said_so() {
    let cluster = seen(&running(), &[point(metric::VIEW, 0, 5_000, 3.0)]);
    assert_eq!((cluster.view, cluster.leader), (Some(3), None));
    assert!(cluster.replicas.iter().all(|replica| !replica.leads));
    assert_eq!(cluster.replicas[1].committed, None);
}

#[test]
fn a_replica_that_fell_silent_has_no_say_and_falls_behind() {
    let detail = running();
    let mut points = reports(5_000, &[(0, 0., 0., 100.), (1, 0., 0., 100.), (2, 0., 0., 100.), (3, 0., 0., 100.)]);
    points.extend(reports(9_000, &[(1, 1., 1., 300.), (2, 1., 1., 310.)]));
    let cluster = seen(&detail, &points);
    assert_eq!(cluster.view, Some(1), "two that speak outweigh two that do not");
    assert_eq!(cluster.replicas[0].lag, 210);
}

#[test]
fn reports_that_were_made_at_different_moments_are_no_lag() {
    let mut points = reports(5_000, &[(0, 0., 0., 1_000.), (1, 0., 0., 1_000.)]);
    points.extend(reports(5_249, &[(1, 0., 0., 6_000.)]));
    points.extend(reports(5_252, &[(0, 0., 0., 5_940.)]));
    let cluster = seen(&running(), &points);
    assert_eq!((cluster.replicas[0].lag, cluster.replicas[1].lag), (0, 0), "20,000 blocks/s, 3 ms apart");
    assert!(!cluster.replicas[0].is_behind());
    points.extend(reports(5_500, &[(1, 0., 0., 11_000.)]));
    points.extend(reports(5_502, &[(0, 0., 0., 6_000.)]));
    assert!(seen(&running(), &points).replicas[0].is_behind());
}

#[test]
fn a_replica_that_catches_up_between_reports_says_how_far_it_was_behind() {
    let mut points = reports(5_000, &[(0, 0., 0., 100.), (1, 0., 0., 100.)]);
    points.push(point(metric::LAG, 1, 5_000, 64.0));
    let cluster = seen(&running(), &points);
    assert_eq!((cluster.replicas[0].lag, cluster.replicas[1].lag), (0, 64));
    assert!(cluster.replicas[1].is_behind());
    points.extend(reports(5_250, &[(0, 0., 0., 180.), (1, 0., 0., 180.)]));
    points.push(point(metric::LAG, 1, 5_250, 0.0));
    assert!(!seen(&running(), &points).replicas[1].is_behind(), "until it no longer is");
}

#[test]
fn a_crashed_replica_is_told_from_one_that_was_killed_and_from_one_that_returns() {
    let mut detail = running();
    let died = |at_ms| UnitHealth::Died { reason: "crashed".into(), at_ms: Some(at_ms) };
    let life = |detail: &TrialDetail| seen(detail, &[]).replicas[0].life;
    assert_eq!(life(&detail), Life::Up);
    detail.patches.push(crash_list(1, 3_000, "0"));
    assert_eq!(life(&detail), Life::Crashing);
    detail.units[1].health = died(3_040);
    assert_eq!(life(&detail), Life::Crashed);
    assert_eq!(seen(&detail, &[]).replicas[0].troubles(), ["crashed"]);
    detail.patches.push(crash_list(2, 9_000, ""));
    assert_eq!(life(&detail), Life::Restarting);
    detail.units[1].health = UnitHealth::Up;
    assert_eq!(life(&detail), Life::Up);
    // Much later, somebody kills it.
    detail.units[1].health = died(20_000);
    assert_eq!(life(&detail), Life::Killed);
    detail.units[1].health = died(3_040);
    detail.summary.state = TrialState::Finished;
    assert_eq!(life(&detail), Life::Killed, "nothing restarts after the end");
}

#[test]
fn more_than_f_faulty_replicas_are_warned_of_whatever_makes_them_faulty() {
    let mut detail = running();
    detail.patches.push(crash_list(1, 3_000, "2"));
    detail.units[3].health = UnitHealth::Died { reason: "crashed".into(), at_ms: Some(3_040) };
    assert_eq!(seen(&detail, &[]).warning(), None);
    detail.units[1].health = UnitHealth::Died { reason: "killed".into(), at_ms: Some(4_000) };
    let warning = seen(&detail, &[]).warning().unwrap();
    assert_eq!(warning, "More than f = 1 faulty (replicas 0, 2): agreement is no longer guaranteed.");
}

#[test]
fn a_crash_and_a_replica_in_the_dark_together_are_warned_of_too() {
    let mut detail = running();
    detail.config.set("fault.in-dark.generator", ConfigValue::Boolean(true));
    assert_eq!(seen(&detail, &[]).warning(), None, "replica 1 alone is in the dark");
    detail.units[1].health = UnitHealth::Died { reason: "killed".into(), at_ms: Some(4_000) };
    let warning = seen(&detail, &[]).warning().unwrap();
    assert_eq!(warning, "More than f = 1 cannot take part (replicas 0, 1): progress is no longer guaranteed.");
}

#[test]
fn a_partition_cuts_off_all_but_the_largest_group() {
    let mut config = model::schema::default_tree();
    config.set(faults::PARTITION, ConfigValue::Text("0".into()));
    let cluster = Cluster::planned(4, &config, 0);
    assert_eq!(cluster.groups, 2);
    assert_eq!(cluster.replicas[0].troubles(), ["cut off"]);
    assert!(cluster.replicas[1].troubles().is_empty());
}

#[test]
fn the_faults_of_a_replica_are_told_in_words() {
    let mut detail = running();
    detail.config.set("fault.in-dark.generator", ConfigValue::Boolean(true));
    detail.patches.push(PatchRecord { patch: patch(1, "fault.timeout.generator", 50), applied: Vec::new() });
    let cluster = seen(&detail, &reports(5_000, &[(0, 0., 0., 2_000.), (1, 0., 0., 500.)]));
    let sentence = |drawn: &[&str]| {
        let drawn: Vec<_> = drawn.iter().map(|&word| word.to_owned()).collect();
        cluster.replicas[1].sentence(cluster.newest, &drawn)
    };
    assert_eq!(sentence(&[]), "Replica 1, Up, view 0, committed 500, Waiting v1, in the dark, 1,500 behind");
    assert_eq!(
        sentence(&["waiting", "500", "in the dark"]),
        "Replica 1, waiting, 500, in the dark, Up, view 0, committed 500, Waiting v1, 1,500 behind"
    );
    assert_eq!(cluster.replicas[2].troubles(), ["delayed"]);
    assert_eq!(cluster.update_text(), "6 units: Waiting v1");
    detail.units.iter_mut().for_each(|status| status.applied_version = 1);
    assert_eq!(seen(&detail, &[]).update_text(), "All 6 units: Updated v1");
}

#[test]
fn the_replicas_with_the_rarer_history_have_diverged() {
    let hashes = |hashes: &[&str]| {
        let replicas = hashes.iter().enumerate().map(|(index, hash)| (index as u32, (*hash).to_owned())).collect();
        Verdict::Diverged(Divergence { sequence: 9, what: Compared::History, replicas, clients: vec![] })
    };
    assert_eq!(minority(Some(&hashes(&["a", "b", "a", "a"]))), BTreeSet::from([1]));
    assert_eq!(minority(Some(&hashes(&["a", "b"]))), BTreeSet::from([0, 1]));
    assert!(minority(Some(&Verdict::Pass)).is_empty());
}
