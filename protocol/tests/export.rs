//! Protocols written out for the public framework: they load again, mean the same, or there is a reason why not.

use protocol::definitions;
use protocol::export::{Export, export};
use protocol::language::document::{self, Node};
use protocol::language::{Severity, check_text, compile};
use protocol::table::{Condition, Table};

/// Shipped protocols that the framework can express.
const EXPRESSIBLE: [&str; 6] = ["pbft", "poe", "sbft", "hotstuff", "fab", "cheapbft"];

fn shipped(name: &str) -> &'static str {
    definitions::find(name).unwrap().text()
}

fn exported(text: &str, f: u32) -> Export {
    export(text, f).unwrap_or_else(|reasons| panic!("{reasons:?}"))
}

/// The sizes of all quorums, in the order of the rules.
fn quorums(table: &Table) -> Vec<u32> {
    let rules = table.replica_rules.iter().flat_map(|rules| rules.by_state.iter().flatten());
    let size = |condition: &Condition| match condition {
        Condition::Quorum { size, .. } => Some(*size),
        _ => None,
    };
    let mut sizes: Vec<u32> = rules.filter_map(|rule| size(&rule.condition)).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn what_is_written_out_loads_again_without_an_error_with_the_same_quorums_and_replicas() {
    for name in EXPRESSIBLE {
        for f in [1, 2, 4] {
            let written = exported(shipped(name), f);
            let replicas = compile(shipped(name), f).unwrap().n;
            assert_eq!(written.replicas, replicas, "{name}");
            // The framework's files do not say how many replicas there are; ours is told here.
            let again = written.text.replacen("protocol:\n", &format!("protocol:\n  replicas: {replicas}\n"), 1);
            let errors: Vec<_> =
                check_text(&again, f).into_iter().filter(|found| found.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{name}, f = {f}: {errors:?}\n{}", written.text);
            let (before, after) = (compile(shipped(name), f).unwrap(), compile(&again, f).unwrap());
            assert_eq!(quorums(&before), quorums(&after), "{name}");
            assert_eq!(before.reply_quorum, after.reply_quorum, "{name}");
        }
    }
}

/// Everything that the framework's loader looks for without asking whether it is there, and every name that it looks up.
fn as_the_framework_loads(text: &str) {
    for line in text.lines() {
        assert!(!line.contains(['[', '{', '#', '"', '\t']), "no full YAML reader: {line:?}");
        assert_eq!((line.len() - line.trim_start().len()) % 2, 0, "{line:?}");
    }
    let root = document::read(text).unwrap();
    let get = |node: &Node, path: &str| -> Node {
        path.split('.')
            .fold(node.clone(), |node, key| node.get(key).unwrap_or_else(|| panic!("no {path}\n{text}")).clone())
    };
    let list = |node: &Node| node.sequence().unwrap().to_vec();
    let word = |node: &Node| node.scalar().unwrap().to_owned();
    assert!(["primary", "passive"].contains(&word(&get(&root, "plugins.role")).as_str()));
    assert_eq!(word(&get(&root, "plugins.pipeline")), "direct");
    list(&get(&root, "plugins.transition"));
    for plugin in list(&get(&root, "plugins.message")) {
        assert!(["digest", "mac", "checkpoint", "read-only"].contains(&word(&plugin).as_str()));
    }
    let phases = list(&get(&root, "protocol.phases"));
    assert_eq!((phases.len(), word(&get(&phases[0], "name")).as_str()), (1, "normal"));
    let states: Vec<String> = list(&get(&phases[0], "states")).iter().map(word).collect();
    assert!(states.contains(&"idle".to_owned()) && states.contains(&"executed".to_owned()));
    let message_name = |node: &Node| node.scalar().map_or_else(|| word(&get(node, "name")), str::to_owned);
    let messages = list(&get(&phases[0], "messages"));
    for message in messages.iter().filter(|message| message.scalar().is_none()) {
        get(message, "request-block");
    }
    let messages: Vec<String> = messages.iter().map(message_name).collect();
    let roles: Vec<String> = list(&get(&root, "protocol.roles")).iter().map(word).collect();
    assert_eq!(roles, ["primary", "active", "passive", "nodes", "client"]);
    for from in list(&get(&root, "protocol.transitions.from")) {
        assert!(roles.contains(&word(&get(&from, "role"))) && states.contains(&word(&get(&from, "state"))));
        for to in list(&get(&from, "to")) {
            let target = word(&get(&to, "state"));
            assert!(states.contains(&target), "{target}");
            let update = to.get("update").map(word);
            assert!(matches!(update.as_deref(), None | Some("sequence" | "slow")), "{update:?}");
            assert_eq!(target == "executed", update.as_deref() == Some("sequence"));
            if let Some(condition) = to.get("condition") {
                match word(&get(condition, "type")).as_str() {
                    "message" => {
                        assert!(messages.contains(&word(&get(condition, "message"))));
                        check_quorum(&word(&get(condition, "quorum")));
                    }
                    "timeout" => {
                        get(condition, "mode");
                        word(&get(condition, "multiplier")).parse::<u32>().unwrap();
                    }
                    other => panic!("{other}"),
                }
            }
            for (key, role_key) in [("response", "target"), ("extra_tally", "role")] {
                for pair in to.get(key).map(list).unwrap_or_default() {
                    assert!(roles.contains(&word(&get(&pair, role_key))));
                    assert!(messages.contains(&word(&get(&pair, "message"))));
                }
            }
        }
    }
}

/// `^(\d*)(\D*)([+-](\d*))?$` without blanks, with f as the only name.
fn check_quorum(text: &str) {
    let text: String = text.split_whitespace().collect();
    let rest = text.trim_start_matches(|each: char| each.is_ascii_digit());
    let rest = rest.strip_prefix('f').unwrap_or(rest);
    let constant = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    assert!(constant.chars().all(|each| each.is_ascii_digit()), "{text}");
    assert!(!text.is_empty() && !text.starts_with(['+', '-']), "{text}");
}

#[test]
fn what_is_written_out_has_all_that_the_frameworks_loader_looks_for_and_nothing_that_it_cannot_read() {
    for name in EXPRESSIBLE {
        as_the_framework_loads(&exported(shipped(name), 1).text);
    }
    as_the_framework_loads(&exported(include_str!("language/foreign/three-phase.yaml"), 1).text);
}

#[test]
fn what_is_left_out_is_said() {
    let pbft = exported(shipped("pbft"), 1);
    assert_eq!(pbft.notes, ["BFTBrain does not replace leaders: the view change is left out"]);
    assert!(pbft.text.contains("quorum: 2f + 1\n") && !pbft.text.contains("view-change"), "{}", pbft.text);
    assert!(exported(shipped("sbft"), 1).notes.iter().any(|note| note.contains("certificates")));
    assert!(exported(shipped("cheapbft"), 1).notes.iter().any(|note| note.contains("trusted counter")));
}

#[test]
fn what_the_framework_cannot_express_is_refused_with_the_reason() {
    for (name, reason) in [
        ("zyzzyva", "plugin speculate"),
        ("zyzzyva", "one of idle never ends"),
        ("chained-hotstuff", "no chain"),
        ("chained-hotstuff", "next place"),
        ("tendermint", "rotate-every"),
        ("tendermint", "window"),
        ("prime", "no role originator"),
        ("prime", "aggregation"),
        ("prime", "empty block"),
    ] {
        let reasons = export(shipped(name), 1).unwrap_err();
        assert!(reasons.iter().any(|found| found.contains(reason)), "{name}: {reason} is missing in {reasons:?}");
    }
    assert!(export("nonsense", 1).unwrap_err()[0].starts_with("it cannot run: "));
}

#[test]
fn a_rule_of_backups_that_the_leader_would_take_too_is_refused() {
    let text =
        shipped("pbft").replace("role: nodes\n        state: prepared", "role: backups\n        state: prepared");
    let reasons = export(&text, 1).unwrap_err();
    assert!(reasons.iter().any(|reason| reason.contains("commit is not the leader's alone")), "{reasons:?}");
}
