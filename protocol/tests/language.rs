//! The protocol language: shipped files, foreign files, mistakes, and the reference page.

#[path = "language/foreign.rs"]
mod foreign;
#[path = "language/mistakes.rs"]
mod mistakes;

use protocol::definitions;
use protocol::language::{CODES, KEYS, check_text, compile};
use protocol::table::{Condition, Role, StateId, Update};

#[test]
fn every_shipped_protocol_compiles_without_a_finding() {
    for definition in definitions::ALL {
        for f in 1..=3 {
            let findings = check_text(definition.text(), f);
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            assert!(findings.is_empty(), "{} with f = {f}:\n{}", definition.name, findings.join("\n"));
            let table = compile(definition.text(), f).unwrap();
            assert_eq!(table.name, definition.name);
            assert!(table.view_change.is_some());
        }
    }
}

fn table(name: &str, f: u32) -> protocol::table::Table {
    compile(definitions::find(name).unwrap().text(), f).unwrap()
}

#[test]
fn pbft_lowers_to_the_quorums_of_the_paper() {
    let table = table("pbft", 2);
    assert_eq!((table.n, table.reply_quorum, table.read_only, table.read_only_quorum), (7, 3, true, 5));
    let quorums: Vec<(&str, u32)> = table
        .replica_rules
        .iter()
        .flat_map(|rules| rules.by_state.iter().flatten())
        .filter_map(|rule| match &rule.condition {
            Condition::Quorum { message, size, .. } => {
                Some((table.messages[usize::from(message.0)].name.as_str(), *size))
            }
            _ => None,
        })
        .collect();
    assert_eq!(quorums, [("pre-prepare", 1), ("prepare", 4), ("commit", 5)]);
    let proposal = table.messages.iter().find(|message| message.name == "pre-prepare").unwrap();
    assert_eq!(proposal.senders, [Role::Primary]);
}

#[test]
fn zyzzyvas_client_has_its_slow_path() {
    let table = table("zyzzyva", 1);
    let commit = table.commit.unwrap();
    assert_eq!((table.reply_quorum, commit.replies, commit.acknowledgements, commit.multiplier), (4, 3, 3, 1));
    assert_eq!(table.messages[usize::from(commit.commit.0)].name, "commit");
    assert_eq!(table.messages[usize::from(commit.acknowledgement.0)].name, "local-commit");
    assert!(table.speculative);
}

#[test]
fn the_view_change_section_is_lowered() {
    let prime = table("prime", 1);
    let rule = prime.view_change.unwrap();
    assert_eq!(prime.states[usize::from(rule.resume.0)], "pre-ordered");
    assert_eq!((rule.quorum, rule.fast, rule.proven.len()), (3, None, 1));
    let fab = table("fab", 1);
    assert_eq!((fab.n, fab.view_change.unwrap().fast), (6, Some(3)));
    let chained = table("chained-hotstuff", 1);
    assert!(chained.chained && chained.rotating && chained.rotate_interval.is_none());
    assert!(chained.messages.iter().any(|message| message.certificate.is_some_and(|rule| rule.previous)));
}

#[test]
fn rules_of_the_state_any_follow_each_states_own() {
    let text = definitions::find("pbft").unwrap().text();
    let any = "    from:\n      - { role: nodes, state: any, to: [{ state: idle, update: view, condition: { type: timeout, mode: state } }] }\n";
    let table = compile(&text.replacen("    from:\n", any, 1), 1).unwrap();
    let nodes = table.replica_rules.iter().find(|rules| rules.role == Role::Nodes).unwrap();
    for (state, rules) in nodes.by_state.iter().enumerate() {
        let last = rules.last().map(|rule| rule.update);
        assert_eq!(
            last,
            (state != usize::from(StateId::EXECUTED.0)).then_some(Update::View),
            "{}",
            table.states[state]
        );
    }
}

#[test]
fn a_huge_file_and_an_alias_bomb_are_refused_at_once() {
    assert_eq!(check_text(&"a".repeat(10 << 20), 1)[0].code, "file-too-large");
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        bomb.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1));
    }
    assert_eq!(check_text(&bomb, 1)[0].code, "alias");
    let deep = check_text(&"[".repeat(100_000), 1);
    assert!(["file-too-complex", "not-yaml"].contains(&deep[0].code.as_str()), "{deep:?}");
}

/// The rows of the page's table under a heading: what stands in code in the first column, and the second column.
fn rows(page: &str, heading: &str) -> Vec<(String, String)> {
    let section = page.split(&format!("\n## {heading}\n")).nth(1).expect("the page has the section");
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.trim_end_matches(" |").to_owned()))
        })
        .collect()
}

#[test]
fn the_reference_page_lists_what_the_parser_and_the_checker_know() {
    let page = include_str!("../../docs/protocol-language.md");
    for (heading, table) in [("Keys", KEYS), ("Findings", CODES)] {
        let rows = rows(page, heading);
        let expected: Vec<(String, String)> =
            table.iter().map(|(name, meaning)| ((*name).to_owned(), (*meaning).to_owned())).collect();
        for row in &expected {
            assert!(rows.contains(row), "the page lacks {row:?}");
        }
        for row in &rows {
            assert!(expected.contains(row), "the page has {row:?}, which is not known");
        }
    }
}
