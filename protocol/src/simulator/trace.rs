//! What happened in a simulation, event by event, in a form that can be written as JSON lines and drawn.

use serde::{Deserialize, Serialize};

/// One event of a trace. Times are µs of simulated time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TraceEvent {
    /// A replica received a message of another.
    Message {
        /// When it was sent.
        sent_us: u64,
        /// When it arrived.
        at_us: u64,
        /// Who sent it.
        from: u32,
        /// Who received it.
        to: u32,
        /// Its name.
        message: String,
        /// The sender's view, where it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        view: Option<u64>,
        /// The place it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        sequence: Option<u64>,
        /// The first eight hexadecimal digits of the block it is about.
        #[serde(skip_serializing_if = "Option::is_none")]
        block: Option<String>,
    },
    /// A message was refused, because a signature or a certificate in it is wrong.
    Refused {
        /// When.
        at_us: u64,
        /// Who sent it.
        from: u32,
        /// Who refused it.
        to: u32,
        /// Its name.
        message: String,
    },
    /// A replica executed a block.
    Executed {
        /// When.
        at_us: u64,
        /// Which replica.
        replica: u32,
        /// The place.
        sequence: u64,
        /// The first eight hexadecimal digits of its history after it.
        history: String,
    },
    /// A replica entered a view.
    View {
        /// When.
        at_us: u64,
        /// Which replica.
        replica: u32,
        /// The view.
        view: u64,
        /// Its leader.
        leader: u32,
    },
    /// The configuration changed.
    Change {
        /// When.
        at_us: u64,
        /// The keys with their values, as text.
        set: Vec<(String, String)>,
    },
    /// A client has its answer.
    Completed {
        /// When.
        at_us: u64,
        /// Which client.
        client: u16,
        /// Which of its requests.
        request: u64,
        /// How long it took.
        latency_us: u64,
    },
    /// Replicas disagree.
    Diverged {
        /// When it was seen.
        at_us: u64,
        /// A sentence.
        what: String,
    },
}
