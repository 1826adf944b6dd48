//! A trial on machines that CloudLab lent: a scripted portal names them, and they are real SSH servers.

use crate::network::{HostKind, address, inside};
use crate::portal::{Portal, Site, TOKEN, manifest};
use crate::server::{Server, points};
use serde_json::{Value, json};

/// An experiment's machines as the last check found them, by their states.
fn states(check: &Value) -> Vec<&str> {
    let hosts = check["hosts"].as_array().unwrap().iter();
    hosts.map(|host| host["findings"].as_array().unwrap().last().unwrap()["state"].as_str().unwrap()).collect()
}

fn experiment(server: &Server) -> Value {
    server.call("cloudlab/view", &json!({})).unwrap()["experiments"][0].clone()
}

#[test]
fn machines_that_cloudlab_lends_run_a_trial_once_their_keys_are_trusted_and_the_users_key_is_opened() {
    let name =
        "cloudlab::machines_that_cloudlab_lends_run_a_trial_once_their_keys_are_trusted_and_the_users_key_is_opened";
    inside(name, &[HostKind::default(); 2], |laboratory| {
        let (one, other) = (address(0), address(1));
        let manifest = manifest("root", [(&one, &one), (&other, &other)]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let site = Site { user: "root", manifest, expires: ["2099-01-01T00:00:00Z"; 2] };
        let portal = runtime.block_on(Portal::of(site));
        let url = format!("http://{}", portal.address);
        let key_file = laboratory.key("locked");
        let options = ["--cloudlab-portal", &url, "--cloudlab-ssh-key", &key_file, "--cloudlab-poll", "50ms"];
        let server = Server::start_with(laboratory, &options);
        server.call("cloudlab/token", &json!({ "action": { "type": "give", "token": TOKEN } })).unwrap();
        let request = json!({
            "name": "bft", "project": "proj", "profile": { "project": "PortalProfiles", "name": "small-lan" }, "nodes": 2, "node_type": "", "hours": 4,
        });
        let key = server.call("cloudlab/create", &json!({ "request": request })).unwrap();
        while experiment(&server)["located"] != true {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let check = || server.call("cloudlab/check", &json!({ "key": key })).unwrap();
        let unknown = check();
        assert_eq!(states(&unknown), ["unknown_host_key"; 2], "{unknown}");
        let shown = |(number, host): (usize, &Value)| {
            let finding = host["findings"].as_array().unwrap().last().unwrap();
            json!({ "address": address(number), "port": 22, "key": finding["key"] })
        };
        let keys: Vec<Value> = unknown["hosts"].as_array().unwrap().iter().enumerate().map(shown).collect();
        server.call("cloudlab/trust", &json!({ "key": key, "keys": keys })).unwrap();
        let locked = check();
        assert_eq!(states(&locked), ["needs_passphrase"; 2], "{locked}");
        server.call("unlock_key", &json!({ "key": key_file, "passphrase": "correct horse" })).unwrap();
        let good = check();
        assert_eq!(states(&good), ["good"; 2], "{good}");

        let request = json!({ "name": "lent", "protocol": "pbft", "testbed": "cloudlab-bft", "changes": [] });
        let trial = server.call("start", &json!({ "request": request })).unwrap().as_i64().unwrap();
        server.wait_for(trial, |view| {
            view["detail"]["summary"]["verdict"]["verdict"] == "pass" && points(view, "throughput") > 0
        });
        assert!((0..2).all(|number| !laboratory.processes(number).is_empty()));
        server.stop(trial);
        laboratory.wait_until_empty(0..2);
        assert_eq!(server.view(trial)["detail"]["summary"]["state"]["state"], "finished");

        server.call("cloudlab/change", &json!({ "key": key, "action": { "type": "terminate" } })).unwrap();
        while experiment(&server)["state"]["state"] != "terminated" {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let over = server.call("start", &json!({ "request": request })).unwrap_err();
        assert!(over.to_string().contains("cloudlab-bft"), "{over}");
    });
}
