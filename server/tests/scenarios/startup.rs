//! The program itself: what it says when it starts, when it cannot, and how it ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

fn serve(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bftgym"));
    command.arg("serve").arg("--data-dir").arg(data).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(data: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, stdout } = serve(data, arguments).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// A server that is ready, and its port.
fn ready(data: &Path) -> (Child, u16) {
    let mut child = serve(data, &["--port", "0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let port = line.strip_prefix("BFTGym is ready: http://127.0.0.1:").and_then(|port| port.trim_end().parse().ok());
    (child, port.unwrap_or_else(|| panic!("not ready: {line:?}")))
}

fn terminate(mut child: Child) -> std::process::ExitStatus {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    child.wait().unwrap()
}

#[test]
fn a_port_in_use_is_named_with_the_mend() {
    let (data, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (child, port) = ready(data.path());
    let (code, message) = refused(other.path(), &["--port", &port.to_string()]);
    assert!(code == Some(64) && message.contains(&port.to_string()) && message.contains("--port"), "{message}");
    assert!(terminate(child).success());
}

#[test]
fn a_second_server_on_one_data_directory_is_refused_and_after_the_end_of_the_first_it_serves() {
    let data = TempDir::new().unwrap();
    let (child, _) = ready(data.path());
    let (code, message) = refused(data.path(), &["--port", "0"]);
    assert!(code == Some(1) && message.contains("in use by another BFTGym server"), "{message}");
    assert!(terminate(child).success());
    let (mut child, _) = ready(data.path());
    child.kill().unwrap();
    child.wait().unwrap();
    let (child, _) = ready(data.path());
    assert!(terminate(child).success());
}

#[test]
fn a_data_directory_that_cannot_be_made_is_named_with_the_mend() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let (code, message) = refused(&file.join("data"), &["--port", "0"]);
    assert!(code == Some(1) && message.contains("file/data") && message.contains("--data-dir"), "{message}");
}

#[test]
fn listening_beyond_this_machine_in_the_clear_is_refused() {
    let data = TempDir::new().unwrap();
    let (code, message) = refused(data.path(), &["--host", "0.0.0.0"]);
    assert!(code == Some(64) && message.contains("--tls-cert") && message.contains("--plain-http"), "{message}");
    let (code, message) = refused(data.path(), &["--host", "gym.example.org"]);
    assert!(code == Some(64) && message.contains("no IP address"), "{message}");
}

#[test]
fn an_experiment_that_does_not_fit_is_refused_with_the_key() {
    let data = TempDir::new().unwrap();
    let file = data.path().join("mine.yaml");
    std::fs::write(&file, "general:\n  f: 99\n").unwrap();
    let (code, message) = refused(data.path(), &["--port", "0", "--config", file.to_str().unwrap()]);
    assert!(code == Some(64) && message.contains("general.f"), "{message}");
}
