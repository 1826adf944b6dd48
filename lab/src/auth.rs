//! Authenticated channels: every frame carries a tag of a key that only its two ends know.
//!
//! A tag covers the frame's number on its channel and direction, so that a frame replayed, reordered or reflected does not
//! pass. Keys come from X25519 between the units (their public halves vouched for by the controller over its own
//! authenticated channels); tags are keyed BLAKE3, cut to 16 bytes.

use protocol::engine::Payload;
use x25519_dalek::{PublicKey, StaticSecret};

/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;
/// Larger heads are hashed once, and each receiver's tag covers the hash.
const HASHED_FROM_BYTES: usize = 1024;

/// A key for one direction of a channel.
#[derive(Clone)]
pub struct ChannelKey([u8; 32]);

impl std::fmt::Debug for ChannelKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ChannelKey(…)")
    }
}

/// The keys of one end of a channel.
#[derive(Clone, Debug)]
pub struct ChannelKeys {
    /// For what this end sends.
    pub sending: ChannelKey,
    /// For what this end receives.
    pub receiving: ChannelKey,
}

/// What a tag covers of a body. A body is a head, and payloads that follow it, which are covered by their hashes.
#[derive(Clone, Debug)]
pub enum Covered {
    /// A small head without payloads: the head itself.
    Whole,
    /// The hash of the head's length, the head, and the payloads' hashes.
    Hash([u8; 32]),
}

impl Covered {
    /// To be made once for a body, however many receivers it has.
    pub fn of(head: &[u8], payloads: &[Payload]) -> Self {
        if head.len() < HASHED_FROM_BYTES && payloads.is_empty() {
            return Self::Whole;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(head.len() as u64).to_le_bytes());
        hasher.update(head);
        for digest in payloads.iter().filter_map(Payload::digest) {
            hasher.update(digest);
        }
        Self::Hash(*hasher.finalize().as_bytes())
    }
}

impl ChannelKey {
    /// The tag of the frame with this number and head.
    pub fn tag(&self, number: u64, head: &[u8], covered: &Covered) -> [u8; TAG_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&number.to_le_bytes());
        match covered {
            Covered::Whole => hasher.update(head),
            Covered::Hash(hash) => hasher.update(hash),
        };
        let mut tag = [0; TAG_BYTES];
        hasher.finalize_xof().fill(&mut tag);
        tag
    }

    /// Whether a tag is right, in constant time.
    pub fn verify(&self, number: u64, head: &[u8], covered: &Covered, tag: &[u8]) -> bool {
        are_equal(&self.tag(number, head, covered), tag)
    }
}

/// A key for tags of statements from one unit to another.
#[derive(Clone)]
pub struct TagKey([u8; 32]);

impl std::fmt::Debug for TagKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TagKey(…)")
    }
}

impl TagKey {
    /// The tag of a statement.
    pub fn tag(&self, statement: &[u8]) -> [u8; TAG_BYTES] {
        let hash = blake3::keyed_hash(&self.0, statement);
        hash.as_bytes().first_chunk().copied().unwrap_or_default()
    }

    /// Whether a tag is right, in constant time.
    pub fn verify(&self, statement: &[u8], tag: &[u8]) -> bool {
        are_equal(&self.tag(statement), tag)
    }
}

/// Compares tags in constant time.
fn are_equal(expected: &[u8; TAG_BYTES], tag: &[u8]) -> bool {
    let difference = expected.iter().zip(tag).fold(0, |sum, (left, right)| sum | (left ^ right));
    tag.len() == TAG_BYTES && std::hint::black_box(difference) == 0
}

/// The keys of the channel between the controller and a worker, from the secret that the worker got on its standard input.
pub fn control_keys(secret: &[u8; 32], at_controller: bool) -> ChannelKeys {
    let down = ChannelKey(blake3::derive_key("bftgym 2026-11 controller to worker", secret));
    let up = ChannelKey(blake3::derive_key("bftgym 2026-11 worker to controller", secret));
    if at_controller {
        ChannelKeys { sending: down, receiving: up }
    } else {
        ChannelKeys { sending: up, receiving: down }
    }
}

/// A number used once, from each end of a connection.
pub type Nonce = [u8; 32];

/// A unit's key pair for agreeing on channel keys.
pub struct KeyPair {
    secret: StaticSecret,
    /// The half that others may know.
    pub public: [u8; 32],
}

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeyPair").finish_non_exhaustive()
    }
}

impl KeyPair {
    /// A fresh pair.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let secret = StaticSecret::from(bytes);
        let public = PublicKey::from(&secret).to_bytes();
        Ok(Self { secret, public })
    }

    /// The keys of a connection with the unit that has this public half. The nonces are fresh for each connection, the
    /// caller's first, so that nothing said on an earlier one passes on this.
    pub fn channel(&self, peer: &[u8; 32], nonces: &[Nonce; 2]) -> ChannelKeys {
        let key = |sender: &[u8; 32], receiver: &[u8; 32]| {
            ChannelKey(self.derive(
                "bftgym 2026-11 channel between units",
                peer,
                &[sender, receiver, &nonces[0], &nonces[1]],
            ))
        };
        ChannelKeys { sending: key(&self.public, peer), receiving: key(peer, &self.public) }
    }

    /// The keys for tags of statements: towards the unit with this public half, and from it.
    pub fn tag_keys(&self, peer: &[u8; 32]) -> (TagKey, TagKey) {
        let key = |sender: &[u8; 32], receiver: &[u8; 32]| {
            TagKey(self.derive("bftgym 2026-11 statements between units", peer, &[sender, receiver]))
        };
        (key(&self.public, peer), key(peer, &self.public))
    }

    fn derive(&self, context: &str, peer: &[u8; 32], parts: &[&[u8; 32]]) -> [u8; 32] {
        let shared = self.secret.diffie_hellman(&PublicKey::from(*peer));
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(shared.as_bytes());
        parts.iter().for_each(|part| {
            hasher.update(part.as_slice());
        });
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_holds_for_its_channel_direction_number_and_body_only() {
        let (alice, bob, eve) =
            (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let nonces = [[1; 32], [2; 32]];
        let payload = |fill: u8| Payload::new(vec![fill; 400].into());
        let (at_alice, at_bob) = (alice.channel(&bob.public, &nonces), bob.channel(&alice.public, &nonces));
        for body in [vec![7; 40], vec![7; 5000]] {
            for payloads in [vec![], vec![payload(1)], vec![payload(1), payload(2)]] {
                let tag = at_alice.sending.tag(3, &body, &Covered::of(&body, &payloads));
                let verify = |keys: &ChannelKeys, number, body: &[u8], payloads: &[Payload], tag: &[u8]| {
                    keys.receiving.verify(number, body, &Covered::of(body, payloads), tag)
                };
                assert!(verify(&at_bob, 3, &body, &payloads, &tag));
                assert!(!verify(&at_bob, 4, &body, &payloads, &tag), "replayed");
                assert!(!verify(&at_alice, 3, &body, &payloads, &tag), "reflected");
                assert!(!verify(&eve.channel(&alice.public, &nonces), 3, &body, &payloads, &tag), "of another channel");
                let later = bob.channel(&alice.public, &[[1; 32], [3; 32]]);
                assert!(!verify(&later, 3, &body, &payloads, &tag), "of an earlier connection");
                let mut changed = body.clone();
                changed[1] ^= 1;
                assert!(!verify(&at_bob, 3, &changed, &payloads, &tag), "changed");
                let others = [payloads.as_slice(), &[payload(3)]].concat();
                assert!(!verify(&at_bob, 3, &body, &others, &tag), "with another payload");
                let mut exchanged = payloads.clone();
                exchanged.reverse();
                assert_eq!(verify(&at_bob, 3, &body, &exchanged, &tag), payloads.len() < 2, "in another order");
                assert!(!verify(&at_bob, 3, &body, &payloads, &tag[..4]), "cut");
            }
        }
    }
}
