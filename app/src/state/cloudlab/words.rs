//! Words, tones and steps for experiments, machines and the token.

use crate::backend::cloudlab::{TokenSource, TokenState};
use crate::state::format;
use crate::state::summary::Tone;
use model::cloudlab::{Experiment, ExperimentState, MAX_HOURS, NodePhase};

/// The steps on the way to a usable experiment.
const STEPS: [&str; 5] = ["Requested", "Provisioning", "Provisioned", "Booting", "Ready"];

/// The tone of an experiment's state.
pub fn state_tone(state: &ExperimentState) -> Tone {
    match state {
        ExperimentState::Ready => Tone::Good,
        ExperimentState::Expiring => Tone::Warning,
        ExperimentState::Failed { .. } => Tone::Bad,
        ExperimentState::Terminated { .. } => Tone::Neutral,
        _ => Tone::Busy,
    }
}

/// The tone of a machine's phase.
pub fn node_tone(phase: NodePhase) -> Tone {
    match phase {
        NodePhase::Preparing | NodePhase::Booting => Tone::Busy,
        NodePhase::Ready => Tone::Good,
        NodePhase::Failed => Tone::Bad,
    }
}

/// What an experiment's state means for who waits for it.
pub fn state_text(experiment: &Experiment) -> String {
    match &experiment.state {
        ExperimentState::Requested => "CloudLab has been asked for the machines.".to_owned(),
        ExperimentState::Provisioning => "CloudLab looks for machines and loads their disks: some minutes.".to_owned(),
        ExperimentState::Provisioned => "The machines are there and will boot.".to_owned(),
        ExperimentState::Booting => "The machines boot.".to_owned(),
        ExperimentState::Ready => "All machines are up.".to_owned(),
        ExperimentState::Expiring => "All machines are up, but not for long: extend it, or finish.".to_owned(),
        ExperimentState::Terminating => "CloudLab takes the machines back.".to_owned(),
        ExperimentState::Terminated { reason } => format!("The machines are gone: {reason}."),
        ExperimentState::Failed { reason } => format!("{}.", reason.trim_end_matches('.')),
    }
}

/// How many machines are up: "3 of 5 machines are up".
pub fn up_text(experiment: &Experiment) -> String {
    let all = experiment.nodes.len().max(experiment.request.nodes as usize);
    format!("{} of {all} {} up", experiment.ready_nodes(), if all == 1 { "machine is" } else { "machines are" })
}

/// The steps with where each is: `done`, `now`, `ahead` or `failed`. None for an experiment that ends or has ended.
pub fn steps(experiment: &Experiment) -> Option<[(&'static str, &'static str); 5]> {
    let begun = experiment.nodes.iter().any(|node| node.phase != NodePhase::Preparing);
    let (at, status) = match experiment.state {
        ExperimentState::Requested => (0, "now"),
        ExperimentState::Provisioning => (1, "now"),
        ExperimentState::Provisioned => (2, "now"),
        ExperimentState::Booting => (3, "now"),
        ExperimentState::Ready | ExperimentState::Expiring => (4, "done"),
        ExperimentState::Failed { .. } if experiment.id.is_none() => (0, "failed"),
        ExperimentState::Failed { .. } if begun => (3, "failed"),
        ExperimentState::Failed { .. } => (1, "failed"),
        ExperimentState::Terminating | ExperimentState::Terminated { .. } => return None,
    };
    let mut steps = STEPS.map(|name| (name, "ahead"));
    steps[..at].iter_mut().for_each(|step| step.1 = "done");
    steps[at].1 = status;
    Some(steps)
}

/// How long something still lasts: "3 h 12 min", "2 days"; none when it is over.
pub fn left(until_ms: i64, now_ms: i64) -> Option<String> {
    let left_ms = until_ms - now_ms;
    match left_ms {
        ..=0 => None,
        // The day itself is what counts from here on.
        172_800_000.. => Some(format!("{} days", left_ms / 86_400_000)),
        60_000.. => Some(format::duration_ms(left_ms / 60_000 * 60_000).replace(" 0 s", "")),
        _ => Some("less than a minute".to_owned()),
    }
}

/// The hours of an extension as typed.
///
/// # Errors
/// A sentence, where they are no such number.
pub fn extension(typed: &str) -> Result<u32, String> {
    let hours = typed.trim().parse().ok().filter(|hours| (1..=MAX_HOURS).contains(hours));
    hours.ok_or_else(|| format!("The extension is a whole number of hours from 1 to {MAX_HOURS}."))
}

/// What is to be said of the token.
pub fn token_text(token: &TokenState) -> String {
    match token {
        TokenState::Missing => {
            "The portal needs a token. It stays in this server's memory, and is gone when the server ends.".to_owned()
        }
        TokenState::Unchecked { reason: None } => {
            "There is a token; the portal has not been asked about it.".to_owned()
        }
        TokenState::Unchecked { reason: Some(reason) } => format!("The token could not be checked: {reason}."),
        TokenState::Refused { reason } => format!("{reason}."),
        TokenState::Accepted { source: TokenSource::Page, .. } => {
            "It is in this server's memory only, and gone when the server ends.".to_owned()
        }
        TokenState::Accepted { source: TokenSource::Start, .. } => {
            "It comes from the file or the variable that this server was started with.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::experiment;
    use super::*;
    use model::cloudlab::ExperimentNode;

    fn node(phase: NodePhase) -> ExperimentNode {
        let (name, word) = ("node0".into(), String::new());
        ExperimentNode { name, phase, word, host: None, address: None, lan: None, accounts: vec![] }
    }

    #[test]
    fn steps_are_done_up_to_the_one_that_lasts_or_failed() {
        let mut one = experiment(1, "a");
        let statuses = |one: &Experiment| steps(one).map(|steps| steps.map(|(_, status)| status));
        assert_eq!(statuses(&one), Some(["now", "ahead", "ahead", "ahead", "ahead"]));
        one.state = ExperimentState::Ready;
        assert_eq!(statuses(&one), Some(["done"; 5]));
        one.id = Some("a194e2be-1e5b-4617-84de-c4966cb5c578".to_owned().try_into().unwrap());
        one.nodes = vec![node(NodePhase::Failed)];
        one.state = ExperimentState::Failed { reason: String::new() };
        assert_eq!(statuses(&one), Some(["done", "done", "done", "failed", "ahead"]));
        one.state = ExperimentState::Terminating;
        assert_eq!(statuses(&one), None);
    }

    #[test]
    fn machines_are_counted_against_what_was_asked_for() {
        let mut one = experiment(1, "a");
        one.nodes = vec![node(NodePhase::Ready)];
        assert_eq!(up_text(&one), "1 of 2 machines are up");
    }

    #[test]
    fn an_extension_is_at_least_an_hour_long() {
        assert_eq!(extension(" 4 "), Ok(4));
        for wrong in ["0", "", "-1", "1.5", "169"] {
            assert!(extension(wrong).unwrap_err().contains("from 1 to 168"), "{wrong}");
        }
    }

    #[test]
    fn what_is_left_is_told_roughly() {
        let texts = [30_000, 60_000, 3 * 3_600_000 + 725_000, 38 * 86_400_000].map(|left_ms| left(left_ms, 0).unwrap());
        assert_eq!(texts, ["less than a minute", "1 min", "3 h 12 min", "38 days"]);
        assert_eq!(left(5, 5), None);
    }
}
