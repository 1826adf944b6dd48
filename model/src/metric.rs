//! Names and units of what units report. Native units and units of the public framework feed the same metrics.

/// Requests answered per second, as the clients count them.
pub const THROUGHPUT: &str = "throughput";
/// Requests sent per second.
pub const OFFERED: &str = "offered";
/// Median latency, from sending a request to enough matching replies, ms.
pub const LATENCY_P50: &str = "latency-p50";
/// 90th percentile of the latency, ms.
pub const LATENCY_P90: &str = "latency-p90";
/// 99th percentile of the latency, ms.
pub const LATENCY_P99: &str = "latency-p99";
/// Largest latency, ms.
pub const LATENCY_MAX: &str = "latency-max";
/// Mean latency, ms.
pub const LATENCY_MEAN: &str = "latency-mean";
/// The last sequence number a replica has executed.
pub const LAST_EXECUTED: &str = "last-executed-sequence";
/// How many blocks a replica was behind f + 1 others at most since its last report, by the checkpoints they announced.
pub const LAG: &str = "lag";
/// Blocks a replica has proposed since its start.
pub const PROPOSED: &str = "proposed";
/// The view a replica is in.
pub const VIEW: &str = "view";
/// The replica that leads the next block, as a replica sees it: protocols that rotate change it within a view.
pub const LEADER: &str = "leader";
/// Protocol messages sent per second.
pub const MESSAGES_SENT: &str = "messages-sent";
/// Bytes sent to other units per second.
pub const BYTES_SENT: &str = "bytes-sent";
/// Frames dropped since the start: not authentic, malformed, or beyond a bound.
pub const FRAMES_DROPPED: &str = "frames-dropped";
/// Requests a replica refused since its start because too many were waiting for a block.
pub const REQUESTS_DROPPED: &str = "requests-dropped";
/// Messages refused since the start: a signature, certificate or client's proof did not hold.
pub const MESSAGES_REFUSED: &str = "messages-refused";
/// Messages a replica left aside since its start: of another view, from a replica without the role, outside the window.
pub const MESSAGES_UNEXPECTED: &str = "messages-unexpected";
/// Views a replica has entered after the first.
pub const VIEW_CHANGES: &str = "view-changes";
/// Blocks that took the slow path, as replicas or clients count them.
pub const SLOW_PATH: &str = "slow-path";
/// Of the blocks of an interval, how many a unit of the public framework ran into a timeout with: at least 0.
pub const SLOW_PATH_SHARE: &str = "slow-path-share";
/// Votes a replica has seen that contradict earlier ones of the same replica.
pub const EQUIVOCATIONS: &str = "equivocations-seen";
/// States a replica has taken over from others.
pub const STATE_TRANSFERS: &str = "state-transfers";
/// Places whose speculative execution a replica has undone.
pub const ROLLED_BACK: &str = "rolled-back";
/// Resident memory, MiB.
pub const MEMORY: &str = "memory";
/// Processor time per second of wall time, percent of one core.
pub const CPU: &str = "cpu";

/// The longest name, characters.
const MAX_NAME: usize = 100;

/// Whether a text can be a metric's name.
///
/// # Errors
/// What is wrong with it, to be put after what it is called.
pub fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if length == 0 {
        Err("is empty".to_owned())
    } else if length > MAX_NAME {
        Err(format!("has {length} characters; at most {MAX_NAME} fit"))
    } else if name.chars().any(char::is_control) {
        Err("has control characters".to_owned())
    } else {
        Ok(())
    }
}

/// The messages of one type sent per second: [`MESSAGES_SENT`], a slash, the message's name.
pub fn messages_of_type(name: &str) -> String {
    format!("{MESSAGES_SENT}/{name}")
}

/// The bytes of one type of messages sent per second: [`BYTES_SENT`], a slash, the message's name.
pub fn bytes_of_type(name: &str) -> String {
    format!("{BYTES_SENT}/{name}")
}

/// Whether a metric is of one type of messages: its name has a slash.
pub fn is_of_type(metric: &str) -> bool {
    metric.contains('/')
}

/// Whether the page shows a metric: the others are stored, and need not travel.
pub fn is_shown(metric: &str) -> bool {
    match metric.split_once('/') {
        Some((of, _)) => matches!(of, MESSAGES_SENT | BYTES_SENT),
        None => matches!(
            metric,
            THROUGHPUT
                | OFFERED
                | LATENCY_P50
                | LATENCY_P90
                | LATENCY_P99
                | LATENCY_MAX
                | LATENCY_MEAN
                | LAST_EXECUTED
                | LAG
                | VIEW
                | LEADER
                | SLOW_PATH
                | SLOW_PATH_SHARE
                | MEMORY
                | CPU
        ),
    }
}

/// What a metric's numbers are counted in, for axes and tables; empty for plain counts.
pub fn unit_of(metric: &str) -> &'static str {
    // The types of messages are counted in what all messages are.
    match metric.split_once('/').map_or(metric, |(of, _)| of) {
        THROUGHPUT | OFFERED => "req/s",
        LATENCY_P50 | LATENCY_P90 | LATENCY_P99 | LATENCY_MAX | LATENCY_MEAN => "ms",
        MESSAGES_SENT => "messages/s",
        BYTES_SENT => "bytes/s",
        MEMORY => "MiB",
        CPU => "%",
        _ => "",
    }
}
