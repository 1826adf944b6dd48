//! What the page asks of access: links for watchers.

use super::Access;
use app::access::{Desk, WatchingLink};
use app::backend::BackendError;
use async_trait::async_trait;

/// The access of a server, as its page sees it.
#[derive(Clone, Debug)]
pub struct AccessDesk(pub Access);

#[async_trait]
impl Desk for AccessDesk {
    async fn share(&self) -> Result<WatchingLink, BackendError> {
        let Some(login) = self.0.login() else {
            let message = "this server has no login, so there is nobody to let in: start it with --login".to_owned();
            return Err(BackendError::Conflict { message });
        };
        match login.watching_token().await {
            Ok((token, expires_ms)) => Ok(WatchingLink { token, expires_ms }),
            Err(error) => Err(BackendError::Failed { message: error.to_string() }),
        }
    }
}
