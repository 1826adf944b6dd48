use super::*;
use crate::state::trial::tests::{patch, running};
use model::trial::PatchRecord;
use std::collections::BTreeSet;

fn begin(fault: &str, replica: u32) -> Action {
    Action::Begin { fault: fault.into(), replicas: BTreeSet::from([replica]), values: Vec::new() }
}

fn end(fault: &str, replica: u32) -> Action {
    Action::End { fault: fault.into(), replicas: BTreeSet::from([replica]) }
}

fn timeline(entries: &[(u64, Action)]) -> Timeline {
    let mut timeline = Timeline::default();
    for (at_ms, action) in entries {
        timeline.add(Entry { at_ms: *at_ms, action: action.clone() });
    }
    timeline
}

fn texts(schedule: &[ScheduledChange]) -> Vec<String> {
    let text = |entry: &ScheduledChange| {
        let changes: Vec<_> = entry.changes.iter().map(|change| format!("{}={}", change.key, change.text)).collect();
        format!("{}: {}", entry.at_ms, changes.join(" "))
    };
    schedule.iter().map(text).collect()
}

#[test]
fn what_each_entry_means_follows_from_those_before_it() {
    let config = model::schema::default_tree();
    let timeline = timeline(&[
        (30_000, end("crash", 0)),
        (20_000, begin("crash", 0)),
        (25_000, begin("crash", 2)),
        (40_000, end("crash", 1)),
    ]);
    let list = "fault.crash.affected-entities";
    assert_eq!(
        texts(&timeline.schedule(&config)),
        [format!("20000: {list}=0"), format!("25000: {list}=0,2"), format!("30000: {list}=2")],
        "replica 1 never crashed: nothing is to be done at 40 s"
    );
    assert_eq!(timeline.problems(&config), []);
    assert_eq!(timeline.schedule_by_entry(&config)[3], None);
}

#[test]
fn entries_are_replaced_and_removed_and_stay_in_order() {
    let mut timeline = timeline(&[(1_000, begin("crash", 0)), (2_000, Action::Heal)]);
    timeline.replace(0, Entry { at_ms: 3_000, action: begin("crash", 1) });
    assert_eq!(timeline.entries().iter().map(|entry| entry.at_ms).collect::<Vec<_>>(), [2_000, 3_000]);
    timeline.remove(0);
    timeline.remove(7);
    assert_eq!(timeline.entries(), [Entry { at_ms: 3_000, action: begin("crash", 1) }]);
}

#[test]
fn the_changes_of_a_trial_are_taken_over_at_their_times() {
    let mut detail = running();
    detail.patches.push(PatchRecord { patch: patch(1, "fault.slow-proposal.timer", 400), applied: Vec::new() });
    let taken = Timeline::of_trial(&detail);
    // The patch was sent at 5,000 ms, the clients began at 1,000.
    assert_eq!(texts(&taken.schedule(&detail.config)), ["4000: fault.slow-proposal.timer=400"]);
}

#[test]
fn what_is_wrong_is_told_before_the_start() {
    let changes = vec![Change { key: "general.f".into(), text: "2".into() }];
    let problems = timeline(&[(1_500, Action::Set { changes })]).problems(&model::schema::default_tree());
    assert!(problems[0].message.starts_with("at 1.5 s: this key takes effect at the next start"), "{problems:?}");
}

#[test]
fn a_running_trial_has_done_some_of_it_and_an_ended_one_missed_the_rest() {
    let schedule = timeline(&[(1_000, begin("crash", 0)), (5_000, end("crash", 0)), (9_000, begin("crash", 1))])
        .schedule(&model::schema::default_tree());
    use Progress::{Ahead, Done, Missed, Next};
    assert_eq!(progress(&schedule, None, true), [Next, Ahead, Ahead]);
    assert_eq!(progress(&schedule, Some(1_000), true), [Done, Next, Ahead]);
    assert_eq!(progress(&schedule, Some(6_000), false), [Done, Done, Missed]);
}

#[test]
fn the_strip_is_long_enough_and_does_not_creep() {
    assert_eq!(strip_end_ms([].into_iter(), 0), 30_000);
    assert_eq!(strip_end_ms([20_000, 29_000].into_iter(), 0), 60_000);
    assert_eq!(strip_end_ms([20_000].into_iter(), 61_000), 120_000);
    assert_eq!(strip_end_ms([].into_iter(), 7_200_001), 9_000_000);
}
