//! Numbers with a meaning: none of them is ever passed as a bare integer.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

number! {
    /// A replica, `0..n`.
    ReplicaId(u32)
}
number! {
    /// A process of a trial: 0 is the controller, `1..=n` the replicas `0..n`, then the client units.
    UnitId(u32)
}
number! {
    /// The number of a leader's reign; the leader of view `v` is replica `v mod n` where the leader is stable.
    View(u64)
}
number! {
    /// The place of a block in the agreed order; the first is 1.
    SequenceNumber(u64)
}
number! {
    /// A trial's number in the store.
    TrialId(i64)
}
number! {
    /// A sweep's number in the store.
    SweepId(i64)
}

impl SequenceNumber {
    /// The number after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl View {
    /// The view after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
