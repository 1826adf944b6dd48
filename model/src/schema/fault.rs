use crate::descriptor::{Descriptor, Effect, Group, Kind, Readers};

const REPLICAS: Kind = Kind::IntegerList { min: 0, max: 1000 };

/// Whom a fault affects, where only our own engine reads it: nobody unless said.
pub(super) const AFFECTED: Descriptor = Descriptor {
    key: "",
    label: "",
    kind: REPLICAS,
    unit: "replicas",
    default: "",
    group: Group::Fault,
    effect: Effect::Live,
    readers: Readers::Native,
    advance: false,
    help: "",
};

/// The share of messages that such a fault affects: none unless said.
pub(super) const RATE: Descriptor =
    Descriptor { kind: Kind::Float { min: 0.0, max: 1.0 }, unit: "share", default: "0", advance: true, ..AFFECTED };

/// `fault.in-dark`, `fault.timeout`, `fault.slow-proposal`: attacks of a leader, which the public framework has as well.
pub(super) const FAULT: &[Descriptor] = &[
    Descriptor {
        key: "fault.in-dark.affected-entities",
        label: "In-dark replicas",
        kind: REPLICAS,
        unit: "replicas",
        default: "1",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: false,
        help: "The victims that the leader leaves in the dark: they get none of its messages while the fault is on.",
    },
    Descriptor {
        key: "fault.in-dark.generator",
        label: "In-dark attack on",
        kind: Kind::Boolean,
        unit: "",
        default: "false",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: true,
        help: "Whether the leader leaves the in-dark replicas out. They catch up from the others once it is off.",
    },
    Descriptor {
        key: "fault.timeout.affected-entities",
        label: "Delayed replicas",
        kind: REPLICAS,
        unit: "replicas",
        default: "2",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: false,
        help: "The victims that receive the leader's messages late.",
    },
    Descriptor {
        key: "fault.timeout.generator",
        label: "Leader message delay",
        kind: Kind::Integer { min: 0, max: 60_000 },
        unit: "ms",
        default: "0",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: true,
        help: "How much later the delayed replicas receive each of the leader's messages. 0 switches the fault off.",
    },
    Descriptor {
        key: "fault.slow-proposal.affected-entities",
        label: "Slow leaders",
        kind: REPLICAS,
        unit: "replicas",
        default: "0",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: false,
        help: "The replicas that propose slowly whenever they lead.",
    },
    Descriptor {
        key: "fault.slow-proposal.attacking",
        label: "Slow-proposal attack on",
        kind: Kind::Boolean,
        unit: "",
        default: "true",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: true,
        help: "The master switch of the slow-proposal attack; with a timer of 0 ms it does nothing.",
    },
    Descriptor {
        key: "fault.slow-proposal.timer",
        label: "Slow-proposal timer",
        kind: Kind::Integer { min: 0, max: 60_000 },
        unit: "ms",
        default: "0",
        group: Group::Fault,
        effect: Effect::Live,
        readers: Readers::Both,
        advance: true,
        help: "A slow leader leaves at least timer / (f + 1) ms between two proposals. 0 switches the fault off.",
    },
];
