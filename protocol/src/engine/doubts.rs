//! A client that goes on asking for what was executed here: the others may have executed something else where execution is
//! speculative, or nothing where f + 1 replicas decide alone, so that only a new view brings an answer. (In Zyzzyva the client
//! proves that; a replica that believes it without proof costs at most a view change.)

use super::block::ClientId;
use super::output::Output;
use super::replica::Replica;
use std::collections::BTreeMap;

/// So often a client asks again for a request that is executed here, before this replica doubts the leader.
const PATIENCE: u32 = 3;

/// Requests whose clients ask again that are told apart.
const REMEMBERED: usize = 4_096;

/// How often clients have asked again for each of their executed requests. Memory: [`REMEMBERED`] numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubts {
    asked: BTreeMap<(ClientId, u64), u32>,
}

impl Doubts {
    /// A new final place or a new view answers all doubts.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// Notes that a client asks again, and tells whether it has done so too often.
    fn note(&mut self, client: ClientId, timestamp: u64) -> bool {
        let asked = self.asked.entry((client, timestamp)).or_default();
        *asked += 1;
        let too_often = *asked >= PATIENCE;
        while self.asked.len() > REMEMBERED {
            self.asked.pop_first();
        }
        too_often
    }
}

impl Replica {
    /// A client asks again for a request that is executed here, but not final.
    pub(super) fn doubt(&mut self, now_us: u64, client: ClientId, timestamp: u64, outputs: &mut Vec<Output>) {
        if self.doubts.note(client, timestamp) {
            self.doubts.forget();
            self.ask_for_view(now_us, self.view.next(), outputs);
        }
    }
}
