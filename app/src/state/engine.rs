//! What the units of the next trial run: which engine can be chosen where, and what each of them cannot do.

use crate::backend::Overview;
use crate::state::draft::sentence;
use crate::state::faults::Fault;
use crate::state::protocols::own::OwnProtocol;
use model::bftbrain::{capability, is_frameworks_own};
use model::testbed::{Engine, TestbedName};
use protocol::definitions;
use protocol::export::export;
use std::collections::BTreeMap;

/// Both of them, the usual one first.
pub const ALL: [Engine; 2] = [Engine::Native, Engine::Bftbrain];

/// The name people read.
pub fn label(engine: Engine) -> &'static str {
    match engine {
        Engine::Native => "BFTGym",
        Engine::Bftbrain => "BFTBrain (Java)",
    }
}

/// Why an engine cannot be chosen on a testbed, in a sentence with the mend. What other hosts lack, a launch there says.
pub fn obstacle(overview: &Overview, testbed: &TestbedName, engine: Engine) -> Option<String> {
    let missing = overview.bftbrain_missing.as_ref().filter(|_| testbed.is_local() && engine == Engine::Bftbrain)?;
    Some(sentence(missing))
}

/// What decides which protocols can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What runs them.
    pub engine: Engine,
    /// Where.
    pub testbed: TestbedName,
    /// Tolerated faults.
    pub f: u32,
    /// A person's own protocols.
    pub own: Vec<OwnProtocol>,
}

/// Why protocols cannot be chosen, by their choices; those that can be are not there.
pub fn protocol_obstacles(choice: &Choice) -> BTreeMap<String, String> {
    let why_not = |name, file| protocol_obstacle(choice.engine, &choice.testbed, name, file, choice.f);
    let mut obstacles = BTreeMap::new();
    for one in definitions::ALL {
        obstacles.extend(why_not(one.name, (one.text(), false)).map(|problem| (one.name.to_owned(), problem)));
    }
    for one in &choice.own {
        obstacles.extend(why_not(&one.name, (&one.text, true)).map(|problem| (one.choice(), problem)));
    }
    obstacles
}

/// Why an engine does not run a protocol on a testbed; `own` is the text of one that does not ship with BFTGym, `shipped` of
/// one that does.
fn protocol_obstacle(
    engine: Engine,
    testbed: &TestbedName,
    name: &str,
    (text, is_own): (&str, bool),
    f: u32,
) -> Option<String> {
    if engine == Engine::Native || (!is_own && is_frameworks_own(name)) {
        return None;
    }
    if !testbed.is_local() {
        return Some("On other hosts BFTBrain runs its own protocols only.".to_owned());
    }
    let reasons = export(text, f).err()?;
    Some(sentence(reasons.first().map_or("it cannot be written out", String::as_str)))
}

/// Why a key has no effect with an engine; nothing where it has.
pub fn key_obstacle(engine: Engine, key: &str) -> Option<&'static str> {
    match engine {
        Engine::Native => None,
        Engine::Bftbrain => capability(key).without_effect(),
    }
}

/// Why an engine does not have a fault.
pub fn fault_obstacle(engine: Engine, fault: &Fault) -> Option<&'static str> {
    key_obstacle(engine, fault.list.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::faults;

    fn text(name: &str) -> &'static str {
        definitions::find(name).unwrap().text()
    }

    #[test]
    fn of_the_faults_the_framework_has_the_three_attacks_of_a_leader() {
        let has: Vec<_> = faults::all()
            .iter()
            .filter(|fault| fault_obstacle(Engine::Bftbrain, fault).is_none())
            .map(|fault| fault.name)
            .collect();
        let mut sorted = has.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["in-dark", "slow-proposal", "timeout"]);
        assert!(faults::all().iter().all(|fault| fault_obstacle(Engine::Native, fault).is_none()));
        assert!(key_obstacle(Engine::Bftbrain, faults::PARTITION).is_some());
        assert!(key_obstacle(Engine::Bftbrain, "workload.compute-factor").is_none());
    }

    #[test]
    fn protocols_that_the_framework_has_or_can_be_told_are_offered_and_the_others_say_why_not() {
        let local = TestbedName::default();
        let of = |name: &str, own: bool, testbed: &TestbedName| {
            protocol_obstacle(Engine::Bftbrain, testbed, name, (text(name), own), 1)
        };
        assert_eq!(of("prime", false, &local), None, "it has a file of its own");
        assert_eq!(of("poe", false, &local), None);
        assert!(of("prime", true, &local).unwrap().contains("no role originator"));
        assert!(of("tendermint", false, &local).unwrap().contains("rotate-every"));
        assert!(of("poe", false, &TestbedName::new("lab").unwrap()).unwrap().contains("its own protocols only"));
        assert_eq!(protocol_obstacle(Engine::Native, &local, "x", ("nonsense", true), 1), None);
        let own = vec![OwnProtocol { name: "Mine".into(), text: text("prime").into() }];
        let all = protocol_obstacles(&Choice { engine: Engine::Bftbrain, testbed: local, f: 1, own });
        assert_eq!(all.keys().collect::<Vec<_>>(), ["chained-hotstuff", "own:Mine", "tendermint"]);
    }
}
