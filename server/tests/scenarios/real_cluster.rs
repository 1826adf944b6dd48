//! A real cluster on this machine: the program, its controller, its workers. Nothing is left of it whatever happens.

use crate::marked::{self, MARK};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

struct Server {
    child: Child,
    address: String,
    mark: String,
    data: TempDir,
}

impl Server {
    fn new() -> Self {
        let data = TempDir::new().unwrap();
        let mark = data.path().display().to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bftgym"))
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(data.path())
            .env(MARK, &mark)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.rsplit("http://").next().unwrap().trim().to_owned();
        Self { child, address, mark, data }
    }

    fn post(&self, call: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "POST /api/{call} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn start(&self) {
        let answer = self.post("start", r#"{"request":{"name":"real","protocol":"pbft","changes":[]}}"#);
        assert!(answer.contains(" 200 "), "{answer}");
    }

    /// Waits until the trial's answer has all of these texts.
    fn wait_for(&self, texts: &[&str]) -> String {
        loop {
            let answer = self.post("read/trial", r#"{"trial":1}"#);
            assert!(!answer.contains(r#""state":"failed""#), "{answer}");
            if texts.iter().all(|text| answer.contains(text)) {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
    }

    /// The processes of this server, itself left out.
    fn others(&self) -> Vec<String> {
        marked::others(&self.mark, self.child.id())
    }

    fn wait_until_alone(&self) {
        marked::wait_until_alone(&self.mark, self.child.id());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended as the test wanted it to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn four_replicas_execute_requests_and_end_when_the_trial_is_stopped() {
    let server = Server::new();
    server.start();
    server.wait_for(&[r#""state":"running""#, r#""metric":"throughput""#, r#""verdict":"pass""#]);
    assert_eq!(server.others().len(), 6, "a controller, four replicas, a client");
    let update = r#"{"trial":1,"changes":[{"key":"fault.slow-proposal.timer","text":"20"}]}"#;
    assert!(server.post("update", update).contains(" 200 "));
    // All six have applied it.
    loop {
        if server.wait_for(&["fault.slow-proposal.timer"]).matches(r#""applied_version":1"#).count() == 6 {
            break;
        }
    }
    assert!(server.post("stop", r#"{"trial":1}"#).contains(" 200 "));
    assert_eq!(server.others(), Vec::<String>::new());
    server.wait_for(&[r#""state":"finished""#]);
}

#[test]
fn a_replica_is_crashed_and_restarted_by_updates_and_the_page_shows_both() {
    let server = Server::new();
    server.start();
    server.wait_for(&[r#""state":"running""#, r#""verdict":"pass""#]);
    let list = |text: &str| {
        let change = format!(r#"{{"key":"fault.crash.affected-entities","text":"{text}"}}"#);
        let answer = server.post("update", &format!(r#"{{"trial":1,"changes":[{change}]}}"#));
        assert!(answer.contains(" 200 "), "{answer}");
    };
    list("2");
    server.wait_for(&[r#""state":"died","reason":"Replica 2 was crashed by fault.crash""#]);
    assert_eq!(server.others().len(), 5, "a controller, three replicas, a client");
    list("");
    // The restarted one begins with the configuration in force, so that all six have the second version.
    loop {
        let answer = server.wait_for(&["Replica 2 is there again"]);
        if answer.matches(r#""applied_version":2"#).count() == 6 && !answer.contains(r#""state":"died""#) {
            break;
        }
    }
    assert_eq!(server.others().len(), 6);
    assert!(server.post("stop", r#"{"trial":1}"#).contains(" 200 "));
    assert_eq!(server.others(), Vec::<String>::new());
    server.wait_for(&[r#""state":"finished""#]);
}

#[test]
fn a_server_that_is_told_to_end_takes_its_cluster_with_it() {
    let mut server = Server::new();
    server.start();
    server.wait_for(&[r#""state":"running""#]);
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    assert_eq!(server.others(), Vec::<String>::new());
}

#[test]
fn a_server_that_is_killed_leaves_no_orphans_and_the_trial_is_interrupted_with_its_samples() {
    let mut server = Server::new();
    server.start();
    server.wait_for(&[r#""state":"running""#, r#""metric":"throughput""#]);
    server.signal("-KILL");
    server.child.wait().unwrap();
    server.wait_until_alone();
    let store = store::Store::open(server.data.path(), i64::MAX).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let trial = &store.trials().await.unwrap()[0];
        assert_eq!(trial.state, model::TrialState::Interrupted);
        let series = store.series(trial.id, 4000).await.unwrap();
        assert!(series.iter().any(|series| series.metric == "throughput" && series.entity == 4));
    });
}
