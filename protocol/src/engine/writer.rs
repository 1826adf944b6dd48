//! Appending fields to an encoding, in the order in which [`super::reader`] takes them off again.

use super::block::{ClientId, Digest, Request};
use super::codec::REQUEST_HEADER_BYTES;
use super::message::{ProtocolMessage, ReplyItem, ViewChange};
use super::payload::Payload;
use crate::replica_set::ReplicaSet;
use bytes::Bytes;
use model::ids::{SequenceNumber, View};

pub(super) fn put_requests(out: &mut Vec<u8>, requests: &[Request]) {
    put_count(out, requests.len());
    for request in requests {
        put_request_body(out, request);
        put_short(out, &request.proof);
    }
}

/// Bytes of an encoded request without a detached payload.
pub(super) fn request_head_bytes(request: &Request) -> usize {
    let payload = if request.payload.is_detached() { 0 } else { request.payload.len() };
    REQUEST_HEADER_BYTES + 2 + payload + request.proof.len()
}

pub(super) fn put_request_body(out: &mut Vec<u8>, request: &Request) {
    put_client(out, request.client);
    put_u64(out, request.timestamp);
    out.extend_from_slice(&request.record.to_le_bytes());
    out.extend_from_slice(&request.compute.to_le_bytes());
    out.extend_from_slice(&request.reply_bytes.to_le_bytes());
    out.push(u8::from(request.read_only));
    put_payload(out, &request.payload);
}

pub(super) fn put_reply_items(out: &mut Vec<u8>, items: &[ReplyItem]) {
    put_count(out, items.len());
    for item in items {
        put_client(out, item.client);
        put_u64(out, item.timestamp);
        put_u64(out, item.result);
        put_payload(out, &item.payload);
    }
}

/// A payload's length, and the payload unless it is detached.
pub(super) fn put_payload(out: &mut Vec<u8>, payload: &Payload) {
    put_count(out, payload.len());
    if !payload.is_detached() {
        out.extend_from_slice(payload.bytes());
    }
}

pub(super) fn put_protocol(out: &mut Vec<u8>, message: &ProtocolMessage) {
    out.push(message.kind.0);
    put_u64(out, message.view.0);
    put_u64(out, message.sequence.0);
    put_short(out, &message.signature);
    match &message.certificate {
        None => out.push(0),
        Some(certificate) => {
            out.push(1);
            out.push(certificate.kind.0);
            put_place(out, certificate.view, certificate.sequence, &certificate.digest);
            put_joined(out, certificate.voters, &certificate.proof);
        }
    }
    // The digest of a block is computed from it: sending it along would only be a chance to lie.
    match &message.block {
        Some(block) => out.extend_from_slice(block.head()),
        None => out.extend_from_slice(&message.digest),
    }
}

pub(super) fn put_view_change(out: &mut Vec<u8>, view_change: &ViewChange) {
    put_view_change_body(out, view_change);
    put_short(out, &view_change.signature);
}

pub(super) fn put_view_change_body(out: &mut Vec<u8>, view_change: &ViewChange) {
    out.extend_from_slice(&view_change.from.0.to_le_bytes());
    put_u64(out, view_change.view.0);
    put_u64(out, view_change.stable.0);
    put_count(out, view_change.checkpoints.len());
    for (sequence, digest) in &view_change.checkpoints {
        put_u64(out, sequence.0);
        out.extend_from_slice(digest);
    }
    put_count(out, view_change.claims.len());
    for claim in &view_change.claims {
        put_u64(out, claim.sequence.0);
        put_count(out, usize::from(claim.proven.is_some()) + claim.accepted.len());
        out.push(u8::from(claim.proven.is_some()));
        for (view, digest) in claim.proven.iter().chain(&claim.accepted) {
            put_u64(out, view.0);
            out.extend_from_slice(digest);
        }
    }
}

pub(super) fn put_client(out: &mut Vec<u8>, client: ClientId) {
    out.extend_from_slice(&client.unit.to_le_bytes());
    out.extend_from_slice(&client.index.to_le_bytes());
}

pub(super) fn put_place(out: &mut Vec<u8>, view: View, sequence: SequenceNumber, digest: &Digest) {
    put_u64(out, view.0);
    put_u64(out, sequence.0);
    out.extend_from_slice(digest);
}

pub(super) fn put_u64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(super) fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

/// Signatures: at most 64 KiB, far beyond a vector of tags for 128 replicas.
pub(super) fn put_short(out: &mut Vec<u8>, bytes: &Bytes) {
    let length = bytes.len().min(usize::from(u16::MAX));
    out.extend_from_slice(&(length as u16).to_le_bytes());
    out.extend_from_slice(&bytes[..length]);
}

/// Voters with their joined signatures.
pub(super) fn put_joined(out: &mut Vec<u8>, voters: ReplicaSet, proof: &Bytes) {
    out.extend_from_slice(&voters.bits().to_le_bytes());
    put_count(out, proof.len());
    out.extend_from_slice(proof);
}
