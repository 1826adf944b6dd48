//! Whether the live stream is open, and how long to wait before it is opened again.

/// The state of the live stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Being opened for the first time.
    #[default]
    Connecting,
    /// Open: what the page shows is what is going on.
    Live,
    /// Cut: what the page shows may be old.
    Lost,
    /// Over: who looks has to sign in again.
    SignedOut,
}

impl Connection {
    /// The value of the `data-connection` attribute.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Lost => "lost",
            Self::SignedOut => "signed-out",
        }
    }

    /// The state of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Connecting, Self::Live, Self::Lost, Self::SignedOut].into_iter().find(|state| state.name() == name)
    }

    /// The word the page shows.
    pub fn label(self) -> &'static str {
        match self {
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Lost => "Disconnected",
            Self::SignedOut => "Signed out",
        }
    }
}

/// The wait before attempt `attempt` (from 0) to open the stream again, ms: 250, 500, 1000, then 2000.
pub fn retry_wait_ms(attempt: u32) -> i32 {
    250 << attempt.min(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_two_seconds_and_stays_there() {
        assert_eq!([0, 1, 2, 3, 4, 400].map(retry_wait_ms), [250, 500, 1000, 2000, 2000, 2000]);
    }
}
