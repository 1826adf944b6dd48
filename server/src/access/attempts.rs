//! How often one may be wrong: each address a few times and then now and then, and all of them together likewise.

use std::collections::HashMap;
use std::net::IpAddr;

/// How many wrong attempts one address has at once, and after how many ms it gets another.
const OF_ONE: Allowance = Allowance { at_once: 10, again_ms: 6_000 };
/// The same of all addresses together.
const OF_ALL: Allowance = Allowance { at_once: 100, again_ms: 600 };

#[derive(Clone, Copy, Debug)]
struct Allowance {
    at_once: i64,
    again_ms: i64,
}

/// When everything that was used up will be there again, ms since the epoch.
#[derive(Clone, Copy, Debug, Default)]
struct Used(i64);

impl Used {
    /// How long until there is an attempt, ms.
    fn wait_ms(self, allowance: Allowance, now_ms: i64) -> i64 {
        let missing_ms = (self.0 - now_ms).max(0);
        (missing_ms + allowance.again_ms - allowance.at_once * allowance.again_ms).max(0)
    }

    fn take(&mut self, allowance: Allowance, now_ms: i64) {
        self.0 = self.0.max(now_ms) + allowance.again_ms;
    }
}

/// Wrong attempts. Memory: those of the last minute, of which [`OF_ALL`] lets no more than about 200 happen.
#[derive(Debug, Default)]
pub struct Attempts {
    all: Used,
    each: HashMap<IpAddr, Used>,
}

impl Attempts {
    /// Whether an address may try.
    ///
    /// # Errors
    /// How many ms it has to wait.
    pub fn check(&self, address: IpAddr, now_ms: i64) -> Result<(), i64> {
        let own = self.each.get(&network(address)).copied().unwrap_or_default();
        match own.wait_ms(OF_ONE, now_ms).max(self.all.wait_ms(OF_ALL, now_ms)) {
            0 => Ok(()),
            wait_ms => Err(wait_ms),
        }
    }

    /// It was wrong.
    pub fn failed(&mut self, address: IpAddr, now_ms: i64) {
        self.each.retain(|_, used| used.0 > now_ms);
        self.each.entry(network(address)).or_default().take(OF_ONE, now_ms);
        self.all.take(OF_ALL, now_ms);
    }
}

/// What one caller can easily have many addresses of counts as one: an IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// Fails until it may not try, and says how often that was.
    fn exhaust(attempts: &mut Attempts, address: IpAddr, now_ms: i64) -> usize {
        let mut count = 0;
        while attempts.check(address, now_ms).is_ok() {
            attempts.failed(address, now_ms);
            count += 1;
        }
        count
    }

    #[test]
    fn an_address_has_ten_attempts_and_then_one_every_six_seconds() {
        let mut attempts = Attempts::default();
        assert_eq!(exhaust(&mut attempts, address(1), 1_000_000), 10);
        assert_eq!(attempts.check(address(1), 1_000_000), Err(6_000));
        assert_eq!(attempts.check(address(1), 1_005_999), Err(1));
        assert_eq!(exhaust(&mut attempts, address(1), 1_006_000), 1);
        assert_eq!(exhaust(&mut attempts, address(2), 1_006_000), 10);
        assert_eq!(exhaust(&mut attempts, address(1), 9_000_000), 10);
    }

    #[test]
    fn all_addresses_together_have_a_hundred_and_what_is_remembered_is_bounded() {
        let mut attempts = Attempts::default();
        let total: usize = (0..=255).map(|last| exhaust(&mut attempts, address(last), 1_000_000)).sum();
        assert_eq!(total, 100);
        for step in 0..10_000i64 {
            let now_ms = 1_000_000 + step * 600;
            let caller = IpAddr::from([198, 51, (step / 256) as u8, (step % 256) as u8]);
            exhaust(&mut attempts, caller, now_ms);
            assert!(attempts.each.len() <= 200, "{}", attempts.each.len());
        }
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let mut attempts = Attempts::default();
        let of = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(exhaust(&mut attempts, of("2001:db8:1:2::1"), 1_000), 10);
        assert!(attempts.check(of("2001:db8:1:2:ffff::9"), 1_000).is_err());
        assert!(attempts.check(of("2001:db8:1:3::1"), 1_000).is_ok());
        assert_eq!(exhaust(&mut attempts, of("::ffff:192.0.2.1"), 1_000), 10);
        assert!(attempts.check(address(1), 1_000).is_err());
    }
}
