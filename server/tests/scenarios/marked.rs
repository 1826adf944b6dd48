//! The processes that belong to one server of these tests: all of them have its mark in their environment.

use std::time::Duration;

/// The variable that holds the mark.
pub(crate) const MARK: &str = "BFTGYM_TEST_SERVER";

/// The processes with this mark, but for the server's own.
pub(crate) fn others(mark: &str, server: u32) -> Vec<String> {
    let own = server.to_string();
    let mark = format!("{MARK}={mark}");
    let pids = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    pids.filter(|pid| *pid != own && pid.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|pid| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        })
        .collect()
}

/// Waits until the server is the last one.
pub(crate) fn wait_until_alone(mark: &str, server: u32) {
    while !others(mark, server).is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
