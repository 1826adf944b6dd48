//! What faulty replicas say instead: another block to some (equivocation), votes for blocks that do not exist.
//!
//! An equivocator splits the cluster by parity: who has a number of its own parity is told the block, the others its twin.
//! All equivocators draw the same line, so that as voters they tell each replica what an equivocating leader told it, and
//! both halves gather votes. With the usual leader 0 the odd-numbered replicas get the twin. When the leader is replaced, an
//! equivocator denies all that it has seen.

use crate::engine::block::{Block, Digest};
use crate::engine::message::{Message, ProtocolMessage, ViewChange};
use bytes::Bytes;
use model::ids::ReplicaId;

/// What an equivocator needs of its replica.
pub trait Twins {
    /// The other block that is named instead of this one: the same requests in another order. None where there is none, and
    /// where a trusted counter forbids it. The twin of the twin is the block itself.
    fn twin(&self, digest: &Digest) -> Option<Block>;

    /// Signs a changed message as its protocol asks for.
    fn sign(&self, message: &mut ProtocolMessage);

    /// Signs a changed request for the next view; false where a trusted counter would give the change away.
    fn sign_view_change(&self, change: &mut ViewChange) -> bool;
}

/// What an equivocator sends instead: another block to a replica of the other parity, to everybody a request for the next
/// view without a word of what it saw. None: the same.
pub(super) fn equivocation(me: ReplicaId, to: ReplicaId, message: &Message, twins: &dyn Twins) -> Option<Message> {
    if let Message::ViewChange(change) = message {
        let mut denying = change.clone();
        denying.claims.clear();
        return twins.sign_view_change(&mut denying).then(|| Message::ViewChange(denying));
    }
    if me.0 % 2 == to.0 % 2 {
        return None;
    }
    match message {
        Message::Protocol(original) => {
            let twin = twins.twin(&original.digest)?;
            let mut changed = original.clone();
            changed.digest = twin.digest();
            changed.block = original.block.is_some().then_some(twin);
            twins.sign(&mut changed);
            Some(Message::Protocol(changed))
        }
        Message::Votes { .. } => with_digests(message, twins, |digest| Some(twins.twin(digest)?.digest())),
        _ => None,
    }
}

/// The message with some of its votes turned into votes for a block that does not exist; `wrong` decides for each. None: none
/// was. Wrong votes for the same block agree with each other, as those of colluding replicas would.
pub(super) fn wrong_votes(message: &Message, twins: &dyn Twins, mut wrong: impl FnMut() -> bool) -> Option<Message> {
    let flipped = |digest: &Digest| {
        let mut flipped = *digest;
        flipped[0] = !flipped[0];
        flipped
    };
    match message {
        Message::Protocol(original) if original.block.is_none() => {
            if !wrong() {
                return None;
            }
            let mut changed = original.clone();
            changed.digest = flipped(&original.digest);
            twins.sign(&mut changed);
            Some(Message::Protocol(changed))
        }
        Message::Votes { .. } => with_digests(message, twins, |digest| wrong().then(|| flipped(digest))),
        _ => None,
    }
}

/// The votes with other digests where `other` gives one, signed again; none where it gives none.
fn with_digests(
    message: &Message,
    twins: &dyn Twins,
    mut other: impl FnMut(&Digest) -> Option<Digest>,
) -> Option<Message> {
    let Message::Votes { kind, view, items } = message else { return None };
    let mut changed = false;
    let changed_items = items
        .iter()
        .map(|(sequence, digest, signature)| match other(digest) {
            Some(digest) => {
                changed = true;
                let mut vote = ProtocolMessage {
                    kind: *kind,
                    view: *view,
                    sequence: *sequence,
                    digest,
                    block: None,
                    signature: Bytes::new(),
                    certificate: None,
                };
                twins.sign(&mut vote);
                (*sequence, digest, vote.signature)
            }
            None => (*sequence, *digest, signature.clone()),
        })
        .collect();
    changed.then(|| Message::Votes { kind: *kind, view: *view, items: changed_items })
}
