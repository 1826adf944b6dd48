//! How a process ended, in words.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// A sentence such as "replica 2 was killed by signal 9 (SIGKILL)" or "replica 2 ended with status 1".
pub fn describe_exit(who: &str, status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("{who} was killed by signal {signal}{}", signal_name(signal)),
        (None, Some(0)) => format!("{who} ended"),
        (None, Some(code)) => format!("{who} ended with status {code}"),
        (None, None) => format!("{who} ended"),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        1 => " (SIGHUP)",
        2 => " (SIGINT)",
        6 => " (SIGABRT)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        _ => "",
    }
}
