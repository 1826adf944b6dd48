//! How many replicas a file is for that does not say so. The public framework runs any protocol on as many units as its
//! configuration lists; here the number follows from the protocol.

use super::reader::Reader;
use crate::language::expression::Expression;
use crate::language::syntax::{Condition, Protocol};

/// The larger clusters of the literature: with 5f + 1 replicas two steps are enough (Martin and Alvisi, Fast Byzantine
/// Consensus, TDSC 2006).
const LARGER: &str = "5f + 1";

/// Takes the smallest usual number for which all quorums can be collected, and says so where it is not 3f + 1.
pub(super) fn assume(reader: &mut Reader, protocol: &mut Protocol) {
    if fits(protocol) {
        return;
    }
    let Ok(larger) = Expression::parse(LARGER) else { return };
    let usual = std::mem::replace(&mut protocol.replicas.value, larger);
    if fits(protocol) {
        let message = format!(
            "the file does not say how many replicas it is for, and some quorum is larger than 3f + 1: it is run with {LARGER}"
        );
        reader.warning("replicas-assumed", protocol.replicas.place, message, format!("Write replicas: {LARGER}"));
    } else {
        // What is too large for both is told against the usual number.
        protocol.replicas.value = usual;
    }
}

/// Whether each quorum can be collected, for one fault and for two.
fn fits(protocol: &Protocol) -> bool {
    let conditions = protocol.transitions.iter().flat_map(|from| &from.to).map(|to| &to.condition);
    let quorums: Vec<_> = conditions
        .filter_map(|condition| match condition {
            Condition::Message { quorum, .. } => Some(&quorum.value),
            _ => None,
        })
        .collect();
    [1, 2].into_iter().all(|f| {
        let Ok(n) = protocol.replica_count(f) else { return false };
        // What has no value is told elsewhere.
        quorums.iter().all(|quorum| protocol.evaluate(quorum, f).map_or(true, |size| size <= i64::from(n)))
    })
}
