use super::fault::{AFFECTED, RATE};
use crate::descriptor::{Descriptor, Effect, Group, Kind, Readers};

const DELAY: Kind = Kind::Integer { min: 0, max: 60_000 };

/// `fault.crash` to `fault.partition`: replicas that stop or lag, and links that are slow, lossy or cut.
pub(super) const BENIGN_FAULT: &[Descriptor] = &[
    Descriptor {
        key: "fault.crash.affected-entities",
        label: "Crashed replicas",
        help: "Their processes are killed. A replica taken out of the list starts again empty-handed and catches up from the others.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.non-responsive.affected-entities",
        label: "Non-responsive replicas",
        help: "They are alive, but say nothing and hear nothing, neither of replicas nor of clients.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.delay.affected-entities",
        label: "Slow senders",
        help: "The replicas whose messages all leave late: whoever leads, and whatever they say.",
        ..AFFECTED
    },
    Descriptor {
        key: "fault.delay.mean",
        label: "Sending delay",
        kind: DELAY,
        unit: "ms",
        default: "0",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Native,
        advance: true,
        help: "How much later each message of the slow senders leaves. 0 adds nothing.",
    },
    Descriptor {
        key: "fault.delay.jitter",
        label: "Sending jitter",
        kind: DELAY,
        unit: "ms",
        default: "0",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Native,
        advance: true,
        help: "Each message of the slow senders leaves later by up to this time more, drawn evenly.",
    },
    Descriptor {
        key: "fault.network.preset",
        label: "Latency between replicas",
        kind: Kind::Choice(&["none", "lan", "wan-3", "wan-5"]),
        unit: "",
        default: "none",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Native,
        advance: false,
        help: "Adds the latency of a data centre (lan: 0.25 ms one way) or between 3 or 5 cloud regions (wan-3, wan-5: 33 to 130 ms one way). Replica i is in region i modulo their number.",
    },
    Descriptor {
        key: "fault.network.latencies",
        label: "Latency matrix",
        kind: Kind::Text,
        unit: "ms",
        default: "",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Native,
        advance: false,
        help: "One-way latencies of single links, before those of the preset: 0-1: 40 is both ways, 0>1: 40 one way, 0..2-3..5: 80 each with each. Entries stand with commas between; the later one counts.",
    },
    Descriptor {
        key: "fault.network.loss",
        label: "Lost messages",
        help: "Share of the messages between replicas that are lost.",
        ..RATE
    },
    Descriptor {
        key: "fault.network.duplication",
        label: "Duplicated messages",
        help: "Share of the messages between replicas that arrive twice.",
        ..RATE
    },
    Descriptor {
        key: "fault.network.reordering",
        label: "Reordered messages",
        help: "Share of the messages between replicas that are held back for 1 to 5 ms, so that later ones overtake them.",
        ..RATE
    },
    Descriptor {
        key: "fault.partition.groups",
        label: "Partition",
        kind: Kind::Text,
        unit: "groups",
        default: "",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Native,
        advance: false,
        help: "Replicas in different groups do not hear each other: 0,1|2,3 parts four replicas in the middle. Those in no group are one more group; empty is no partition.",
    },
];
