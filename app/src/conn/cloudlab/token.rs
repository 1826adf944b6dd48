//! Hands the portal's token to the host, has it checked, or takes it away again. It goes in the body of a POST, and never
//! comes back.

use crate::backend::BackendError;
use crate::backend::cloudlab::{TokenAction, TokenState};
use crate::conn::error::PageError;
use crate::conn::json::Json;
use leptos::prelude::*;

/// Does something about the token, and answers with what is known of it then.
pub(crate) async fn change_token(action: TokenAction) -> Result<TokenState, PageError> {
    answer(action).await?.map_err(PageError::Backend)
}

// A refusal is an answer and no failure of the request: browsers write failed requests into their console.
#[server(endpoint = "cloudlab/token", input = Json, output = Json)]
async fn answer(action: TokenAction) -> Result<Result<TokenState, BackendError>, PageError> {
    let backend = super::backend()?;
    Ok(match action {
        TokenAction::Give { token } => backend.give_token(token).await,
        TokenAction::Check => backend.check_token().await,
        TokenAction::Forget => backend.forget_token().await,
    })
}
