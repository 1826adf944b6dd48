//! SIGINT and SIGTERM: both ask for an end in order.

use crate::error::ServerError;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Waits for a signal to end.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Listens from now on.
    pub(super) fn new() -> Result<Self, ServerError> {
        let listen =
            |kind| signal(kind).map_err(|source| ServerError::Io { what: "signals cannot be listened for", source });
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub(super) async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// A token that the next one cancels.
    pub(super) fn token() -> Result<CancellationToken, ServerError> {
        let mut signals = Self::new()?;
        let token = CancellationToken::new();
        let cancelled = token.clone();
        tokio::spawn(async move {
            signals.received().await;
            cancelled.cancel();
        });
        Ok(token)
    }
}
