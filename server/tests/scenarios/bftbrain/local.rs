//! Launches on this machine: brought up as the framework's own script does, stopped, ended, and failing with a reason.

use super::machine::Machine;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn usual(_: &tempfile::TempDir) {}

fn runs(view: &Value) -> bool {
    view["detail"]["summary"]["state"]["state"] == "running" && has_series(view, "throughput", 4)
}

fn has_series(view: &Value, metric: &str, entity: u32) -> bool {
    let mut series = view["series"].as_array().unwrap().iter();
    series.any(|series| series["metric"] == metric && series["entity"] == entity)
}

#[test]
fn a_trial_comes_up_reports_takes_a_change_and_leaves_its_files_and_no_process() {
    let machine = Machine::new("", usual, &[]);
    machine.start("pbft", None).unwrap();
    let view = machine.wait_for(|view| {
        runs(view) && has_series(view, "last-executed-sequence", 0) && has_series(view, "latency-mean", 4)
    });
    let names: Vec<&str> =
        view["detail"]["phases"].as_array().unwrap().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["spawn", "connect", "configure", "run"]);
    assert_eq!(machine.others().len(), 7, "our controller, the framework's, four replicas, a client");
    // The trial's token is in no command line.
    let arguments = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&arguments.stdout).contains("/w/"));
    // A live key reaches all six when they poll; another one does not go out.
    let update = |key: &str, text: &str| {
        machine.call("update", &json!({ "trial": 1, "changes": [{ "key": key, "text": text }] }))
    };
    update("fault.slow-proposal.timer", "20").unwrap();
    machine.wait_for(|view| {
        let units = view["detail"]["units"].as_array().unwrap();
        units.iter().all(|unit| unit["applied_version"] == 1 && unit["health"]["state"] == "up")
    });
    let refused = update("fault.crash.affected-entities", "0").unwrap_err().to_string();
    assert!(refused.contains("BFTBrain starts no replica again"), "{refused}");
    machine.call("stop", &json!({ "trial": 1 })).unwrap();
    assert_eq!(machine.others(), Vec::<String>::new());
    let view = machine.view();
    assert_eq!(view["detail"]["summary"]["state"]["state"], "finished");
    let log = view["detail"]["log"].to_string();
    for line in ["Unit 4 is connected", "Unit execution stopped", "benchmark file is kept", "its own file of pbft"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let files = machine.folder.path().join("data/bftbrain/trial-1");
    assert!(files.join("code/benchmarks/0001-pbft.txt").is_file());
    let config = std::fs::read_to_string(files.join("config/config.framework.yaml")).unwrap();
    assert!(config.contains("protocol-pool:") && !config.contains("/w/"), "{config}");
    assert_eq!(std::fs::metadata(&files).unwrap().permissions().mode() & 0o077, 0);
    // Nothing was written into the checkout.
    assert!(!machine.folder.path().join("BFTBrain/code/benchmarks").exists());
}

#[test]
fn an_own_protocol_is_written_out_and_one_that_cannot_be_is_refused() {
    let machine = Machine::new("", usual, &[]);
    let text = |name: &str| protocol::definitions::find(name).unwrap().text();
    let refused = machine.start("Mine", Some(text("tendermint"))).unwrap_err().to_string();
    assert!(refused.contains("cannot be written out for BFTBrain") && refused.contains("rotate-every"), "{refused}");
    machine.start("My own", Some(text("poe"))).unwrap();
    machine.wait_for(runs);
    let file = machine.folder.path().join("data/bftbrain/trial-1/config/config.my-own.yaml");
    assert!(std::fs::read_to_string(file).unwrap().contains("message: support\n"));
    machine.call("stop", &json!({ "trial": 1 })).unwrap();
}

#[test]
fn a_killed_server_and_a_killed_controller_leave_no_process_of_the_framework() {
    let mut machine = Machine::new("", usual, &[]);
    machine.start("pbft", None).unwrap();
    machine.wait_for(runs);
    let is_controller = |pid: &&String| {
        let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split('\0').nth(1) == Some("controller")
    };
    let controller = machine.others().iter().find(is_controller).unwrap().clone();
    Command::new("kill").args(["-KILL", &controller]).status().unwrap();
    machine.wait_until_alone();
    let state = machine.view()["detail"]["summary"]["state"].clone();
    assert!(state["reason"].as_str().is_none_or(|reason| reason.contains("SIGKILL")), "{state}");
    drop(machine);
    machine = Machine::new("", usual, &[]);
    machine.start("pbft", None).unwrap();
    machine.wait_for(runs);
    machine.child.kill().unwrap();
    machine.child.wait().unwrap();
    machine.wait_until_alone();
}

#[test]
fn no_java_and_nothing_built_are_told_with_the_mend_by_the_page_and_by_the_launch() {
    let without = |path: &'static str| {
        move |folder: &tempfile::TempDir| std::fs::remove_dir_all(folder.path().join(path)).unwrap()
    };
    for (path, wanted) in [("jdk", "there is no Java at "), ("BFTBrain/code/target/classes", "BFTBrain is not built")] {
        let machine = Machine::new("", without(path), &[]);
        let overview = machine.call("read/overview", &json!({})).unwrap();
        assert!(overview["bftbrain_missing"].as_str().unwrap().contains(wanted), "{}", overview["bftbrain_missing"]);
        let reason = machine.failure();
        assert!(reason.starts_with("Spawn: ") && reason.contains(wanted), "{reason}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let machine = Machine::new("", usual, &[]);
    let _taken = TcpListener::bind(("0.0.0.0", machine.port() + 2)).unwrap();
    let reason = machine.failure();
    assert!(
        reason.contains(&format!("the port {}", machine.port() + 2)) && reason.contains("network.units"),
        "{reason}"
    );
}

#[test]
fn a_java_that_cannot_run_it_and_a_unit_that_ends_are_told_with_their_last_words() {
    let reason = Machine::new("outdated", usual, &[]).failure();
    assert!(reason.contains("Controller ended with status 1") && reason.contains("class file version"), "{reason}");
    let reason = Machine::new("no-replica-2", usual, &[]).failure();
    assert!(reason.starts_with("Connect: ") && reason.contains("Replica 2 ended with status 3"), "{reason}");
    assert!(reason.contains("OutOfMemoryError"), "{reason}");
}

#[test]
fn a_thread_that_fails_is_the_reason_of_what_does_not_come() {
    let reason = Machine::new("thread-fails", usual, &["--bftbrain-patience", "2s"]).failure();
    let wanted = "BFTBrain's process of Replica 1 failed: java.lang.NoClassDefFoundError: io/grpc/Server";
    assert!(reason.starts_with("Configure: ") && reason.contains(wanted), "{reason}");
}

#[test]
fn a_question_that_never_comes_is_not_waited_for_for_ever() {
    let reason = Machine::new("silent", usual, &["--bftbrain-patience", "300ms"]).failure();
    assert!(reason.contains("did not come within 0.3 s") && reason.contains("--bftbrain-patience"), "{reason}");
}

#[test]
fn a_launch_that_is_stopped_midway_leaves_nothing() {
    let machine = Machine::new("silent", usual, &[]);
    machine.start("pbft", None).unwrap();
    machine.wait_for(|view| view["detail"]["phases"].as_array().unwrap().len() == 1);
    machine.call("stop", &json!({ "trial": 1 })).unwrap();
    assert_eq!(machine.others(), Vec::<String>::new());
    assert_eq!(machine.view()["detail"]["summary"]["state"]["state"], "finished");
}
