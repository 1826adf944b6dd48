//! What trials differ in: only that, with the values side by side.

use crate::state::engine;
use crate::state::testbeds;
use crate::state::timeline::tell::tell_all;
use model::config::ConfigTree;
use model::schema;
use model::trial::TrialDetail;
use model::validate::Change;

/// Something that is not the same in all trials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What people call it.
    pub label: String,
    /// Its key; empty for what is no setting.
    pub key: String,
    /// What it is counted in.
    pub unit: &'static str,
    /// Its value in each trial, in their order.
    pub values: Vec<String>,
}

/// What stands where a trial has no such thing.
const NONE: &str = "none";

/// Everything that differs between trials: protocol, size, settings, timelines.
pub fn differences(trials: &[&TrialDetail]) -> Vec<Difference> {
    let fact = |label: &str, value: &dyn Fn(&TrialDetail) -> String| Difference {
        label: label.to_owned(),
        key: String::new(),
        unit: "",
        values: trials.iter().map(|detail| value(detail)).collect(),
    };
    let mut all = vec![
        fact("Protocol", &|detail| detail.summary.protocol.clone()),
        fact("Protocol file", &|detail| match &detail.protocol_text {
            None => "as shipped".to_owned(),
            Some(text) => own_file(trials, text),
        }),
        fact("Replicas", &|detail| detail.summary.replicas.to_string()),
        fact("Testbed", &|detail| testbeds::label(&detail.summary.testbed)),
        fact("Engine", &|detail| engine::label(detail.summary.engine).to_owned()),
    ];
    all.extend(keys(trials).into_iter().map(|key| setting(trials, key)));
    all.push(fact("Timeline", &timeline));
    all.retain(|difference| difference.values.windows(2).any(|pair| pair[0] != pair[1]));
    all
}

/// What trials ran on, where that differs.
pub fn environments(trials: &[&TrialDetail]) -> Vec<Difference> {
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in trials.iter().flat_map(|detail| &detail.environment) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |detail: &TrialDetail, wanted: &String| {
        let found = detail.environment.iter().find(|(name, _)| name == wanted);
        found.map_or_else(|| NONE.to_owned(), |(_, value)| value.clone())
    };
    let all = names.into_iter().map(|name| Difference {
        label: name.clone(),
        key: String::new(),
        unit: "",
        values: trials.iter().map(|detail| value(detail, name)).collect(),
    });
    all.filter(|difference| difference.values.windows(2).any(|pair| pair[0] != pair[1])).collect()
}

/// Own protocol files are told apart by the order in which they first appear.
fn own_file(trials: &[&TrialDetail], text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    for own in trials.iter().filter_map(|detail| detail.protocol_text.as_deref()) {
        if !known.contains(&own) {
            known.push(own);
        }
    }
    let place = known.iter().position(|one| *one == text).unwrap_or_default();
    format!("own file {}, {} bytes", place + 1, text.len())
}

/// The keys of all configurations: described ones in the order of their descriptions, then the others.
fn keys(trials: &[&TrialDetail]) -> Vec<String> {
    let mut keys: Vec<String> = schema::descriptors().map(|descriptor| descriptor.key.to_owned()).collect();
    for detail in trials {
        for (key, _) in detail.config.flatten() {
            // A value over time is one value, although it has parts.
            let within = |known: &String| key.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('.'));
            if !keys.contains(&key) && !keys.iter().any(within) {
                keys.push(key);
            }
        }
    }
    keys
}

fn setting(trials: &[&TrialDetail], key: String) -> Difference {
    let descriptor = schema::descriptor(&key);
    let value = |config: &ConfigTree| match (config.get(&key), descriptor) {
        (Some(value), Some(known)) => Change::to(&key, &known.kind.wire_value(value)).text,
        (Some(value), None) => Change::to(&key, value).text,
        (None, Some(known)) => Change::to(&key, &known.kind.wire_value(&known.default_value())).text,
        (None, None) => NONE.to_owned(),
    };
    let values = trials.iter().map(|detail| {
        let value = value(&detail.config);
        if value.is_empty() { NONE.to_owned() } else { value.replace(',', ", ").replace(",  ", ", ") }
    });
    Difference {
        label: descriptor.map_or_else(|| key.clone(), |known| known.label.to_owned()),
        unit: descriptor.map_or("", |known| known.unit),
        values: values.collect(),
        key,
    }
}

fn timeline(detail: &TrialDetail) -> String {
    let told = tell_all(&detail.config, &detail.schedule, detail.summary.replicas);
    let entries = detail.schedule.iter().zip(told);
    let entries: Vec<_> =
        entries.map(|(entry, text)| format!("at {} s {text}", entry.at_ms as f64 / 1_000.0)).collect();
    if entries.is_empty() { NONE.to_owned() } else { entries.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::trial::tests::running;
    use model::config::ConfigValue;
    use model::schedule::ScheduledChange;

    #[test]
    fn only_what_differs_is_listed() {
        let (mut one, mut other) = (running(), running());
        assert!(differences(&[&one, &other]).is_empty());
        other.summary.protocol = "prime".into();
        other.config.set("fault.slow-proposal.timer", ConfigValue::Integer(400));
        other.config.set("fault.slow-proposal.affected-entities", ConfigValue::List(vec![]));
        one.config.set("mine.own", ConfigValue::Boolean(true));
        let changes = vec![Change { key: "fault.crash.affected-entities".into(), text: "0".into() }];
        other.schedule = vec![ScheduledChange { at_ms: 2_500, changes }];
        let found = differences(&[&one, &other]);
        let rows: Vec<_> = found.iter().map(|row| (row.label.as_str(), row.values.join(" | "))).collect();
        assert_eq!(rows[0], ("Protocol", "pbft | prime".to_owned()));
        assert!(rows.contains(&("Slow-proposal timer", "0 | 400".to_owned())), "{rows:?}");
        assert!(rows.contains(&("mine.own", "true | none".to_owned())), "{rows:?}");
        assert!(rows.contains(&("Timeline", "none | at 2.5 s Replica 0 crashes".to_owned())), "{rows:?}");
    }

    #[test]
    fn another_machine_is_told_of_apart_from_the_settings() {
        let (mut one, mut other) = (running(), running());
        one.environment = vec![("Cores".into(), "2".into()), ("BFTGym".into(), "0.1.0".into())];
        other.environment = vec![("Cores".into(), "8".into()), ("BFTGym".into(), "0.1.0".into())];
        let found = environments(&[&one, &other]);
        assert_eq!((found.len(), found[0].values.join(" ")), (1, "2 8".to_owned()));
    }
}
