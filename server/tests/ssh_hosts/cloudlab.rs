//! A trial on machines that CloudLab lent: a scripted portal names them, and they are real SSH servers.

use crate::network::{HostKind, Laboratory, address, inside};
use crate::portal::{Portal, Site, TOKEN, manifest};
use crate::server::{Server, points};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::runtime::Runtime;

/// An experiment's machines as the last check found them, by their states.
fn states(check: &Value) -> Vec<&str> {
    let hosts = check["hosts"].as_array().unwrap().iter();
    hosts.map(|host| host["findings"].as_array().unwrap().last().unwrap()["state"].as_str().unwrap()).collect()
}

/// An experiment of two machines that are up, known to a server that logs into them with the key of this name.
struct Lent {
    server: Server,
    key: Value,
    _portal: (Runtime, Portal),
}

impl Lent {
    fn with_key(laboratory: &Laboratory, key_name: &str) -> Self {
        let (one, other) = (address(0), address(1));
        let manifest = manifest("root", [(&one, &one), (&other, &other)]);
        let runtime = Runtime::new().unwrap();
        let site = Site { user: "root", manifest, expires: ["2099-01-01T00:00:00Z"; 2] };
        let portal = runtime.block_on(Portal::of(site));
        let url = format!("http://{}", portal.address);
        let key_file = laboratory.key(key_name);
        let options = ["--cloudlab-portal", &url, "--cloudlab-ssh-key", &key_file, "--cloudlab-poll", "50ms"];
        let server = Server::start_with(laboratory, &options);
        server.call("cloudlab/token", &json!({ "action": { "type": "give", "token": TOKEN } })).unwrap();
        let request = json!({
            "name": "bft", "project": "proj", "profile": { "project": "PortalProfiles", "name": "small-lan" }, "nodes": 2, "node_type": "", "hours": 4,
        });
        let key = server.call("cloudlab/create", &json!({ "request": request })).unwrap();
        let lent = Self { server, key, _portal: (runtime, portal) };
        lent.wait_until(|experiment| experiment["located"] == true);
        lent
    }

    fn wait_until(&self, is_so: impl Fn(&Value) -> bool) {
        while !is_so(&self.server.call("cloudlab/view", &json!({})).unwrap()["experiments"][0]) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Checks until the machines are found in such states.
    fn check_until(&self, expected: [&str; 2]) -> Value {
        loop {
            let check = self.check();
            if states(&check) == expected {
                return check;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn check(&self) -> Value {
        self.server.call("cloudlab/check", &json!({ "key": self.key })).unwrap()
    }

    /// Trusts the new keys that a check has shown.
    fn trust(&self, check: &Value) {
        let shown = |(number, host): (usize, &Value)| {
            let finding = host["findings"].as_array().unwrap().last().unwrap();
            finding["key"].is_string().then(|| json!({ "address": address(number), "port": 22, "key": finding["key"] }))
        };
        let keys: Vec<Value> = check["hosts"].as_array().unwrap().iter().enumerate().filter_map(shown).collect();
        self.server.call("cloudlab/trust", &json!({ "key": self.key, "keys": keys })).unwrap();
    }
}

#[test]
fn machines_that_do_not_let_the_user_in_name_the_account_that_their_keys_come_from() {
    let name = "cloudlab::machines_that_do_not_let_the_user_in_name_the_account_that_their_keys_come_from";
    inside(name, &[HostKind::default(); 2], |laboratory| {
        let lent = Lent::with_key(laboratory, "stranger");
        lent.trust(&lent.check());
        let refused = lent.check();
        assert_eq!(states(&refused), ["bad"; 2], "{refused}");
        let text = refused["hosts"][0]["findings"].to_string();
        assert!(text.contains("your CloudLab account") && !text.contains("authorized_keys"), "{text}");
    });
}

#[test]
fn a_machine_that_was_set_up_anew_is_refused_until_its_old_key_is_forgotten_and_the_others_stay_trusted() {
    let name = "cloudlab::a_machine_that_was_set_up_anew_is_refused_until_its_old_key_is_forgotten_and_the_others_stay_trusted";
    inside(name, &[HostKind::default(); 2], |laboratory| {
        let lent = Lent::with_key(laboratory, "key");
        lent.trust(&lent.check());
        lent.check_until(["good"; 2]);
        laboratory.set_up_anew(1);
        let refused = lent.check_until(["good", "changed_host_key"]);
        let finding = refused["hosts"][1]["findings"].as_array().unwrap().last().unwrap();
        assert_ne!(finding["known"], finding["shown"], "{finding}");
        let distrust = |address: &str| {
            let machines = json!([{ "address": address, "port": 22 }]);
            lent.server.call("cloudlab/distrust", &json!({ "key": lent.key, "machines": machines }))
        };
        let foreign = distrust("10.77.0.99").unwrap_err();
        assert!(foreign.to_string().contains("10.77.0.99 is no machine of bft"), "{foreign}");
        assert_eq!(states(&lent.check()), ["good", "changed_host_key"]);
        distrust(&address(1)).unwrap();
        let anew = lent.check();
        assert_eq!(states(&anew), ["good", "unknown_host_key"], "{anew}");
        lent.trust(&anew);
        lent.check_until(["good"; 2]);
    });
}

#[test]
fn machines_that_cloudlab_lends_run_a_trial_once_their_keys_are_trusted_and_the_users_key_is_opened() {
    let name =
        "cloudlab::machines_that_cloudlab_lends_run_a_trial_once_their_keys_are_trusted_and_the_users_key_is_opened";
    inside(name, &[HostKind::default(); 2], |laboratory| {
        let lent = Lent::with_key(laboratory, "locked");
        let server = &lent.server;
        let unknown = lent.check();
        assert_eq!(states(&unknown), ["unknown_host_key"; 2], "{unknown}");
        lent.trust(&unknown);
        let locked = lent.check();
        assert_eq!(states(&locked), ["needs_passphrase"; 2], "{locked}");
        let passphrase = json!({ "key": laboratory.key("locked"), "passphrase": "correct horse" });
        server.call("unlock_key", &passphrase).unwrap();
        let good = lent.check();
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

        server.call("cloudlab/change", &json!({ "key": lent.key, "action": { "type": "terminate" } })).unwrap();
        lent.wait_until(|experiment| experiment["state"]["state"] == "terminated");
        let over = server.call("start", &json!({ "request": request })).unwrap_err();
        assert!(over.to_string().contains("cloudlab-bft"), "{over}");
    });
}
