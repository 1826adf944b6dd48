//! Why a server function did not do what was asked for.

use crate::backend::BackendError;
use crate::conn::json::JsonText;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::validate::Problem;
use serde::{Deserialize, Serialize};

/// The host's own refusal, kept whole so that problems reach their fields, or a failure on the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PageError {
    /// The host refused.
    Backend(BackendError),
    /// The request was not let in: `{"error": "a sentence"}`, as the server refuses everything that gets no further.
    #[serde(rename = "error")]
    Refused(String),
    /// The host was not reached, or did not understand.
    Unreachable {
        /// A sentence.
        message: String,
    },
}

impl PageError {
    /// What is wrong with the input, each at its key.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Backend(BackendError::Invalid { problems }) => problems,
            _ => &[],
        }
    }
}

impl std::fmt::Display for PageError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Backend(error) => error.fmt(formatter),
            Self::Refused(message) | Self::Unreachable { message } => formatter.write_str(message),
        }
    }
}

impl std::error::Error for PageError {}

impl From<BackendError> for PageError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl FromServerFnError for PageError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let message = match error {
            ServerFnErrorErr::Request(_) => {
                "The server does not answer. Check that it is running, then try again.".to_owned()
            }
            // The server reads requests, the page reads answers.
            ServerFnErrorErr::Deserialization(reason) | ServerFnErrorErr::Args(reason) if cfg!(feature = "ssr") => {
                format!("The server does not take this request: {reason}.")
            }
            error => format!("The server answered in a way this page does not understand: {error}. Reload the page."),
        };
        Self::Unreachable { message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_guard_is_told_in_its_own_words() {
        let refused = PageError::de(r#"{"error":"You are watching."}"#.into());
        assert_eq!(refused, PageError::Refused("You are watching.".to_owned()));
        assert_eq!(refused.to_string(), "You are watching.");
        assert!(matches!(PageError::de("<html>".into()), PageError::Unreachable { .. }));
    }
}
