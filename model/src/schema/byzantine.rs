use super::fault::{AFFECTED, RATE};
use crate::descriptor::Descriptor;

/// `fault.equivocation` to `fault.wrong-votes`: replicas that lie.
pub(super) const BYZANTINE_FAULT: &[Descriptor] = &[
    Descriptor {
        key: "fault.equivocation.affected-entities",
        label: "Equivocators",
        help: "As leaders they propose another block to the replicas whose number has the other parity; leader 0 to the odd ones. As voters they tell each replica what an equivocating leader told it. When a leader is replaced they deny what they saw.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.corrupt-authenticator.affected-entities",
        label: "Corrupters of authenticators",
        help: "The replicas that send messages with a wrong authenticator. Correct receivers drop those.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.corrupt-authenticator.rate",
        label: "Corrupted share",
        help: "Share of the corrupters' messages with a wrong authenticator.",
        ..RATE
    },
    Descriptor {
        key: "fault.replay.affected-entities",
        label: "Replaying replicas",
        help: "The replicas that send old messages again, out of the last 64 to the same receiver.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.replay.rate",
        label: "Replayed share",
        help: "How often a replaying replica adds an old message to a new one.",
        ..RATE
    },
    Descriptor {
        key: "fault.wrong-votes.affected-entities",
        label: "Wrong voters",
        help: "The replicas that vote for blocks that do not exist.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.wrong-votes.rate",
        label: "Wrong share",
        help: "Share of the wrong voters' votes that are for a block that does not exist.",
        ..RATE
    },
];
