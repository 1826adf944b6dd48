use crate::descriptor::{Descriptor, Effect, Group, Kind, Readers};

const AT_START: Effect = Effect::NextStart("the framework reads it once");

/// `network.*`: addresses for the public framework. Units of ours find free ports by themselves.
pub(super) const NETWORK: &[Descriptor] = &[
    Descriptor {
        key: "network.server",
        label: "Controller address",
        kind: Kind::Text,
        unit: "host:port",
        default: "127.0.0.1:9020",
        group: Group::Network,
        effect: AT_START,
        readers: Readers::Framework,
        advance: false,
        help: "Where the framework's controller listens. Ours picks a free port.",
    },
    Descriptor {
        key: "network.units",
        label: "Unit addresses",
        kind: Kind::TextList,
        unit: "host:port",
        default: "127.0.0.1:9021, 127.0.0.1:9022, 127.0.0.1:9023, 127.0.0.1:9024, 127.0.0.1:9025",
        group: Group::Network,
        effect: AT_START,
        readers: Readers::Framework,
        advance: false,
        help: "Where the framework's units listen, replicas first. Ours pick free ports.",
    },
];

/// `switching.*`: the framework's pool of protocols.
pub(super) const SWITCHING: &[Descriptor] = &[Descriptor {
    key: "switching.protocol-pool",
    label: "Protocol pool",
    kind: Kind::TextList,
    unit: "",
    default: "pbft, zyzzyva, hotstuff, cheapbft, sbft, prime",
    group: Group::Framework,
    effect: AT_START,
    readers: Readers::Framework,
    advance: false,
    help: "The protocol files that the framework loads.",
}];

/// `demo.*`: how units of the framework reach the backend.
pub(super) const DEMO: &[Descriptor] = &[
    Descriptor {
        key: "demo.enabled",
        label: "Report to the backend",
        kind: Kind::Boolean,
        unit: "",
        default: "true",
        group: Group::Framework,
        effect: AT_START,
        readers: Readers::Framework,
        advance: false,
        help: "Whether units of the framework poll and report. Ours always do.",
    },
    Descriptor {
        key: "demo.update_interval_ms",
        label: "Poll period",
        kind: Kind::Integer { min: 100, max: 600_000 },
        unit: "ms",
        default: "10000",
        group: Group::Framework,
        effect: Effect::Live,
        readers: Readers::Framework,
        advance: false,
        help: "How often units of the framework ask for changes. Ours hear of a change at once.",
    },
    Descriptor {
        key: "demo.update_server",
        label: "Backend host",
        kind: Kind::Text,
        unit: "host",
        default: "127.0.0.1",
        group: Group::Framework,
        effect: Effect::Live,
        readers: Readers::Framework,
        advance: false,
        help: "Where units of the framework find the backend.",
    },
    Descriptor {
        key: "demo.update_port",
        label: "Backend port",
        kind: Kind::Text,
        unit: "port",
        default: "8999",
        group: Group::Framework,
        effect: Effect::Live,
        readers: Readers::Framework,
        advance: false,
        help: "The backend's port; a path may follow, which is how a trial's address is given.",
    },
];
