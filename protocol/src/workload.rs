//! What clients ask for: requests drawn from the configured workload with a seeded generator, so that a trial can be run
//! again alike.

use crate::engine::{ClientId, Payload, Request};
use bytes::Bytes;
use model::advance::{Advanced, REDRAW_US, draws};
use model::config::ConfigTree;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// The four classes of requests, in the order of `workload.distribution`: (request payload, reply payload).
const CLASSES: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];
/// Largest payload of a request or reply, bytes.
const MAX_PAYLOAD: f64 = 4_000_000.0;

/// The workload in force.
#[derive(Clone, Debug)]
pub struct Workload {
    seed: u64,
    /// Draws requests, and nothing else: what they ask for does not depend on their payloads' bytes.
    rng: ChaCha8Rng,
    settings: Settings,
    stretch: u64,
    payload_rng: ChaCha8Rng,
    /// Random bytes, as many as the largest payload so far needed.
    payload_source: Bytes,
    request_payload: Payload,
    contention: u32,
    reply_bytes: u32,
    compute: u32,
    read_only_ratio: f64,
    think_time_us: u64,
}

/// What the configuration asks for, over time.
#[derive(Clone, Debug)]
struct Settings {
    shares: [f64; 4],
    dataset: f64,
    contention: Advanced,
    request_bytes: Advanced,
    reply_bytes: Advanced,
    compute: Advanced,
    read_only_ratio: Advanced,
    think_time_ms: Advanced,
}

impl Settings {
    fn from_config(tree: &ConfigTree) -> Self {
        let mut shares = [1.0, 0.0, 0.0, 0.0];
        for (share, value) in shares.iter_mut().zip(tree.numbers("workload.distribution")) {
            *share = value;
        }
        Self {
            shares,
            dataset: tree.integer("workload.dataset-size", 100).max(1) as f64,
            contention: Advanced::of(tree, "workload.contention-level"),
            request_bytes: Advanced::of(tree, "workload.payload.request-size"),
            reply_bytes: Advanced::of(tree, "workload.payload.reply-size"),
            compute: Advanced::of(tree, "workload.compute-factor"),
            read_only_ratio: Advanced::of(tree, "workload.read-only-ratio"),
            think_time_ms: Advanced::of(tree, "benchmark.closed-loop.delay-ms"),
        }
    }

    fn is_constant(&self) -> bool {
        [
            &self.contention,
            &self.request_bytes,
            &self.reply_bytes,
            &self.compute,
            &self.read_only_ratio,
            &self.think_time_ms,
        ]
        .into_iter()
        .all(Advanced::is_constant)
    }
}

impl Workload {
    /// The workload of client unit `unit`.
    pub fn from_config(tree: &ConfigTree, unit: u16) -> Self {
        let seed = tree.integer("benchmark.seed", 1).unsigned_abs();
        let seed = seed.wrapping_mul(65_536).wrapping_add(u64::from(unit));
        let mut workload = Self {
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed),
            settings: Settings::from_config(tree),
            stretch: 0,
            payload_rng: ChaCha8Rng::seed_from_u64(!seed),
            payload_source: Bytes::new(),
            request_payload: Payload::default(),
            contention: 1,
            reply_bytes: 0,
            compute: 0,
            read_only_ratio: 0.0,
            think_time_us: 0,
        };
        workload.refresh();
        workload
    }

    /// Takes over changed settings; the draws go on.
    pub fn update(&mut self, tree: &ConfigTree) {
        self.settings = Settings::from_config(tree);
        self.refresh();
    }

    /// Tells the time since the start of the trial, from which values over time follow.
    pub fn tick(&mut self, elapsed_us: u64) {
        let stretch = elapsed_us / REDRAW_US;
        if stretch != self.stretch {
            self.stretch = stretch;
            if !self.settings.is_constant() {
                self.refresh();
            }
        }
    }

    fn refresh(&mut self) {
        let elapsed_ms = self.stretch.saturating_mul(REDRAW_US) / 1_000;
        let mut draw = draws(self.seed, self.stretch);
        let settings = &self.settings;
        let mut value = |advanced: &Advanced| advanced.value_at(elapsed_ms, &mut draw);
        self.contention = value(&settings.contention).round().clamp(1.0, settings.dataset) as u32;
        let request_bytes = value(&settings.request_bytes).round().clamp(0.0, MAX_PAYLOAD) as usize;
        self.reply_bytes = value(&settings.reply_bytes).round().clamp(0.0, MAX_PAYLOAD) as u32;
        self.compute = value(&settings.compute).round().clamp(0.0, 100_000_000.0) as u32;
        self.read_only_ratio = value(&settings.read_only_ratio);
        self.think_time_us = (value(&settings.think_time_ms).clamp(0.0, 60_000.0) * 1_000.0) as u64;
        if request_bytes > self.payload_source.len() {
            let mut payload = vec![0; request_bytes];
            self.payload_rng.fill_bytes(&mut payload);
            self.payload_source = Bytes::from(payload);
        }
        // The same payload stays, and its hash with it.
        if request_bytes != self.request_payload.len() {
            self.request_payload = Payload::new(self.payload_source.slice(..request_bytes));
        }
    }

    /// How long a client of the closed loop waits before it sends its next block of requests, µs.
    pub fn think_time_us(&self) -> u64 {
        self.think_time_us
    }

    /// The next request of a client, without its proof: the client signs it. A request that only reads names a record and
    /// carries no payload, neither way.
    pub fn request(&mut self, client: ClientId, timestamp: u64) -> Request {
        let draw = share(&mut self.rng);
        let mut sum = 0.0;
        let class = self.settings.shares.iter().position(|share| {
            sum += share;
            draw < sum
        });
        let (with_payload, with_reply) = CLASSES[class.unwrap_or(0)];
        let record = self.rng.next_u32() % self.contention;
        // Nothing is drawn where nobody reads only: such a trial's requests stay what they are.
        let read_only = self.read_only_ratio > 0.0 && share(&mut self.rng) < self.read_only_ratio;
        Request {
            client,
            timestamp,
            record,
            compute: self.compute,
            reply_bytes: if with_reply && !read_only { self.reply_bytes } else { 0 },
            read_only,
            payload: if with_payload && !read_only { self.request_payload.clone() } else { Payload::default() },
            proof: Bytes::new(),
        }
    }
}

/// A number of [0, 1).
fn share(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(rng.next_u32()) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: ClientId = ClientId { unit: 0, index: 0 };

    fn tree(changes: &str) -> ConfigTree {
        let mut tree = model::schema::default_tree();
        for (key, value) in model::yaml::parse(changes).unwrap().entries() {
            tree.set(key, value.clone());
        }
        tree
    }

    #[test]
    fn the_same_seed_draws_the_same_requests_and_shares_are_kept() {
        let tree = tree("workload.distribution: [0.5, 0, 0, 0.5]\nworkload.payload.request-size: 16");
        let draw = || {
            let mut workload = Workload::from_config(&tree, 0);
            (1..=2_000).map(|timestamp| workload.request(CLIENT, timestamp)).collect::<Vec<_>>()
        };
        let requests = draw();
        assert_eq!(requests, draw());
        let with_payload = requests.iter().filter(|request| request.payload.len() == 16).count();
        assert!((800..1_200).contains(&with_payload), "{with_payload}");
        assert!(requests.iter().all(|request| request.record < 100 && !request.read_only));
    }

    #[test]
    fn a_quarter_of_the_requests_only_reads_and_carries_nothing() {
        let mut workload =
            Workload::from_config(&tree("workload.read-only-ratio: 0.25\nworkload.distribution: [0, 0, 0, 1]"), 0);
        let requests: Vec<_> = (1..=2_000).map(|timestamp| workload.request(CLIENT, timestamp)).collect();
        let (reads, writes): (Vec<_>, Vec<_>) = requests.iter().partition(|request| request.read_only);
        assert!((400..600).contains(&reads.len()), "{}", reads.len());
        assert!(reads.iter().all(|request| request.payload.is_empty() && request.reply_bytes == 0));
        assert!(writes.iter().all(|request| request.payload.len() == 1_000_000 && request.reply_bytes == 1_000_000));
    }

    #[test]
    fn a_payload_that_grows_on_schedule_grows_when_time_has_passed() {
        let scheduled = "{advance: true, init: 4, delay: 100, schedule: {values: [8, 16], intervals: [1000]}}";
        let mut workload = Workload::from_config(
            &tree(&format!("workload.payload.request-size: {scheduled}\nworkload.distribution: [0, 0, 1, 0]")),
            0,
        );
        let mut sizes = Vec::new();
        for elapsed_us in [0, 99_999, 100_000, 1_099_999, 1_100_000, 50_000_000] {
            workload.tick(elapsed_us);
            sizes.push(workload.request(CLIENT, 1).payload.len());
        }
        assert_eq!(sizes, [4, 4, 8, 8, 16, 16]);
    }

    #[test]
    fn drawn_values_do_not_depend_on_how_often_time_is_told() {
        let tree = tree("benchmark.closed-loop.delay-ms: {advance: true, init: 0, uniform: {min: 5, max: 20}}");
        let (mut often, mut rarely) = (Workload::from_config(&tree, 3), Workload::from_config(&tree, 3));
        (0..1_000).for_each(|millisecond| often.tick(millisecond * 1_000));
        rarely.tick(999_000);
        assert_eq!(often.think_time_us(), rarely.think_time_us());
        assert!((5_000..=20_000).contains(&often.think_time_us()));
    }

    #[test]
    fn a_contention_that_changes_over_time_stays_within_the_data_set() {
        let advanced = "{advance: true, init: 1, delay: 1000, fixed: {value: 5000}}";
        let mut workload = Workload::from_config(&tree(&format!("workload.contention-level: {advanced}")), 0);
        assert!((1..100).all(|timestamp| workload.request(CLIENT, timestamp).record == 0));
        workload.tick(1_000_000);
        let records: Vec<u32> = (1..1_000).map(|timestamp| workload.request(CLIENT, timestamp).record).collect();
        assert!(records.iter().all(|record| *record < 100) && records.iter().any(|record| *record > 50));
        workload.update(&tree("workload.contention-level: 2"));
        assert!((1..100).all(|timestamp| workload.request(CLIENT, timestamp).record < 2));
    }

    #[test]
    fn requests_come_without_a_proof() {
        let mut workload = Workload::from_config(&model::schema::default_tree(), 0);
        assert!(workload.request(CLIENT, 1).proof.is_empty());
    }
}
