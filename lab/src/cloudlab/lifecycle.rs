//! The life of an experiment: requested → provisioning → provisioned → booting → ready → expiring → terminated, or failed.
//! Plain: what was learnt from the portal goes in, what to ask next comes out, and the time is an argument. Whoever drives
//! it keeps [`Lifecycle::experiment`] whenever it has changed; from that alone the life goes on after a restart.

mod portal_words;
#[cfg(test)]
mod tests;

use super::error::PortalError;
use super::manifest::{Machine, ManifestError};
use super::wire::PortalExperiment;
use model::cloudlab::{Experiment, ExperimentNode, ExperimentState, NodePhase};
use portal_words::{Word, node_phase, node_word, places, word};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// How long machines may take to come up, and how long the portal may take to find them, ms.
pub const READY_LIMIT_MS: i64 = 30 * 60_000;
/// How long before its end an experiment is said to expire, ms; a short one a quarter of its time before.
const WARNING_MS: i64 = 60 * 60_000;
/// How much older than the request an experiment of its name may be and still be the one that was asked for: clocks differ.
const OTHER_CLOCK_MS: i64 = 15 * 60_000;
/// Waits between tries that fail, ms: 5 s, 10 s, and so on up to a minute.
const FIRST_RETRY_MS: i64 = 5_000;
const LAST_RETRY_MS: i64 = 60_000;
/// How long to wait when the portal forbids something, ms.
const FORBIDDEN_RETRY_MS: i64 = 60_000;

/// How often the portal is asked, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// While something is expected to change. The portal itself holds such questions up by 3 s.
    pub changing_ms: i64,
    /// While nothing is.
    pub steady_ms: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { changing_ms: 15_000, steady_ms: 60_000 }
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Ask the portal for the experiment; tell [`Lifecycle::sending`] before.
    Create,
    /// Look for it by project and name: it is not known whether the portal got the request.
    Find,
    /// Ask how it is.
    Look,
    /// Read its manifests.
    Locate,
    /// End it.
    Terminate,
    /// Nothing, ever again.
    Rest,
}

/// An experiment and what is known beyond what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// What is kept and shown.
    pub experiment: Experiment,
    pace: Pace,
    /// Tries that failed one after the other.
    failures: u32,
    /// Whether the request was sent more than once: the first may have been taken all the same.
    sent_again: bool,
    /// Why the portal refused the request that was sent again.
    refused: Option<String>,
    /// Not before this moment; none to wait until it is woken.
    next_ms: Option<i64>,
}

impl Lifecycle {
    /// The life of an experiment, new or kept.
    pub fn new(experiment: Experiment, pace: Pace, now_ms: i64) -> Self {
        Self { experiment, pace, failures: 0, sent_again: false, refused: None, next_ms: Some(now_ms) }
    }

    /// What is to be done, and how long to wait before, ms; no time to wait for [`Lifecycle::wake`].
    pub fn next(&self, now_ms: i64) -> (Duty, Option<i64>) {
        let experiment = &self.experiment;
        let duty = match (&experiment.state, &experiment.id) {
            (ExperimentState::Terminated { .. }, _) => Duty::Rest,
            (ExperimentState::Failed { .. }, _) if !experiment.held => Duty::Rest,
            (_, None) if experiment.sent => Duty::Find,
            (ExperimentState::Requested, None) => Duty::Create,
            (_, None) => Duty::Rest,
            (ExperimentState::Terminating, Some(_)) if experiment.word != TERMINATING => Duty::Terminate,
            (state, Some(_)) if state.is_usable() && !experiment.located => Duty::Locate,
            (_, Some(_)) => Duty::Look,
        };
        (duty, self.next_ms.map(|at_ms| at_ms.saturating_sub(now_ms).max(0)))
    }

    /// Goes on at once: there is a new token, or somebody has asked for something.
    pub fn wake(&mut self, now_ms: i64) {
        self.failures = 0;
        self.next_ms = Some(now_ms);
    }

    /// The request is about to be sent. To be kept before it is.
    pub fn sending(&mut self) {
        self.experiment.sent = true;
    }

    /// The portal has an experiment of this project and name. It is the one that was asked for, unless it is older.
    pub fn found(&mut self, seen: &PortalExperiment, now_ms: i64) {
        let older_ms = seen.created_ms.map_or(0, |created_ms| self.experiment.requested_ms - created_ms);
        if older_ms > OTHER_CLOCK_MS {
            let (name, project) = (&self.experiment.request.name, &self.experiment.request.project);
            let reason = format!("project {project} has another experiment {name} already; choose another name");
            return self.fail(reason, false, now_ms);
        }
        self.see(seen, now_ms);
    }

    /// The portal has answered with the experiment.
    pub fn see(&mut self, seen: &PortalExperiment, now_ms: i64) {
        if self.experiment.id.is_none() {
            self.experiment.waiting_ms = now_ms;
        }
        self.succeeded(now_ms);
        let experiment = &mut self.experiment;
        experiment.id = Some(seen.id.clone());
        (experiment.held, experiment.sent) = (true, true);
        experiment.expires_ms = seen.expires_ms.or(experiment.expires_ms);
        // The portal needs a moment before it says itself that it ends an experiment.
        if experiment.state != ExperimentState::Terminating {
            experiment.word.clone_from(&seen.status);
        }
        if !seen.aggregates.is_empty() {
            experiment.nodes = nodes(&experiment.nodes, seen);
        }
        self.judge(now_ms);
        self.schedule(now_ms);
    }

    /// Decides what state the experiment is in, from what is known of it.
    fn judge(&mut self, now_ms: i64) {
        let experiment = &self.experiment;
        if matches!(experiment.state, ExperimentState::Terminating | ExperimentState::Terminated { .. }) {
            return;
        }
        let up = !experiment.nodes.is_empty() && experiment.nodes.iter().all(|node| node.phase == NodePhase::Ready);
        let begun = experiment.nodes.iter().any(|node| node.phase != NodePhase::Preparing);
        let state = match word(&experiment.word) {
            Word::Failed => {
                let reason = format!("CloudLab says that the experiment is {}{}", experiment.word, self.culprits());
                return self.fail(format!("{reason}; look at its page there, then terminate it"), true, now_ms);
            }
            Word::Ending => ExperimentState::Terminating,
            Word::Ready if up && self.is_nearly_over(now_ms) => ExperimentState::Expiring,
            Word::Ready if up => ExperimentState::Ready,
            Word::Ready | Word::Provisioned if begun => ExperimentState::Booting,
            Word::Ready | Word::Provisioned => ExperimentState::Provisioned,
            Word::Provisioning => ExperimentState::Provisioning,
        };
        let late = matches!(experiment.state, ExperimentState::Failed { .. });
        if late && !state.is_usable() {
            return;
        }
        let begins = matches!(state, ExperimentState::Provisioned | ExperimentState::Booting)
            && !matches!(experiment.state, ExperimentState::Provisioned | ExperimentState::Booting);
        if begins {
            self.experiment.waiting_ms = now_ms;
        }
        self.enter(state, now_ms);
        self.check_limit(now_ms);
    }

    /// Time has passed.
    pub fn tick(&mut self, now_ms: i64) {
        match self.experiment.state {
            ExperimentState::Ready if self.is_nearly_over(now_ms) => self.enter(ExperimentState::Expiring, now_ms),
            _ => self.check_limit(now_ms),
        }
    }

    fn check_limit(&mut self, now_ms: i64) {
        let experiment = &self.experiment;
        if now_ms - experiment.waiting_ms < READY_LIMIT_MS {
            return;
        }
        let reason = match experiment.state {
            ExperimentState::Requested => "the portal did not answer the request".to_owned(),
            ExperimentState::Provisioning => "CloudLab found no machines".to_owned(),
            ExperimentState::Provisioned | ExperimentState::Booting => {
                let missing = experiment.nodes.iter().filter(|node| node.phase != NodePhase::Ready);
                let missing: Vec<_> = missing.map(|node| format!("{} ({})", node.name, node.word)).collect();
                match missing.is_empty() {
                    true => format!("CloudLab says {} and names no machine that is not up", experiment.word),
                    false => format!("{} did not become ready", missing.join(", ")),
                }
            }
            _ => return,
        };
        let held = experiment.sent;
        let mend = if held { "wait once more, or terminate it" } else { "try again later" };
        self.fail(format!("{reason} within 30 min; {mend}"), held, now_ms);
    }

    /// Machines that failed, for a sentence.
    fn culprits(&self) -> String {
        let failed = self.experiment.nodes.iter().filter(|node| node.phase == NodePhase::Failed);
        let failed: Vec<_> = failed.map(|node| format!("{} ({})", node.name, node.word)).collect();
        if failed.is_empty() { String::new() } else { format!(", because of {}", failed.join(", ")) }
    }

    /// Whether the end is near.
    fn is_nearly_over(&self, now_ms: i64) -> bool {
        let whole_ms = i64::from(self.experiment.request.hours) * 3_600_000;
        self.experiment.expires_ms.is_some_and(|at_ms| at_ms - now_ms <= WARNING_MS.min(whole_ms / 4))
    }

    /// The manifests have been read: where its machines are.
    pub fn locate(&mut self, machines: &[Machine], now_ms: i64) {
        for machine in machines {
            let Some(node) = self.experiment.nodes.iter_mut().find(|node| node.name == machine.name) else { continue };
            node.lan = machine.lan;
            node.accounts.clone_from(&machine.accounts);
            if node.host.is_none() {
                node.host = machine.accounts.first().map(|account| account.host.clone()).or(machine.host.clone());
            }
            node.address = node.address.or(machine.address);
        }
        self.warn_of_those_apart();
        self.experiment.located = true;
        self.succeeded(now_ms);
        self.schedule(now_ms);
    }

    fn warn_of_those_apart(&mut self) {
        let apart: Vec<_> = self.experiment.nodes.iter().filter(|node| node.lan.is_none()).collect();
        self.experiment.warning = (!apart.is_empty()).then(|| {
            let names: Vec<_> = apart.iter().map(|node| node.name.as_str()).collect();
            format!("{} in no LAN of the experiment: set their addresses there by hand", are(&names))
        });
    }

    /// Somebody says where machines are in the LAN, by their names in the profile.
    pub fn place_by_hand(&mut self, addresses: &BTreeMap<String, Ipv4Addr>) {
        for node in &mut self.experiment.nodes {
            node.lan = addresses.get(&node.name).copied().or(node.lan);
        }
        self.warn_of_those_apart();
    }

    /// A manifest is not what it should be. The machines' public addresses remain.
    pub fn misread(&mut self, error: &ManifestError, now_ms: i64) {
        self.experiment.warning =
            Some(format!("{error}. Without it, the addresses in the LAN are not known: set them by hand"));
        self.experiment.located = true;
        self.schedule(now_ms);
    }

    /// The portal has been asked for more time, and has answered.
    pub fn extended(&mut self, seen: &PortalExperiment, now_ms: i64) {
        let before = self.experiment.expires_ms;
        self.see(seen, now_ms);
        if self.experiment.expires_ms <= before {
            let note = "The portal has taken the request for more time, but has not granted it yet: people may decide";
            self.experiment.note = Some(note.to_owned());
        }
    }

    /// Somebody wants it to end.
    pub fn terminate(&mut self, now_ms: i64) {
        let experiment = &mut self.experiment;
        if !experiment.sent && experiment.id.is_none() {
            let reason = "it was ended before the portal was asked".to_owned();
            return self.enter(ExperimentState::Terminated { reason }, now_ms);
        }
        if matches!(experiment.state, ExperimentState::Terminated { .. }) || !(experiment.held || experiment.sent) {
            return;
        }
        experiment.word.clear();
        self.enter(ExperimentState::Terminating, now_ms);
        self.wake(now_ms);
    }

    /// The portal has taken the request to end it.
    pub fn ending(&mut self, now_ms: i64) {
        self.experiment.word = TERMINATING.to_owned();
        self.succeeded(now_ms);
        self.schedule(now_ms);
    }

    /// Somebody wants to wait longer for machines that did not come up in time.
    pub fn wait_again(&mut self, now_ms: i64) {
        if matches!(self.experiment.state, ExperimentState::Failed { .. }) && self.experiment.held {
            self.experiment.waiting_ms = now_ms;
            let known = self.experiment.id.is_some();
            self.enter(if known { ExperimentState::Booting } else { ExperimentState::Requested }, now_ms);
            self.wake(now_ms);
        }
    }

    /// A call failed.
    pub fn fail_with(&mut self, duty: Duty, error: &PortalError, now_ms: i64) {
        match (error, duty) {
            (PortalError::NotFound { .. }, Duty::Find) if self.experiment.state == ExperimentState::Requested => {
                match self.refused.take() {
                    Some(reason) => return self.fail(reason, false, now_ms),
                    None => {
                        (self.experiment.sent, self.sent_again) = (false, true);
                        self.wake(now_ms);
                    }
                }
            }
            (PortalError::NotFound { .. }, Duty::Find | Duty::Look | Duty::Terminate) => self.gone(now_ms),
            (PortalError::Busy { wait, .. }, _) => {
                let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(LAST_RETRY_MS);
                if duty == Duty::Create {
                    self.experiment.sent = false;
                }
                self.later(error, wait_ms, now_ms);
            }
            // Perhaps because there is one of this name: the one of the first request, which the portal was slow to show.
            (_, Duty::Create) if !error.leaves_doubt() && self.sent_again => {
                (self.experiment.sent, self.sent_again) = (true, false);
                self.refused = Some(error.to_string());
                self.later(error, FIRST_RETRY_MS, now_ms);
            }
            (_, Duty::Create) if !error.leaves_doubt() => self.fail(error.to_string(), false, now_ms),
            (PortalError::TokenRefused { .. }, _) => {
                self.experiment.note = Some(error.to_string());
                self.next_ms = None;
            }
            // Somebody may give the right back on the other side, of which nothing is said here.
            (PortalError::Forbidden { .. }, _) => self.later(error, FORBIDDEN_RETRY_MS, now_ms),
            _ => {
                let wait_ms = FIRST_RETRY_MS.saturating_mul(1 << self.failures.min(4)).min(LAST_RETRY_MS);
                self.failures = self.failures.saturating_add(1);
                self.later(error, wait_ms, now_ms);
            }
        }
        self.tick(now_ms);
    }

    fn later(&mut self, error: &PortalError, wait_ms: i64, now_ms: i64) {
        self.experiment.note = Some(format!("{error}. The next try is in {} s", (wait_ms + 999) / 1000));
        self.next_ms = Some(now_ms + wait_ms);
    }

    /// The portal does not know it any more.
    fn gone(&mut self, now_ms: i64) {
        let over = self.experiment.expires_ms.is_some_and(|at_ms| now_ms >= at_ms);
        let reason = match self.experiment.state {
            ExperimentState::Terminating => "it was ended",
            _ if over => "its time was over",
            _ => "the portal does not know it any more: somebody ended it there",
        };
        (self.experiment.held, self.experiment.sent) = (false, false);
        self.succeeded(now_ms);
        if !matches!(self.experiment.state, ExperimentState::Failed { .. }) {
            self.enter(ExperimentState::Terminated { reason: reason.to_owned() }, now_ms);
        }
    }

    fn fail(&mut self, reason: String, held: bool, now_ms: i64) {
        self.experiment.held = held;
        self.experiment.sent = held;
        self.enter(ExperimentState::Failed { reason }, now_ms);
        self.schedule(now_ms);
    }

    fn succeeded(&mut self, now_ms: i64) {
        self.experiment.note = None;
        self.failures = 0;
        self.next_ms = Some(now_ms);
    }

    fn schedule(&mut self, now_ms: i64) {
        let steady = self.experiment.state.is_usable() || self.experiment.state.is_over();
        let unlocated = self.experiment.state.is_usable() && !self.experiment.located;
        let wait_ms = match (unlocated, steady) {
            (true, _) => 0,
            (_, true) => self.pace.steady_ms,
            _ => self.pace.changing_ms,
        };
        self.next_ms = Some(now_ms + wait_ms);
    }

    fn enter(&mut self, state: ExperimentState, now_ms: i64) {
        if self.experiment.state != state {
            self.experiment.state = state;
            self.experiment.since_ms = now_ms;
        }
    }
}

/// The portal's word for an experiment that is being ended.
const TERMINATING: &str = "terminating";

fn nodes(known: &[ExperimentNode], seen: &PortalExperiment) -> Vec<ExperimentNode> {
    let mut nodes: Vec<_> = seen
        .aggregates
        .values()
        .flat_map(|site| &site.nodes)
        .map(|node| {
            let before = known.iter().find(|before| before.name == node.client_id);
            let (host, address) = places(node);
            ExperimentNode {
                name: node.client_id.clone(),
                phase: node_phase(node),
                word: node_word(node),
                host: host.or_else(|| before.and_then(|before| before.host.clone())),
                address: address.or_else(|| before.and_then(|before| before.address)),
                lan: before.and_then(|before| before.lan),
                accounts: before.map(|before| before.accounts.clone()).unwrap_or_default(),
            }
        })
        .collect();
    // node10 comes after node9.
    nodes.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
    nodes.dedup_by(|one, other| one.name == other.name);
    nodes
}

fn are(names: &[&str]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}
