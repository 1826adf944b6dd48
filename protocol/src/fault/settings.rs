//! The keys under `fault.*`: read once after each change, and what they mean for one replica at a point in time.

use super::network::{Links, Preset};
use crate::replica_set::ReplicaSet;
use model::advance::Advanced;
use model::config::ConfigTree;
use model::ids::ReplicaId;
use model::validate::{latency_matrix, partition_groups};
use std::sync::Arc;

/// What the configuration asks for, over time.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    f: f64,
    crashed: ReplicaSet,
    silent: ReplicaSet,
    in_dark: ReplicaSet,
    in_dark_on: Advanced,
    delayed: ReplicaSet,
    leader_delay_ms: Advanced,
    slow_leaders: ReplicaSet,
    slow_on: Advanced,
    slow_timer_ms: Advanced,
    late: ReplicaSet,
    late_mean_ms: Advanced,
    late_jitter_ms: Advanced,
    links: Arc<Links>,
    loss: Advanced,
    duplication: Advanced,
    reordering: Advanced,
    groups: Vec<ReplicaSet>,
    equivocators: ReplicaSet,
    corrupters: ReplicaSet,
    corrupt_rate: Advanced,
    replayers: ReplicaSet,
    replay_rate: Advanced,
    wrong_voters: ReplicaSet,
    wrong_vote_rate: Advanced,
}

impl Settings {
    pub(super) fn from_config(tree: &ConfigTree) -> Self {
        let affected = |fault: &str| set(tree.numbers(&format!("fault.{fault}.affected-entities")));
        let value = |key: &str| Advanced::of(tree, &format!("fault.{key}"));
        // The checks refuse groups and latencies that do not make sense.
        let groups = partition_groups(&tree.text("fault.partition.groups", "")).unwrap_or_default();
        let links = Links {
            preset: Preset::from_word(&tree.text("fault.network.preset", "none")),
            matrix: latency_matrix(&tree.text("fault.network.latencies", "")).unwrap_or_default(),
        };
        Self {
            f: f64::from(tree.tolerated_faults()),
            crashed: affected("crash"),
            silent: affected("non-responsive"),
            in_dark: affected("in-dark"),
            in_dark_on: value("in-dark.generator"),
            delayed: affected("timeout"),
            leader_delay_ms: value("timeout.generator"),
            slow_leaders: affected("slow-proposal"),
            slow_on: value("slow-proposal.attacking"),
            slow_timer_ms: value("slow-proposal.timer"),
            late: affected("delay"),
            late_mean_ms: value("delay.mean"),
            late_jitter_ms: value("delay.jitter"),
            links: Arc::new(links),
            loss: value("network.loss"),
            duplication: value("network.duplication"),
            reordering: value("network.reordering"),
            groups: groups.into_iter().map(|group| set(group.into_iter().map(f64::from))).collect(),
            equivocators: affected("equivocation"),
            corrupters: affected("corrupt-authenticator"),
            corrupt_rate: value("corrupt-authenticator.rate"),
            replayers: affected("replay"),
            replay_rate: value("replay.rate"),
            wrong_voters: affected("wrong-votes"),
            wrong_vote_rate: value("wrong-votes.rate"),
        }
    }

    /// Whether the same holds at all times.
    pub(super) fn is_constant(&self) -> bool {
        [
            &self.in_dark_on,
            &self.leader_delay_ms,
            &self.slow_on,
            &self.slow_timer_ms,
            &self.late_mean_ms,
            &self.late_jitter_ms,
            &self.loss,
            &self.duplication,
            &self.reordering,
            &self.corrupt_rate,
            &self.replay_rate,
            &self.wrong_vote_rate,
        ]
        .into_iter()
        .all(Advanced::is_constant)
    }

    /// What holds for replica `me` at a time. Every value is drawn, in the same order, so that one key does not change
    /// another's draws.
    pub(super) fn at(&self, me: ReplicaId, elapsed_ms: u64, draw: &mut dyn FnMut() -> u64) -> Faults {
        let mut value = |advanced: &Advanced| advanced.value_at(elapsed_ms, draw);
        let in_dark_on = value(&self.in_dark_on) > 0.0;
        let leader_delay_us = microseconds(value(&self.leader_delay_ms));
        let slow_on = value(&self.slow_on) > 0.0;
        let slow_gap_us = microseconds((value(&self.slow_timer_ms) / (self.f + 1.0)).floor());
        let own_delay_us = microseconds(value(&self.late_mean_ms));
        let own_jitter_us = microseconds(value(&self.late_jitter_ms));
        let loss = value(&self.loss);
        let duplication = value(&self.duplication);
        let reordering = value(&self.reordering);
        let corrupt_rate = value(&self.corrupt_rate);
        let replay_rate = value(&self.replay_rate);
        let wrong_vote_rate = value(&self.wrong_vote_rate);
        let mine = |set: ReplicaSet, number: f64| if set.contains(me) { number } else { 0.0 };
        let late = self.late.contains(me);
        Faults {
            crashed: self.crashed.contains(me),
            silent: self.silent.contains(me),
            in_dark: if in_dark_on { self.in_dark } else { ReplicaSet::EMPTY },
            delayed: if leader_delay_us > 0 { self.delayed } else { ReplicaSet::EMPTY },
            leader_delay_us,
            proposal_gap_us: if slow_on && self.slow_leaders.contains(me) { slow_gap_us } else { 0 },
            own_delay_us: if late { own_delay_us } else { 0 },
            own_jitter_us: if late { own_jitter_us } else { 0 },
            links: Arc::clone(&self.links),
            loss,
            duplication,
            reordering,
            unreachable: self.unreachable(me),
            equivocates: self.equivocators.contains(me),
            corrupt_rate: mine(self.corrupters, corrupt_rate),
            replay_rate: mine(self.replayers, replay_rate),
            wrong_vote_rate: mine(self.wrong_voters, wrong_vote_rate),
        }
    }

    /// Those in other groups of the partition. Who is in no group is with the others that are in none.
    fn unreachable(&self, me: ReplicaId) -> ReplicaSet {
        let named = self.groups.iter().fold(ReplicaSet::EMPTY, |all, group| all.union(*group));
        let apart = |group: ReplicaSet| {
            let mut others = ReplicaSet::first(crate::replica_set::MAX_REPLICAS);
            group.iter().for_each(|replica| others.remove(replica));
            others
        };
        match self.groups.iter().find(|group| group.contains(me)) {
            Some(group) => apart(*group),
            None => named,
        }
    }
}

/// The faults of one replica at a point in time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Its process is to be killed.
    pub crashed: bool,
    /// It says nothing and hears nothing.
    pub silent: bool,
    /// Whom it leaves out while it leads.
    pub in_dark: ReplicaSet,
    /// Who gets its messages late while it leads.
    pub delayed: ReplicaSet,
    /// How late, µs.
    pub leader_delay_us: u64,
    /// The least time between its proposals, µs.
    pub proposal_gap_us: u64,
    /// How late all its messages are, µs.
    pub own_delay_us: u64,
    /// Up to how much later still, µs.
    pub own_jitter_us: u64,
    /// What the links between replicas add.
    pub links: Arc<Links>,
    /// Share of messages that are lost.
    pub loss: f64,
    /// Share of messages that arrive twice.
    pub duplication: f64,
    /// Share of messages that are held back, so that later ones overtake them.
    pub reordering: f64,
    /// Those on the other side of a partition.
    pub unreachable: ReplicaSet,
    /// Whether it names different blocks to different replicas.
    pub equivocates: bool,
    /// Share of its messages with a wrong authenticator.
    pub corrupt_rate: f64,
    /// How many old messages it sends again for each new one.
    pub replay_rate: f64,
    /// Share of its votes that are for a block that does not exist.
    pub wrong_vote_rate: f64,
}

impl Faults {
    /// Whether its messages leave as they are.
    pub fn is_quiet(&self) -> bool {
        let untouched =
            Self { proposal_gap_us: self.proposal_gap_us, leader_delay_us: self.leader_delay_us, ..Self::default() };
        *self == untouched
    }
}

fn microseconds(milliseconds: f64) -> u64 {
    (milliseconds.clamp(0.0, 600_000.0) * 1_000.0) as u64
}

fn set(numbers: impl IntoIterator<Item = f64>) -> ReplicaSet {
    let mut set = ReplicaSet::EMPTY;
    for number in numbers {
        if (0.0..f64::from(crate::replica_set::MAX_REPLICAS)).contains(&number) {
            set.insert(ReplicaId(number as u32));
        }
    }
    set
}
