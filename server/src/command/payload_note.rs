//! A hint for those who set the size of payloads that no request carries.

use model::config::ConfigTree;
use model::schema;

/// The key that says how many requests carry what.
pub(super) const DISTRIBUTION: &str = "workload.distribution";
/// Keys of sizes, what they are sizes of, and the classes with such a payload.
const PAYLOADS: [(&str, &str, [usize; 2]); 2] =
    [("workload.payload.request-size", "request", [2, 3]), ("workload.payload.reply-size", "reply", [1, 3])];

/// One line where a size was set and the distribution gives nobody such a payload. A file that has the usual size says
/// nothing by it: files have all keys.
pub(super) fn note(config: &ConfigTree, settings: &[(String, String)]) -> Option<String> {
    let shares = config.numbers(DISTRIBUTION);
    let is_set = |key: &str| {
        let usual = schema::descriptor(key).map(|known| known.default_value());
        let differs = config.get(key).is_some_and(|value| Some(value) != usual.as_ref());
        differs || settings.iter().any(|(set, _)| set == key)
    };
    let without: Vec<_> = PAYLOADS
        .iter()
        .filter(|(key, _, classes)| {
            is_set(key)
                && config.get(key).is_some()
                && classes.iter().all(|class| shares.get(*class).is_none_or(|share| *share == 0.0))
        })
        .collect();
    let mend = match without.as_slice() {
        [] => return None,
        [(_, "request", _)] => "0,0,1,0",
        [(_, "reply", _)] => "0,1,0,0",
        _ => "0,0,0,1",
    };
    let keys: Vec<&str> = without.iter().map(|(key, ..)| *key).collect();
    let what: Vec<String> = without.iter().map(|(_, what, _)| format!("no {what}")).collect();
    let verb = if keys.len() == 1 { "has" } else { "have" };
    Some(format!(
        "Note: {} {verb} no effect, since {DISTRIBUTION} gives {} a payload; all get one with --set {DISTRIBUTION}={mend}",
        keys.join(" and "),
        what.join(" and ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::validate::{Change, apply_changes};

    fn noted(settings: &[(&str, &str)]) -> Option<String> {
        let mut tree = schema::default_tree();
        let settings: Vec<(String, String)> =
            settings.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        let changes: Vec<Change> =
            settings.iter().map(|(key, text)| Change { key: key.clone(), text: text.clone() }).collect();
        apply_changes(&mut tree, &changes).unwrap();
        note(&tree, &settings)
    }

    #[test]
    fn a_size_that_no_request_has_is_noted_with_the_key_to_change() {
        let request = ("workload.payload.request-size", "4096");
        let reply = ("workload.payload.reply-size", "1000000");
        for (settings, wanted) in [
            (vec![request], "gives no request a payload; all get one with --set workload.distribution=0,0,1,0"),
            (vec![reply], "gives no reply a payload; all get one with --set workload.distribution=0,1,0,0"),
            (
                vec![request, reply],
                "no request and no reply a payload; all get one with --set workload.distribution=0,0,0,1",
            ),
            (vec![request, reply, ("workload.distribution", "0.5,0,0.5,0")], "gives no reply a payload"),
        ] {
            let found = noted(&settings).unwrap();
            assert!(found.contains(wanted) && !found.contains('\n'), "{found}");
        }
    }

    #[test]
    fn nothing_is_noted_where_nothing_was_set_or_where_it_has_an_effect() {
        assert_eq!(noted(&[]), None);
        assert_eq!(noted(&[("workload.payload.request-size", "4096"), ("workload.distribution", "0.9,0,0,0.1")]), None);
    }
}
