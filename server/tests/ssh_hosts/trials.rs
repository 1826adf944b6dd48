//! Trials on hosts: brought up, disturbed, ended, and nothing left of them.

use crate::network::{HostKind, inside};
use crate::server::{Server, highest, points, testbed};
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

const SIX: [HostKind; 6] = [HostKind { home_mb: 0, no_forwarding: false }; 6];

fn runs(view: &Value) -> bool {
    let summary = &view["detail"]["summary"];
    summary["state"]["state"] == "running" && summary["verdict"]["verdict"] == "pass" && points(view, "throughput") > 0
}

fn stages(view: &Value) -> Vec<&str> {
    view["detail"]["hosts"].as_array().unwrap().iter().map(|host| host["stage"].as_str().unwrap()).collect()
}

#[test]
fn a_copy_that_is_stopped_or_whose_server_is_killed_leaves_no_part_of_it() {
    let name = "trials::a_copy_that_is_stopped_or_whose_server_is_killed_leaves_no_part_of_it";
    inside(name, &[HostKind::default()], |laboratory| {
        let mut server = Server::start(laboratory);
        let lab = testbed(laboratory, 1);
        server.call("save_testbed", &json!({ "testbed": lab })).unwrap();
        server.trust_all(&lab);
        laboratory.slow_down(0);
        let begin = |server: &Server| {
            let trial = server.start_trial(&[]);
            server.wait_for(trial, |view| {
                view["detail"]["hosts"][0]["stage"] == "copying" && !laboratory.parts(0).is_empty()
            });
            trial
        };
        let nothing_is_left = || {
            while !laboratory.parts(0).is_empty() {
                std::thread::sleep(Duration::from_millis(50));
            }
        };
        let trial = begin(&server);
        server.stop(trial);
        nothing_is_left();
        begin(&server);
        server.child.kill().unwrap();
        nothing_is_left();
    });
}

#[test]
fn six_hosts_run_a_trial_with_live_changes_and_nothing_is_left_of_it() {
    inside("trials::six_hosts_run_a_trial_with_live_changes_and_nothing_is_left_of_it", &SIX, |laboratory| {
        let server = Server::start(laboratory);
        let mut lab = testbed(laboratory, 6);
        // Unit by unit: the client is on the first host, beside the controller.
        lab["hosts"][0]["units"] = json!("clients");
        let checked = server.set_up(&lab);
        for host in checked["hosts"].as_array().unwrap() {
            let findings = host["findings"].as_array().unwrap();
            assert!(findings.len() == 9 && findings.iter().all(|finding| finding["state"] == "good"), "{host}");
        }
        let started = Instant::now();
        let trial = server.start_trial(&[]);
        let view = server.wait_for(trial, |view| points(view, "throughput") > 0);
        println!("Start to the first sample with six hosts: {:.1} s", started.elapsed().as_secs_f64());
        assert_eq!(stages(&view), ["ready"; 6]);
        server.wait_for(trial, runs);
        let counts: Vec<usize> = (0..6).map(|number| laboratory.processes(number).len()).collect();
        assert_eq!(counts, [3, 2, 2, 2, 2, 1], "a host's process each, controller and client, four replicas");
        // The trial's token is in no command line and on no host's disk.
        let arguments = Command::new("ps").args(["-eo", "args"]).output().unwrap();
        let arguments = String::from_utf8_lossy(&arguments.stdout).into_owned();
        assert!(arguments.contains("/bftgym host") && !arguments.contains("/w/"), "{arguments}");
        // A crash and a restart reach a process on another host, and its log comes back.
        server.update(trial, "fault.crash.affected-entities", "2");
        server.wait_for(trial, |view| view.to_string().contains("Replica 2 was crashed by fault.crash"));
        assert_eq!(laboratory.processes(3).len(), 1);
        server.update(trial, "fault.crash.affected-entities", "");
        server.wait_for(trial, |view| view.to_string().contains("Replica 2 is there again"));
        let log = server.view(trial)["detail"]["log"].to_string();
        assert!(log.contains("Replica 2 runs") && log.contains("again"), "{log}");
        server.stop(trial);
        laboratory.wait_until_empty(0..6);
        let view = server.view(trial);
        assert_eq!(view["detail"]["summary"]["state"]["state"], "finished");
        assert_eq!(stages(&view), ["ended"; 6]);
    });
}

#[test]
fn a_host_that_disappears_takes_its_replica_along_and_leaves_no_process_behind() {
    let name = "trials::a_host_that_disappears_takes_its_replica_along_and_leaves_no_process_behind";
    inside(name, &SIX[..5], |laboratory| {
        let server = Server::start(laboratory);
        let mut lab = testbed(laboratory, 5);
        lab["hosts"][0]["units"] = json!("clients");
        server.set_up(&lab);
        let trial = server.start_trial(&[]);
        server.wait_for(trial, runs);
        // Replica 3 is on the last host.
        laboratory.unplug(4);
        let view = server.wait_for(trial, |view| view.to_string().contains("is lost with its host 10.77.0.14"));
        assert_eq!(stages(&view), ["ready", "ready", "ready", "ready", "gone"]);
        // Nobody can reach it, so its processes end by themselves.
        laboratory.wait_until_empty(4..5);
        let before = highest(&server.view(trial), "last-executed-sequence");
        server.wait_for(trial, |view| highest(view, "last-executed-sequence") > before);
        assert_eq!(server.view(trial)["detail"]["summary"]["verdict"]["verdict"], "pass");
        server.stop(trial);
        laboratory.wait_until_empty(0..5);
        assert_eq!(server.view(trial)["detail"]["summary"]["state"]["state"], "finished");
        // The next start says what is in the way, and starts nothing.
        let trial = server.start_trial(&[]);
        let failed = loop {
            let state = server.view(trial)["detail"]["summary"]["state"].clone();
            if state["state"] == "failed" {
                break state;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(failed["reason"].as_str().unwrap().starts_with("10.77.0.14 does not answer"), "{failed}");
        laboratory.wait_until_empty(0..5);
    });
}

#[test]
fn a_server_that_is_killed_leaves_nothing_running_on_any_host() {
    inside("trials::a_server_that_is_killed_leaves_nothing_running_on_any_host", &SIX[..3], |laboratory| {
        let mut server = Server::start(laboratory);
        server.set_up(&testbed(laboratory, 3));
        let trial = server.start_trial(&[]);
        server.wait_for(trial, runs);
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        laboratory.wait_until_empty(0..3);
        // The testbed is there again with the server, and takes trials.
        let again = Server::start(laboratory);
        assert_eq!(again.view(trial)["detail"]["summary"]["state"]["state"], "interrupted");
        let trial = again.start_trial(&[]);
        again.wait_for(trial, runs);
        again.stop(trial);
        laboratory.wait_until_empty(0..3);
    });
}

#[test]
fn hosts_that_are_parted_from_each_other_do_not_stop_the_others() {
    inside("trials::hosts_that_are_parted_from_each_other_do_not_stop_the_others", &SIX[..5], |laboratory| {
        let server = Server::start(laboratory);
        let mut lab = testbed(laboratory, 5);
        lab["hosts"][0]["units"] = json!("clients");
        server.set_up(&lab);
        let trial = server.start_trial(&[]);
        server.wait_for(trial, runs);
        laboratory.part(3, 4);
        let before = highest(&server.view(trial), "last-executed-sequence");
        server.wait_for(trial, |view| highest(view, "last-executed-sequence") > before + 100.0);
        let view = server.view(trial);
        assert_eq!(view["detail"]["summary"]["verdict"]["verdict"], "pass");
        assert_eq!(stages(&view), ["ready"; 5]);
        server.stop(trial);
        laboratory.wait_until_empty(0..5);
    });
}

#[test]
fn thirty_two_units_come_up_on_six_hosts_several_on_each() {
    inside("trials::thirty_two_units_come_up_on_six_hosts_several_on_each", &SIX, |laboratory| {
        let server = Server::start(laboratory);
        server.set_up(&testbed(laboratory, 6));
        let started = Instant::now();
        let trial = server.start_trial(&[("general.f", "10"), ("benchmark.report-interval-ms", "1000")]);
        server.wait_for(trial, |view| view["detail"]["summary"]["state"]["state"] == "running");
        println!("31 replicas and a client on six hosts ran after {:.1} s", started.elapsed().as_secs_f64());
        let counts: usize = (0..6).map(|number| laboratory.processes(number).len()).sum();
        assert_eq!(counts, 6 + 1 + 32);
        server.stop(trial);
        laboratory.wait_until_empty(0..6);
    });
}
