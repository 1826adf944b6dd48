//! What clients ask for: requests drawn from the configured workload with a seeded generator, so that a trial can be run
//! again alike.

use crate::engine::{ClientId, Request};
use bytes::Bytes;
use model::config::ConfigTree;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// The four classes of requests, in the order of `workload.distribution`: (request payload, reply payload).
const CLASSES: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

/// The workload in force.
#[derive(Clone, Debug)]
pub struct Workload {
    rng: ChaCha8Rng,
    contention: u32,
    shares: [f64; 4],
    request_payload: Bytes,
    reply_bytes: u32,
    compute: u32,
}

impl Workload {
    /// The workload of client unit `unit`.
    pub fn from_config(tree: &ConfigTree, unit: u16) -> Self {
        let seed = tree.integer("benchmark.seed", 1).unsigned_abs();
        let mut workload = Self {
            rng: ChaCha8Rng::seed_from_u64(seed.wrapping_mul(65_536).wrapping_add(u64::from(unit))),
            contention: 1,
            shares: [1.0, 0.0, 0.0, 0.0],
            request_payload: Bytes::new(),
            reply_bytes: 0,
            compute: 0,
        };
        workload.update(tree);
        workload
    }

    /// Takes over changed settings; the draws go on.
    pub fn update(&mut self, tree: &ConfigTree) {
        let number = |key: &str, default: i64| {
            tree.integer(key, tree.integer(&format!("{key}.init"), default)).clamp(0, 100_000_000)
        };
        self.contention = number("workload.contention-level", 100).max(1) as u32;
        for (share, value) in self.shares.iter_mut().zip(tree.numbers("workload.distribution")) {
            *share = value;
        }
        let request_bytes = number("workload.payload.request-size", 0).min(4_000_000) as usize;
        if request_bytes != self.request_payload.len() {
            let mut payload = vec![0; request_bytes];
            self.rng.fill_bytes(&mut payload);
            self.request_payload = Bytes::from(payload);
        }
        self.reply_bytes = number("workload.payload.reply-size", 0).min(4_000_000) as u32;
        self.compute = number("workload.compute-factor", 0) as u32;
    }

    /// The next request of a client.
    pub fn request(&mut self, client: ClientId, timestamp: u64) -> Request {
        let draw = f64::from(self.rng.next_u32()) / 4_294_967_296.0;
        let mut sum = 0.0;
        let class = self.shares.iter().position(|share| {
            sum += share;
            draw < sum
        });
        let (with_payload, with_reply) = CLASSES[class.unwrap_or(0)];
        Request {
            client,
            timestamp,
            record: self.rng.next_u32() % self.contention,
            compute: self.compute,
            reply_bytes: if with_reply { self.reply_bytes } else { 0 },
            payload: if with_payload { self.request_payload.clone() } else { Bytes::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;

    #[test]
    fn the_same_seed_draws_the_same_requests_and_shares_are_kept() {
        let mut tree = model::schema::default_tree();
        tree.set(
            "workload.distribution",
            ConfigValue::List([0.5, 0.0, 0.0, 0.5].into_iter().map(ConfigValue::Float).collect()),
        );
        tree.set("workload.payload.request-size", ConfigValue::Integer(16));
        let client = ClientId { unit: 0, index: 0 };
        let draw = || {
            let mut workload = Workload::from_config(&tree, 0);
            (1..=2_000).map(|timestamp| workload.request(client, timestamp)).collect::<Vec<_>>()
        };
        let requests = draw();
        assert_eq!(requests, draw());
        let with_payload = requests.iter().filter(|request| request.payload.len() == 16).count();
        assert!((800..1_200).contains(&with_payload), "{with_payload}");
        assert!(requests.iter().all(|request| request.record < 100));
    }
}
