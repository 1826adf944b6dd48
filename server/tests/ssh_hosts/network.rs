//! A laboratory: one namespace for the server with a bridge in it, one for each host with an SSH server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;

/// Tells the test inside the server's namespace where its laboratory is.
const INSIDE: &str = "BFTGYM_TEST_LABORATORY";
const SSHD: &str = "/usr/sbin/sshd";
/// A laboratory takes all that a small machine has.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What a host is like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HostKind {
    /// The size of its home, MB; 0 for enough.
    pub(crate) home_mb: u32,
    /// Forwards no ports.
    pub(crate) no_forwarding: bool,
}

/// The laboratory as a test sees it.
#[derive(Debug)]
pub(crate) struct Laboratory {
    pub(crate) folder: PathBuf,
    prefix: String,
}

/// What the outer process made and has to take down.
struct Built {
    prefix: String,
    hosts: usize,
    servers: Vec<Child>,
    folder: TempDir,
}

/// Runs a test inside a laboratory of such hosts. The process that libtest started builds it and runs this same test again
/// in the server's namespace.
pub(crate) fn inside(test: &str, kinds: &[HostKind], body: impl FnOnce(&Laboratory)) {
    if let Ok(place) = std::env::var(INSIDE) {
        let (prefix, folder) = place.split_once(' ').unwrap();
        body(&Laboratory { folder: PathBuf::from(folder), prefix: prefix.to_owned() });
        return;
    }
    if let Some(reason) = missing() {
        eprintln!("SKIPPED {test}: {reason}");
        return;
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let built = Built::new(kinds);
    let output = Command::new("ip")
        .args(["netns", "exec", &format!("{}s", built.prefix)])
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, format!("{} {}", built.prefix, built.folder.path().display()))
        .env("HOME", built.folder.path().join("home"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{test} failed inside its laboratory:\n{}", quoted(&output));
}

/// What the inner process said, each line set off: its own "test result" is not one more of the outer process.
fn quoted(output: &Output) -> String {
    let lines = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    lines.iter().flat_map(|text| text.lines()).map(|line| format!("  | {line}\n")).collect()
}

/// What this machine lacks for a laboratory.
fn missing() -> Option<String> {
    let works = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success())
    };
    let probe = format!("bgp{}", std::process::id());
    if !Path::new(SSHD).exists() {
        return Some(format!("there is no {SSHD}; install openssh-server"));
    }
    if !works("ip", &["netns", "add", &probe]) {
        return Some("network namespaces cannot be made; run the tests as root, with iproute2".to_owned());
    }
    works("ip", &["netns", "del", &probe]);
    (!works("unshare", &["--mount", "true"])).then(|| "mounts cannot be kept apart; run the tests as root".to_owned())
}

pub(crate) fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn keygen(file: &Path, passphrase: &str) {
    run("ssh-keygen", &["-q", "-t", "ed25519", "-N", passphrase, "-f", file.to_str().unwrap()]);
}

impl Built {
    fn new(kinds: &[HostKind]) -> Self {
        let folder = TempDir::new().unwrap();
        let nanoseconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
        let prefix = format!("bg{:x}", (std::process::id() ^ nanoseconds) & 0xff_ffff);
        let mut built = Self { prefix, hosts: kinds.len(), servers: vec![], folder };
        built.keys();
        let server = format!("{}s", built.prefix);
        run("ip", &["netns", "add", &server]);
        run("ip", &["-n", &server, "link", "set", "lo", "up"]);
        run("ip", &["-n", &server, "link", "add", "bridge0", "type", "bridge"]);
        run("ip", &["-n", &server, "addr", "add", "10.77.0.1/24", "dev", "bridge0"]);
        run("ip", &["-n", &server, "link", "set", "bridge0", "up"]);
        for (number, kind) in kinds.iter().enumerate() {
            built.host(number, *kind);
        }
        built
    }

    fn keys(&self) {
        let folder = self.folder.path();
        std::fs::create_dir(folder.join("home")).unwrap();
        for (name, passphrase) in [("key", ""), ("locked", "correct horse"), ("stranger", "")] {
            keygen(&folder.join(name), passphrase);
        }
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        std::fs::write(folder.join("authorized"), read("key.pub") + &read("locked.pub")).unwrap();
    }

    fn host(&mut self, number: usize, kind: HostKind) {
        let name = format!("{}h{number}", self.prefix);
        let (server, outer) = (format!("{}s", self.prefix), format!("port{number}"));
        run("ip", &["netns", "add", &name]);
        run("ip", &["-n", &server, "link", "add", &outer, "type", "veth", "peer", "name", "eth0", "netns", &name]);
        run("ip", &["-n", &server, "link", "set", &outer, "master", "bridge0", "up"]);
        run("ip", &["-n", &name, "link", "set", "lo", "up"]);
        run("ip", &["-n", &name, "addr", "add", &format!("{}/24", address(number)), "dev", "eth0"]);
        run("ip", &["-n", &name, "link", "set", "eth0", "up"]);
        let folder = self.folder.path();
        let key = folder.join(format!("host{number}"));
        keygen(&key, "");
        let forwarding = if kind.no_forwarding { "no" } else { "yes" };
        let configuration = format!(
            "ListenAddress {}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
             PasswordAuthentication no\nPermitRootLogin yes\nAllowTcpForwarding {forwarding}\nLogLevel ERROR\n",
            address(number),
            key.display(),
            folder.join("authorized").display(),
        );
        let file = folder.join(format!("sshd{number}"));
        std::fs::write(&file, configuration).unwrap();
        let size = if kind.home_mb == 0 { "90%".to_owned() } else { format!("{}m", kind.home_mb) };
        let script =
            r#"mount -t tmpfs -o "size=$1" tmpfs /root && mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f "$2""#;
        let sshd = Command::new("ip")
            .args(["netns", "exec", &name, "unshare", "--mount", "sh", "-c", script, "sh", &size])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join(format!("sshd{number}.log"))).unwrap())
            .spawn()
            .unwrap();
        self.servers.push(sshd);
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        let names = (0..self.hosts).map(|number| format!("{}h{number}", self.prefix));
        for name in names.chain([format!("{}s", self.prefix)]) {
            for pid in pids(&name) {
                // One that has ended in the meantime is as good.
                let _ = Command::new("kill").args(["-KILL", &pid]).stderr(Stdio::null()).status();
            }
            let _ = Command::new("ip").args(["netns", "del", &name]).stderr(Stdio::null()).status();
        }
        for server in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn pids(namespace: &str) -> Vec<String> {
    let output = Command::new("ip").args(["netns", "pids", namespace]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

/// The address of a host.
pub(crate) fn address(number: usize) -> String {
    format!("10.77.0.{}", 10 + number)
}

impl Laboratory {
    pub(crate) fn key(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(crate) fn host(&self, number: usize) -> String {
        format!("{}h{number}", self.prefix)
    }

    /// The processes of ours on a host.
    pub(crate) fn processes(&self, number: usize) -> Vec<String> {
        let is_ours = |pid: &String| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.trim() == "bftgym"
        };
        pids(&self.host(number)).into_iter().filter(is_ours).collect()
    }

    pub(crate) fn wait_until_empty(&self, hosts: std::ops::Range<usize>) {
        while hosts.clone().any(|number| !self.processes(number).is_empty()) {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// What is on a host of copies of the program that are not whole.
    pub(crate) fn parts(&self, number: usize) -> Vec<PathBuf> {
        let pid = pids(&self.host(number)).remove(0);
        let found =
            Command::new("find").arg(format!("/proc/{pid}/root/root/")).args(["-name", "part.*"]).output().unwrap();
        String::from_utf8_lossy(&found.stdout).lines().map(PathBuf::from).collect()
    }

    /// Lets through so little to a host that a copy takes a minute.
    pub(crate) fn slow_down(&self, number: usize) {
        let port = format!("port{number}");
        let limit = ["root", "tbf", "rate", "8mbit", "burst", "32kbit", "latency", "400ms"];
        run("tc", &[&["qdisc", "add", "dev", &port][..], &limit].concat());
    }

    /// A host is set up anew: it has another key from now on.
    pub(crate) fn set_up_anew(&self, number: usize) {
        let key = self.folder.join(format!("host{number}"));
        std::fs::remove_file(&key).unwrap();
        keygen(&key, "");
        // Only the first process listens, and reads its keys again when it is told to.
        run("kill", &["-HUP", &pids(&self.host(number)).remove(0)]);
    }

    /// Takes a host off the network.
    pub(crate) fn unplug(&self, number: usize) {
        run("ip", &["-n", &self.host(number), "link", "set", "eth0", "down"]);
    }

    /// Two hosts do not reach each other any more.
    pub(crate) fn part(&self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            run("ip", &["-n", &self.host(from), "route", "add", "blackhole", &format!("{}/32", address(to))]);
        }
    }
}
