//! One bad file for each code: a shipped one with a piece of text replaced.

use protocol::definitions;
use protocol::language::{CODES, Severity, check_text, compile};

/// Shipped file, text to replace, replacement, code, and what stands in the line that is reported.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    ("pbft", "roles: [primary, backups, nodes, client]", "roles: [&a primary, *a]", "alias", "*a"),
    ("pbft", "  name: pbft", "  name: pbft\n  name: again", "duplicate-key", "again"),
    (
        "pbft",
        "name: pbft",
        "name: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "file-too-complex",
        "[[[[",
    ),
    ("pbft", "roles: [primary", "roles: [[primary", "not-yaml", ""),
    ("pbft", "quorum: 2f }", "quorum: 2g }", "bad-expression", "2g"),
    ("pbft", "quorum: 2f }", "quorum: 2f + }", "bad-expression", "2f +"),
    ("pbft", "request-target: primary", "speculative: perhaps", "bad-flag", "perhaps"),
    ("pbft", "  states: [idle,", "  states: [id le,", "bad-name", "id le"),
    ("tendermint", "window: 1", "window: none", "bad-number", "none"),
    ("pbft", "request-target: primary", "aggregation: 3", "ignored-key", "aggregation"),
    ("pbft", "  name: pbft", "  fault-override: [timeout]", "ignored-key", "fault-override"),
    ("pbft", "        state: prepared\n", "", "missing-key", "role: nodes"),
    ("sbft", "{ type: timeout, mode: state }", "{ type: timeout }", "missing-mode", "timeout"),
    ("pbft", "messages: [checkpoint, fetch]", "messages: checkpoint", "not-a-list", "messages: checkpoint"),
    (
        "pbft",
        "  view-change:\n    quorum: 2f + 1\n    proven: [prepared]",
        "  view-change: 3",
        "not-a-mapping",
        "view-change",
    ),
    ("pbft", "checkpoint, read-only]", "checkpoint, nil]", "plugin-without-effect", "nil"),
    ("sbft", "authentication: aggregate }", "authentication: seal }", "unknown-authentication", "seal"),
    ("pbft", "type: message, message: commit", "type: magic, message: commit", "unknown-condition", "magic"),
    ("pbft", "type: message, message: commit, quorum", "type: view, quorum", "view-condition", "type: view"),
    ("fab", "  replicas: 5f + 1\n", "", "replicas-assumed", ""),
    ("pbft", "request-target: primary", "request-target: backups", "requests-go-astray", "backups"),
    (
        "pbft",
        "target: backups, message: pre-prepare",
        "target: primary, message: pre-prepare",
        "never-sent",
        "state: pre-prepared",
    ),
    ("hotstuff", "target: backups, message: decide", "target: primary, message: decide", "never-awaited", "decide"),
    (
        "hotstuff",
        "{ name: lock, certificate: { of: prepare-vote, quorum: 2f + 1 } }",
        "lock",
        "leader-alone",
        "state: locked",
    ),
    (
        "hotstuff",
        "{ name: decide, certificate: { of: commit-vote, quorum: 2f + 1 } }",
        "decide",
        "leader-alone",
        "state: executed",
    ),
    ("pbft", "  name: pbft", "  nickname: pbft", "unknown-key", "nickname"),
    ("pbft", "leader: stable", "leader: democratic", "unknown-leader", "democratic"),
    ("chained-hotstuff", "place: previous", "place: next", "unknown-place", "place: next"),
    ("pbft", "pipeline: direct", "pipeline: leaky", "unknown-plugin", "leaky"),
    ("pbft", "update: sequence", "update: sequences", "unknown-update", "sequences"),
    ("pbft", "replicas: 3f + 1", "replicas: 0", "bad-replicas", "replicas: 0"),
    ("cheapbft", "replicas: 2f + 1", "replicas: f", "empty-role", "active"),
    ("pbft", "quorum: 2f }", "quorum: 9f }", "quorum-too-large", "9f"),
    ("pbft", "quorum: 2f }", "quorum: 3f + 1 }", "quorum-too-large", "3f + 1 }"),
    ("pbft", "quorum: 2f }", "quorum: f - 1 }", "quorum-too-small", "f - 1"),
    ("pbft", "message: request, quorum: 1", "message: request, quorum: 2", "request-quorum", "quorum: 2"),
    ("cheapbft", "role: passive\n  message", "role: primary\n  message", "role-needs-plugin", "active"),
    ("pbft", "replicas: 3f + 1", "replicas: f + 2", "too-few-replicas", "f + 2"),
    ("pbft", "roles: [primary, backups,", "roles: [primary,", "undeclared-role", "backups"),
    ("pbft", "message: commit, quorum: 2f + 1", "message: comit, quorum: 2f + 1", "unknown-message", "comit"),
    ("pbft", "role: backups", "role: helpers", "unknown-role", "helpers"),
    ("pbft", "state: prepared\n        to", "state: preparde\n        to", "unknown-state", "preparde"),
    ("pbft", "proven: [prepared]", "proven: [committed]", "unknown-state", "proven"),
    ("pbft", "roles: [primary,", "roles: [active, primary,", "unused-role", "active"),
    ("pbft", "state: prepared\n        to", "state: executed\n        to", "after-executed", "- state: executed"),
    (
        "prime",
        "role: primary\n        state: pre-ordered",
        "role: backups\n        state: pre-ordered",
        "aggregation-without-leader",
        "- state: pre-prepared",
    ),
    (
        "pbft",
        "{ target: client, message: reply }",
        "{ target: nodes, message: reply }",
        "client-message",
        "target: nodes, message: reply",
    ),
    (
        "zyzzyva",
        "message: local-commit, quorum: 2f + 1",
        "message: reply, quorum: 2f + 1",
        "client-shape",
        "- state: committing",
    ),
    (
        "pbft",
        "- state: prepared\n",
        "- state: prepared\n            update: sequence\n",
        "executes-elsewhere",
        "- state: prepared",
    ),
    (
        "sbft",
        "update: sequence\n            condition: { type: message, message: full-commit-proof,",
        "condition: { type: message, message: full-commit-proof,",
        "executes-unsaid",
        "- state: executed",
    ),
    (
        "pbft",
        "role: primary\n        state: idle",
        "role: nodes\n        state: idle",
        "many-proposers",
        "- state: pre-prepared",
    ),
    ("pbft", "- state: prepared\n", "- state: pre-prepared\n", "never-executes", "from:"),
    ("pbft", "message: request, quorum: 1", "message: prepare, quorum: 1", "never-proposes", "from:"),
    (
        "cheapbft",
        "role: passive\n        state: idle",
        "role: passive\n        state: committing",
        "role-never-executes",
        "from:",
    ),
    (
        "sbft",
        "message: sign-share, quorum: 3f + 1 }",
        "message: sign-share, quorum: f + 1 }\n          - state: slow\n            condition: { type: message, message: sign-share, quorum: 2f + 1 }",
        "shadowed-transition",
        "- state: slow",
    ),
    ("pbft", "states: [idle,", "states: [waiting, idle,", "unreachable-state", "waiting"),
    (
        "hotstuff",
        "prepare-vote, authentication: signature",
        "prepare-vote, authentication: mac",
        "certificate-not-signed",
        "of: prepare-vote",
    ),
    (
        "hotstuff",
        "of: prepare-vote, quorum: 2f + 1",
        "of: prepare-vote, quorum: 3f + 1",
        "certificate-too-large",
        "of: prepare-vote",
    ),
    (
        "hotstuff",
        "of: prepare-vote, quorum: 2f + 1",
        "of: prepare-vote, quorum: f + 1",
        "certificate-too-small",
        "of: prepare-vote",
    ),
    ("hotstuff", "of: prepare-vote", "of: prepare", "certificate-without-votes", "of: prepare,"),
    (
        "pbft",
        "- { target: nodes, message: commit }",
        "- { target: nodes, message: commit }\n              - { target: nodes, message: fetch }",
        "never-awaited",
        "- state: prepared",
    ),
    ("zyzzyva", ", speculate]", "]", "never-sent", "- state: executed"),
    ("pbft", "        - commit\n", "        - commit\n        - abort\n", "unused-message", "abort"),
    ("fab", "fast: 2f + 1", "fast: 3f + 1", "fast-too-large", "3f + 1"),
    ("fab", "fast: 2f + 1", "fast: 2f", "fast-too-small", "fast: 2f"),
    (
        "pbft",
        "message: commit, quorum: 2f + 1",
        "message: commit, quorum: 3f + 1",
        "needs-everyone",
        "- state: executed",
    ),
    (
        "pbft",
        "  view-change:\n    quorum: 2f + 1",
        "  view-change:\n    quorum: 3f + 1",
        "needs-everyone",
        "quorum: 3f + 1",
    ),
    ("pbft", "  view-change:\n    quorum: 2f + 1\n    proven: [prepared]", "", "no-view-change", "from:"),
    (
        "pbft",
        "message: commit, quorum: 2f + 1",
        "message: commit, quorum: f + 1",
        "quorums-do-not-meet",
        "quorum: f + 1",
    ),
    (
        "pbft",
        "message: prepare, quorum: 2f }",
        "message: prepare, quorum: 1 }",
        "quorums-do-not-meet",
        "prepare, quorum: 1",
    ),
    ("cheapbft", "message: commit, quorum: f + 1", "message: commit, quorum: f", "quorums-do-not-meet", "quorum: f }"),
    (
        "pbft",
        "message: reply, quorum: f + 1",
        "message: reply, quorum: f",
        "reply-quorum-too-small",
        "- state: executed",
    ),
    (
        "prime",
        "  view-change:\n    quorum: 2f + 1\n    proven: [prepared]\n    resume: pre-ordered",
        "",
        "view-change-default",
        "- state: pre-ordered",
    ),
    ("pbft", "proven: [prepared]", "proven: []", "view-change-forgets", "quorum: 2f + 1"),
    (
        "pbft",
        "  view-change:\n    quorum: 2f + 1",
        "  view-change:\n    quorum: f + 1",
        "view-change-misses-decision",
        "quorum: f + 1",
    ),
];

/// Tested elsewhere, or (the last) only there in case a check is missing.
const OTHERS: [&str; 4] = ["file-too-large", "empty-file", "too-many", "cannot-lower"];

#[test]
fn every_mistake_is_found_in_its_line_with_a_mend() {
    let mut wrong = Vec::new();
    for (file, from, to, code, at) in MISTAKES {
        let text = definitions::find(file).unwrap().text();
        assert!(text.contains(from), "{file} has no {from:?}");
        let text = text.replacen(from, to, 1);
        let findings = check_text(&text, 1);
        let good = findings.iter().any(|found| {
            let line = text.lines().nth(found.place.line.saturating_sub(1)).unwrap_or_default();
            let placed = found.place.line > 0 && found.place.column > 0 && line.contains(at);
            found.code == *code && placed && !found.mend.is_empty() && !found.message.is_empty()
        });
        if !good {
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            wrong.push(format!("{file}, {to:?}: {code} is missing among\n  {}", findings.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_mistake() {
    for (code, _) in CODES {
        let tested = OTHERS.contains(code) || MISTAKES.iter().any(|(_, _, _, tested, _)| tested == code);
        assert!(tested, "{code} has no bad file");
    }
}

#[test]
fn an_empty_file_and_too_many_names_are_refused() {
    assert_eq!(check_text("", 1)[0].code, "empty-file");
    let states: Vec<String> = (0..300).map(|number| format!("state{number}")).collect();
    let text = definitions::find("pbft").unwrap().text();
    let text = text.replacen("states: [idle,", &format!("states: [{}, idle,", states.join(", ")), 1);
    assert!(check_text(&text, 1).iter().any(|found| found.code == "too-many"));
}

#[test]
fn findings_on_quorums_say_the_numbers() {
    let text = definitions::find("pbft").unwrap().text();
    let text = text.replace("message: commit, quorum: 2f + 1", "message: commit, quorum: 2");
    let findings = check_text(&text, 1);
    let found = findings.iter().find(|found| found.code == "quorums-do-not-meet").unwrap();
    assert!(found.message.contains("two quorums of 2 out of 4 replicas behind commit may share nobody"), "{found}");
}

/// Whatever is cut out of a file, and however many faults are asked for, there is an answer.
#[test]
fn no_damage_to_a_file_makes_the_checker_panic() {
    for definition in definitions::ALL {
        let lines: Vec<&str> = definition.text().lines().collect();
        for cut in 0..lines.len() {
            let rest: Vec<&str> =
                lines.iter().enumerate().filter(|(line, _)| *line != cut).map(|(_, line)| *line).collect();
            check_text(&rest.join("\n"), 1);
            let swapped = definition.text().replacen(lines[cut], lines[(cut * 7 + 3) % lines.len()], 1);
            if check_text(&swapped, 2).iter().all(|found| found.severity == Severity::Warning) {
                compile(&swapped, 2).unwrap();
            }
        }
        for f in [0, 1, 2, 25, 42, 1_000, u32::MAX] {
            check_text(definition.text(), f);
        }
    }
}
