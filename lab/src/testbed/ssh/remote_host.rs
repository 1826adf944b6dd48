//! What this project needs of a host that it is logged in to. The trait keeps the SSH library out of everything else.

use super::command::RemoteCommand;
use async_trait::async_trait;
use bytes::Bytes;
use std::net::IpAddr;
use thiserror::Error;
use tokio::sync::mpsc;

/// Why something could not be done on a host.
#[derive(Debug, Error)]
pub enum HostError {
    /// The connection is gone.
    #[error("the connection is gone: {reason}")]
    Lost {
        /// Why.
        reason: String,
    },
    /// The host's SSH server does not do it.
    #[error("its SSH server refuses to {what}")]
    Refused {
        /// What it was asked for.
        what: &'static str,
    },
    /// It said too much.
    #[error("it answered with more than {limit} bytes")]
    TooMuch {
        /// How much fits.
        limit: usize,
    },
}

/// What a command said.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Its exit status; none where it was killed.
    pub status: Option<u32>,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub errors: String,
}

/// A command that runs.
#[derive(Debug)]
pub struct RemoteProcess {
    /// Lines for its standard input, without their ends. When this is dropped its input ends.
    pub input: mpsc::Sender<String>,
    /// Lines of its standard output; closed when it has ended or the connection is gone.
    pub lines: mpsc::Receiver<String>,
}

/// A host that one is logged in to.
#[async_trait]
pub trait RemoteHost: Send + Sync {
    /// The address that the connection goes to.
    fn peer(&self) -> IpAddr;

    /// Runs a command to its end with this as its standard input; `sent` is told how many bytes of it have gone.
    ///
    /// # Errors
    /// When the connection is gone or the host refuses. What the command itself thinks of it is in its status.
    async fn run(
        &self,
        command: &RemoteCommand,
        input: Bytes,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Output, HostError>;

    /// Starts a command that goes on.
    ///
    /// # Errors
    /// When the connection is gone or the host refuses.
    async fn start(&self, command: &RemoteCommand) -> Result<RemoteProcess, HostError>;

    /// Lets the host listen at its own loopback address and bring every connection there to the server's units' address.
    /// Answers with the port.
    ///
    /// # Errors
    /// When the connection is gone or the host refuses.
    async fn forward(&self) -> Result<u16, HostError>;

    /// Hangs up.
    async fn close(&self);
}
