//! Paths that only this server answers: a host that reaches one has reached the right server.

use super::token::random_hex;
use crate::error::ServerError;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many paths are answered at a time; the oldest go first.
const MAX_PROBES: usize = 256;

/// The paths that are answered.
#[derive(Debug, Default)]
pub struct Probes(Mutex<VecDeque<String>>);

impl Probes {
    /// A fresh path under the units' prefix.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn issue(&self) -> Result<String, ServerError> {
        let nonce = random_hex::<16>()?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.push_back(nonce.clone());
        if known.len() > MAX_PROBES {
            known.pop_front();
        }
        Ok(format!("/w/probe/{nonce}"))
    }

    /// Whether the end of such a path was issued here.
    pub fn knows(&self, nonce: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == nonce)
    }
}
