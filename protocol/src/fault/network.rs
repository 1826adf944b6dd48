//! Latencies between replicas: the presets of `fault.network.preset` and the matrix of `fault.network.latencies`.
//!
//! The wide-area numbers are approximate: public round-trip times between cloud regions, rounded to 5 ms and halved. They
//! differ between providers and from day to day by a tenth and more; what matters is their order of magnitude and that
//! they are unequal.

use model::ids::ReplicaId;
use model::validate::LatencyMatrix;

/// One way within a data centre or a region, µs.
const LOCAL_US: u64 = 250;

/// The regions of `wan-3` are the first three, those of `wan-5` all; replica i lives in region i modulo their number.
pub const REGIONS: [&str; 5] = [
    "Virginia (us-east-1)",
    "Ireland (eu-west-1)",
    "Tokyo (ap-northeast-1)",
    "Oregon (us-west-2)",
    "Sydney (ap-southeast-2)",
];

/// One-way latencies between [`REGIONS`], µs.
const WIDE_US: [[u64; 5]; 5] = [
    [LOCAL_US, 35_000, 75_000, 32_500, 100_000],
    [35_000, LOCAL_US, 102_500, 62_500, 130_000],
    [75_000, 102_500, LOCAL_US, 47_500, 52_500],
    [32_500, 62_500, 47_500, LOCAL_US, 70_000],
    [100_000, 130_000, 52_500, 70_000, LOCAL_US],
];

/// Where the replicas are thought to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Where they are: nothing is added.
    #[default]
    None,
    /// One data centre: 0.25 ms each way.
    Lan,
    /// Virginia, Ireland, Tokyo.
    Wan3,
    /// The same, Oregon and Sydney.
    Wan5,
}

impl Preset {
    /// Reads the choice; an unknown word is none.
    pub fn from_word(word: &str) -> Self {
        match word {
            "lan" => Self::Lan,
            "wan-3" => Self::Wan3,
            "wan-5" => Self::Wan5,
            _ => Self::None,
        }
    }

    /// One-way latency that is added between two replicas, µs.
    pub fn latency_us(self, from: ReplicaId, to: ReplicaId) -> u64 {
        let between = |regions: u32| WIDE_US[(from.0 % regions) as usize][(to.0 % regions) as usize];
        match self {
            Self::None => 0,
            Self::Lan => LOCAL_US,
            Self::Wan3 => between(3),
            Self::Wan5 => between(5),
        }
    }
}

/// What the links between replicas add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Where the replicas are thought to be.
    pub preset: Preset,
    /// Links whose latency is given; these do not follow the preset.
    pub matrix: LatencyMatrix,
}

impl Links {
    /// One-way latency that is added from one replica to another, µs.
    pub fn latency_us(&self, from: ReplicaId, to: ReplicaId) -> u64 {
        match self.matrix.get(&(from.0, to.0)) {
            Some(given) => *given,
            None => self.preset.latency_us(from, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_the_same_both_ways_and_short_within_a_region() {
        for preset in [Preset::None, Preset::Lan, Preset::Wan3, Preset::Wan5] {
            for from in (0..10).map(ReplicaId) {
                for to in (0..10).map(ReplicaId) {
                    assert_eq!(preset.latency_us(from, to), preset.latency_us(to, from));
                }
                assert!(preset.latency_us(from, from) <= LOCAL_US);
            }
        }
        assert_eq!(Preset::Wan3.latency_us(ReplicaId(0), ReplicaId(3)), LOCAL_US);
        assert_eq!(Preset::Wan3.latency_us(ReplicaId(3), ReplicaId(1)), 35_000);
        assert_eq!(Preset::Wan5.latency_us(ReplicaId(0), ReplicaId(3)), 32_500);
    }
}
