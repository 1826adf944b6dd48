//! Protocol files and configurations that somebody damaged.

use model::schema;
use model::validate::{Change, apply_changes, check_changes, check_tree};
use protocol::definitions;
use protocol::language::{Severity, check_text, compile};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What stands in place of something right.
const WRONG: [&str; 16] = [
    "",
    "~",
    "[",
    "{}",
    "- ",
    ": ",
    "&a",
    "*a",
    "-1",
    "18446744073709551616",
    "1e999",
    "f",
    "any",
    "0",
    "\u{0}",
    "| >",
];

#[test]
fn damaged_protocol_files_have_findings_or_run() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for definition in definitions::ALL {
        for round in 0..150 {
            let mut lines: Vec<String> = definition.text().lines().map(str::to_owned).collect();
            for _ in 0..=rng.next_u32() % 3 {
                damage(&mut lines, &mut rng);
            }
            let text = lines.join("\n");
            let f = 1 + round % 3;
            let errors = check_text(&text, f).iter().any(|finding| finding.severity == Severity::Error);
            let compiled = compile(&text, f);
            assert!(!errors || compiled.is_err(), "{} has errors and compiles:\n{text}", definition.name);
        }
    }
}

fn damage(lines: &mut Vec<String>, rng: &mut ChaCha8Rng) {
    let mut below = |bound: usize| rng.next_u32() as usize % bound.max(1);
    let (line, other) = (below(lines.len()), below(lines.len()));
    match below(6) {
        0 => drop(lines.remove(line)),
        1 => lines.insert(line, lines[other].clone()),
        2 => lines.swap(line, other),
        3 => {
            let words: Vec<String> = lines[other].split_whitespace().map(str::to_owned).collect();
            let word = words.get(below(words.len())).cloned().unwrap_or_default();
            let at = lines[line].char_indices().map(|(at, _)| at).nth(below(lines[line].len())).unwrap_or(0);
            lines[line].insert_str(at, &word);
        }
        4 => {
            let mut words: Vec<&str> = lines[line].split(' ').collect();
            let position = below(words.len());
            words[position] = WRONG[below(WRONG.len())];
            lines[line] = words.join(" ");
        }
        _ => {
            let at = lines[line].char_indices().map(|(at, _)| at).nth(below(lines[line].len())).unwrap_or(0);
            lines[line].truncate(at);
        }
    }
}

#[test]
fn damaged_changes_of_a_configuration_are_refused_or_leave_it_valid() {
    let keys: Vec<&str> = schema::descriptors().map(|descriptor| descriptor.key).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let texts = [
        "",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "NaN",
        "inf",
        "1e308",
        "true",
        "0,1|2,3",
        "0,,1",
        "|",
        "[]",
        "\u{0}",
        "lan",
    ];
    for _ in 0..20_000 {
        let mut tree = schema::default_tree();
        let changes: Vec<Change> = (0..=rng.next_u32() % 3)
            .map(|_| Change {
                key: keys[rng.next_u32() as usize % keys.len()].to_owned(),
                text: texts[rng.next_u32() as usize % texts.len()].to_owned(),
            })
            .collect();
        // Whether they may take effect while a trial runs is another question, with the same right to an answer.
        let _ = check_changes(&tree, &changes);
        if apply_changes(&mut tree, &changes).is_ok() {
            assert_eq!(check_tree(&tree), [], "{changes:?}");
        }
    }
}
