//! How far correct replicas have come, by what replicas say of themselves.

use model::ids::SequenceNumber;

/// The furthest place that more than `f` of these have reached or passed: one of them is correct. 0 where there are
/// fewer.
pub(super) fn frontier(places: impl Iterator<Item = SequenceNumber>, f: u32) -> SequenceNumber {
    let mut places: Vec<SequenceNumber> = places.collect();
    places.sort_unstable_by(|left, right| right.cmp(left));
    places.get(f as usize).copied().unwrap_or_default()
}
