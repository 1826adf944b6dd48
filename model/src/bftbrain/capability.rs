//! What the framework does with each key of the configuration.

use crate::config::{ConfigTree, ConfigValue};
use crate::descriptor::{Effect, Readers};
use crate::patch::PatchItem;
use crate::schema;
use crate::validate::Problem;

/// What the framework does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// It follows changes while a trial runs.
    Live,
    /// It takes the value at the start, and no change later, for this reason.
    AtStart(&'static str),
    /// BFTGym gives it another value than the configuration, for this reason.
    Replaced(&'static str),
    /// It does nothing with it, for this reason.
    Ignored(&'static str),
}

impl Capability {
    /// Why a change has no effect while a trial runs; nothing where it has.
    pub fn not_live(self) -> Option<&'static str> {
        match self {
            Self::Live => None,
            Self::AtStart(reason) | Self::Replaced(reason) | Self::Ignored(reason) => Some(reason),
        }
    }

    /// Why the value has no effect at all; nothing where it has.
    pub fn without_effect(self) -> Option<&'static str> {
        match self {
            Self::Live | Self::AtStart(_) => None,
            Self::Replaced(reason) | Self::Ignored(reason) => Some(reason),
        }
    }
}

const NO_CRASH: &str =
    "BFTBrain starts no replica again, and has no view change: after the leader's crash nothing would be executed";
const NO_FAULT: &str = "BFTBrain has no such fault";
const OWN_ADDRESS: &str = "BFTGym sets it to the trial's own address";

/// Keys of which more is to be said than who reads them.
const SPECIAL: &[(&str, Capability)] = &[
    ("fault.crash.affected-entities", Capability::Ignored(NO_CRASH)),
    (
        "general.max-active-requests",
        Capability::Ignored("BFTBrain does not read it: at most 100 blocks are in agreement at once"),
    ),
    ("general.learning", Capability::Replaced("BFTGym starts no learning agents")),
    ("benchmark.clients", Capability::Ignored("BFTBrain has one client process")),
    ("benchmark.authentication", Capability::Ignored("BFTBrain has its own tags (HMAC-SHA512), and no signatures")),
    ("demo.enabled", Capability::Replaced("BFTGym needs the reports")),
    ("demo.update_server", Capability::Replaced(OWN_ADDRESS)),
    ("demo.update_port", Capability::Replaced(OWN_ADDRESS)),
];

/// What the framework does with a key. One that nothing is known of is passed on at the start.
pub fn capability(key: &str) -> Capability {
    if let Some((_, special)) = SPECIAL.iter().find(|(known, _)| *known == key) {
        return *special;
    }
    let Some(descriptor) = schema::descriptor(key) else {
        return Capability::AtStart("nothing is known of this key");
    };
    match (descriptor.readers, descriptor.effect) {
        (Readers::Native, _) if key.starts_with("fault.") => Capability::Ignored(NO_FAULT),
        (Readers::Native, _) => Capability::Ignored("BFTBrain does not have it"),
        (_, Effect::Live) => Capability::Live,
        (_, Effect::NextStart(reason)) => Capability::AtStart(reason),
    }
}

const NOT_YET_VARYING: &str = "its units read plain values only, and one that varies would keep them from asking again";
const STILL_VARYING: &str = "it started as a value that varies, with which its units go on";

/// What of a change a running trial of the framework with this configuration does not take, each at its key. A unit that
/// cannot read one value of an answer never asks for another.
pub fn check_live(config: &ConfigTree, items: &[PatchItem]) -> Vec<Problem> {
    let varies = |value: &ConfigValue| matches!(value, ConfigValue::Tree(_));
    let problem = |item: &PatchItem| {
        let reason = match capability(&item.key).not_live() {
            Some(reason) => reason,
            None if varies(&item.value) => NOT_YET_VARYING,
            None if config.get(&item.key).is_some_and(varies) => STILL_VARYING,
            None => return None,
        };
        let message = format!("a running trial of BFTBrain does not take this change: {reason}");
        Some(Problem { key: item.key.clone(), message })
    };
    items.iter().filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_those_keys_are_live_that_its_code_reads_again_and_again() {
        let live: Vec<_> =
            schema::descriptors().map(|known| known.key).filter(|key| capability(key) == Capability::Live).collect();
        assert_eq!(
            live,
            [
                "benchmark.closed-loop.delay-ms",
                "workload.contention-level",
                "workload.payload.request-size",
                "workload.payload.reply-size",
                "workload.compute-factor",
                "workload.distribution",
                "workload.read-only-ratio",
                "fault.in-dark.affected-entities",
                "fault.in-dark.generator",
                "fault.timeout.affected-entities",
                "fault.timeout.generator",
                "fault.slow-proposal.affected-entities",
                "fault.slow-proposal.attacking",
                "fault.slow-proposal.timer",
                "demo.update_interval_ms",
            ]
        );
    }

    #[test]
    fn every_key_of_ours_alone_is_without_effect_and_every_reason_can_follow_a_colon() {
        for known in schema::descriptors() {
            let found = capability(known.key);
            assert_eq!(
                matches!(found, Capability::Ignored(_)),
                known.readers == Readers::Native || known.key == "general.max-active-requests",
                "{}",
                known.key
            );
            if let Some(reason) = found.not_live() {
                assert!(!reason.is_empty() && !reason.ends_with('.'), "{reason}");
            }
        }
        assert!(SPECIAL.iter().all(|(key, _)| schema::descriptor(key).is_some()));
    }

    #[test]
    fn a_change_that_is_not_live_is_a_problem_at_its_key_with_the_reason() {
        let item = |key: &str| PatchItem { kind: "int".into(), key: key.into(), value: ConfigValue::Integer(1) };
        let problems = check_live(
            &ConfigTree::new(),
            &[item("fault.slow-proposal.timer"), item("fault.delay.mean"), item("general.f")],
        );
        let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(text.len(), 2, "{text:?}");
        assert!(text[0].contains("fault.delay.mean") && text[0].ends_with("BFTBrain has no such fault"), "{text:?}");
        assert!(text[1].contains("it sets the number of replicas"), "{text:?}");
    }

    #[test]
    fn a_value_that_varies_is_neither_sent_to_a_running_trial_nor_replaced_in_one() {
        let key = "fault.slow-proposal.timer";
        let item = |value| PatchItem { kind: "int".into(), key: key.into(), value };
        let mut varying = ConfigTree::new();
        varying.set("advance", ConfigValue::Boolean(true));
        let plain = item(ConfigValue::Integer(40));
        let sent = check_live(&ConfigTree::new(), &[item(ConfigValue::Tree(varying.clone())), plain.clone()]);
        assert!(sent.len() == 1 && sent[0].message.contains("plain values only"), "{sent:?}");
        let mut config = ConfigTree::new();
        config.set(key, ConfigValue::Tree(varying));
        let replaced = check_live(&config, &[plain]);
        assert!(replaced.len() == 1 && replaced[0].message.contains("started as a value that varies"), "{replaced:?}");
    }
}
