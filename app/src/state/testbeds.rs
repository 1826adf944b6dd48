//! A testbed of hosts while it is being typed, and what is said of a check and of a launch.

mod checked;

pub use checked::{Checked, part, places_of};

use crate::state::summary::Tone;
use model::hosts::{Finding, FindingState, HostCheck, HostStage, SshHost, SshTestbed};
use model::testbed::TestbedName;
use model::trial::Phase;
use model::validate::Problem;
use std::net::IpAddr;

/// The name of a testbed that people read.
pub fn label(testbed: &TestbedName) -> String {
    if testbed.is_local() { "This machine".to_owned() } else { testbed.to_string() }
}

/// A host as it is typed. Everything is text, right or wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostDraft {
    /// Tells rows apart while they come and go.
    pub row: u32,
    /// See [`SshHost`], field by field.
    pub address: String,
    /// Who logs in.
    pub user: String,
    /// Empty for the usual one.
    pub port: String,
    /// Empty for the SSH agent.
    pub key: String,
    /// With commas between.
    pub internal: String,
    /// Empty for a share of what nobody names.
    pub units: String,
}

/// A testbed as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestbedDraft {
    /// Its name.
    pub name: String,
    /// Empty for the way back through SSH.
    pub backend: String,
    /// Its hosts.
    pub hosts: Vec<HostDraft>,
}

impl TestbedDraft {
    /// With one empty host.
    pub fn new() -> Self {
        let mut draft = Self::default();
        draft.add_host();
        draft
    }

    /// A testbed to be changed.
    pub fn of(testbed: &SshTestbed) -> Self {
        let host = |(row, host): (usize, &SshHost)| HostDraft {
            row: row as u32,
            address: host.address.clone(),
            user: host.user.clone(),
            port: if host.port == 22 { String::new() } else { host.port.to_string() },
            key: host.key.clone().unwrap_or_default(),
            internal: host.internal.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            units: host.units.clone().unwrap_or_default(),
        };
        Self {
            name: testbed.name.to_string(),
            backend: testbed.backend.clone().unwrap_or_default(),
            hosts: testbed.hosts.iter().enumerate().map(host).collect(),
        }
    }

    /// One more host, with the user and the key of the last one.
    pub fn add_host(&mut self) {
        let row = self.hosts.iter().map(|host| host.row + 1).max().unwrap_or(0);
        let last = self.hosts.last().cloned().unwrap_or_default();
        self.hosts.push(HostDraft { row, user: last.user, port: last.port, key: last.key, ..HostDraft::default() });
    }

    /// The testbed, if everything in it is right.
    ///
    /// # Errors
    /// All problems, each at its field: `hosts[1].user`.
    pub fn build(&self) -> Result<SshTestbed, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut problem = |key: String, message: String| problems.push(Problem { key, message });
        let name = TestbedName::new(self.name.trim()).unwrap_or_else(|message| {
            problem("name".to_owned(), message);
            TestbedName::new("unnamed").unwrap_or_default()
        });
        let hosts = self.hosts.iter().enumerate().map(|(place, host)| {
            let mut at = |field: &str, message: String| problem(format!("hosts[{place}].{field}"), message);
            let port = match host.port.trim() {
                "" => 22,
                text => text.parse().unwrap_or_else(|_| {
                    at("port", format!("{text:?} is no port: give a number from 1 to 65535"));
                    22
                }),
            };
            let addresses = host.internal.split(',').map(str::trim).filter(|text| !text.is_empty());
            let internal = addresses.filter_map(|text| match text.parse::<IpAddr>() {
                Ok(address) => Some(address),
                Err(_) => {
                    at("internal", format!("{text:?} is no IP address"));
                    None
                }
            });
            let internal = internal.collect();
            SshHost {
                address: host.address.trim().to_owned(),
                user: host.user.trim().to_owned(),
                port,
                key: filled(&host.key),
                internal,
                units: filled(&host.units),
            }
        });
        let testbed = SshTestbed { name, backend: filled(&self.backend), hosts: hosts.collect() };
        if let Err(found) = testbed.check() {
            for found in found {
                if problems.iter().all(|known| known.key != found.key) {
                    problems.push(found);
                }
            }
        }
        if problems.is_empty() { Ok(testbed) } else { Err(problems) }
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The sign before a finding, and its tone.
pub fn finding_sign(finding: &Finding) -> (&'static str, Tone) {
    match finding.state {
        FindingState::Good => ("✓", Tone::Good),
        FindingState::Warning { .. } => ("!", Tone::Warning),
        _ => ("✗", Tone::Bad),
    }
}

/// What a check says of a host in one word.
pub fn check_label(check: &HostCheck) -> (&'static str, Tone) {
    let warned = check.findings.iter().any(|finding| matches!(finding.state, FindingState::Warning { .. }));
    match check.obstacle() {
        Some(_) => ("Not ready", Tone::Bad),
        None if warned => ("Ready, with a warning", Tone::Warning),
        None => ("Ready", Tone::Good),
    }
}

/// What is said of something that a trial's end cut short.
pub const NOT_FINISHED: &str = "Not finished";

/// The word for a host's stage in a launch, and its tone; `over`: the trial is.
pub fn stage_label(stage: HostStage, over: bool) -> (&'static str, Tone) {
    match stage {
        HostStage::Checking | HostStage::Copying if over => (NOT_FINISHED, Tone::Neutral),
        HostStage::Ready if over => (HostStage::Ended.label(), Tone::Neutral),
        HostStage::Checking | HostStage::Copying => (stage.label(), Tone::Busy),
        HostStage::Ready => (stage.label(), Tone::Good),
        HostStage::Failed | HostStage::Gone => (stage.label(), Tone::Bad),
        HostStage::Ended => (stage.label(), Tone::Neutral),
    }
}

/// Where a phase of a launch is: `ahead`, `now`, `done`, or `stopped` where the trial was over before it had ended.
pub fn phase_status(phase: Option<&Phase>, over: bool) -> &'static str {
    match phase {
        None => "ahead",
        Some(Phase { ended_ms: Some(_), .. }) => "done",
        Some(_) if over => "stopped",
        Some(_) => "now",
    }
}

/// Whether the reason of a failure asks for something that a person decides on the page of testbeds: whether a host's key
/// is the right one, or what opens a key.
pub fn is_decided_with_testbeds(reason: &str) -> bool {
    let empty = String::new;
    let unknown = FindingState::UnknownHostKey { fingerprint: empty(), algorithm: empty(), key: empty() };
    let locked = FindingState::NeedsPassphrase { key: empty(), refused: false };
    [unknown, locked].iter().filter_map(FindingState::mend).any(|mend| reason.contains(&mend))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> TestbedDraft {
        let mut draft = TestbedDraft::new();
        draft.name = "lab".into();
        draft.hosts[0] = HostDraft {
            address: " node0 ".into(),
            user: "alice".into(),
            port: "2222".into(),
            key: "~/.ssh/lab".into(),
            internal: "10.0.0.1, 10.0.0.2".into(),
            units: "0-1".into(),
            ..HostDraft::default()
        };
        draft
    }

    #[test]
    fn what_was_typed_becomes_a_testbed_and_back() {
        let testbed = draft().build().unwrap();
        assert_eq!((testbed.hosts[0].address.as_str(), testbed.hosts[0].port), ("node0", 2222));
        assert_eq!(testbed.hosts[0].internal.len(), 2);
        assert_eq!(TestbedDraft::of(&testbed).build().unwrap(), testbed);
    }

    #[test]
    fn one_more_host_has_the_same_user_and_key() {
        let mut draft = draft();
        draft.add_host();
        assert_eq!((draft.hosts[1].user.as_str(), draft.hosts[1].key.as_str()), ("alice", "~/.ssh/lab"));
        assert!(draft.hosts[1].address.is_empty() && draft.hosts[1].row == 1);
    }

    #[test]
    fn every_mistake_is_named_at_its_field_once() {
        let mut draft = draft();
        draft.name = "a b".into();
        draft.hosts[0].port = "ssh".into();
        draft.hosts[0].internal = "10.0.0".into();
        draft.hosts[0].user = "$(id)".into();
        let problems = draft.build().unwrap_err();
        let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, ["name", "hosts[0].port", "hosts[0].internal", "hosts[0].user"]);
    }

    #[test]
    fn what_a_trials_end_cut_short_does_not_go_on() {
        use model::trial::PhaseName;
        assert_eq!(stage_label(HostStage::Checking, false), ("Checking", Tone::Busy));
        assert_eq!(stage_label(HostStage::Copying, true), ("Not finished", Tone::Neutral));
        assert_eq!(stage_label(HostStage::Ready, true), ("Ended", Tone::Neutral));
        assert_eq!(stage_label(HostStage::Gone, true), ("Lost", Tone::Bad));
        let mut phase = Phase { name: PhaseName::Check, started_ms: 1, ended_ms: None };
        assert_eq!(phase_status(Some(&phase), false), "now");
        assert_eq!(phase_status(Some(&phase), true), "stopped");
        phase.ended_ms = Some(2);
        assert_eq!(phase_status(Some(&phase), true), "done");
        assert_eq!(phase_status(None, true), "ahead");
    }

    #[test]
    fn a_failure_that_a_person_decides_leads_to_the_testbeds() {
        use model::hosts::HostStep;
        let state = FindingState::NeedsPassphrase { key: "k".into(), refused: true };
        let finding = Finding { step: HostStep::Login, text: "the key is encrypted".into(), state };
        assert!(is_decided_with_testbeds(&format!("a: {}; b: {}", finding.sentence(), "no route")));
        assert!(!is_decided_with_testbeds("a: it cannot be reached; check its address"));
    }

    #[test]
    fn a_check_says_whether_a_host_is_ready() {
        use model::hosts::HostStep;
        let mut check = HostCheck { host: "a".into(), findings: vec![Finding::good(HostStep::Reach, "x")] };
        assert_eq!(check_label(&check), ("Ready", Tone::Good));
        check.findings.push(Finding::warning(HostStep::Clock, "x", "y"));
        assert_eq!(check_label(&check).1, Tone::Warning);
        check.findings.push(Finding::bad(HostStep::Login, "x", "y"));
        assert_eq!(check_label(&check), ("Not ready", Tone::Bad));
        assert_eq!(finding_sign(&check.findings[2]), ("✗", Tone::Bad));
    }
}
