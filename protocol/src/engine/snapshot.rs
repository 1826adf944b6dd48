//! The state at a checkpoint: its digest, its encoding, and its restoration.

use super::block::Digest;
use super::codec::DecodeError;
use super::execution::{Answered, ClientRecord, Execution};
use super::reader::Reader;
use super::writer;
use bytes::Bytes;
use model::ids::SequenceNumber;
use std::collections::BTreeMap;

impl Execution {
    /// The hash of history, table and clients that a checkpoint carries. Cost: O(clients and changed records), not O(table).
    pub fn checkpoint_digest(&self) -> Digest {
        let mut clients = Vec::new();
        self.put_clients(&mut clients);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.last_executed.0.to_le_bytes());
        hasher.update(&self.history);
        hasher.update(&self.executed_requests.to_le_bytes());
        for lane in self.sum_of_records() {
            hasher.update(&lane.to_le_bytes());
        }
        hasher.update(blake3::hash(&clients).as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// The whole state, for [`Execution::restore`].
    pub fn snapshot(&self) -> Bytes {
        let mut out = Vec::with_capacity(64 + self.records.count() * 8);
        out.extend_from_slice(&self.history);
        out.extend_from_slice(&self.executed_requests.to_le_bytes());
        out.extend_from_slice(&(self.records.count() as u32).to_le_bytes());
        for record in self.records.iter() {
            out.extend_from_slice(&record.to_le_bytes());
        }
        self.put_clients(&mut out);
        Bytes::from(out)
    }

    /// The state that a snapshot at `sequence` holds. It has this replica's bounds, and is only worth something when its
    /// [`Execution::checkpoint_digest`] is what enough replicas vouch for.
    ///
    /// # Errors
    /// When the bytes are not a snapshot of a table of this size.
    pub fn restore(&self, sequence: SequenceNumber, bytes: Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut restored = Self::new(self.records.count() as u32, self.remembered());
        restored.last_executed = sequence;
        restored.history = reader.digest()?;
        restored.executed_requests = reader.u64()?;
        if reader.count(8, self.records.count())? != self.records.count() {
            return Err(DecodeError::OutOfBounds);
        }
        for index in 0..self.records.count() {
            let value = reader.u64()?;
            restored.records.set(index, value);
        }
        restored.clients = self.read_clients(&mut reader)?;
        reader.finish()?;
        restored.sum_up();
        restored.note_point();
        Ok(restored)
    }

    fn put_clients(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.clients.len() as u32).to_le_bytes());
        for (client, record) in &self.clients {
            writer::put_client(out, *client);
            out.extend_from_slice(&record.floor.to_le_bytes());
            out.extend_from_slice(&(record.answered.len() as u32).to_le_bytes());
            for answered in &record.answered {
                out.extend_from_slice(&answered.timestamp.to_le_bytes());
                out.extend_from_slice(&answered.sequence.0.to_le_bytes());
                out.extend_from_slice(&answered.result.to_le_bytes());
                out.extend_from_slice(&answered.reply_bytes.to_le_bytes());
            }
        }
    }

    fn read_clients(&self, reader: &mut Reader) -> Result<BTreeMap<super::block::ClientId, ClientRecord>, DecodeError> {
        let mut clients = BTreeMap::new();
        for _ in 0..reader.count(16, 1 << 24)? {
            let client = reader.client()?;
            let floor = reader.u64()?;
            let mut record = ClientRecord { floor, ..ClientRecord::default() };
            for _ in 0..reader.count(28, self.remembered())? {
                let answered = Answered {
                    timestamp: reader.u64()?,
                    sequence: SequenceNumber(reader.u64()?),
                    result: reader.u64()?,
                    reply_bytes: reader.u32()?,
                };
                record.answered.push_back(answered);
            }
            clients.insert(client, record);
        }
        Ok(clients)
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::{Block, ClientId, Request};
    use super::*;

    #[test]
    fn a_restored_state_has_the_same_digest_and_goes_on_alike() {
        let block = |timestamp| {
            Block::new(vec![Request {
                client: ClientId { unit: 0, index: 4 },
                timestamp,
                record: timestamp as u32,
                compute: 2,
                reply_bytes: 0,
                read_only: false,
                payload: crate::engine::Payload::default(),
                proof: Bytes::new(),
            }])
        };
        let mut original = Execution::new(50, 32);
        let mut replies = Vec::new();
        for timestamp in 1..=80 {
            original.execute(&block(timestamp), &mut replies);
        }
        let fresh = Execution::new(50, 32);
        let mut restored = fresh.restore(original.last_executed(), original.snapshot()).unwrap();
        assert_eq!(restored.checkpoint_digest(), original.checkpoint_digest());
        original.execute(&block(81), &mut replies);
        restored.execute(&block(81), &mut replies);
        assert_eq!(restored.checkpoint_digest(), original.checkpoint_digest());

        let mut forged = original.snapshot().to_vec();
        forged[60] ^= 1;
        let forged = fresh.restore(original.last_executed(), Bytes::from(forged)).unwrap();
        assert_ne!(forged.checkpoint_digest(), original.checkpoint_digest());
        assert!(fresh.restore(original.last_executed(), original.snapshot().slice(..100)).is_err());
    }
}
