//! Configurations that BFTGym knows by name: the defaults, and the conditions under which the protocols of the public
//! framework BFTBrain were measured and published. A preset says what it sets; what it does not name stays as it is.

use crate::state::faults::action::{Action, changes};
use model::config::ConfigTree;
use model::schema;
use model::validate::{Change, read_value};

/// A condition that was published with BFTBrain.
#[derive(Clone, Copy, Debug)]
struct Condition {
    name: &'static str,
    f: u32,
    clients: u32,
    request_bytes: u32,
    trouble: Trouble,
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    None,
    /// The leader leaves these replicas in the dark.
    InDark(&'static [u32]),
    /// The first leader leaves at least so many milliseconds between proposals.
    Slow(u32),
}

const CONDITIONS: [Condition; 9] = {
    const fn of(name: &'static str, f: u32, request_bytes: u32, trouble: Trouble) -> Condition {
        Condition { name, f, clients: if f == 1 { 50 } else { 100 }, request_bytes, trouble }
    }
    [
        of("BFTBrain static 1", 1, 4_000, Trouble::None),
        of("BFTBrain static 4", 1, 40_000, Trouble::InDark(&[2])),
        of("BFTBrain static 8", 1, 0, Trouble::Slow(20)),
        of("BFTBrain dynamic 2", 4, 4_000, Trouble::None),
        of("BFTBrain dynamic 3", 4, 100_000, Trouble::None),
        of("BFTBrain dynamic 4", 4, 4_000, Trouble::InDark(&[2, 3, 4, 5])),
        of("BFTBrain dynamic 5", 4, 0, Trouble::Slow(20)),
        of("BFTBrain dynamic 6", 4, 1_000, Trouble::Slow(20)),
        of("BFTBrain dynamic 7", 4, 0, Trouble::Slow(100)),
    ]
};

/// The name of the preset that sets every key.
pub const DEFAULTS: &str = "Defaults of the demo";

/// A configuration with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// What it sets, in sentences.
    pub about: String,
    /// All that it sets, whether or not that is so already.
    pub sets: Vec<Change>,
}

/// All presets.
pub fn all() -> Vec<Preset> {
    let defaults = Preset {
        name: DEFAULTS,
        about: "Every key gets its default: the experiment that the public demo of BFTBrain starts with. One megabyte \
                for requests and replies is set there, but the distribution lets requests carry nothing."
            .to_owned(),
        sets: schema::descriptors()
            .map(|descriptor| Change { key: descriptor.key.to_owned(), text: descriptor.default.to_owned() })
            .collect(),
    };
    [defaults].into_iter().chain(CONDITIONS.iter().map(Condition::preset)).collect()
}

impl Condition {
    fn preset(&self) -> Preset {
        Preset { name: self.name, about: self.about(), sets: self.sets() }
    }

    fn about(&self) -> String {
        let replicas = 3 * self.f + 1;
        let trouble = match self.trouble {
            Trouble::None => "No faults.".to_owned(),
            Trouble::InDark([one]) => format!("The leader leaves replica {one} in the dark."),
            Trouble::InDark(some) => format!(
                "The leader leaves replicas {} to {} in the dark.",
                some.first().copied().unwrap_or_default(),
                some.last().copied().unwrap_or_default()
            ),
            Trouble::Slow(ms) => format!(
                "Replica 0, the first leader, leaves {ms} ms between its proposals. A slow leader waits \
                 fault.slow-proposal.timer / (f + 1), so the timer is {} ms.",
                ms * (self.f + 1)
            ),
        };
        format!(
            "f = {}, which makes {replicas} replicas in most protocols; {} clients; every request carries {} bytes, replies \
             are empty (distribution 0,0,1,0). {trouble} Blocks of 10, a new leader every 50 blocks where the protocol \
             rotates, all other faults off.",
            self.f,
            self.clients,
            crate::state::format::grouped(f64::from(self.request_bytes)),
        )
    }

    fn sets(&self) -> Vec<Change> {
        let mut sets = vec![
            ("general.f", self.f.to_string()),
            ("benchmark.block-size", "10".to_owned()),
            ("benchmark.closed-loop.enable", "true".to_owned()),
            ("benchmark.closed-loop.num-client", self.clients.to_string()),
            ("benchmark.leader-rotate-interval", "50".to_owned()),
            ("workload.payload.request-size", self.request_bytes.to_string()),
            ("workload.payload.reply-size", "0".to_owned()),
            ("workload.distribution", "0,0,1,0".to_owned()),
            ("workload.read-only-ratio", "0".to_owned()),
        ];
        match self.trouble {
            Trouble::None => {}
            Trouble::InDark(victims) => {
                let victims: Vec<_> = victims.iter().map(ToString::to_string).collect();
                sets.push(("fault.in-dark.affected-entities", victims.join(",")));
                sets.push(("fault.in-dark.generator", "true".to_owned()));
            }
            Trouble::Slow(ms) => {
                sets.push(("fault.slow-proposal.affected-entities", "0".to_owned()));
                sets.push(("fault.slow-proposal.attacking", "true".to_owned()));
                sets.push(("fault.slow-proposal.timer", (ms * (self.f + 1)).to_string()));
            }
        }
        let named = |key: &str| sets.iter().any(|(known, _)| *known == key);
        // From an empty configuration, every value that switches a fault off is a change or its default already.
        let off = changes(&noisy(), &Action::Clear, 0).into_iter().filter(|change| !named(&change.key));
        let own = sets.iter().map(|(key, text)| Change { key: (*key).to_owned(), text: text.clone() });
        own.chain(off).collect()
    }
}

/// A configuration in which no key has its default, so that clearing names every fault's key.
fn noisy() -> ConfigTree {
    let mut tree = ConfigTree::new();
    for descriptor in schema::descriptors() {
        tree.set(descriptor.key, model::config::ConfigValue::Text("?".into()));
    }
    tree
}

/// A configuration after changes; those that cannot be read are left out.
pub fn after(config: &ConfigTree, changes: &[Change]) -> ConfigTree {
    let mut after = config.clone();
    for change in changes {
        if let Some(Ok(value)) = schema::descriptor(&change.key).map(|known| read_value(known, &change.text)) {
            after.set(&change.key, value);
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::faults;
    use model::config::ConfigValue;
    use model::validate::check_tree;

    fn preset(name: &str) -> Preset {
        all().into_iter().find(|preset| preset.name == name).unwrap()
    }

    #[test]
    fn every_preset_gives_a_configuration_that_can_be_started_and_is_complete_after_one_use() {
        let mut config = schema::default_tree();
        for preset in all() {
            config = after(&config, &preset.sets);
            assert_eq!(check_tree(&config), [], "{}", preset.name);
            assert_eq!(after(&config, &preset.sets), config, "{}", preset.name);
        }
        config = after(&config, &preset(DEFAULTS).sets);
        assert_eq!(config, schema::default_tree());
    }

    #[test]
    fn a_slow_leader_gets_a_timer_that_leaves_the_published_gap_for_its_f() {
        for (name, gap, timer) in [
            ("BFTBrain static 8", 20, 40),
            ("BFTBrain dynamic 5", 20, 100),
            ("BFTBrain dynamic 6", 20, 100),
            ("BFTBrain dynamic 7", 100, 500),
        ] {
            let config = after(&schema::default_tree(), &preset(name).sets);
            assert_eq!(config.integer("fault.slow-proposal.timer", 0), timer, "{name}");
            assert_eq!(timer / (config.integer("general.f", 0) + 1), gap, "{name}");
            assert!(preset(name).about.contains(&format!("leaves {gap} ms")), "{name}");
        }
    }

    #[test]
    fn a_condition_ends_the_faults_that_were_there_and_begins_its_own() {
        let mut config = schema::default_tree();
        config.set("fault.crash.affected-entities", ConfigValue::List(vec![ConfigValue::Integer(3)]));
        config.set("fault.network.loss", ConfigValue::Float(0.2));
        config.set("fault.slow-proposal.timer", ConfigValue::Integer(900));
        let config = after(&config, &preset("BFTBrain dynamic 4").sets);
        let affected: Vec<_> = faults::all().iter().filter(|fault| !fault.affected(&config, 0).is_empty()).collect();
        assert_eq!(affected.iter().map(|fault| fault.name).collect::<Vec<_>>(), ["in-dark"]);
        assert_eq!(affected[0].affected(&config, 0).into_iter().collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(config.number("fault.network.loss", 1.0), 0.0);
        assert_eq!((config.integer("general.f", 0), config.integer("workload.payload.request-size", 0)), (4, 4_000));
        assert_eq!(config.numbers("workload.distribution"), [0.0, 0.0, 1.0, 0.0]);
    }
}
