//! Why a server function did not do what was asked for.

use crate::backend::BackendError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::validate::Problem;
use serde::{Deserialize, Serialize};

/// The host's own refusal, kept whole so that problems reach their fields, or a failure on the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PageError {
    /// The host refused.
    Backend(BackendError),
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
            Self::Unreachable { message } => formatter.write_str(message),
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
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let message = match error {
            ServerFnErrorErr::Request(_) => {
                "The server does not answer. Check that it is running, then try again.".to_owned()
            }
            error => format!("The server answered in a way this page does not understand: {error}. Reload the page."),
        };
        Self::Unreachable { message }
    }
}
