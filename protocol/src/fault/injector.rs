//! Decides what becomes of each message a replica sends.

use super::byzantine::{self, Twins};
use super::replay::Memory;
use super::settings::{Faults, Settings};
use crate::engine::message::Message;
use model::advance::{REDRAW_US, draws};
use model::config::ConfigTree;
use model::ids::ReplicaId;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A message that is held back waits 1 to 5 ms longer, so that the next ones overtake it.
const HOLD_US: std::ops::Range<u64> = 1_000..5_000;

/// One way in which a message leaves.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// How much later, µs.
    pub delay_us: u64,
    /// What leaves instead; none: the original as it is.
    pub message: Option<Message>,
    /// Whether its authenticator is to be spoiled.
    pub corrupt: bool,
}

impl Delivery {
    /// The original, at once.
    pub const AS_IT_IS: Self = Self { delay_us: 0, message: None, corrupt: false };
}

/// The faults of one replica. It draws from its own seed: the same calls have the same results.
#[derive(Debug)]
pub struct Injector {
    me: ReplicaId,
    seed: u64,
    settings: Settings,
    /// Whether values have to be drawn anew as time passes.
    changing: bool,
    stretch: u64,
    faults: Faults,
    /// Whether messages leave as they are: the one test that a message costs without faults.
    quiet: bool,
    rng: ChaCha8Rng,
    memory: Memory,
}

impl Injector {
    /// A replica without faults among `n`, until [`Injector::update`].
    pub fn new(me: ReplicaId, n: u32, seed: u64) -> Self {
        // Replicas of one trial share a seed, but must not lose the same messages.
        let seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(me.0));
        Self {
            me,
            seed,
            settings: Settings::from_config(&ConfigTree::new()),
            changing: false,
            stretch: 0,
            faults: Faults::default(),
            quiet: true,
            rng: ChaCha8Rng::seed_from_u64(seed),
            memory: Memory::new(n),
        }
    }

    /// Takes over the configuration, at the start and after every change of it.
    pub fn update(&mut self, tree: &ConfigTree) {
        self.settings = Settings::from_config(tree);
        self.changing = !self.settings.is_constant();
        self.refresh();
    }

    /// Tells the time since the start of the trial, from which values over time follow.
    pub fn tick(&mut self, elapsed_us: u64) {
        let stretch = elapsed_us / REDRAW_US;
        if stretch != self.stretch {
            self.stretch = stretch;
            if self.changing {
                self.refresh();
            }
        }
    }

    fn refresh(&mut self) {
        let elapsed_ms = self.stretch.saturating_mul(REDRAW_US) / 1_000;
        self.faults = self.settings.at(self.me, elapsed_ms, &mut draws(self.seed, self.stretch));
        self.quiet = self.faults.is_quiet();
        if self.faults.replay_rate == 0.0 {
            self.memory.clear();
        }
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The least time between two proposals of this replica, µs; 0 without the fault.
    pub fn proposal_gap_us(&self) -> u64 {
        self.faults.proposal_gap_us
    }

    /// Whether this replica's process is to be killed.
    pub fn is_crashed(&self) -> bool {
        self.faults.crashed
    }

    /// Whether this replica says nothing and hears nothing: replicas and clients alike.
    pub fn is_silent(&self) -> bool {
        self.faults.silent
    }

    /// Whether a message of another replica reaches this one.
    pub fn hears(&self, from: ReplicaId) -> bool {
        !(self.faults.silent || self.faults.crashed || self.faults.unreachable.contains(from))
    }

    /// How much later a message of this replica to a client leaves, µs.
    pub fn client_delay_us(&mut self) -> u64 {
        if self.quiet { 0 } else { self.own_delay_us() }
    }

    /// What becomes of a message to another replica; `leads`: this replica leads. It is appended to `out`: nothing where the
    /// message is lost, more than one entry where it is sent twice or an old one again.
    pub fn send(&mut self, leads: bool, to: ReplicaId, message: &Message, twins: &dyn Twins, out: &mut Vec<Delivery>) {
        if self.quiet || to == self.me {
            out.push(Delivery::AS_IT_IS);
        } else {
            self.send_with_faults(leads, to, message, twins, out);
        }
    }

    fn send_with_faults(
        &mut self,
        leads: bool,
        to: ReplicaId,
        message: &Message,
        twins: &dyn Twins,
        out: &mut Vec<Delivery>,
    ) {
        let faults = &self.faults;
        let cut_off = faults.crashed || faults.silent || faults.unreachable.contains(to);
        if cut_off || leads && faults.in_dark.contains(to) {
            return;
        }
        let late_us = if leads && faults.delayed.contains(to) { faults.leader_delay_us } else { 0 };
        let said = self.said_instead(to, message, twins);
        let again = self.replayed(to, said.as_ref().unwrap_or(message));
        self.transmit(to, late_us, said, out);
        if let Some(old) = again {
            self.transmit(to, late_us, Some(old), out);
        }
    }

    /// The message that a faulty replica sends instead; none: the original.
    fn said_instead(&mut self, to: ReplicaId, message: &Message, twins: &dyn Twins) -> Option<Message> {
        let told = match self.faults.equivocates {
            true => byzantine::equivocation(self.me, to, message, twins),
            false => None,
        };
        let rate = self.faults.wrong_vote_rate;
        if rate > 0.0 {
            let wrong =
                byzantine::wrong_votes(told.as_ref().unwrap_or(message), twins, || happens(&mut self.rng, rate));
            return wrong.or(told);
        }
        told
    }

    /// An old message that is sent again, once in a while. What is sent now is remembered.
    fn replayed(&mut self, to: ReplicaId, now: &Message) -> Option<Message> {
        let rate = self.faults.replay_rate;
        if rate == 0.0 {
            return None;
        }
        let old = match happens(&mut self.rng, rate) {
            true => self.memory.pick(to.0, self.rng.next_u32()).cloned(),
            false => None,
        };
        self.memory.keep(to.0, now);
        old
    }

    /// Puts one message on the link to a replica: it may be lost, late, there twice, or spoiled.
    fn transmit(&mut self, to: ReplicaId, late_us: u64, message: Option<Message>, out: &mut Vec<Delivery>) {
        if happens(&mut self.rng, self.faults.loss) {
            return;
        }
        let corrupt = happens(&mut self.rng, self.faults.corrupt_rate);
        let twice = happens(&mut self.rng, self.faults.duplication);
        for _ in 0..if twice { 2 } else { 1 } {
            let held_us = match happens(&mut self.rng, self.faults.reordering) {
                true => HOLD_US.start + below(&mut self.rng, HOLD_US.end - HOLD_US.start),
                false => 0,
            };
            let link_us = self.faults.links.latency_us(self.me, to);
            let delay_us = late_us + self.own_delay_us() + link_us + held_us;
            out.push(Delivery { delay_us, message: message.clone(), corrupt });
        }
    }

    fn own_delay_us(&mut self) -> u64 {
        self.faults.own_delay_us + below(&mut self.rng, self.faults.own_jitter_us)
    }
}

/// Whether what happens to this share of messages happens to this one. Nothing is drawn for what never happens.
fn happens(rng: &mut ChaCha8Rng, share: f64) -> bool {
    share > 0.0 && f64::from(rng.next_u32()) < share * 4_294_967_296.0
}

/// A number of `0..=bound`; the bias is below one in a billion.
fn below(rng: &mut ChaCha8Rng, bound: u64) -> u64 {
    if bound == 0 { 0 } else { rng.next_u64() % (bound + 1) }
}
