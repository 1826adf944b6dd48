use super::*;

const DEFAULT: &str = include_str!("../../../../default.yaml");
const TIMER: &str = "fault.slow-proposal.timer";
const CRASH: &str = "fault.crash.affected-entities";

fn base() -> ConfigTree {
    read(DEFAULT).unwrap()
}

fn known(key: &str) -> &'static Descriptor {
    schema::descriptor(key).unwrap()
}

fn idle(base: &ConfigTree) -> Against<'_> {
    Against { reference: base, base }
}

fn shown(editing: &Editing, key: &str, reference: &ConfigTree) -> String {
    editing.field(known(key), reference).text
}

#[test]
fn the_form_changes_one_value_of_the_text_and_resetting_it_gives_the_same_bytes() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    editing.set(known(TIMER), idle(&base), "400".into()).unwrap();
    let line = editing.text().lines().find(|line| line.contains("timer: 400")).unwrap();
    assert!(line.contains("# live; ms; a slow leader"), "{line}");
    assert_eq!(editing.config().integer(TIMER, 0), 400);
    assert_eq!(editing.changes(&base, |_| true).unwrap().len(), 1);
    editing.reset(known(TIMER), idle(&base));
    assert_eq!(editing.text(), DEFAULT);
    assert_eq!(editing.config(), base);
}

#[test]
fn the_text_changes_the_form() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    let dark = "leaves in the dark\n      - ";
    editing.type_text(DEFAULT.replace("timer: 0 #", "timer: 30 #").replace(&format!("{dark}1"), &format!("{dark}3")));
    editing.settle(idle(&base));
    assert_eq!(shown(&editing, TIMER, &base), "30");
    assert_eq!(shown(&editing, "fault.in-dark.affected-entities", &base), "3");
    let changed: Vec<_> = editing.changes(&base, |_| true).unwrap().into_iter().map(|change| change.key).collect();
    assert_eq!(changed, ["fault.in-dark.affected-entities", TIMER]);
    editing.type_text(editing.text().replace("timer: 30 #", "timer: {advance: true, init: 1, fixed: {value: 9}} #"));
    editing.settle(idle(&base));
    let field = editing.field(known(TIMER), &base);
    assert!(field.scheduled && field.changed && field.problem.is_none(), "{field:?}");
    assert!(matches!(editing.config().get(TIMER), Some(ConfigValue::Tree(_))));
}

#[test]
fn while_the_text_is_wrong_nothing_is_lost_and_the_form_keeps_the_last_good_value() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    editing.set(known(TIMER), idle(&base), "400".into()).unwrap();
    let wrong = format!("{}\n[", editing.text());
    editing.type_text(wrong.clone());
    editing.settle(idle(&base));
    let found = editing.findings(&base);
    assert_eq!(found.len(), 1);
    assert!(found[0].place.line >= wrong.lines().count() - 1, "{found:?}");
    assert_eq!(shown(&editing, TIMER, &base), "400");
    assert!(editing.set(known(TIMER), idle(&base), "5".into()).unwrap_err().contains("Mend it first"));
    assert!(editing.broken_sentence().unwrap().contains("The form shows what it said before"));
    assert_eq!(editing.text(), wrong);
    editing.type_text(wrong.trim_end_matches("\n[").to_owned());
    editing.settle(idle(&base));
    assert!(editing.broken().is_none() && editing.findings(&base).is_empty());
}

#[test]
fn a_wrong_value_stands_in_both_and_has_a_line_and_a_column() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    for (text, told) in [("-4", "out of range"), ("soon", "a whole number"), ("", "a whole number")] {
        editing.set(known(TIMER), idle(&base), text.into()).unwrap();
        assert_eq!(editing.changes(&base, |_| true), Err(1), "{text}");
        let found = editing.findings(&base);
        let line = editing.text().lines().nth(found[0].place.line - 1).unwrap();
        assert!(found[0].message.contains(told) && line.trim_start().starts_with("timer:"), "{found:?} {line}");
        assert!(found[0].place.column >= 12, "{found:?}");
    }
    editing.set(known(CRASH), idle(&base), "1, x".into()).unwrap();
    assert!(
        editing.text().contains("affected-entities: [1, x] # live; replicas whose processes"),
        "{}",
        editing.text()
    );
    assert_eq!(editing.findings(&base).len(), 2);
    assert_eq!(shown(&editing, CRASH, &base), "1, x", "what is being typed is not tidied up");
}

#[test]
fn what_the_host_refused_stands_at_its_line_until_the_value_is_another_one() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    let varying = DEFAULT.replace("timer: 0 #", "timer: {advance: true, init: 1, fixed: {value: 9}} #");
    editing.type_text(varying.clone());
    editing.settle(idle(&base));
    let problem = |key: &str, message: &str| Problem { key: key.into(), message: message.into() };
    assert!(editing.refuse(vec![problem(TIMER, "it varies"), problem(CRASH, "not now")], &base).is_empty());
    let told = |editing: &Editing, reference: &ConfigTree| {
        let found = editing.findings(reference).into_iter();
        found.map(|found| (found.place.line, found.code, found.message)).collect::<Vec<_>>()
    };
    let line = |part: &str| varying.lines().position(|line| line.contains(part)).unwrap() + 1;
    let timer = (line("timer: {advance"), "refused".to_owned(), format!("it varies ({TIMER})"));
    let found = told(&editing, &base);
    assert!(found.len() == 2 && found.contains(&timer), "{found:?}");
    let mut running = base.clone();
    running.set(CRASH, ConfigValue::List(vec![ConfigValue::Integer(2)]));
    assert_eq!(told(&editing, &running), [timer], "what was refused for {CRASH} is not in force any more");
    editing.type_text(varying.replace("value: 9", "value: 8"));
    editing.settle(idle(&base));
    assert!(editing.refuse(vec![problem(CRASH, "not now")], &base).is_empty());
    editing.reset(known(CRASH), idle(&base));
    assert_eq!(told(&editing, &base), []);
    editing.set(known(TIMER), idle(&base), "-4".into()).unwrap();
    let own = editing.findings(&base).remove(0);
    let same = own.message.strip_suffix(&format!(" ({TIMER})")).unwrap();
    editing.refuse(vec![problem(TIMER, same)], &base);
    assert_eq!(editing.findings(&base), [own], "the same thing is told once");
}

#[test]
fn an_unknown_key_is_a_warning_and_goes_to_start() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    editing.type_text(format!("{DEFAULT}mine:\n  timr: 5\n"));
    editing.settle(idle(&base));
    let found = editing.findings(&base);
    assert_eq!((found.len(), found[0].severity, found[0].code.as_str()), (1, Severity::Warning, "unknown-key"));
    assert_eq!(editing.config().integer("mine.timr", 0), 5);
}

#[test]
fn untouched_keys_follow_a_running_trial_and_touched_ones_do_not() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    editing.set(known(TIMER), idle(&base), "400".into()).unwrap();
    let mut running = base.clone();
    running.set(TIMER, ConfigValue::Integer(100));
    running.set(CRASH, ConfigValue::List(vec![ConfigValue::Integer(2)]));
    let against = Against { reference: &running, base: &base };
    editing.follow(against);
    assert!(editing.text().contains("affected-entities: [2] # live; replicas whose processes"), "{}", editing.text());
    assert_eq!((shown(&editing, TIMER, &running), shown(&editing, CRASH, &running)), ("400".into(), "2".into()));
    assert_eq!(editing.changes(&running, |_| true).unwrap().len(), 1);
    // A start is as it was planned, now and when the trial has ended.
    assert_eq!((editing.start(&base).integer(TIMER, 0), editing.start(&base).numbers(CRASH)), (400, Vec::new()));
    editing.follow(idle(&base));
    assert_eq!(editing.config().integer(TIMER, 0), 400);
    assert_eq!(editing.config().numbers(CRASH), Vec::<f64>::new());
}

#[test]
fn what_is_loaded_while_a_trial_runs_is_what_the_next_start_takes() {
    let base = base();
    let mut running = base.clone();
    running.set("general.f", ConfigValue::Integer(2));
    let against = Against { reference: &running, base: &base };
    let mut editing = Editing::of(DEFAULT, &base);
    editing.follow(against);
    assert!(editing.changes(&running, |_| true).unwrap().is_empty());
    editing.load("two faults", DEFAULT.replace("f: 1 #", "f: 2 #").replace("timer: 0 #", "timer: 8 #"), against);
    assert_eq!(editing.name(), Some("two faults"));
    assert_eq!(editing.changes(&running, |_| true).unwrap().len(), 1, "f is what runs");
    assert_eq!(editing.start(&base).integer("general.f", 0), 2);
    editing.follow(idle(&base));
    assert_eq!(editing.config().integer("general.f", 0), 2);
    assert_eq!(editing.changes(&base, |_| true).unwrap().len(), 2);
}

#[test]
fn a_preset_a_loaded_text_and_a_reset_can_be_taken_back_and_done_again() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    editing.set(known("general.f"), idle(&base), "3".into()).unwrap();
    let before = editing.clone();
    let change = Change { key: TIMER.into(), text: "40".into() };
    editing.apply("BFTBrain static 8", &[change], idle(&base)).unwrap();
    assert_eq!(editing.undoable(), Some(("BFTBrain static 8", false)));
    let applied = editing.text().to_owned();
    editing.undo(idle(&base));
    assert_eq!((editing.text(), editing.draft(), editing.name()), (before.text(), before.draft(), None));
    assert_eq!(editing.undoable(), Some(("BFTBrain static 8", true)));
    editing.undo(idle(&base));
    assert_eq!((editing.text(), editing.name()), (applied.as_str(), Some("BFTBrain static 8")));
    editing.reset_all(DEFAULT, idle(&base));
    assert_eq!((editing.text(), editing.name()), (DEFAULT, None));
    editing.undo(idle(&base));
    assert_eq!(editing.text(), applied);
    editing.load("broken", "a: [".into(), idle(&base));
    assert!(editing.broken().is_some());
    editing.undo(idle(&base));
    assert!(editing.broken().is_none() && editing.text() == applied);
}

#[test]
fn a_server_text_that_the_page_cannot_read_is_written_anew() {
    let text = "general: &g\n  f: 2\nbenchmark: *g\n";
    let tree = yaml::parse(text).unwrap();
    let editing = Editing::of(text, &tree);
    assert_eq!(read(editing.text()).unwrap(), tree);
}

#[test]
fn other_spellings_start_as_what_they_mean() {
    let base = base();
    let mut editing = Editing::of(DEFAULT, &base);
    let alive = "# live; replicas that are alive";
    let text = DEFAULT.replace("logfile: false", "logfile: yes").replace(&format!("[] {alive}"), &format!("2 {alive}"));
    editing.type_text(text.clone());
    editing.settle(idle(&base));
    assert_eq!(editing.text(), text, "what is typed is left as it is");
    assert!(editing.findings(&base).is_empty(), "{:?}", editing.findings(&base));
    assert_eq!(editing.config().get("general.logfile"), Some(&ConfigValue::Boolean(true)));
    assert_eq!(editing.config().numbers("fault.non-responsive.affected-entities"), [2.0]);
}
