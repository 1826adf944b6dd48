//! Every code that a diagnostic may have, once: `docs/protocol-language.md` lists the same.

/// Codes and what they mean. Codes are stable: scripts may rely on them.
pub const CODES: &[(&str, &str)] = &[
    // The text.
    ("alias", "error: YAML aliases are not read"),
    ("duplicate-key", "error: a key stands twice in one mapping"),
    ("empty-file", "error: there is nothing in the file"),
    ("file-too-complex", "error: it nests too deeply, or has too many values"),
    ("file-too-large", "error: it has more bytes than are read"),
    ("not-yaml", "error: it is not YAML"),
    // The grammar.
    ("bad-expression", "error: no arithmetic over f, n and numbers of protocol.general"),
    ("bad-flag", "error: neither true nor false"),
    ("bad-name", "error: a name has other characters than letters, digits, - and _"),
    ("bad-number", "error: no whole number from 1 to 1000000"),
    ("ignored-key", "warning: a key of the public framework that has no effect"),
    ("missing-key", "error: a key is missing"),
    ("missing-mode", "warning: a timeout does not say state or sequence"),
    ("not-a-list", "error: a list is expected"),
    ("not-a-mapping", "error: keys are expected"),
    ("plugin-without-effect", "warning: a plugin does nothing, or is not known"),
    (
        "replicas-assumed",
        "warning: the file does not say how many replicas it is for, and 3f + 1 are too few for its quorums",
    ),
    ("unknown-authentication", "error: none of mac, authenticator, signature and aggregate"),
    ("unknown-condition", "error: no such type of condition"),
    ("unknown-key", "warning: a key means nothing here"),
    ("unknown-leader", "warning: leader is neither stable nor rotate"),
    ("unknown-place", "error: a certificate is about neither the same nor the previous place"),
    ("unknown-plugin", "error: no such role or pipeline plugin"),
    ("unknown-update", "error: no such update"),
    ("view-condition", "warning: a transition that waits for a view change is never taken"),
    // Names and numbers.
    ("bad-replicas", "error: no number of replicas that can be run"),
    ("empty-role", "warning: nobody has the role"),
    ("quorum-too-large", "error: a quorum of more replicas than there are, or than send the message"),
    ("quorum-too-small", "error: a quorum below 1"),
    ("request-quorum", "warning: request is awaited with another quorum than 1"),
    ("role-needs-plugin", "warning: a role is used without its role plugin"),
    ("too-few-replicas", "warning: fewer than 3f + 1 replicas, or than 2f + 1 with a trusted counter"),
    ("too-many", "error: more states, messages, roles or transitions than fit"),
    ("undeclared-role", "warning: a role is used, but not listed"),
    ("unknown-message", "error: no such message"),
    ("unknown-role", "error: no such role"),
    ("unknown-state", "error: no such state"),
    ("unused-role", "warning: a role is listed, but not used"),
    // State machines.
    ("after-executed", "warning: a transition out of executed"),
    ("aggregation-without-leader", "warning: update: aggregation for another role than primary"),
    ("client-message", "warning: clients get something else than reply, or replicas get reply"),
    ("client-shape", "error: a client that the engine's client cannot be"),
    ("executes-elsewhere", "error: update: sequence towards another state than executed"),
    ("executes-unsaid", "warning: a way to executed without update: sequence"),
    ("many-proposers", "warning: blocks are proposed by many replicas at once, or not out of idle"),
    ("never-executes", "error: no way to executed for a replica or a client"),
    ("never-proposes", "error: nobody awaits request"),
    ("role-never-executes", "warning: no way to executed for one kind of replica"),
    ("shadowed-transition", "warning: an earlier transition always comes first"),
    ("unreachable-state", "warning: no way leads from idle to a state"),
    // Messages.
    ("certificate-not-signed", "warning: the votes in a certificate are not signed"),
    ("certificate-too-large", "warning: a certificate needs more votes than its sender waits for"),
    ("certificate-too-small", "warning: a certificate needs fewer votes than its sender waits for"),
    ("certificate-without-votes", "warning: the sender of a certificate does not wait for its votes"),
    ("never-awaited", "warning: a message is sent, but nobody there waits for it"),
    ("never-sent", "warning: a message is awaited, but nobody sends it there"),
    ("requests-go-astray", "warning: clients send requests to replicas that make no blocks"),
    ("unused-message", "warning: a message is neither sent nor awaited"),
    // Safety and progress.
    ("fast-too-large", "warning: fast asks for more acceptances than a decided block is sure of"),
    ("fast-too-small", "warning: so few acceptances another block may have as well"),
    ("leader-alone", "warning: a block may be executed on the leader's word alone"),
    ("needs-everyone", "warning: progress needs messages of replicas that may be faulty"),
    ("no-view-change", "warning: a faulty leader is never replaced"),
    ("quorums-do-not-meet", "warning: two quorums need not share a correct replica"),
    ("reply-quorum-too-small", "warning: a client believes so few replicas that all may be faulty"),
    ("view-change-default", "warning: update: view without a section view-change"),
    ("view-change-forgets", "warning: a block may be decided without anything that the next leader would see"),
    ("view-change-misses-decision", "warning: a view change may hear too few of those who decided"),
    // Lowering.
    ("cannot-lower", "error: what was not checked cannot be lowered; it should not be seen"),
];

/// Whether a code is among them.
pub fn known(code: &str) -> bool {
    CODES.iter().any(|(known, _)| *known == code)
}
