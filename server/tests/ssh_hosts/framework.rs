//! The public framework on a host that has its checkout: a real SSH server, and in the user's home a script that behaves as
//! the framework's does towards whoever starts it.

use crate::network::{HostKind, Laboratory, address, inside};
use crate::server::{Server, testbed};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Writes steps as text with colours, shows what it was given, waits for the end of its input, and then ends what it started,
/// which takes a moment.
const SCRIPT: &str = r#"#!/bin/bash
[ "$2" = "--" ] || exit 9
echo "\033[4;42mPrepare [2/6] Regenerate config based on servers.txt\033[m"
grep -c 'update_port: 8998/w/' config.gridsearch.output.yaml > given
grep update_server config.gridsearch.output.yaml
echo "Protocol $1 : [3/6] Starting Coordination Unit 0"
echo "Protocol $1 : [5/6] Waiting for 10 seconds for connection to set up ..."
echo "Protocol $1 : [6/6] Executing ..."
cat
echo "Stopping Bedrock on node0"
sleep 1
echo "$1" > ended
echo "\033[4;42m========= Finished =========\033[m"
"#;

/// Like the framework's where one of its hosts cannot be reached: it tries again and again, whatever its input does, as long
/// as it can say so.
const STUCK: &str = r#"#!/bin/bash
echo "Prepare [2/6] Regenerate config based on servers.txt"
while echo "retry..."; do sleep 0.1; done
echo "$1" > ended
"#;

/// Where units reach the server.
const BACKEND: &str = "10.77.0.1:8998";

/// Runs a command on the host, as a person would.
fn on_host(laboratory: &Laboratory, command: &str, input: &str) -> String {
    let mut child = Command::new("ssh")
        .args(["-i", &laboratory.key("key"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
        .args(["-o", "LogLevel=ERROR", &format!("root@{}", address(0)), command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// Describes the testbed, with an address at which units reach the server.
fn save_with_backend(server: &Server, laboratory: &Laboratory, backend: &str) {
    let mut lab = testbed(laboratory, 1);
    lab["backend"] = json!(backend);
    server.call("save_testbed", &json!({ "testbed": lab, "edits": "lab" })).unwrap();
}

fn deploy(laboratory: &Laboratory, servers: usize) {
    deploy_script(laboratory, SCRIPT, servers);
}

fn deploy_script(laboratory: &Laboratory, script: &str, servers: usize) {
    let put = "mkdir -p /root/BFTBrain/scripts && cd /root/BFTBrain/scripts && cat > run_miyuki.sh && chmod 755 run_miyuki.sh";
    on_host(laboratory, put, script);
    let list: Vec<String> = (0..servers).map(|number| format!("root@node{number}")).collect();
    // As the framework wants it: without a line's end after the last one.
    on_host(laboratory, "cat > /root/BFTBrain/scripts/servers.txt", &list.join("\n"));
}

fn start(server: &Server, protocol: &str) -> Result<i64, Value> {
    let request = json!({ "name": "far", "protocol": protocol, "testbed": "lab", "engine": "bftbrain", "changes": [] });
    server.call("start", &json!({ "request": request })).map(|trial| trial.as_i64().unwrap())
}

fn failure(server: &Server, trial: i64) -> String {
    let failed = |view: &Value| view["detail"]["summary"]["state"]["reason"].as_str().map(str::to_owned);
    loop {
        if let Some(reason) = failed(&server.view(trial)) {
            return reason;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ended(laboratory: &Laboratory) -> String {
    on_host(laboratory, "cat /root/BFTBrain/scripts/ended 2>/dev/null || true", "")
}

#[test]
fn the_frameworks_script_gets_the_configuration_runs_until_its_input_ends_and_its_console_is_in_the_log() {
    let name = "framework::the_frameworks_script_gets_the_configuration_runs_until_its_input_ends_and_its_console_is_in_the_log";
    inside(name, &[HostKind::default()], |laboratory| {
        let mut server = Server::start_with(laboratory, &["--units-listen", BACKEND]);
        save_with_backend(&server, laboratory, BACKEND);
        let untrusted = failure(&server, start(&server, "pbft").unwrap());
        assert!(untrusted.contains("has not been seen before"), "{untrusted}");
        server.trust_all(&testbed(laboratory, 1));
        let missing = failure(&server, start(&server, "pbft").unwrap());
        assert!(missing.contains("no BFTBrain/scripts/run_miyuki.sh"), "{missing}");
        deploy(laboratory, 5);
        let few = failure(&server, start(&server, "pbft").unwrap());
        assert!(few.contains("names 5 hosts, and this trial needs 6"), "{few}");
        deploy(laboratory, 6);
        let refused = start(&server, "poe").unwrap_err().to_string();
        assert!(refused.contains("runs its own protocols only"), "{refused}");
        let trial = start(&server, "prime").unwrap();
        let running = |view: &Value| view["detail"]["summary"]["state"]["state"] == "running";
        let view = server.wait_for(trial, running);
        let names: Vec<&str> =
            view["detail"]["phases"].as_array().unwrap().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["check", "spawn", "connect", "configure", "run"]);
        let log = view["detail"]["log"].to_string();
        assert!(log.contains("Prepare [2/6] Regenerate config") && log.contains("update_server: 10.77.0.1"), "{log}");
        assert!(!log.contains("033["), "{log}");
        assert_eq!(on_host(laboratory, "cat /root/BFTBrain/scripts/given", "").trim(), "1");
        assert_eq!(ended(laboratory), "");
        server.stop(trial);
        assert_eq!(ended(laboratory).trim(), "prime");
        let view = server.view(trial);
        assert_eq!(view["detail"]["summary"]["state"]["state"], "finished");
        assert!(view["detail"]["log"].to_string().contains("========= Finished ========="), "{view}");
        // A server that is killed ends its script's input, too.
        on_host(laboratory, "rm /root/BFTBrain/scripts/ended", "");
        let trial = start(&server, "pbft").unwrap();
        server.wait_for(trial, running);
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        while ended(laboratory).trim() != "pbft" {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}

#[test]
fn a_server_that_units_would_not_reach_and_a_script_that_gets_no_further_are_told_before_anybody_waits() {
    let name = "framework::a_server_that_units_would_not_reach_and_a_script_that_gets_no_further_are_told_before_anybody_waits";
    inside(name, &[HostKind::default()], |laboratory| {
        let server = Server::start_with(laboratory, &["--units-listen", BACKEND, "--bftbrain-patience", "1s"]);
        server.trust_all(&testbed(laboratory, 1));
        deploy_script(laboratory, STUCK, 6);
        let shut = "10.77.0.1:8997";
        save_with_backend(&server, laboratory, shut);
        let unreached = failure(&server, start(&server, "pbft").unwrap());
        assert!(unreached.contains(&format!("does not reach this server at {shut}")), "{unreached}");
        assert!(unreached.contains("Connection refused") && unreached.contains("--units-listen"), "{unreached}");
        let foreign = format!("{}:22", address(0));
        save_with_backend(&server, laboratory, &foreign);
        let stranger = failure(&server, start(&server, "pbft").unwrap());
        assert!(stranger.contains(&foreign), "{stranger}");
        save_with_backend(&server, laboratory, BACKEND);
        let stuck = failure(&server, start(&server, "pbft").unwrap());
        assert!(stuck.contains("got no further within 13 s") && stuck.contains("retry..."), "{stuck}");
        while ended(laboratory).trim() != "pbft" {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
}
