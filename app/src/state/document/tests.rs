use super::*;
use model::advance::draws;
use model::descriptor::{Descriptor, Kind};
use model::schema;

const DEFAULT: &str = include_str!("../../../../default.yaml");

fn value(yaml: &str) -> ConfigValue {
    model::yaml::parse(&format!("value: {yaml}")).unwrap().get("value").unwrap().clone()
}

fn edited(text: &str, key: &str, new: &str) -> String {
    put(text, &read(text).unwrap(), key, &value(new)).unwrap().0
}

/// All comments of a text, in order.
fn comments(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let at = line
                .char_indices()
                .find(|(at, each)| *each == '#' && line[..*at].chars().next_back().is_none_or(char::is_whitespace))?;
            Some(line[at.0..].trim_end().to_owned())
        })
        .collect()
}

#[test]
fn a_value_is_replaced_and_everything_else_stays_byte_for_byte() {
    for (text, key, new, wanted) in [
        ("a: 1 # one\nb: 2\n", "a", "22", "a: 22 # one\nb: 2\n"),
        ("a:\n  b: \"x # y\" # z\n", "a.b", "'no'", "a:\n  b: \"no\" # z\n"),
        ("a: 'it''s' # z\n", "a", "word", "a: word # z\n"),
        ("größe: ä # ö\nb: 1 # ü\n", "b", "2", "größe: ä # ö\nb: 2 # ü\n"),
        ("a: {b: 1, c: [1, 2]} # flow\n", "a.c", "[]", "a: {b: 1, c: []} # flow\n"),
        ("a: {b: 1} # flow\n", "a", "5", "a: 5 # flow\n"),
        ("a: # empty\nb: 1\n", "a", "5", "a: 5 # empty\nb: 1\n"),
        ("a:", "a", "5", "a: 5"),
        ("a: | # why\n  one\n  two\n# after\nb: 1\n", "a", "word", "a: word # why\n# after\nb: 1\n"),
        ("a: plain\n  on two lines\nb: 1\n", "a", "5", "a: 5\nb: 1\n"),
        ("a: 1\r\nb: 2 # two\r\n", "b", "3", "a: 1\r\nb: 3 # two\r\n"),
        ("\"a: b\": 1\n'c': 2\n", "c", "3", "\"a: b\": 1\n'c': 3\n"),
    ] {
        assert_eq!(edited(text, key, new), wanted, "{text}");
    }
}

#[test]
fn a_list_of_lines_keeps_its_lines_and_the_comments_of_those_that_go() {
    let text = "a: # list\n  # first\n  - 1 # one\n  - 2 # two\n\n  - 3 # three\n# after\nb: 1\n";
    assert_eq!(edited(text, "a", "[1, 5, 3]"), text.replace("- 2 #", "- 5 #"));
    assert_eq!(edited(text, "a", "[9]"), "a: # list\n  # first\n  - 9 # one\n  # two\n  # three\n# after\nb: 1\n");
    assert_eq!(edited(text, "a", "[1, 2, 3, 4]"), text.replace("# three\n", "# three\n  - 4\n"));
    assert_eq!(edited(text, "a", "[]"), "a: [] # list\n  # first\n  # one\n  # two\n  # three\n# after\nb: 1\n");
    assert_eq!(edited("a:\n- x\n- z\nb: 1\n", "a", "[z]"), "a:\n- z\nb: 1\n");
    assert_eq!(edited("a:\r\n  - 1\r\n", "a", "[1, 2]"), "a:\r\n  - 1\r\n  - 2\r\n");
    assert_eq!(edited("a:\n  - 1", "a", "[1, 2]"), "a:\n  - 1\n  - 2");
}

#[test]
fn a_mapping_of_lines_becomes_a_value_and_keeps_its_comments() {
    let text = "timer: # why\n  advance: true # varies\n  init: 0\n  fixed:\n    value: 40 # later\nb: 1\n";
    assert_eq!(edited(text, "timer", "7"), "timer: 7 # why\n  # varies\n    # later\nb: 1\n");
    assert_eq!(
        edited("timer: 7 # why\n", "timer", "{advance: true, init: 0}"),
        "timer: {advance: true, init: 0} # why\n"
    );
}

#[test]
fn a_key_that_is_missing_is_added_at_the_end_of_its_level() {
    for (text, key, new, wanted) in [
        ("a: 1 # one\n# end\n", "b.c.d", "2", "a: 1 # one\nb:\n  c:\n    d: 2\n# end\n"),
        ("a:\n  b: 1 # x\n\n# c\nc: 3\n", "a.d", "2", "a:\n  b: 1 # x\n  d: 2\n\n# c\nc: 3\n"),
        ("a:\n    b:\n        - 1 # x\nc: 3", "a.d", "2", "a:\n    b:\n        - 1 # x\n    d: 2\nc: 3"),
        ("a: # nothing yet\nb: 1\n", "a.c", "2", "a: # nothing yet\n  c: 2\nb: 1\n"),
        ("a: {} # x\n", "a.b.c", "2", "a: {b: {c: 2}} # x\n"),
        ("a: {b: 1} # x\n", "a.c", "[1]", "a: {b: 1, c: [1]} # x\n"),
        ("a: 3 # x\n", "a.b", "1", "a: {b: 1} # x\n"),
        ("a:\n  b:\n", "a.c", "1", "a:\n  b:\n  c: 1\n"),
    ] {
        assert_eq!(edited(text, key, new), wanted, "{text}");
    }
}

#[test]
fn a_form_that_cannot_be_changed_from_outside_is_refused_and_names_its_line() {
    for text in ["a: &x\n  - 1\n", "? a\n: - 1\n"] {
        let refused = put(text, &read(text).unwrap(), "a", &value("5")).unwrap_err();
        assert!(refused.contains("line "), "{refused}");
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (text, line) in
        [("a: 1\nb: [1\nc: 2\n", 3), ("a: 1\na: 2\n", 2), ("# nothing\n", 1), ("- a\n", 1), ("a: *x\n", 1)]
    {
        let found = read(text).unwrap_err();
        assert!(found.place.line.abs_diff(line) <= 1, "{text}: {found}");
        assert!(!found.message.is_empty() && !found.mend.is_empty());
    }
    assert_eq!(place_of("a: 1\nb:\n  - 2\n  # c\nc: {d: 3}\n", "b"), Place { line: 2, column: 1 });
    assert_eq!(place_of("a: 1\nb:\n  c: 3\n", "b.c"), Place { line: 3, column: 6 });
    assert_eq!(place_of("a: 1\nb:\n  c: 3\n", "b.d"), Place { line: 2, column: 1 });
}

/// Something that somebody might type into the form.
fn typed(descriptor: &Descriptor, draw: &mut dyn FnMut() -> u64) -> ConfigValue {
    let integer = |min: i64, max: i64, draw: &mut dyn FnMut() -> u64| {
        ConfigValue::Integer(min + (draw() % ((max - min).unsigned_abs() + 1)) as i64)
    };
    let float = |draw: &mut dyn FnMut() -> u64| ConfigValue::Float((draw() % 1_000_000) as f64 / 1e6);
    let words = ["no", "12:30:00", "a # b", "x: y", "- z", "", "größer", "plain", "*a", "{", "\"", "'"];
    let many = |draw: &mut dyn FnMut() -> u64, one: &dyn Fn(&mut dyn FnMut() -> u64) -> ConfigValue| {
        ConfigValue::List((0..draw() % 6).map(|_| one(draw)).collect())
    };
    match descriptor.kind {
        Kind::Integer { min, max } => integer(min, max, draw),
        Kind::Float { .. } => float(draw),
        Kind::Boolean => ConfigValue::Boolean(draw().is_multiple_of(2)),
        Kind::Text => ConfigValue::Text(words[draw() as usize % words.len()].to_owned()),
        Kind::Choice(choices) => ConfigValue::Text(choices[draw() as usize % choices.len()].to_owned()),
        Kind::IntegerList { min, max } => many(draw, &|draw| integer(min, max, draw)),
        Kind::FloatList { .. } => many(draw, &|draw| float(draw)),
        Kind::TextList => many(draw, &|draw| ConfigValue::Text(words[draw() as usize % words.len()].to_owned())),
    }
}

#[test]
fn after_any_edits_the_text_says_exactly_what_was_set_and_no_comment_is_lost() {
    let by_hand = "# Top.\ngeneral: {f: 1, verbosity: 'v'} # flow\nmine: # own\n  - a: 1 # kept\n    b: |\n      # no comment\n  - 2\n\
                   benchmark:\n    closed-loop: # nothing yet\n    seed: 3 # three\nworkload:\n    distribution:\n    - 1 # none\n    - 0\n\
                   \u{20}   - 0 # request\n    - 0\n    # last\nfault:\n    slow-proposal:\n        timer: # changes\n            advance: true\n\
                   \u{20}           init: 0 # before\n            fixed: {value: 40} # after\n# Tail, größer.\n";
    let crlf = by_hand.replace('\n', "\r\n");
    let keys: Vec<&Descriptor> = schema::descriptors().collect();
    for (start, seed) in [DEFAULT, by_hand, &crlf].into_iter().flat_map(|text| (0..60).map(move |seed| (text, seed))) {
        let mut draw = draws(seed, 7);
        let mut text = start.to_owned();
        let mut tree = read(&text).unwrap();
        let mut wanted = tree.clone();
        for _ in 0..12 {
            let descriptor = keys[draw() as usize % keys.len()];
            let new = typed(descriptor, &mut draw);
            wanted.set(descriptor.key, new.clone());
            let before = text.clone();
            (text, tree) = put(&text, &tree, descriptor.key, &new)
                .unwrap_or_else(|error| panic!("seed {seed}: {} = {new}: {error}\n{before}", descriptor.key));
            assert_eq!(tree, wanted);
            assert_eq!(read(&text).unwrap(), wanted, "seed {seed}: {} = {new}\n{before}", descriptor.key);
        }
        let mut left: Vec<&str> = text.lines().map(str::trim_end).collect();
        for comment in comments(start) {
            let found = left.iter().position(|line| line.ends_with(&comment));
            assert!(found.is_some(), "seed {seed} lost {comment:?} of\n{start}\nin\n{text}");
            left.remove(found.unwrap());
        }
    }
}
