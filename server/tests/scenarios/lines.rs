//! What people do with trials in the list, and what every page hears of it.

use crate::fixture::{Fixture, NOW_MS, body, status};
use app::Backend;
use app::backend::{BackendError, StartRequest};
use futures::FutureExt;
use model::config::ConfigValue;
use model::ids::TrialId;
use model::schedule::ScheduledChange;
use model::schema::default_tree;
use model::trial::TrialEdit;
use model::validate::Change;

async fn ended(server: &Fixture, name: &str) -> TrialId {
    let trial = server.try_start(name).await.unwrap();
    server.host().stop(trial).await.unwrap();
    trial
}

fn rename(name: &str) -> TrialEdit {
    TrialEdit { name: Some(name.into()), ..TrialEdit::default() }
}

/// The data of all events after an id.
fn events_after(server: &Fixture, id: &str) -> Vec<String> {
    let mut subscription = server.service.hub.subscribe(Some(id), NOW_MS);
    let mut events = Vec::new();
    // What has been told is there at once.
    while let Some(Some(message)) = subscription.next(&server.service.hub).now_or_never() {
        events.push(message.json.clone());
    }
    events
}

#[tokio::test]
async fn a_running_trial_keeps_its_new_name_when_it_ends() {
    let server = Fixture::new().await;
    let trial = server.try_start("before").await.unwrap();
    server.host().edit(trial, rename("after")).await.unwrap();
    let note = TrialEdit { note: Some("first\nsecond".into()), pinned: Some(true), ..TrialEdit::default() };
    server.host().edit(trial, note).await.unwrap();
    let seen = server.host().overview().await.unwrap().event_id;
    server.host().stop(trial).await.unwrap();
    let summary = server.host().overview().await.unwrap().trials.remove(0);
    assert_eq!((summary.name.as_str(), summary.note.as_str(), summary.pinned), ("after", "first\nsecond", true));
    let events = events_after(&server, &seen);
    assert!(events.iter().filter(|event| event.starts_with(r#"{"trial":{"#)).all(|event| event.contains("after")));
    server.host().edit(trial, rename("much later")).await.unwrap();
    assert_eq!(server.view(trial).await.detail.summary.name, "much later");
}

#[tokio::test]
async fn what_does_not_fit_in_a_line_is_refused_at_its_field() {
    let server = Fixture::new().await;
    let trial = ended(&server, "a").await;
    let edit = TrialEdit { name: Some("".into()), note: Some("\u{7}".into()), pinned: None };
    let BackendError::Invalid { problems } = server.host().edit(trial, edit).await.unwrap_err() else { panic!() };
    assert_eq!(problems.iter().map(|problem| problem.key.as_str()).collect::<Vec<_>>(), ["name", "note"]);
    assert!(matches!(server.host().edit(TrialId(9), rename("x")).await, Err(BackendError::NotFound { .. })));
    assert_eq!(server.view(trial).await.detail.summary.name, "a");
}

#[tokio::test]
async fn deleted_trials_leave_every_page_and_come_back_to_every_page() {
    let server = Fixture::new().await;
    let (first, second) = (ended(&server, "first").await, ended(&server, "second").await);
    let seen = server.host().overview().await.unwrap().event_id;
    server.host().delete(vec![first, second]).await.unwrap();
    assert!(server.host().overview().await.unwrap().trials.is_empty());
    assert!(matches!(server.host().trial(first).await, Err(BackendError::NotFound { .. })));
    assert_eq!(server.host().deleted().await.unwrap().len(), 2);
    server.host().restore(vec![first]).await.unwrap();
    let names: Vec<_> = server.host().overview().await.unwrap().trials.into_iter().map(|trial| trial.name).collect();
    assert_eq!(names, ["first"]);
    let events = events_after(&server, &seen);
    assert_eq!(events.iter().filter(|event| event.contains("trial_deleted")).count(), 2, "{events:?}");
    assert!(events.last().unwrap().contains("\"first\""), "{events:?}");
    let refused = server.host().restore(vec![TrialId(77)]).await.unwrap_err();
    assert!(refused.to_string().contains("until the server is started again"), "{refused}");
}

#[tokio::test]
async fn an_active_trial_is_not_deleted_and_then_none_of_the_others_is() {
    let server = Fixture::new().await;
    let idle = ended(&server, "idle").await;
    let active = server.try_start("busy").await.unwrap();
    let refused = server.host().delete(vec![idle, active]).await.unwrap_err();
    assert!(refused.to_string().contains("\"busy\" is active or waits: stop it first"), "{refused}");
    assert_eq!(server.host().overview().await.unwrap().trials.len(), 2);
}

#[tokio::test]
async fn an_ended_trial_has_figures_and_a_comparison_shows_its_lines_and_marks() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    for number in 1..=20_i64 {
        let at_ms = NOW_MS - 5_000 + number * 250;
        let report = format!(
            r#"{{"unit":5,"number":{number},"at_ms":{at_ms},"applied_version":0,
                "samples":[{{"metric":"throughput","value":400.0}}],"latency_micros":[[2000,99],[9000,1]]}}"#
        );
        assert_eq!(status(&server.put("report", &report).await), 200);
    }
    for (number, view) in [(1_i64, 0), (2, 1)] {
        let at_ms = NOW_MS - 5_000 + number * 250;
        let report = format!(
            r#"{{"unit":1,"number":{number},"at_ms":{at_ms},"applied_version":0,
                "samples":[{{"metric":"leader","value":{view}}},{{"metric":"view","value":{view}}}]}}"#
        );
        assert_eq!(status(&server.put("report", &report).await), 200);
    }
    server.host().stop(trial).await.unwrap();
    let figures = loop {
        if let Some(figures) = server.view(trial).await.detail.summary.figures {
            break figures;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(figures.throughput.unwrap().mean, 400.0);
    assert_eq!((figures.latency.unwrap().p50, figures.latency.unwrap().max, figures.requests), (2.0, 9.0, 2_000));
    let compared = server.host().compared(trial).await.unwrap();
    assert_eq!((compared.lines[0].metric.as_str(), compared.lines[0].points.len()), ("throughput", 20));
    let happened: Vec<_> = compared.marks.iter().map(|mark| mark.text.as_str()).collect();
    assert_eq!(happened, ["View 1: replica 1 leads"]);
}

#[tokio::test]
async fn a_trial_runs_again_with_the_same_protocol_settings_seed_and_schedule() {
    let server = Fixture::new().await;
    let mut config = default_tree();
    config.set("benchmark.seed", ConfigValue::Integer(4711));
    let changes = vec![Change { key: "fault.slow-proposal.timer".into(), text: "20".into() }];
    let text = protocol::definitions::find("pbft").unwrap().text().replace("3f + 1", "5f + 1");
    let request = StartRequest {
        name: "once".into(),
        protocol: "mine".into(),
        protocol_text: Some(text),
        config: Some(config),
        schedule: vec![ScheduledChange { at_ms: 60_000, changes }],
        ..StartRequest::default()
    };
    let first = server.host().start(request).await.unwrap();
    let event = format!(r#"[{{"type":"phase_started","phase":"run","at_ms":{}}}]"#, NOW_MS - 7_000);
    assert_eq!(status(&server.put("events", &event).await), 200);
    server.update(first, "40").await.unwrap();
    server.host().stop(first).await.unwrap();

    let second = server.host().run_again(first, false).await.unwrap();
    server.host().stop(second).await.unwrap();
    let (one, other) = (server.view(first).await.detail, server.view(second).await.detail);
    assert_eq!(
        (&other.config, &other.schedule, &other.protocol_text),
        (&one.config, &one.schedule, &one.protocol_text)
    );
    assert_eq!((other.summary.name.as_str(), other.summary.replicas), ("once (again)", 6));
    let specs = server.launcher.specs.lock().unwrap().clone();
    assert_eq!(specs[0].protocol_text, specs[1].protocol_text);

    let third = server.host().run_again(first, true).await.unwrap();
    let repeated = server.view(third).await.detail.schedule;
    let told: Vec<_> = repeated.iter().map(|entry| (entry.at_ms, entry.changes[0].text.as_str())).collect();
    assert_eq!(told, [(7_000, "40"), (60_000, "20")]);
    assert!(matches!(server.host().run_again(TrialId(99), false).await, Err(BackendError::NotFound { .. })));
}

#[tokio::test]
async fn settings_are_told_where_they_differ_from_the_defaults() {
    let server = Fixture::new().await;
    let changes = vec![Change { key: "benchmark.block-size".into(), text: "100".into() }];
    let request = StartRequest { name: "x".into(), protocol: "pbft".into(), changes, ..StartRequest::default() };
    let trial = server.host().start(request).await.unwrap();
    let settings = server.host().settings().await.unwrap();
    assert_eq!((settings.len(), settings[0].trial), (1, trial));
    assert_eq!(settings[0].settings, [("benchmark.block-size".to_owned(), "100".to_owned())]);
}

#[tokio::test]
async fn the_list_and_the_comparison_are_rendered_with_their_trials() {
    let server = Fixture::new().await;
    let trial = ended(&server, "rendered").await;
    let list = server.get("/trials").await;
    assert!(status(&list) == 200 && body(&list).contains(&format!(r#"<a href="/trials/{trial}">"#)), "{list}");
    let comparison = server.get("/compare").await;
    assert!(body(&comparison).contains(&format!("rendered (PBFT, number {trial})")), "{comparison}");
}
