//! `bftgym token`, beside a server that runs.

use crate::fixture::status;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Runs it: the exit status, and what it said on both streams.
fn token(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bftgym"))
        .arg("token")
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The status of a call with a token.
fn call(port: u16, method: &str, path: &str, token: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: 11\r\n\r\n{{\"trial\":1}}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    status(&answer)
}

#[test]
fn tokens_are_made_listed_and_revoked_while_a_server_runs() {
    let data = TempDir::new().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_bftgym"))
        .args(["serve", "--login", "--port", "0", "--data-dir"])
        .arg(data.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim_end().rsplit(':').next().unwrap().parse().unwrap();

    let (code, driver, told) = token(data.path(), &["new", "nightly runs"]);
    let driver = driver.trim_end();
    assert_eq!((code, driver.len()), (Some(0), 64), "{told}");
    assert!(told.contains("not shown again") && !told.contains(driver), "{told}");
    let (_, audience, _) = token(data.path(), &["new", "screen in the hall", "--role", "audience", "--expires", "12h"]);
    let audience = audience.trim_end();

    let (read, change) = ("/api/read/overview", "/api/stop");
    assert_eq!((call(port, "POST", read, driver), call(port, "POST", change, driver)), (200, 200));
    assert_eq!((call(port, "POST", read, audience), call(port, "POST", change, audience)), (200, 403));

    let (_, list, _) = token(data.path(), &["list"]);
    for text in ["start link", "nightly runs", "screen in the hall", "in 90 days", "audience", "in 12 hours"] {
        assert!(list.contains(text), "{text}: {list}");
    }
    assert!(!list.contains(driver) && !list.contains(audience), "{list}");
    let (_, json, _) = token(data.path(), &["list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(listed[1]["name"], "nightly runs");

    let (code, _, told) = token(data.path(), &["new", "nightly runs"]);
    assert!(code == Some(1) && told.contains("already"), "{told}");
    assert_eq!(token(data.path(), &["revoke", "nightly runs"]).0, Some(0));
    assert_eq!((call(port, "POST", read, driver), call(port, "POST", read, audience)), (401, 200));
    let (code, _, told) = token(data.path(), &["revoke", "nightly runs"]);
    assert!(code == Some(64) && told.contains("nightly runs") && told.contains("token list"), "{told}");
    // By its number, too.
    assert_eq!(token(data.path(), &["revoke", "3"]).0, Some(0));
    assert_eq!(call(port, "POST", read, audience), 401);
    assert_eq!(token(data.path(), &["revoke", "--all"]).0, Some(0));
    let (_, list, told) = token(data.path(), &["list"]);
    assert!(list.is_empty() && told.contains("no tokens"), "{list}{told}");

    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn options_that_make_no_sense_are_refused_with_what_would() {
    let data = TempDir::new().unwrap();
    for (arguments, mend) in [
        (&["new", ""][..], "needs a name"),
        (&["new", "x", "--role", "admin"], "driver or audience"),
        (&["new", "x", "--expires", "soon"], "30d"),
        (&["revoke"], "NAME"),
        (&["revoke", "x", "--all"], "--all"),
    ] {
        let (code, stdout, told) = token(data.path(), arguments);
        assert!(code == Some(64) && stdout.is_empty() && told.contains(mend), "{arguments:?}: {told}");
    }
}
