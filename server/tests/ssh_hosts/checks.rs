//! What a check finds out about hosts that are not as they should be.

use crate::network::{HostKind, Laboratory, address, inside, run};
use crate::server::{Server, program, testbed};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What the check of one host ends with.
fn last(server: &Server, host: &Value) -> Value {
    let testbed = json!({ "name": "one", "hosts": [host] });
    let found = server.call("check_testbed", &json!({ "testbed": testbed })).unwrap();
    found["hosts"][0]["findings"].as_array().unwrap().last().unwrap().clone()
}

fn host(laboratory: &Laboratory, key: &str) -> Value {
    json!({ "address": address(0), "user": "root", "key": laboratory.key(key) })
}

#[test]
fn keys_that_do_not_open_the_door_are_told_apart_with_their_mends() {
    let name = "checks::keys_that_do_not_open_the_door_are_told_apart_with_their_mends";
    inside(name, &[HostKind::default()], |laboratory| {
        let server = Server::start(laboratory);
        server.trust_all(&testbed(laboratory, 1));
        let text = |finding: &Value| format!("{} {}", finding["text"], finding["mend"]);
        let stranger = last(&server, &host(laboratory, "stranger"));
        assert!(stranger["step"] == "login" && text(&stranger).contains("authorized_keys"), "{stranger}");
        let missing = last(&server, &host(laboratory, "nothing here"));
        assert!(missing["step"] == "login" && text(&missing).contains("cannot be read"), "{missing}");
        let locked = last(&server, &host(laboratory, "locked"));
        assert!(locked["state"] == "needs_passphrase" && locked["refused"] == false, "{locked}");
        let unlock = |passphrase: &str| {
            let arguments = json!({ "key": laboratory.key("locked"), "passphrase": passphrase });
            server.call("unlock_key", &arguments).unwrap();
            last(&server, &host(laboratory, "locked"))
        };
        let refused = unlock("wrong");
        assert!(refused["state"] == "needs_passphrase" && refused["refused"] == true, "{refused}");
        let opened = unlock("correct horse");
        assert_eq!((&opened["step"], &opened["state"]), (&json!("clock"), &json!("good")), "{opened}");
        let public = last(&server, &host(laboratory, "key.pub"));
        assert!(text(&public).contains("is the public key") && text(&public).contains("without .pub"), "{public}");
        std::fs::set_permissions(laboratory.folder.join("key"), std::fs::Permissions::from_mode(0o644)).unwrap();
        let open = last(&server, &host(laboratory, "key"));
        assert!(text(&open).contains("can be read by others") && text(&open).contains("chmod 600"), "{open}");
        // The passphrase is nowhere on the disk.
        let data = laboratory.folder.join("data");
        let found = Command::new("grep").args(["-r", "-l", "correct horse"]).arg(&data).output().unwrap();
        assert!(found.stdout.is_empty() && data.join("known_hosts").exists());
    });
}

/// An SSH agent, as long as it is wanted.
struct Agent {
    socket: PathBuf,
    process: Child,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let listening = ["-D", "-a", socket.to_str().unwrap()];
        let process = Command::new("ssh-agent").args(listening).stdout(Stdio::null()).spawn().unwrap();
        while !socket.exists() {
            std::thread::yield_now();
        }
        Self { socket, process }
    }

    fn add(&self, key: &str) {
        let added = Command::new("ssh-add").args(["-q", key]).env("SSH_AUTH_SOCK", &self.socket).status().unwrap();
        assert!(added.success(), "{key}");
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // One that has ended in the meantime is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Makes a key, and says where.
fn keygen(laboratory: &Laboratory, name: &str, kind: &[&str]) -> String {
    let file = laboratory.key(name);
    run("ssh-keygen", &[&["-q", "-N", "", "-f", &file, "-t"], kind].concat());
    file
}

#[test]
fn a_key_that_cannot_be_used_from_its_file_is_used_through_an_agent_that_has_it_and_else_its_mend_is_right() {
    let name = "checks::a_key_that_cannot_be_used_from_its_file_is_used_through_an_agent_that_has_it_and_else_its_mend_is_right";
    inside(name, &[HostKind::default()], |laboratory| {
        let folder = &laboratory.folder;
        let rsa = keygen(laboratory, "rsa", &["rsa", "-b", "2048"]);
        let unknown = keygen(laboratory, "unknown", &["rsa", "-b", "2048"]);
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        std::fs::write(folder.join("authorized"), read("authorized") + &read("rsa.pub")).unwrap();
        // Encrypted, and of a kind that does not say which key it is.
        let mute = laboratory.key("mute");
        run("openssl", &["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:correct horse", "-out", &mute]);

        let agent = Agent::start(folder);
        let server = Server::start_with_agent(laboratory, &agent.socket);
        server.trust_all(&testbed(laboratory, 1));
        let step = |key: &str| last(&server, &host(laboratory, key));
        let text = |finding: &Value| format!("{} {}", finding["text"], finding["mend"]);
        let locked = step("locked");
        assert!(locked["state"] == "needs_passphrase" && !text(&locked).contains("field key"), "{locked}");
        let silent = step("mute");
        assert!(
            silent["state"] == "needs_passphrase" && text(&silent).contains("leave the field key empty"),
            "{silent}"
        );
        for key in ["rsa", "unknown"] {
            let finding = step(key);
            assert!(finding["step"] == "login" && text(&finding).contains("RSA key"), "{finding}");
            assert!(
                text(&finding).contains("leave the field key empty") && text(&finding).contains("Ed25519"),
                "{finding}"
            );
        }

        let opened = laboratory.key("opened");
        std::fs::copy(folder.join("locked"), &opened).unwrap();
        run("ssh-keygen", &["-q", "-p", "-P", "correct horse", "-N", "", "-f", &opened]);
        [&opened, &rsa, &unknown].into_iter().for_each(|key| agent.add(key));
        for key in ["locked", "rsa"] {
            assert_eq!(step(key)["step"], "clock", "{key}");
        }
        // The host does not know this one, whoever signs.
        let refused = step("unknown");
        assert!(refused["step"] == "login" && text(&refused).contains("authorized_keys"), "{refused} {unknown}");
    });
}

#[test]
fn a_key_that_is_the_last_of_many_in_the_agent_is_used_when_it_is_named() {
    let name = "checks::a_key_that_is_the_last_of_many_in_the_agent_is_used_when_it_is_named";
    inside(name, &[HostKind::default()], |laboratory| {
        let agent = Agent::start(&laboratory.folder);
        for number in 0..5 {
            agent.add(&keygen(laboratory, &format!("foreign{number}"), &["ed25519"]));
        }
        agent.add(&laboratory.key("key"));
        let server = Server::start_with_agent(laboratory, &agent.socket);
        server.trust_all(&testbed(laboratory, 1));
        let mut unnamed = host(laboratory, "key");
        unnamed["key"] = Value::Null;
        let refused = last(&server, &unnamed);
        assert_eq!(refused["step"], "login", "{refused}");
        assert!(
            refused["text"].as_str().unwrap().contains("any of the first 5 of the SSH agent's 6 keys"),
            "{refused}"
        );
        assert!(
            refused["mend"].as_str().unwrap().contains("name a key's file, so that this key alone is tried"),
            "{refused}"
        );
        assert_eq!(last(&server, &host(laboratory, "key"))["step"], "clock");
    });
}

#[test]
fn hosts_that_are_not_there_refuse_hang_or_say_something_else_are_named_with_the_mend() {
    let name = "checks::hosts_that_are_not_there_refuse_hang_or_say_something_else_are_named_with_the_mend";
    inside(name, &[HostKind::default()], |laboratory| {
        let server = Server::start(laboratory);
        let with = |field: &str, value: Value| {
            let mut host = host(laboratory, "key");
            host[field] = value;
            last(&server, &host)
        };
        let refuses = with("port", json!(2222));
        assert!(refuses["text"].as_str().unwrap().contains("refused"), "{refuses}");
        assert!(refuses["mend"].as_str().unwrap().contains("correct the port"), "{refuses}");
        let unknown = with("address", json!("no-such-host.invalid"));
        assert!(unknown["step"] == "reach" && unknown["mend"].as_str().unwrap().contains("spelling"), "{unknown}");
        let absent = with("address", json!("10.77.0.99"));
        assert!(absent["step"] == "reach" && absent["state"] == "bad", "{absent}");
        // Something that takes the connection and says nothing.
        let silent = std::net::TcpListener::bind("10.77.0.1:0").unwrap();
        let mut host = host(laboratory, "key");
        host["address"] = json!("10.77.0.1");
        host["port"] = json!(silent.local_addr().unwrap().port());
        let hangs = last(&server, &host);
        assert!(hangs["text"].as_str().unwrap().contains("does not greet"), "{hangs}");
        // What would mean something to a shell is refused before anything is tried, and nothing is kept.
        for bad in ["$(reboot)", "a b", "a'b", "a\"b", "a\nb"] {
            for field in ["address", "user", "units"] {
                let mut testbed = testbed(laboratory, 1);
                testbed["hosts"][0][field] = json!(bad);
                let refused = server.call("save_testbed", &json!({ "testbed": testbed })).unwrap_err();
                assert!(refused.to_string().contains(&format!("hosts[0].{field}")), "{refused}");
            }
        }
        assert_eq!(server.call("host_testbeds", &json!({})).unwrap(), json!([]));
    });
}

#[test]
fn a_changed_host_key_is_refused_with_both_fingerprints_until_the_old_one_is_forgotten() {
    let name = "checks::a_changed_host_key_is_refused_with_both_fingerprints_until_the_old_one_is_forgotten";
    inside(name, &[HostKind::default()], |laboratory| {
        let server = Server::start(laboratory);
        server.trust_all(&testbed(laboratory, 1));
        laboratory.set_up_anew(0);
        let changed = loop {
            let changed = last(&server, &host(laboratory, "key"));
            // Until it has read its keys again, it shows the old one, or does not answer.
            if changed["state"] == "changed_host_key" {
                break changed;
            }
        };
        assert_eq!(changed["step"], "host_key", "{changed}");
        let print = |field: &str| changed[field].as_str().unwrap().to_owned();
        assert!(print("known").starts_with("SHA256:") && print("shown").starts_with("SHA256:"));
        assert_ne!(print("known"), print("shown"));
        server.call("forget_host", &json!({ "address": address(0), "port": 22 })).unwrap();
        assert_eq!(last(&server, &host(laboratory, "key"))["state"], "unknown_host_key");
    });
}

#[test]
fn a_host_without_room_and_one_that_forwards_nothing_are_named_and_the_command_line_says_the_same() {
    let name = "checks::a_host_without_room_and_one_that_forwards_nothing_are_named_and_the_command_line_says_the_same";
    let kinds =
        [HostKind { home_mb: 4, ..HostKind::default() }, HostKind { no_forwarding: true, ..HostKind::default() }];
    inside(name, &kinds, |laboratory| {
        let yaml = format!(
            "name: lab\nhosts:\n- {{address: {}, user: root, key: {key}}}\n- {{address: {}, user: root, key: {key}}}\n",
            address(0),
            address(1),
            key = laboratory.key("key")
        );
        let file = laboratory.folder.join("lab.yaml");
        std::fs::write(&file, yaml).unwrap();
        let check = |more: &[String]| {
            let output = Command::new(program(laboratory))
                .args(["testbed", "check"])
                .arg(&file)
                .args(more)
                .arg("--data-dir")
                .arg(laboratory.folder.join("data"))
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        };
        let (code, text) = check(&[]);
        assert!(code == Some(1) && text.ends_with("0 of 2 hosts ready\n"), "{text}");
        let fingerprints = text.split_whitespace().filter(|word| word.starts_with("SHA256:"));
        let trust: Vec<String> = fingerprints.map(|print| format!("--trust={}", print.trim_end_matches(';'))).collect();
        let (code, text) = check(&trust);
        assert!(code == Some(1) && text.contains("MB are needed; free some room there"), "{text}");
        assert!(text.contains("refuses to forward a port; allow it there (AllowTcpForwarding)"), "{text}");
        let broken = laboratory.folder.join("broken.yaml");
        std::fs::write(&broken, "name: lab\nhosts:\n- address: $(reboot)\n  user: root\n").unwrap();
        let output = Command::new(program(laboratory)).args(["testbed", "check"]).arg(&broken).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(64) && said.contains("hosts[0].address"), "{said}");
    });
}
