//! Messages with random and absurd contents.

use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber, View};
use protocol::ReplicaSet;
use protocol::engine::authentication::Certificate;
use protocol::engine::block::{ClientId, Digest};
use protocol::engine::message::{Claim, Message, ProtocolMessage, Reply, ReplyItem, ViewChange};
use protocol::engine::{Block, Request};
use protocol::table::{MessageId, Table};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::sync::Arc;

/// Numbers where arithmetic goes wrong.
const ABSURD: [u64; 6] = [0, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];

/// Makes up messages of a protocol.
pub(crate) struct Forger {
    table: Arc<Table>,
    rng: ChaCha8Rng,
}

impl Forger {
    pub(crate) fn new(table: &Arc<Table>, seed: u64) -> Self {
        Self { table: Arc::clone(table), rng: ChaCha8Rng::seed_from_u64(seed) }
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    /// Small, mostly: such numbers get furthest.
    pub(crate) fn number(&mut self) -> u64 {
        match self.below(5) {
            0 => ABSURD[self.below(6) as usize],
            _ => self.below(20),
        }
    }

    pub(crate) fn sender(&mut self, victim: ReplicaId) -> ReplicaId {
        let others = u64::from(self.table.n) - 1;
        let other = self.below(others) as u32;
        ReplicaId(if other >= victim.0 { other + 1 } else { other })
    }

    fn place(&mut self) -> SequenceNumber {
        SequenceNumber(self.number())
    }

    fn view(&mut self) -> View {
        View(if self.below(2) == 0 { 0 } else { self.number() })
    }

    /// One of a few, so that votes match now and then.
    fn digest(&mut self) -> Digest {
        match self.below(4) {
            0 => Block::empty_digest(),
            which => [which as u8; 32],
        }
    }

    fn noise(&mut self) -> Bytes {
        let mut bytes = vec![0; self.below(20) as usize];
        self.rng.fill_bytes(&mut bytes);
        Bytes::from(bytes)
    }

    fn request(&mut self) -> Request {
        Request {
            client: ClientId { unit: self.below(3) as u16, index: self.below(3) as u16 },
            timestamp: self.number(),
            record: self.number() as u32,
            compute: self.below(3) as u32,
            reply_bytes: self.below(10) as u32,
            read_only: self.below(4) == 0,
            payload: self.noise().into(),
            proof: Bytes::new(),
        }
    }

    fn requests(&mut self) -> Vec<Request> {
        (0..self.below(5)).map(|_| self.request()).collect()
    }

    fn voters(&mut self) -> ReplicaSet {
        ReplicaSet::from_bits(u128::from(self.below(1 << self.table.n.min(20))))
    }

    /// A vote without a block or a certificate.
    pub(crate) fn vote(&mut self, kind: u8, view: u64, sequence: u64) -> ProtocolMessage {
        ProtocolMessage {
            kind: MessageId(kind),
            view: View(view),
            sequence: SequenceNumber(sequence),
            digest: self.digest(),
            block: None,
            signature: Bytes::new(),
            certificate: None,
        }
    }

    fn protocol(&mut self) -> Message {
        let kind = self.below(self.table.messages.len() as u64 + 1) as u8;
        let (view, sequence) = (self.view().0, self.place().0);
        let mut message = self.vote(kind, view, sequence);
        let info = self.table.messages.get(usize::from(kind));
        let carries_block = info.is_some_and(|info| info.carries_block);
        let rule = info.and_then(|info| info.certificate.map(|rule| (rule.of, rule.previous)));
        if carries_block != (self.below(8) == 0) {
            let block = Block::new(self.requests());
            message.digest = block.digest();
            message.block = Some(block);
        }
        if let Some((of, previous)) = rule
            && self.below(4) > 0
        {
            let place = if previous { sequence.wrapping_sub(1) } else { sequence };
            message.certificate = Some(Box::new(Certificate {
                kind: of,
                view: message.view,
                sequence: SequenceNumber(place),
                digest: if previous { self.digest() } else { message.digest },
                voters: self.voters(),
                proof: self.noise(),
            }));
        }
        Message::Protocol(message)
    }

    fn votes(&mut self) -> Message {
        let kind = MessageId(self.below(self.table.messages.len() as u64 + 1) as u8);
        let items = (0..self.below(6)).map(|_| (self.place(), self.digest(), Bytes::new())).collect();
        Message::Votes { kind, view: self.view(), items }
    }

    /// Its claims rise and stay near its stable place, as the check before the engine demands.
    fn view_change(&mut self, from: ReplicaId, view: View) -> ViewChange {
        let stable = self.place();
        let mut last = stable.0;
        let mut claims = Vec::new();
        for _ in 0..self.below(5) {
            let Some(next) = last.checked_add(1 + self.below(3)).filter(|next| next - stable.0 <= 16) else { break };
            last = next;
            claims.push(Claim {
                sequence: SequenceNumber(next),
                proven: (self.below(2) == 0).then(|| (self.view(), self.digest())),
                accepted: (0..self.below(3)).map(|_| (self.view(), self.digest())).collect(),
            });
        }
        let checkpoints = (0..self.below(4))
            .map(|_| (if self.below(2) == 0 { stable } else { self.place() }, self.digest()))
            .collect();
        ViewChange { from, view, stable, checkpoints, claims, signature: Bytes::new() }
    }

    fn new_view(&mut self) -> Message {
        let view = self.view();
        let count = if self.below(4) == 0 { self.below(8) as u32 } else { self.table.n };
        // Some agree on everything, so that the view can begin.
        let alike = self.below(2) == 0;
        let pattern = self.view_change(ReplicaId(0), view);
        let proof = (0..count)
            .map(|from| match alike {
                true => ViewChange { from: ReplicaId(from), ..pattern.clone() },
                false => self.view_change(ReplicaId(from), view),
            })
            .collect();
        Message::NewView { view, proof }
    }

    /// Any message.
    pub(crate) fn message(&mut self) -> Message {
        match self.below(16) {
            0 => Message::Requests(self.requests()),
            1 => self.votes(),
            2 => Message::Checkpoint {
                sequence: self.place(),
                digest: self.digest(),
                proven: self.below(2) == 0,
                signature: self.noise(),
            },
            3 => Message::Fetch { view: self.view(), after: self.place() },
            4 => Message::Decided { sequence: self.place(), block: Block::new(self.requests()) },
            5 => Message::Snapshot { sequence: self.place(), state: self.noise() },
            6 => {
                let (from, view) = (ReplicaId(self.below(u64::from(self.table.n)) as u32), self.view());
                Message::ViewChange(self.view_change(from, view))
            }
            7 => self.new_view(),
            8 => Message::FetchBlock { digest: self.digest() },
            9 => Message::Body { block: Block::new(self.requests()) },
            10 => {
                let (view, sequence, history) = (self.view(), self.place(), self.digest());
                match self.below(3) {
                    0 => Message::ClientCommit { view, sequence, history, voters: self.voters(), proof: self.noise() },
                    1 => Message::CommitAcknowledgement { view, sequence, history },
                    _ => {
                        Message::Reply(Reply { view, sequence, history, signature: Bytes::new(), items: self.items() })
                    }
                }
            }
            11 => Message::ReadReply { sequence: self.place(), items: self.items() },
            12 => Message::CheckpointCertificate {
                sequence: self.place(),
                digest: self.digest(),
                voters: self.voters(),
                proof: self.noise(),
            },
            _ => self.protocol(),
        }
    }

    fn items(&mut self) -> Vec<ReplyItem> {
        (0..self.below(3))
            .map(|_| ReplyItem {
                client: ClientId { unit: 0, index: self.below(3) as u16 },
                timestamp: self.number(),
                result: self.number(),
                payload: self.noise().into(),
            })
            .collect()
    }

    /// Cuts bytes off, changes some, or replaces all.
    pub(crate) fn damage(&mut self, bytes: &mut Vec<u8>) {
        match self.below(4) {
            0 => bytes.truncate(self.below(bytes.len() as u64 + 1) as usize),
            1 => {
                let length = bytes.len();
                self.rng.fill_bytes(&mut bytes[..length]);
            }
            _ => {
                for _ in 0..=self.below(3) {
                    let position = self.below(bytes.len() as u64) as usize;
                    bytes[position] ^= 1 << self.below(8);
                }
            }
        }
    }
}
