//! What a message costs the processor of a replica, in a simple model: a part for each message, one for each byte, one for
//! each signature.

use crate::engine::authentication::Scheme;
use crate::engine::message::Message;

/// Costs, in nanoseconds. All zero: processors are infinitely fast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// For each message that is received or sent.
    pub message_ns: u64,
    /// For each byte of it.
    pub byte_ns: u64,
    /// For each request that is executed.
    pub request_ns: u64,
    /// For each signature that is made.
    pub sign_ns: u64,
    /// For each signature that is verified.
    pub verify_ns: u64,
}

impl Costs {
    /// What receiving a message costs. `scheme` is that of the message itself.
    pub fn receiving(&self, message: &Message, bytes: usize, scheme: Option<Scheme>) -> u64 {
        let certificate = match message {
            Message::Protocol(message) => match &message.certificate {
                // An aggregate is one verification, whatever the number of voters.
                Some(_) if scheme == Some(Scheme::Bls) => 1,
                Some(certificate) => u64::from(certificate.voters.len()),
                None => 0,
            },
            Message::ViewChange(_) => 1,
            Message::NewView { proof, .. } => proof.len() as u64,
            _ => 0,
        };
        let own = u64::from(scheme.is_some());
        let requests = match message {
            Message::Protocol(message) => message.block.as_ref().map_or(0, |block| block.requests().len() as u64),
            _ => 0,
        };
        self.message_ns
            + self.byte_ns * bytes as u64
            + self.verify_ns * (own + certificate)
            + self.request_ns * requests
    }

    /// What sending a message costs.
    pub fn sending(&self, bytes: usize, receivers: u32, scheme: Option<Scheme>) -> u64 {
        (self.message_ns + self.byte_ns * bytes as u64) * u64::from(receivers)
            + self.sign_ns * u64::from(scheme.is_some())
    }
}
