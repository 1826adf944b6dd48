//! What goes into the engine and what comes out.

use super::message::Message;
use crate::replica_set::ReplicaSet;
use model::ids::ReplicaId;

/// Something that happened to a replica.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message of another replica that passed [`super::verify::verify`].
    FromReplica {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        message: Message,
    },
    /// A message of a client unit that passed [`super::verify::verify`].
    FromClient {
        /// Which client unit.
        unit: u16,
        /// What it says.
        message: Message,
    },
    /// A timer that was set has come due. A stale one does no harm.
    Timer(Timer),
    /// The least time between two proposals, µs: the slow-proposal fault.
    ProposalGap(u64),
}

/// The timers of a replica; setting one again replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A partial block has waited long enough, or the proposal gap is over.
    Propose,
    /// Time to see whether there was progress.
    Progress,
    /// A timeout of the protocol's states is due.
    Place,
    /// Time to see whether the leader is to be replaced.
    Suspect,
    /// Time to order what is ready.
    Aggregate,
}

/// What the driver owes the engine after a step, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Deliver the message to each of these replicas, through the faults and the transport. The sender is never in the set.
    Send {
        /// To whom.
        to: ReplicaSet,
        /// What.
        message: Message,
    },
    /// Deliver a reply to a client unit.
    Reply {
        /// Which.
        unit: u16,
        /// The reply.
        message: Message,
    },
    /// Call again with [`Input::Timer`] at this time.
    SetTimer {
        /// Which; an earlier setting of the same timer is forgotten.
        timer: Timer,
        /// When, µs on the driver's clock.
        at_us: u64,
    },
}
