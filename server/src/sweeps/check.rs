//! Whether a plan can run, before its first run starts.

use crate::protocols::{ChosenProtocol, known_names};
use model::sweep::{SweepPlan, check_points, point};
use model::trial::check_name;
use model::validate::Problem;
use protocol::language::document::MAX_PROTOCOL_BYTES;
use std::collections::HashSet;

/// Everything that is wrong with a plan. Takes time in the order of the number of points.
pub(super) fn problems(plan: &SweepPlan) -> Vec<Problem> {
    if let Err(found) = check_points(plan) {
        return found.into_iter().map(|problem| plan.keyed(problem)).collect();
    }
    let wrong = |message: String| Problem { key: "protocol".to_owned(), message };
    let mut problems = Vec::new();
    let mut chosen = Vec::new();
    for protocol in &plan.protocols {
        let found = match &protocol.text {
            None => ChosenProtocol::shipped(&protocol.name)
                .ok_or_else(|| format!("there is no protocol {:?}; choose one of: {}", protocol.name, known_names())),
            Some(text) if text.len() > MAX_PROTOCOL_BYTES => {
                Err(format!("{}: the file has {} bytes; at most {MAX_PROTOCOL_BYTES} fit", protocol.name, text.len()))
            }
            Some(text) => check_name(&protocol.name).map(|name| ChosenProtocol::own(&name, text.clone())),
        };
        match found {
            Ok(found) => chosen.push(found),
            Err(message) => problems.push(wrong(message)),
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    // A protocol's size depends on the number of faults only: each is compiled once for each.
    let mut sized = HashSet::new();
    for index in 0..plan.point_count() {
        let at = point(plan, index);
        let (protocol, _) = plan.coordinates(index);
        if sized.insert((protocol, at.config.integer("general.f", 1)))
            && let Some(chosen) = chosen.get(protocol)
            && let Err(message) = chosen.size(&at.config)
        {
            problems.push(wrong(format!("{}: {message}", at.label())));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::schema::default_tree;
    use model::sweep::{Axis, SweepOrder, SweepProtocol};
    use model::testbed::TestbedName;

    #[test]
    fn unknown_protocols_and_files_that_cannot_run_are_named_before_anything_starts() {
        let plan = |protocols: Vec<SweepProtocol>| SweepPlan {
            name: "s".into(),
            protocols,
            axes: vec![Axis { key: "general.f".into(), values: vec!["1".into(), "2".into()] }],
            duration_ms: 1_000,
            warmup_ms: 0,
            repetitions: 1,
            order: SweepOrder::AsWritten,
            testbed: TestbedName::default(),
            config: default_tree(),
            schedule: vec![],
        };
        assert_eq!(problems(&plan(vec![SweepProtocol::named("pbft")])), []);
        let found = problems(&plan(vec![SweepProtocol::named("../../etc/passwd")]));
        assert!(found[0].key == "protocol" && found[0].message.contains("choose one of: pbft"), "{found:?}");
        let own = SweepProtocol { name: "mine".into(), text: Some("name: [".into()) };
        let found = problems(&plan(vec![own]));
        assert!(found[0].message.starts_with("mine, f=1: the protocol \"mine\" cannot run: line "), "{found:?}");
    }
}
