//! `bftgym simulate`, as scripts meet it.

use protocol::simulator::TraceEvent;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn simulate(place: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bftgym"));
    command.arg("simulate").args(arguments).current_dir(place.path()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let place = TempDir::new().unwrap();
    let run = |seed: &str, trace: &str| {
        let output = simulate(&place, &["pbft", "--f", "2", "--seed", seed, "--json", "--trace", trace]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (output.stdout, std::fs::read_to_string(place.path().join(trace)).unwrap())
    };
    let (first, again, other) = (run("3", "a"), run("3", "b"), run("4", "c"));
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    let json: serde_json::Value = serde_json::from_slice(&first.0).unwrap();
    assert_eq!((&json["replicas"], &json["answered"]), (&7.into(), &40.into()));
    let events: Vec<TraceEvent> = first.1.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let completed = events.iter().filter(|event| matches!(event, TraceEvent::Completed { .. })).count();
    assert_eq!(completed, 40);
}

#[test]
fn the_exit_status_says_what_became_of_the_run() {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("crashes.yaml"), "- at: 1ms\n  set: {fault.crash.affected-entities: [0, 1]}\n")
        .unwrap();
    for (arguments, code, wanted) in [
        (&["pbft", "--replicas", "4"][..], 0, "verdict     Pass"),
        (&["pbft", "--until", "5s", "--faults", "crashes.yaml"], 3, "verdict     No progress"),
        (&["pbft", "--replicas", "5"], 64, "--replicas 5: pbft does not have as many replicas for any f"),
        (&["pbft", "--loss", "2"], 64, "as in 0.1"),
        (&["paxos"], 64, "there is no protocol \"paxos\""),
        (&["pbft", "--schedules", "2", "--trace", "t"], 64, "--trace is for one run"),
        (&["pbft", "--schedules", "20"], 0, "pbft: 20 schedules, seeds 0 to 19, 0 failed"),
    ] {
        let output = simulate(&place, arguments);
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {all}");
        assert!(all.contains(wanted), "{arguments:?}: {all}");
    }
}

#[test]
fn a_run_without_answers_has_no_latencies() {
    let place = TempDir::new().unwrap();
    std::fs::write(place.path().join("crashes.yaml"), "- at: 0s\n  set: {fault.crash.affected-entities: [0, 1]}\n")
        .unwrap();
    let arguments = ["pbft", "--until", "2s", "--faults", "crashes.yaml"];
    let output = simulate(&place, &[&arguments[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["answered"], 0);
    assert_eq!(json["latency_ms"], serde_json::json!({ "p50": null, "p99": null }));
    let output = simulate(&place, &arguments);
    assert!(text(&output.stdout).contains("no request was answered"), "{}", text(&output.stdout));
}

#[test]
fn a_reader_who_has_seen_enough_ends_it_quietly() {
    let place = TempDir::new().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_bftgym"));
    let child =
        command.args(["simulate", "pbft"]).current_dir(place.path()).stdout(writer).stderr(Stdio::piped()).spawn();
    let output = child.unwrap().wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}
