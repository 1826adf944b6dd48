//! The protocols that ship with BFTGym: files in the protocol language, nothing else.

/// A shipped protocol file.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name that commands and configurations use.
    pub name: &'static str,
    /// The name people read.
    pub title: &'static str,
    /// Where it was published.
    pub paper: &'static str,
    /// The file.
    pub text: &'static str,
}

/// All shipped protocols.
pub const ALL: &[Definition] = &[Definition {
    name: "pbft",
    title: "PBFT",
    paper: "Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999",
    text: include_str!("../definitions/pbft.yaml"),
}];

/// The shipped protocol of this name.
pub fn find(name: &str) -> Option<&'static Definition> {
    ALL.iter().find(|definition| definition.name == name)
}
