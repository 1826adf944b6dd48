//! What a process uses of the machine, from `/proc`.

use std::time::Instant;

/// Kernel clock ticks a second in `/proc/self/stat`; fixed at 100 on every Linux that we run on.
const TICKS_A_SECOND: f64 = 100.0;
const PAGE_BYTES: f64 = 4096.0;

/// Reads memory and processor time between calls.
#[derive(Debug)]
pub struct Usage {
    last_ticks: f64,
    last_at: Instant,
}

impl Usage {
    /// Starts to count now.
    pub fn start() -> Self {
        Self { last_ticks: process_ticks().unwrap_or(0.0), last_at: Instant::now() }
    }

    /// (resident memory in MiB, processor time in percent of one core since the last call); none where the system has no
    /// `/proc`.
    pub fn read(&mut self) -> Option<(f64, f64)> {
        let memory = resident_mib()?;
        let ticks = process_ticks()?;
        let seconds = self.last_at.elapsed().as_secs_f64().max(1e-3);
        let percent = (ticks - self.last_ticks) / TICKS_A_SECOND / seconds * 100.0;
        self.last_ticks = ticks;
        self.last_at = Instant::now();
        Some((memory, percent))
    }
}

fn resident_mib() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES / f64::from(1 << 20))
}

fn process_ticks() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the command in brackets, which may hold blanks; user and system time are the 12th and 13th after.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}
