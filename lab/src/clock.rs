//! The two clocks of a unit.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch, for people and for charts.
pub fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// Microseconds since the unit's start, never going back, for the engine and for latencies.
#[derive(Clone, Copy, Debug)]
pub struct Monotonic {
    start: Instant,
}

impl Monotonic {
    /// Starts at 0 now.
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Now, µs.
    pub fn now_us(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    /// The moment of a time of this clock, for timers.
    pub fn instant(&self, at_us: u64) -> Instant {
        self.start + std::time::Duration::from_micros(at_us)
    }
}
