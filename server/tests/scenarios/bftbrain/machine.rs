//! The program as a server with a stand-in of the framework on its machine.

use crate::marked::{self, MARK};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Trials that launch many processes go one after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

pub(crate) struct Machine {
    pub(crate) child: Child,
    pub(crate) folder: TempDir,
    address: String,
    ports: u16,
    _alone: std::sync::MutexGuard<'static, ()>,
}

impl Machine {
    /// With a stand-in that misbehaves in some way, or none.
    pub(crate) fn new(mode: &str, prepare: impl FnOnce(&TempDir), options: &[&str]) -> Self {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = TempDir::new().unwrap();
        super::java::install(folder.path(), mode);
        prepare(&folder);
        let mut child = Command::new(env!("CARGO_BIN_EXE_bftgym"))
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(folder.path().join("data"))
            .arg("--bftbrain-checkout")
            .arg(folder.path().join("BFTBrain"))
            .arg("--bftbrain-java-home")
            .arg(folder.path().join("jdk"))
            .args(options)
            .env(MARK, folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.rsplit("http://").next().unwrap().trim().to_owned();
        Self { child, folder, address, ports: free_ports(), _alone: alone }
    }

    pub(crate) fn call(&self, call: &str, arguments: &Value) -> Result<Value, Value> {
        let body = arguments.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "POST /api/{call} HTTP/1.0\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{call}: {answer}");
        let mut value: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{call}: {error}: {body}"));
        match value.get_mut("Err") {
            Some(refusal) => Err(refusal.take()),
            None => Ok(value["Ok"].take()),
        }
    }

    /// The first of the ports that trials use.
    pub(crate) fn port(&self) -> u16 {
        self.ports
    }

    /// Starts a trial of the framework with short periods.
    pub(crate) fn start(&self, protocol: &str, text: Option<&str>) -> Result<Value, Value> {
        let units: Vec<String> = (1..=5).map(|unit| format!("127.0.0.1:{}", self.ports + unit)).collect();
        let changes = [
            ("network.server", format!("127.0.0.1:{}", self.ports)),
            ("network.units", units.join(",")),
            ("demo.update_interval_ms", "100".to_owned()),
            ("benchmark.benchmark-interval-ms", "200".to_owned()),
        ];
        let changes: Vec<_> = changes.iter().map(|(key, text)| json!({ "key": key, "text": text })).collect();
        let request = json!({
            "name": "java", "protocol": protocol, "protocol_text": text, "engine": "bftbrain", "changes": changes
        });
        self.call("start", &json!({ "request": request }))
    }

    pub(crate) fn view(&self) -> Value {
        self.call("read/trial", &json!({ "trial": 1 })).unwrap()
    }

    /// Waits until the trial is as wanted; fails with it where it fails.
    pub(crate) fn wait_for(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let view = self.view();
            if wanted(&view) {
                return view;
            }
            let state = &view["detail"]["summary"]["state"];
            assert!(state["state"] != "failed", "{state}: {}", view["detail"]["log"]);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the trial has failed, and tells why. No process is left then.
    pub(crate) fn failure(&self) -> String {
        self.start("pbft", None).unwrap();
        let view = self.wait_for(|view| view["detail"]["summary"]["state"]["state"] == "failed");
        assert_eq!(self.others(), Vec::<String>::new());
        view["detail"]["summary"]["state"]["reason"].as_str().unwrap().to_owned()
    }

    /// The processes of this server, itself left out, each with its command line.
    pub(crate) fn others(&self) -> Vec<String> {
        marked::others(&self.folder.path().display().to_string(), self.child.id())
    }

    pub(crate) fn wait_until_alone(&self) {
        marked::wait_until_alone(&self.folder.path().display().to_string(), self.child.id());
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // It may have ended as the test wanted it to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Six ports in a row that nobody has, with those ten above; other than those before.
fn free_ports() -> u16 {
    let seed = (std::process::id() % 400) as u16;
    loop {
        let first = 20_000 + (seed * 25 + NEXT_PORT.fetch_add(25, Ordering::SeqCst)) % 10_000;
        if (first..first + 20).all(|port| TcpListener::bind(("0.0.0.0", port)).is_ok()) {
            return first;
        }
    }
}
