//! Sequences of what the portal says, and what becomes of an experiment.

use super::*;
use crate::cloudlab::wire::{AggregateNode, AggregateStatus};
use model::cloudlab::{Account, ExperimentRequest, parse_profile};
use std::time::Duration;

const MINUTE: i64 = 60_000;
const START: i64 = 1_795_000_000_000;

fn request() -> ExperimentRequest {
    ExperimentRequest {
        name: "bft".into(),
        project: "proj".into(),
        profile: parse_profile("PortalProfiles/small-lan").unwrap(),
        nodes: 2,
        node_type: String::new(),
        hours: 4,
    }
}

fn requested() -> Lifecycle {
    Lifecycle::new(Experiment::new(1, request(), START), Pace::default(), START)
}

/// What the portal says: a word for all, and a word and a raw state for each machine.
fn portal(status: &str, nodes: &[(&str, &str)]) -> PortalExperiment {
    let nodes = nodes.iter().enumerate().map(|(index, (status, raw))| AggregateNode {
        client_id: format!("node{index}"),
        hostname: "<notyet>".into(),
        ipv4: "<notyet>".into(),
        status: (*status).into(),
        rawstate: (*raw).into(),
        ..AggregateNode::default()
    });
    let site = AggregateStatus { status: status.into(), nodes: nodes.collect() };
    PortalExperiment {
        id: "a194e2be-1e5b-4617-84de-c4966cb5c578".to_owned().try_into().unwrap(),
        name: "bft".into(),
        project: "proj".into(),
        profile_name: String::new(),
        profile_project: String::new(),
        status: status.into(),
        created_ms: Some(START),
        expires_ms: Some(START + 240 * MINUTE),
        aggregates: [("site".to_owned(), site)].into(),
    }
}

const UP: [(&str, &str); 2] = [("ready", "ISUP"), ("ready", "ISUP")];

fn ready() -> Lifecycle {
    let mut life = requested();
    life.sending();
    life.see(&portal("created", &[]), START);
    life.see(&portal("ready", &UP), START + 10 * MINUTE);
    life
}

fn machine(name: &str, last: u8) -> Machine {
    Machine {
        name: name.into(),
        host: Some(format!("{name}.bft.proj.example.org")),
        address: Some([192, 0, 2, last].into()),
        accounts: vec![Account { user: "ann".into(), host: format!("pc{last}.example.org"), port: 22 }],
        lan: Some([10, 10, 1, last].into()),
    }
}

fn unreachable() -> PortalError {
    PortalError::Unreachable { place: "portal".into(), reason: "connection refused".into() }
}

/// What the portal says: the experiment's status, and each node's two.
type Said<'a> = (&'a str, &'a [(&'a str, &'a str)]);

#[test]
fn an_experiment_comes_up_state_by_state_and_is_located_once() {
    let mut life = requested();
    assert_eq!(life.next(START), (Duty::Create, Some(0)));
    life.sending();
    let steps: [(Said<'_>, &str); 6] = [
        (("created", &[]), "Provisioning"),
        (("provisioning", &[("changing", "RELOADING"), ("changing", "")]), "Provisioning"),
        (("provisioned", &[("changing", "RELOADING"), ("changing", "RELOADING")]), "Provisioned"),
        (("provisioned", &[("changing", "BOOTING"), ("changing", "RELOADING")]), "Booting"),
        (("ready", &[("ready", "ISUP"), ("changing", "TBSETUP")]), "Booting"),
        (("ready", &UP), "Ready"),
    ];
    for (step, ((status, nodes), label)) in (1..).zip(steps) {
        life.see(&portal(status, nodes), START + step * MINUTE);
        assert_eq!(life.experiment.state.label(), label, "{status}");
    }
    assert_eq!(life.experiment.ready_nodes(), 2);
    let now = START + 7 * MINUTE;
    assert_eq!(life.next(now), (Duty::Locate, Some(0)));
    life.locate(&[machine("node0", 1), machine("node1", 2), machine("stranger", 3)], now);
    let node = &life.experiment.nodes[1];
    assert_eq!((node.host.as_deref(), node.lan), (Some("pc2.example.org"), Some([10, 10, 1, 2].into())));
    assert_eq!(life.experiment.nodes.len(), 2);
    assert_eq!(life.next(now), (Duty::Look, Some(60_000)));
    life.see(&portal("ready", &UP), now);
    assert_eq!(life.experiment.nodes[1].lan, Some([10, 10, 1, 2].into()));
}

#[test]
fn a_lost_answer_to_the_request_is_looked_for_before_it_is_sent_again() {
    let mut life = requested();
    life.sending();
    life.fail_with(Duty::Create, &unreachable(), START);
    assert_eq!(life.next(START), (Duty::Find, Some(5_000)));
    assert!(life.experiment.note.as_ref().unwrap().contains("next try is in 5 s"));
    life.fail_with(Duty::Find, &unreachable(), START);
    assert_eq!(life.next(START), (Duty::Find, Some(10_000)));
    let mut absent = life.clone();
    absent.fail_with(Duty::Find, &PortalError::NotFound { said: "no".into() }, START);
    assert_eq!(absent.next(START), (Duty::Create, Some(0)));
    life.found(&portal("created", &[]), START + MINUTE);
    assert_eq!((life.experiment.state.label(), life.experiment.note), ("Provisioning", None));
}

#[test]
fn a_request_that_is_refused_when_it_is_sent_again_is_looked_for_once_more() {
    let mut life = requested();
    let absent = PortalError::NotFound { said: "no".into() };
    let refused = PortalError::Refused { status: 400, said: "Instance name already in use!".into() };
    life.sending();
    life.fail_with(Duty::Create, &unreachable(), START);
    life.fail_with(Duty::Find, &absent, START);
    life.sending();
    life.fail_with(Duty::Create, &refused, START);
    assert_eq!(life.next(START), (Duty::Find, Some(5_000)));
    let mut never = life.clone();
    life.found(&portal("created", &[]), START + MINUTE);
    assert_eq!(life.experiment.state.label(), "Provisioning");
    never.fail_with(Duty::Find, &absent, START);
    let ExperimentState::Failed { reason } = &never.experiment.state else { panic!("{never:?}") };
    assert!(reason.contains("already in use") && !never.experiment.held, "{reason}");
    assert_eq!(never.next(START).0, Duty::Rest);
}

#[test]
fn an_older_experiment_of_the_same_name_is_not_taken_for_the_one_that_was_asked_for() {
    let mut life = requested();
    life.sending();
    let mut older = portal("ready", &UP);
    older.created_ms = Some(START - 60 * MINUTE);
    life.found(&older, START);
    let ExperimentState::Failed { reason } = &life.experiment.state else { panic!("{life:?}") };
    assert!(reason.contains("another experiment bft"), "{reason}");
    assert_eq!((life.next(START).0, life.experiment.held), (Duty::Rest, false));
}

#[test]
fn a_kept_experiment_goes_on_after_a_restart() {
    let kept = serde_json::to_string(&ready().experiment).unwrap();
    let life = Lifecycle::new(serde_json::from_str(&kept).unwrap(), Pace::default(), START);
    assert_eq!(life.next(START), (Duty::Locate, Some(0)));
    let mut sent = requested();
    sent.sending();
    assert_eq!(Lifecycle::new(sent.experiment, Pace::default(), START).next(START).0, Duty::Find);
}

#[test]
fn a_busy_portal_is_waited_for_and_asked_again() {
    let mut life = requested();
    life.sending();
    let busy = PortalError::Busy { said: "Load average too high: 17".into(), wait: Duration::from_secs(90) };
    life.fail_with(Duty::Create, &busy, START);
    assert_eq!(life.next(START + 30_000), (Duty::Create, Some(60_000)));
    let note = life.experiment.note.unwrap();
    assert!(note.contains("Load average") && note.contains("90 s"), "{note}");
}

#[test]
fn a_refused_request_fails_for_good() {
    for error in [
        PortalError::Forbidden { said: "Not enough permission".into() },
        PortalError::NotFound { said: "No such profile".into() },
        PortalError::Refused { status: 400, said: "Instance name already in use!".into() },
    ] {
        let mut life = requested();
        life.sending();
        life.fail_with(Duty::Create, &error, START);
        assert_eq!((life.experiment.state.label(), life.experiment.held), ("Failed", false), "{error}");
        assert_eq!(life.next(START).0, Duty::Rest);
    }
}

#[test]
fn a_refused_token_stops_the_questions_until_there_is_another() {
    let mut life = ready();
    life.fail_with(Duty::Look, &PortalError::TokenRefused { said: "Token has expired".into() }, START);
    assert_eq!(life.next(START).1, None);
    assert_eq!(life.experiment.state.label(), "Ready");
    assert!(life.experiment.note.as_ref().unwrap().contains("Token has expired"));
    life.wake(START);
    assert_eq!(life.next(START).1, Some(0));
}

#[test]
fn a_portal_that_forbids_is_asked_again_every_minute_and_the_experiment_recovers() {
    let mut life = ready();
    let forbidden = PortalError::Forbidden { said: "Not enough permission".into() };
    for asked in 0..3 {
        life.fail_with(Duty::Look, &forbidden, START + asked * MINUTE);
        assert_eq!(life.next(START + asked * MINUTE).1, Some(60_000));
        let note = life.experiment.note.as_ref().unwrap();
        assert!(note.contains("Not enough permission") && note.contains("next try is in 60 s"), "{note}");
    }
    life.see(&portal("ready", &UP), START + 3 * MINUTE);
    assert_eq!((life.experiment.state.label(), &life.experiment.note), ("Ready", &None));
}

#[test]
fn a_failed_experiment_says_which_machine_and_keeps_asking_to_be_ended() {
    let mut life = ready();
    life.see(&portal("failed", &[("failed", "TBFAILED"), ("ready", "ISUP")]), START + 11 * MINUTE);
    let ExperimentState::Failed { reason } = &life.experiment.state else { panic!("{life:?}") };
    assert!(reason.contains("node0 (TBFAILED)") && reason.contains("terminate"), "{reason}");
    assert!(life.experiment.held);
    life.terminate(START + 12 * MINUTE);
    assert_eq!(life.next(START + 12 * MINUTE), (Duty::Terminate, Some(0)));
}

#[test]
fn a_machine_that_does_not_come_up_in_30_minutes_is_named_and_can_be_waited_for_again() {
    let mut life = requested();
    life.sending();
    life.see(&portal("created", &[]), START);
    let slow = portal("provisioned", &[("ready", "ISUP"), ("changing", "BOOTING")]);
    life.see(&slow, START + 20 * MINUTE);
    life.see(&slow, START + 49 * MINUTE);
    assert_eq!(life.experiment.state.label(), "Booting");
    life.see(&slow, START + 50 * MINUTE);
    let ExperimentState::Failed { reason } = &life.experiment.state else { panic!("{life:?}") };
    assert!(reason.starts_with("node1 (BOOTING) did not become ready within 30 min"), "{reason}");
    let mut late = life.clone();
    late.see(&portal("ready", &UP), START + 55 * MINUTE);
    assert_eq!(late.experiment.state.label(), "Ready");
    life.wait_again(START + 60 * MINUTE);
    life.see(&slow, START + 89 * MINUTE);
    assert_eq!(life.experiment.state.label(), "Booting");
    life.tick(START + 90 * MINUTE);
    assert_eq!(life.experiment.state.label(), "Failed");
}

#[test]
fn an_expiring_experiment_is_said_to_be_one_and_is_not_after_an_extension() {
    let mut life = ready();
    life.tick(START + 180 * MINUTE - 1);
    assert_eq!(life.experiment.state.label(), "Ready");
    life.tick(START + 180 * MINUTE);
    assert_eq!(life.experiment.state.label(), "Expiring");
    assert!(life.experiment.state.is_usable());
    life.extended(&portal("ready", &UP), START + 181 * MINUTE);
    assert!(life.experiment.note.as_ref().unwrap().contains("not granted"));
    let mut longer = portal("ready", &UP);
    longer.expires_ms = Some(START + 480 * MINUTE);
    life.extended(&longer, START + 182 * MINUTE);
    assert_eq!((life.experiment.state.label(), life.experiment.note), ("Ready", None));
}

#[test]
fn an_experiment_ends_when_the_portal_does_not_know_it_any_more() {
    let not_found = PortalError::NotFound { said: "No such experiment".into() };
    let reason = |life: &Lifecycle| match &life.experiment.state {
        ExperimentState::Terminated { reason } => reason.clone(),
        state => panic!("{state:?}"),
    };
    let mut ended = ready();
    ended.terminate(START);
    assert_eq!(ended.next(START), (Duty::Terminate, Some(0)));
    ended.ending(START);
    ended.see(&portal("ready", &UP), START + 1);
    assert_eq!((ended.next(START).0, ended.experiment.state.label()), (Duty::Look, "Terminating"));
    ended.fail_with(Duty::Look, &not_found, START + MINUTE);
    assert_eq!((reason(&ended).as_str(), ended.next(START).0), ("it was ended", Duty::Rest));
    let mut expired = ready();
    expired.fail_with(Duty::Look, &not_found, START + 240 * MINUTE);
    assert_eq!(reason(&expired), "its time was over");
    let mut foreign = ready();
    foreign.fail_with(Duty::Look, &not_found, START + 20 * MINUTE);
    assert!(reason(&foreign).contains("somebody ended it"));
}

#[test]
fn an_experiment_that_is_ended_while_nobody_knows_whether_it_exists_is_looked_for_and_ended() {
    let mut life = requested();
    life.sending();
    life.fail_with(Duty::Create, &unreachable(), START);
    life.terminate(START);
    assert_eq!(life.next(START), (Duty::Find, Some(0)));
    let mut absent = life.clone();
    absent.fail_with(Duty::Find, &PortalError::NotFound { said: String::new() }, START);
    assert_eq!(absent.experiment.state.label(), "Terminated");
    life.found(&portal("created", &[]), START);
    assert_eq!(life.next(START).0, Duty::Terminate);
    let mut never = requested();
    never.terminate(START);
    assert_eq!((never.experiment.state.label(), never.next(START).0), ("Terminated", Duty::Rest));
}

#[test]
fn a_refused_manifest_leaves_a_usable_experiment_with_a_warning() {
    let mut life = ready();
    life.misread(&ManifestError("it is HTML".into()), START);
    life.see(&portal("ready", &UP), START);
    assert!(life.experiment.warning.as_ref().unwrap().contains("it is HTML"));
    assert_eq!((life.experiment.state.label(), life.next(START).0), ("Ready", Duty::Look));
}

#[test]
fn addresses_in_the_lan_that_no_manifest_says_are_set_by_hand() {
    let mut life = ready();
    life.locate(&[machine("node0", 1)], START);
    assert!(life.experiment.warning.as_ref().unwrap().starts_with("node1 is in no LAN"), "{:?}", life.experiment);
    let by_hand = [("node1".to_owned(), [10, 10, 1, 9].into()), ("node7".to_owned(), [10, 10, 1, 7].into())];
    life.place_by_hand(&by_hand.into());
    let placed: Vec<_> = life.experiment.nodes.iter().map(|node| node.lan.unwrap().to_string()).collect();
    assert_eq!((placed.join(" ").as_str(), &life.experiment.warning), ("10.10.1.1 10.10.1.9", &None));
    // What the portal says next does not wipe it out.
    life.see(&portal("ready", &UP), START + 11 * MINUTE);
    assert_eq!(life.experiment.nodes[1].lan, Some([10, 10, 1, 9].into()));
}

#[test]
fn ten_machines_are_in_the_order_of_their_numbers() {
    let mut life = requested();
    life.see(&portal("ready", &[("ready", "ISUP"); 12]), START);
    let names: Vec<_> = life.experiment.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!((names[1], names[9], names[11]), ("node1", "node9", "node11"));
}
