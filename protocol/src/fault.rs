//! Faults between what a replica wants to send and what leaves it, and in how it proposes. The worker and the simulator
//! apply the same ones.

use crate::replica_set::ReplicaSet;
use model::config::{ConfigTree, ConfigValue};
use model::ids::ReplicaId;

/// What becomes of a message to one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// It goes out.
    Now,
    /// It goes out later, after so many µs.
    Later(u64),
    /// It does not go out.
    Never,
}

/// The faults in force. Read anew from the configuration after each change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    in_dark: ReplicaSet,
    delayed: ReplicaSet,
    delay_us: u64,
    slow_leaders: ReplicaSet,
    slow_gap_us: u64,
}

impl Faults {
    /// The faults that a configuration asks for.
    pub fn from_config(tree: &ConfigTree) -> Self {
        let milliseconds = |key: &str| live_number(tree, key).clamp(0.0, 60_000.0);
        let f = tree.integer("general.f", 1).clamp(1, 33) as f64;
        let mut faults = Self::default();
        if live_number(tree, "fault.in-dark.generator") > 0.0 {
            faults.in_dark = replicas(tree, "fault.in-dark.affected-entities");
        }
        let delay_ms = milliseconds("fault.timeout.generator");
        if delay_ms > 0.0 {
            faults.delayed = replicas(tree, "fault.timeout.affected-entities");
            faults.delay_us = (delay_ms * 1_000.0) as u64;
        }
        let timer_ms = milliseconds("fault.slow-proposal.timer");
        if live_number(tree, "fault.slow-proposal.attacking") > 0.0 && timer_ms > 0.0 {
            faults.slow_leaders = replicas(tree, "fault.slow-proposal.affected-entities");
            faults.slow_gap_us = ((timer_ms / (f + 1.0)).floor() * 1_000.0) as u64;
        }
        faults
    }

    /// What becomes of a message from a replica that leads (or does not) to another.
    pub fn route(&self, sender_leads: bool, to: ReplicaId) -> Route {
        if !sender_leads {
            Route::Now
        } else if self.in_dark.contains(to) {
            Route::Never
        } else if self.delayed.contains(to) {
            Route::Later(self.delay_us)
        } else {
            Route::Now
        }
    }

    /// The least time between two proposals of a replica, µs; 0 without the fault.
    pub fn proposal_gap_us(&self, leader: ReplicaId) -> u64 {
        if self.slow_leaders.contains(leader) { self.slow_gap_us } else { 0 }
    }
}

/// A number or a truth value (1 or 0); of an advanced value the initial one.
fn live_number(tree: &ConfigTree, key: &str) -> f64 {
    let number = |value: &ConfigValue| value.as_f64().or_else(|| value.as_bool().map(|on| f64::from(u8::from(on))));
    match tree.get(key) {
        Some(ConfigValue::Tree(advanced)) => advanced.get("init").and_then(number).unwrap_or(0.0),
        Some(value) => number(value).unwrap_or(0.0),
        None => 0.0,
    }
}

fn replicas(tree: &ConfigTree, key: &str) -> ReplicaSet {
    let mut set = ReplicaSet::EMPTY;
    for number in tree.numbers(key) {
        if (0.0..128.0).contains(&number) {
            set.insert(ReplicaId(number as u32));
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_experiment_has_no_fault() {
        let faults = Faults::from_config(&model::schema::default_tree());
        assert_eq!(faults, Faults::default());
    }

    #[test]
    fn a_timer_of_400_ms_leaves_200_ms_between_proposals_of_a_slow_leader_when_f_is_1() {
        let mut tree = model::schema::default_tree();
        tree.set("fault.slow-proposal.timer", ConfigValue::Integer(400));
        let faults = Faults::from_config(&tree);
        assert_eq!(faults.proposal_gap_us(ReplicaId(0)), 200_000);
        assert_eq!(faults.proposal_gap_us(ReplicaId(1)), 0);
    }

    #[test]
    fn only_the_leaders_messages_skip_replicas_in_the_dark() {
        let mut tree = model::schema::default_tree();
        tree.set("fault.in-dark.generator", ConfigValue::Boolean(true));
        tree.set("fault.timeout.generator", ConfigValue::Integer(7));
        let faults = Faults::from_config(&tree);
        assert_eq!(faults.route(true, ReplicaId(1)), Route::Never);
        assert_eq!(faults.route(false, ReplicaId(1)), Route::Now);
        assert_eq!(faults.route(true, ReplicaId(2)), Route::Later(7_000));
        assert_eq!(faults.route(true, ReplicaId(3)), Route::Now);
    }
}
