use super::super::authentication::Certificate;
use super::super::block::ClientId;
use super::super::message::Claim;
use super::*;
use crate::replica_set::ReplicaSet;
use model::ids::ReplicaId;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

fn messages() -> Vec<Message> {
    let request = Request {
        client: ClientId { unit: 1, index: 7 },
        timestamp: 9,
        record: 3,
        compute: 1,
        reply_bytes: 4,
        read_only: true,
        payload: Bytes::from_static(b"abc").into(),
        proof: Bytes::from_static(b"proof"),
    };
    let large = Request { payload: Bytes::from(vec![5; 300]).into(), ..request.clone() };
    let block = Block::new(vec![request.clone(), large.clone(), request.clone()]);
    let (kind, view, sequence, digest) = (MessageId(2), View(3), SequenceNumber(4), [7; 32]);
    let signature = Bytes::from_static(b"signed");
    let item = ReplyItem {
        client: ClientId { unit: 0, index: 1 },
        timestamp: 2,
        result: 3,
        payload: Bytes::from_static(b"xy").into(),
    };
    let large_item = ReplyItem { payload: Bytes::from(vec![6; 400]).into(), ..item.clone() };
    let items = vec![item, large_item];
    let vote = ProtocolMessage { kind, view, sequence, digest, block: None, signature, certificate: None };
    let certificate = Certificate {
        kind,
        view,
        sequence,
        digest,
        voters: ReplicaSet::first(3),
        proof: Bytes::from_static(b"joined"),
    };
    let proposal = ProtocolMessage {
        block: Some(block.clone()),
        digest: block.digest(),
        certificate: Some(Box::new(certificate)),
        ..vote.clone()
    };
    let view_change = ViewChange {
        from: ReplicaId(2),
        view,
        stable: sequence,
        checkpoints: vec![(sequence, digest)],
        claims: vec![
            Claim { sequence, proven: Some((view, digest)), accepted: vec![(view, [8; 32])] },
            Claim { sequence: sequence.next(), proven: None, accepted: vec![] },
        ],
        signature: Bytes::from_static(b"signed"),
    };
    vec![
        Message::Requests(vec![large.clone(), request, large]),
        Message::Protocol(vote),
        Message::Protocol(proposal),
        Message::Votes { kind, view, items: vec![(sequence, digest, Bytes::new())] },
        Message::Reply(Reply { view, sequence, history: digest, signature: Bytes::new(), items: items.clone() }),
        Message::ReadReply { sequence, items },
        Message::ClientCommit {
            view,
            sequence,
            history: digest,
            voters: ReplicaSet::first(3),
            proof: Bytes::from_static(b"joined"),
        },
        Message::CommitAcknowledgement { view, sequence, history: digest },
        Message::Checkpoint { sequence, digest: [1; 32], proven: true, signature: Bytes::from_static(b"by 1") },
        Message::CheckpointCertificate {
            sequence,
            digest: [1; 32],
            voters: ReplicaSet::first(2),
            proof: Bytes::from_static(b"by 0 and 1"),
        },
        Message::Fetch { view, after: sequence },
        Message::Decided { sequence, block: block.clone() },
        Message::Snapshot { sequence, state: Bytes::from_static(b"state") },
        Message::ViewChange(view_change.clone()),
        Message::NewView { view, proof: vec![view_change.clone(), view_change] },
        Message::FetchBlock { digest },
        Message::Body { block },
    ]
}

fn bytes_of(message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    encode(message, &mut out);
    out
}

#[test]
fn every_message_reads_back_as_the_same_bytes() {
    for message in messages() {
        let bytes = bytes_of(&message);
        let again = decode(Bytes::from(bytes.clone())).unwrap();
        assert_eq!(bytes_of(&again), bytes);
    }
}

#[test]
fn truncated_flipped_and_random_bytes_never_panic_and_never_allocate_beyond_their_length() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for message in messages() {
        let bytes = bytes_of(&message);
        for cut in 0..bytes.len() {
            let _ = decode(Bytes::copy_from_slice(&bytes[..cut]));
        }
        for _ in 0..2_000 {
            let mut flipped = bytes.clone();
            let position = rng.next_u32() as usize % flipped.len();
            flipped[position] = rng.next_u32() as u8;
            let _ = decode(Bytes::from(flipped));
        }
    }
    for _ in 0..20_000 {
        let mut noise = vec![0; rng.next_u32() as usize % 80];
        rng.fill_bytes(&mut noise);
        let _ = decode(Bytes::from(noise));
    }
}
