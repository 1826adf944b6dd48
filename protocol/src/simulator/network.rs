//! A network with delay, loss, duplication and reordering until a moment, and well-behaved from then on.

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;

/// How the network behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Least delay of a message, µs.
    pub delay_us: u64,
    /// Most added to it, µs: messages overtake each other.
    pub jitter_us: u64,
    /// Messages lost, in thousandths.
    pub loss_permille: u32,
    /// Messages delivered twice, in thousandths.
    pub duplicate_permille: u32,
    /// From here on nothing is lost, doubled, or late by more than the least delay twice, µs.
    pub stable_after_us: u64,
}

/// When copies of a message arrive.
pub type Transmission = [Option<u64>; 2];

impl Network {
    /// A network that only has a delay.
    pub fn steady(delay_us: u64) -> Self {
        Self { delay_us, jitter_us: 0, loss_permille: 0, duplicate_permille: 0, stable_after_us: 0 }
    }

    /// Decides over a message sent at `now_us`.
    pub fn transmit(&self, now_us: u64, rng: &mut ChaCha8Rng) -> Transmission {
        let mut roll = |bound: u64| if bound == 0 { 0 } else { rng.next_u64() % bound };
        if now_us >= self.stable_after_us {
            return [Some(now_us + self.delay_us + roll(self.delay_us)), None];
        }
        let lost = roll(1_000) < u64::from(self.loss_permille);
        let doubled = roll(1_000) < u64::from(self.duplicate_permille);
        let first = now_us + self.delay_us + roll(self.jitter_us + 1);
        let second = first + roll(self.jitter_us + 1);
        [(!lost).then_some(first), (!lost && doubled).then_some(second)]
    }
}
