//! A trial's cluster as the page draws it: each replica with what it reported last, how it lives, and the faults that the
//! configuration gives it. Nothing here is guessed: what no unit has reported is not known.

mod life;
mod readings;

use crate::state::faults::{self, Fault};
use crate::state::series::SeriesSet;
pub use life::Life;
use model::config::ConfigTree;
use model::ids::UnitId;
use model::trial::{TrialDetail, Verdict};
use model::unit::{UnitRole, UnitStatus};
use readings::Readings;
use std::collections::{BTreeMap, BTreeSet};

/// A difference of fewer blocks is that of two reports which were not made at the same moment.
pub const BEHIND: u64 = 20;

/// A replica as the page draws it.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    /// Its number, from 0.
    pub number: u32,
    /// Its unit.
    pub unit: UnitId,
    /// How its process is.
    pub life: Life,
    /// The configuration version it has in force.
    pub applied: u64,
    /// Whether it has an older version than the newest.
    pub behind_version: bool,
    /// The view it reported last.
    pub view: Option<u64>,
    /// The last sequence number that it reported as executed.
    pub committed: Option<u64>,
    /// How many blocks it is behind the others, as of its last report.
    pub lag: u64,
    /// Whether the others see it as the leader of the next block.
    pub leads: bool,
    /// The number of its group in the partition, 0 for the largest; none without a partition.
    pub group: Option<usize>,
    /// Whether its history is another than that of the most.
    pub diverged: bool,
    /// The faults that the configuration gives it now.
    pub faults: Vec<&'static Fault>,
}

/// The cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// The replicas, by their numbers.
    pub replicas: Vec<Replica>,
    /// Controller and clients.
    pub others: Vec<UnitStatus>,
    /// The newest configuration version.
    pub newest: u64,
    /// The view that most replicas are in.
    pub view: Option<u64>,
    /// Whom most of those see as the leader of the next block.
    pub leader: Option<u32>,
    /// Whether the leader changes within a view.
    pub rotating: bool,
    /// The last sequence number of the most advanced replica.
    pub committed: Option<u64>,
    /// How many faulty replicas the protocol stands.
    pub f: u32,
    /// The replicas that do not answer, or lie.
    pub faulty: BTreeSet<u32>,
    /// How many groups the partition has; 0 without one.
    pub groups: usize,
}

impl Cluster {
    /// The cluster of a trial. The faults are those of `config` at a time after the start: the configuration in force while
    /// the trial runs, that of the next start otherwise.
    pub fn of(detail: &TrialDetail, series: &SeriesSet, config: &ConfigTree, elapsed_ms: u64) -> Self {
        let trial = &detail.summary;
        let count = trial.replicas;
        let readings = Readings::of(series, count, trial.state.is_active());
        let lives = life::lives(detail);
        let diverged = minority(trial.verdict.as_ref());
        let newest = crate::state::trial::newest_version(detail);
        let mut cluster = Self::planned(count, config, elapsed_ms);
        for replica in &mut cluster.replicas {
            let status = detail.units.iter().find(|status| status.unit == replica.unit);
            let number = replica.number;
            replica.life = lives.get(&number).copied().unwrap_or(Life::Waiting);
            replica.applied = status.map_or(0, |status| status.applied_version);
            replica.behind_version = replica.life == Life::Up && replica.applied < newest;
            replica.view = readings.view(number);
            replica.committed = readings.committed(number);
            replica.lag = readings.lag(number);
            replica.leads = readings.leader == Some(number) && trial.state.is_active();
            replica.diverged = diverged.contains(&number);
        }
        cluster.others =
            detail.units.iter().filter(|status| !matches!(status.role, UnitRole::Replica(_))).cloned().collect();
        let active = trial.state.is_active();
        let gone = cluster.replicas.iter().filter(|replica| active && replica.life.is_gone());
        let gone: Vec<u32> = gone.map(|replica| replica.number).collect();
        cluster.faulty.extend(gone);
        Self {
            f: detail.config.tolerated_faults(),
            newest,
            view: readings.main_view,
            leader: readings.leader,
            rotating: readings.rotating,
            committed: readings.furthest(),
            ..cluster
        }
    }

    /// A cluster that has not been started yet.
    pub fn planned(count: u32, config: &ConfigTree, elapsed_ms: u64) -> Self {
        let affected: Vec<(&'static Fault, BTreeSet<u32>)> =
            faults::all().iter().map(|fault| (fault, fault.affected(config, elapsed_ms))).collect();
        let mut groups = faults::groups(config, count);
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let replicas = (0..count).map(|number| Replica {
            number,
            unit: UnitRole::Replica(number).unit(count),
            life: Life::Waiting,
            applied: 0,
            behind_version: false,
            view: None,
            committed: None,
            lag: 0,
            leads: false,
            group: groups.iter().position(|group| group.contains(&number)),
            diverged: false,
            faults: affected.iter().filter(|(_, who)| who.contains(&number)).map(|(fault, _)| *fault).collect(),
        });
        Self {
            replicas: replicas.collect(),
            f: config.tolerated_faults(),
            faulty: faults::faulty(config, elapsed_ms).into_iter().filter(|number| *number < count).collect(),
            groups: groups.len(),
            ..Self::default()
        }
    }

    /// A replica.
    pub fn replica(&self, number: u32) -> Option<&Replica> {
        self.replicas.get(number as usize)
    }

    /// What is to be said when more replicas misbehave, or cannot take part, than the protocol stands.
    pub fn warning(&self) -> Option<String> {
        let f = self.f;
        let names = |who: &BTreeSet<u32>| faults::list_text(who).replace(',', ", ");
        if self.faulty.len() > f as usize {
            let who = names(&self.faulty);
            return Some(format!("More than f = {f} faulty (replicas {who}): agreement is no longer guaranteed."));
        }
        let left_out = self.replicas.iter().filter(|replica| replica.is_left_out()).map(|replica| replica.number);
        let absent: BTreeSet<u32> = self.faulty.iter().copied().chain(left_out).collect();
        (absent.len() > f as usize).then(|| {
            let who = names(&absent);
            format!("More than f = {f} cannot take part (replicas {who}): progress is no longer guaranteed.")
        })
    }

    /// Which units do not have the newest configuration yet, or that all have it: "All 6 units: Updated v3".
    pub fn update_text(&self) -> String {
        let newest = self.newest;
        let running = |status: &&UnitStatus| status.health == model::unit::UnitHealth::Up;
        let others = self.others.iter().filter(running);
        let (up, late): (Vec<_>, Vec<_>) = others
            .map(|status| (status.role, status.applied_version < newest))
            .chain(
                self.replicas
                    .iter()
                    .filter(|replica| replica.life == Life::Up)
                    .map(|replica| (UnitRole::Replica(replica.number), replica.behind_version)),
            )
            .partition(|(_, late)| !late);
        match (up.len(), late.as_slice()) {
            (0, []) => String::new(),
            (up, []) => format!("All {up} units: Updated v{newest}"),
            (_, [(role, _)]) => format!("{}: Waiting v{newest}", role.label()),
            (_, late) => format!("{} units: Waiting v{newest}", late.len()),
        }
    }
}

/// The word for the replica that leads.
pub const LEADER: &str = "leader";

impl Replica {
    /// What is the matter with it, in words, the gravest first: what stands beside it, and what a screen reader says.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = Vec::new();
        if self.diverged {
            troubles.push("diverged".to_owned());
        }
        if let Some(word) = self.life.trouble() {
            troubles.push(word.to_owned());
        }
        if self.group.is_some_and(|group| group > 0) {
            troubles.push("cut off".to_owned());
        }
        let crash = |fault: &&&Fault| fault.name == faults::CRASH && self.life.trouble().is_some();
        let faults = self.faults.iter().filter(|fault| !crash(fault));
        troubles.extend(faults.map(|fault| fault.words.state.to_owned()));
        if self.is_behind() {
            troubles.push(format!("{} behind", crate::state::format::grouped(self.lag as f64)));
        }
        troubles
    }

    /// Whether it is correct and does not hear enough of the others to take part.
    fn is_left_out(&self) -> bool {
        let in_dark = self.faults.iter().any(|fault| fault.name == "in-dark") && !self.leads;
        in_dark || self.group.is_some_and(|group| group > 0)
    }

    /// Whether it lags by more than reports that were made at different moments.
    pub fn is_behind(&self) -> bool {
        self.life == Life::Up && self.lag >= BEHIND
    }

    /// The replica in a sentence, for a screen reader. It begins with the words that are drawn beside its number, in their
    /// order, so that whoever speaks to their machine can say what they see (WCAG 2.5.3, Label in Name).
    pub fn sentence(&self, newest: u64, drawn: &[String]) -> String {
        let mut parts = vec![format!("Replica {}", self.number)];
        parts.extend_from_slice(drawn);
        if self.leads && !drawn.iter().any(|word| word == LEADER) {
            parts.push(LEADER.to_owned());
        }
        parts.push(self.life.label().to_owned());
        parts.extend(self.view.map(|view| format!("view {view}")));
        parts.extend(self.committed.map(|committed| format!("committed {committed}")));
        if self.life == Life::Up {
            let word = if self.behind_version { "Waiting" } else { "Updated" };
            parts.push(format!("{word} v{newest}"));
        }
        let label = self.life.trouble();
        let told = |trouble: &String| Some(trouble.as_str()) == label || drawn.contains(trouble);
        parts.extend(self.troubles().into_iter().filter(|trouble| !told(trouble)));
        parts.join(", ")
    }
}

/// Those whose history is not the one that most have; where no history has most, all that differ.
fn minority(verdict: Option<&Verdict>) -> BTreeSet<u32> {
    let Some(Verdict::Diverged(divergence)) = verdict else { return BTreeSet::new() };
    let mut counts = BTreeMap::<&str, usize>::new();
    for (_, hash) in &divergence.replicas {
        *counts.entry(hash).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let alone = counts.values().filter(|count| **count == most).count() == 1;
    let wrong = |hash: &str| !alone || counts.get(hash) != Some(&most);
    divergence.replicas.iter().filter(|(_, hash)| wrong(hash)).map(|(replica, _)| *replica).collect()
}

#[cfg(test)]
mod tests;
