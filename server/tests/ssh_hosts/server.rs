//! The program in the server's namespace, and what a page asks of it.

use crate::network::{Laboratory, address, run};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(crate) struct Server {
    pub(crate) child: Child,
    address: String,
}

/// The program without what only debuggers need: it is copied to every host.
pub(crate) fn program(laboratory: &Laboratory) -> PathBuf {
    let copy = laboratory.folder.join("bftgym");
    if !copy.exists() {
        run("strip", &["-o", copy.to_str().unwrap(), env!("CARGO_BIN_EXE_bftgym")]);
    }
    copy
}

/// A testbed of the first `count` hosts.
pub(crate) fn testbed(laboratory: &Laboratory, count: usize) -> Value {
    let host = |number| json!({ "address": address(number), "user": "root", "key": laboratory.key("key") });
    json!({ "name": "lab", "hosts": (0..count).map(host).collect::<Vec<_>>() })
}

impl Server {
    pub(crate) fn start(laboratory: &Laboratory) -> Self {
        Self::start_with(laboratory, &[])
    }

    /// With more options.
    pub(crate) fn start_with(laboratory: &Laboratory, options: &[&str]) -> Self {
        Self::run(laboratory, Command::new(program(laboratory)), options)
    }

    /// With an SSH agent that listens there.
    pub(crate) fn start_with_agent(laboratory: &Laboratory, socket: &Path) -> Self {
        let mut command = Command::new(program(laboratory));
        command.env("SSH_AUTH_SOCK", socket);
        Self::run(laboratory, command, &[])
    }

    fn run(laboratory: &Laboratory, mut command: Command, options: &[&str]) -> Self {
        let mut child = command
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(laboratory.folder.join("data"))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(laboratory.folder.join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.rsplit("http://").next().unwrap().trim().to_owned();
        Self { child, address }
    }

    /// Calls a server function: what it answers, or the refusal.
    pub(crate) fn call(&self, call: &str, arguments: &Value) -> Result<Value, Value> {
        let reads = matches!(call, "trial" | "host_testbeds" | "cloudlab/view");
        let call = if reads { format!("read/{call}") } else { call.to_owned() };
        let body = arguments.to_string();
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
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{call}: {answer}");
        // An answer of unknown length comes in pieces.
        let body = if head.to_ascii_lowercase().contains("chunked") { unchunked(body) } else { body.to_owned() };
        let mut value: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{call}: {error}: {body}"));
        match value.get_mut("Err") {
            Some(refusal) => Err(refusal.take()),
            None => Ok(value["Ok"].take()),
        }
    }

    /// Trusts the key of every host that shows an unknown one.
    pub(crate) fn trust_all(&self, testbed: &Value) {
        let found = self.call("check_testbed", &json!({ "testbed": testbed })).unwrap();
        for (host, check) in testbed["hosts"].as_array().unwrap().iter().zip(found["hosts"].as_array().unwrap()) {
            let last = check["findings"].as_array().unwrap().last().unwrap();
            assert_eq!(last["state"], "unknown_host_key", "{check}");
            assert!(last["fingerprint"].as_str().unwrap().starts_with("SHA256:"), "{last}");
            let trust = json!({ "address": host["address"], "port": 22, "key": last["key"] });
            self.call("trust_host", &trust).unwrap();
        }
    }

    /// Keeps a testbed whose hosts are trusted and have the program, and answers with what a check says.
    pub(crate) fn set_up(&self, testbed: &Value) -> Value {
        self.call("save_testbed", &json!({ "testbed": testbed })).unwrap();
        self.trust_all(testbed);
        self.call("check_testbed", &json!({ "testbed": testbed })).unwrap()
    }

    /// Starts a trial with such changes.
    pub(crate) fn start_trial(&self, changes: &[(&str, &str)]) -> i64 {
        let changes: Vec<_> = changes.iter().map(|(key, text)| json!({ "key": key, "text": text })).collect();
        let request = json!({ "name": "far", "protocol": "pbft", "testbed": "lab", "changes": changes });
        self.call("start", &json!({ "request": request })).unwrap().as_i64().unwrap()
    }

    pub(crate) fn view(&self, trial: i64) -> Value {
        self.call("trial", &json!({ "trial": trial })).unwrap()
    }

    /// Waits until the trial is as wanted; fails with it unless that is what is waited for.
    pub(crate) fn wait_for(&self, trial: i64, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let view = self.view(trial);
            if wanted(&view) {
                return view;
            }
            let state = &view["detail"]["summary"]["state"];
            assert!(state["state"] != "failed", "{state}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn update(&self, trial: i64, key: &str, text: &str) {
        let changes = json!([{ "key": key, "text": text }]);
        self.call("update", &json!({ "trial": trial, "changes": changes })).unwrap();
    }

    pub(crate) fn stop(&self, trial: i64) {
        self.call("stop", &json!({ "trial": trial })).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended as the test wanted it to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// The number of points of a metric so far.
pub(crate) fn points(view: &Value, metric: &str) -> usize {
    let series = view["series"].as_array().unwrap().iter().filter(|series| series["metric"] == metric);
    series.map(|series| series["points"].as_array().unwrap().len()).sum()
}

/// The highest value of a metric so far.
pub(crate) fn highest(view: &Value, metric: &str) -> f64 {
    let series = view["series"].as_array().unwrap().iter().filter(|series| series["metric"] == metric);
    let points = series.flat_map(|series| series["points"].as_array().unwrap());
    points.filter_map(|point| point[1].as_f64()).fold(0.0, f64::max)
}
