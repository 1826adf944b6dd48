//! The consensus engine: one replica of any protocol that lowers to a [`crate::table::Table`].
//!
//! It is driven by [`replica::Replica::step`]: an input and the time go in, outputs come out. Everything it keeps is
//! bounded: the log by the agreement window and the checkpoint interval, votes by one a sender and kind, waiting requests
//! by [`request_queue::RequestQueue`]'s limits.

mod aggregation;
mod agreement;
pub mod authentication;
pub mod block;
pub mod catch_up;
pub mod checkpoint;
mod checkpoint_certificate;
pub mod client;
pub mod codec;
mod doubts;
mod executing;
pub mod execution;
mod frontier;
pub mod log;
pub mod message;
pub mod output;
pub mod payload;
mod proposing;
pub mod reader;
pub mod records;
pub mod recovery;
pub mod replica;
pub mod request_queue;
pub mod settings;
pub mod snapshot;
mod speculation;
pub mod tally;
pub mod verify;
pub mod view_change;
pub mod view_decision;
mod writer;

pub use authentication::{Keys, Mode, NoKeys};
pub use block::{Block, ClientId, Digest, Request};
pub use client::Client;
pub use message::Message;
pub use output::{Input, Output, Timer};
pub use payload::Payload;
pub use replica::Replica;
pub use settings::Settings;
pub use verify::{Sender, verify};
