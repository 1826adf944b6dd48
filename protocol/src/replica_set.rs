//! A set of replicas as one machine word pair.

use model::ids::ReplicaId;

/// The largest cluster that a set can hold.
pub const MAX_REPLICAS: u32 = 128;

/// A set of replicas `0..128`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaSet(u128);

impl ReplicaSet {
    /// Nobody.
    pub const EMPTY: Self = Self(0);

    /// The replicas `0..count`; `count` beyond [`MAX_REPLICAS`] counts as that.
    pub fn first(count: u32) -> Self {
        if count >= MAX_REPLICAS { Self(u128::MAX) } else { Self((1 << count) - 1) }
    }

    /// One replica.
    pub fn one(replica: ReplicaId) -> Self {
        let mut set = Self::EMPTY;
        set.insert(replica);
        set
    }

    /// The set as bits, replica 0 lowest.
    pub fn bits(self) -> u128 {
        self.0
    }

    /// The set of these bits.
    pub fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Those in both sets.
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Adds a replica; answers whether it is new. A number beyond the bound is not added.
    pub fn insert(&mut self, replica: ReplicaId) -> bool {
        if replica.0 >= MAX_REPLICAS {
            return false;
        }
        let bit = 1u128 << replica.0;
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }

    /// Takes a replica out.
    pub fn remove(&mut self, replica: ReplicaId) {
        if replica.0 < MAX_REPLICAS {
            self.0 &= !(1u128 << replica.0);
        }
    }

    /// Whether a replica is in.
    pub fn contains(self, replica: ReplicaId) -> bool {
        replica.0 < MAX_REPLICAS && self.0 & (1u128 << replica.0) != 0
    }

    /// How many are in.
    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether nobody is in.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in either set.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The members, lowest first.
    pub fn iter(self) -> impl Iterator<Item = ReplicaId> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            if rest == 0 {
                return None;
            }
            let lowest = rest.trailing_zeros();
            rest &= rest - 1;
            Some(ReplicaId(lowest))
        })
    }
}
