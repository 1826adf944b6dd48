//! How the page speaks of each fault. A fault without an entry here is called what its descriptor calls it.

/// How the page speaks of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Its place in the list.
    pub place: usize,
    /// What is switched on: "Slow proposals".
    pub title: &'static str,
    /// What a replica that has it is: "slow".
    pub state: &'static str,
    /// What a replica does when it is switched on: "proposes slowly".
    pub begins: &'static str,
    /// What it does when it is switched off.
    pub ends: &'static str,
    /// Whether a replica that has it is no longer a correct one.
    pub faulty: bool,
}

const KNOWN: [(&str, [&str; 4], bool); 10] = [
    ("crash", ["Crash", "crashed", "crashes", "returns"], true),
    ("non-responsive", ["Non-responsive", "silent", "falls silent", "answers again"], true),
    ("slow-proposal", ["Slow proposals", "slow", "proposes slowly", "proposes at full speed"], false),
    ("in-dark", ["In the dark", "in the dark", "is left in the dark", "is no longer in the dark"], false),
    ("timeout", ["Late from the leader", "delayed", "hears the leader late", "hears the leader in time"], false),
    ("delay", ["Message delay", "sends late", "sends late", "sends in time"], false),
    ("equivocation", ["Equivocate", "equivocating", "equivocates", "stops equivocating"], true),
    (
        "corrupt-authenticator",
        ["Corrupt authenticators", "corrupting", "corrupts authenticators", "stops corrupting authenticators"],
        true,
    ),
    ("replay", ["Replay", "replaying", "replays old messages", "stops replaying"], true),
    ("wrong-votes", ["Wrong votes", "voting wrongly", "votes wrongly", "stops voting wrongly"], true),
];

impl Words {
    pub(super) fn of(name: &str, label: &'static str) -> Self {
        match KNOWN.iter().position(|(known, ..)| *known == name) {
            Some(place) => {
                let (_, [title, state, begins, ends], faulty) = KNOWN[place];
                Self { place, title, state, begins, ends, faulty }
            }
            None => Self {
                place: KNOWN.len(),
                title: label,
                state: "faulty",
                begins: "becomes faulty",
                ends: "recovers",
                faulty: true,
            },
        }
    }

    #[cfg(test)]
    pub(super) fn is_known(name: &str) -> bool {
        KNOWN.iter().any(|(known, ..)| *known == name)
    }
}
