//! Every key of the language, once: the parser knows no others, and `docs/protocol-language.md` lists the same.

/// Paths of keys and what they mean. `[]` stands for the items of a list.
pub const KEYS: &[(&str, &str)] = &[
    ("plugins", "what the engine adds to the state machines"),
    ("plugins.role", "how roles map to replicas: primary, passive or qc-primary"),
    ("plugins.message", "a list of digest, mac, checkpoint, read-only, speculate, learning, nil"),
    ("plugins.transition", "a list: checkpoint, or nothing"),
    ("plugins.pipeline", "direct, qc-pipeline or chained"),
    ("protocol", "the protocol itself"),
    ("protocol.name", "its name"),
    ("protocol.replicas", "how many replicas for f faults; 3f + 1 unless said"),
    ("protocol.fault-override", "faults that the public framework ignores under this protocol; here they all act"),
    ("protocol.general", "settings, and whole numbers that expressions may use by name"),
    ("protocol.general.leader", "stable, or rotate: the leader changes every few blocks"),
    ("protocol.general.rotate-every", "blocks between leaders; benchmark.leader-rotate-interval unless said"),
    ("protocol.general.window", "most blocks in agreement at once; benchmark.window alone unless said"),
    ("protocol.general.request-target", "the role that receives clients' requests; primary unless said"),
    ("protocol.general.speculative", "true where blocks are executed before they are final"),
    ("protocol.general.trusted-counter", "true where a trusted counter keeps replicas from saying two things"),
    ("protocol.general.learning", "read and ignored"),
    ("protocol.general.aggregation", "read and ignored"),
    ("protocol.roles", "the roles that the file uses"),
    ("protocol.phases", "states and messages, in groups"),
    ("protocol.phases[].name", "the phase's name"),
    ("protocol.phases[].states", "its states; idle and executed always exist"),
    ("protocol.phases[].messages", "its messages, each a name or a mapping"),
    ("protocol.phases[].messages[].name", "the message's name"),
    ("protocol.phases[].messages[].request-block", "true where it carries the whole block, not only its digest"),
    ("protocol.phases[].messages[].authentication", "mac (unless said), authenticator, signature or aggregate"),
    ("protocol.phases[].messages[].certificate", "the votes that the message carries as a proof"),
    ("protocol.phases[].messages[].certificate.of", "the message that these votes are"),
    ("protocol.phases[].messages[].certificate.quorum", "how many voters it needs"),
    ("protocol.phases[].messages[].certificate.place", "same (unless said), or previous: it is about the block before"),
    ("protocol.view-change", "how the leader is replaced; without it, never"),
    ("protocol.view-change.quorum", "view-change messages that the new leader needs; n - f unless said"),
    ("protocol.view-change.proven", "states that prove a block to the next leader"),
    ("protocol.view-change.fast", "acceptances of one view that carry a block over without proof; none unless said"),
    ("protocol.view-change.resume", "the state in which blocks that were carried over begin; idle unless said"),
    ("protocol.view-change.multiplier", "how patient replicas are: 7 times the timer base times this; 1 unless said"),
    ("protocol.transitions", "the state machines"),
    ("protocol.transitions.from", "a list: the ways out of one state for one role"),
    ("protocol.transitions.from[].role", "whose"),
    ("protocol.transitions.from[].state", "out of which state; any: out of every state but executed"),
    ("protocol.transitions.from[].to", "the ways out, tried in this order"),
    ("protocol.transitions.from[].to[].state", "the next state"),
    ("protocol.transitions.from[].to[].update", "none (unless said), sequence, view, aggregation or slow"),
    ("protocol.transitions.from[].to[].condition", "when it may be taken; at once unless said"),
    ("protocol.transitions.from[].to[].condition.type", "message, timeout or next"),
    ("protocol.transitions.from[].to[].condition.message", "which message is awaited"),
    ("protocol.transitions.from[].to[].condition.quorum", "from how many different senders"),
    ("protocol.transitions.from[].to[].condition.empty", "true where only messages for the empty block count"),
    (
        "protocol.transitions.from[].to[].condition.mode",
        "state: since the state was entered; sequence: since the place was begun",
    ),
    ("protocol.transitions.from[].to[].condition.multiplier", "multiplies the timer; 1 unless said"),
    ("protocol.transitions.from[].to[].condition.states", "which states of the next place are awaited"),
    ("protocol.transitions.from[].to[].response", "what is sent"),
    ("protocol.transitions.from[].to[].response[].target", "to which role"),
    ("protocol.transitions.from[].to[].response[].message", "which message"),
    ("protocol.transitions.from[].to[].extra_tally", "votes that are taken as given"),
    ("protocol.transitions.from[].to[].extra_tally[].role", "of which role"),
    ("protocol.transitions.from[].to[].extra_tally[].message", "which message"),
];

/// The keys directly under a path; the empty path is the file itself.
pub fn children(path: &str) -> impl Iterator<Item = &'static str> + '_ {
    KEYS.iter().filter_map(move |(key, _)| {
        let rest = if path.is_empty() { key } else { key.strip_prefix(path)?.strip_prefix('.')? };
        (!rest.contains(['.', '['])).then_some(rest)
    })
}
