//! Ends the session. It is no server function: only a plain route can take the cookie back.

use crate::conn::error::PageError;

/// Ends the session of this browser.
pub(crate) async fn sign_out() -> Result<(), PageError> {
    let answer = gloo_net::http::Request::post("/logout").send().await;
    match answer {
        Ok(answer) if answer.ok() || answer.status() == 401 => Ok(()),
        Ok(answer) => Err(PageError::Unreachable {
            message: format!(
                "You are still signed in: the server answered with status {}. Try again.",
                answer.status()
            ),
        }),
        Err(_) => Err(PageError::Unreachable {
            message: "You are still signed in: the server does not answer. Check that it is running.".to_owned(),
        }),
    }
}
