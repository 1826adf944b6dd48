//! A trial's life: started, changed, stopped, failed.

use crate::fixture::{Fixture, NOW_MS, status};
use app::Backend;
use app::backend::{BackendError, StartRequest};
use model::config::ConfigValue;
use model::ids::TrialId;
use model::schedule::ScheduledChange;
use model::schema::default_tree;
use model::trial::TrialState;
use model::unit::UnitHealth;
use model::validate::Change;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

#[tokio::test]
async fn a_stopped_trial_is_finished_and_stopping_it_again_is_no_error() {
    let server = Fixture::new().await;
    let trial = server.try_start("the first").await.unwrap();
    assert_eq!(server.host().overview().await.unwrap().active, [trial]);
    server.host().stop(trial).await.unwrap();
    let detail = server.view(trial).await.detail;
    assert_eq!((detail.summary.state, detail.summary.ended_ms), (TrialState::Finished, Some(NOW_MS)));
    assert!(detail.units.iter().all(|unit| unit.health == UnitHealth::Stopped));
    assert_eq!(server.host().overview().await.unwrap().active, []);
    server.host().stop(trial).await.unwrap();
    let second = server.try_start("the second").await.unwrap();
    assert_eq!(server.host().overview().await.unwrap().trials[0].id, second);
}

#[tokio::test]
async fn any_name_is_taken_but_none_of_10000_characters() {
    let server = Fixture::new().await;
    let trial = server.try_start("a/b \"c\" 'd' <e> 🚀").await.unwrap();
    assert_eq!(server.view(trial).await.detail.summary.name, "a/b \"c\" 'd' <e> 🚀");
    let refused = server.try_start(&"x".repeat(10_000)).await.unwrap_err();
    assert!(refused.to_string().starts_with("name: the name has 10000 characters"), "{refused}");
}

#[tokio::test]
async fn every_problem_of_a_start_is_named_at_its_key() {
    let server = Fixture::new().await;
    let changes = vec![Change { key: "general.f".into(), text: "many".into() }];
    let request = StartRequest { name: " ".into(), protocol: "paxos".into(), changes, ..StartRequest::default() };
    let BackendError::Invalid { problems } = server.host().start(request).await.unwrap_err() else { panic!() };
    let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["name", "protocol", "general.f"]);
    assert!(server.host().overview().await.unwrap().trials.is_empty());
}

#[tokio::test]
async fn a_protocol_file_of_ones_own_says_how_many_replicas_there_are_and_is_kept() {
    let server = Fixture::new().await;
    let text = protocol::definitions::find("pbft").unwrap().text().replace("3f + 1", "5f + 1");
    let request = |text: &str| StartRequest {
        name: "mine".into(),
        protocol: "mine".into(),
        protocol_text: Some(text.into()),
        changes: vec![Change { key: "benchmark.clients".into(), text: "2".into() }],
        ..StartRequest::default()
    };
    let BackendError::Invalid { problems } = server.host().start(request("name: [")).await.unwrap_err() else {
        panic!()
    };
    assert!(problems[0].key == "protocol" && problems[0].message.contains("cannot run: line "), "{problems:?}");
    let trial = server.host().start(request(&text)).await.unwrap();
    let detail = server.view(trial).await.detail;
    assert_eq!((detail.summary.replicas, detail.units.len()), (6, 9));
    assert_eq!((detail.units[8].role.label(), detail.protocol_text), ("Client 1".to_owned(), Some(text.clone())));
    assert_eq!(server.launcher.specs.lock().unwrap()[0].protocol_text, text);
}

#[tokio::test]
async fn units_are_told_the_trials_address_and_the_store_is_not() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let spec = server.launcher.specs.lock().unwrap()[0].clone();
    let token = spec.backend_url.rsplit('/').next().unwrap().to_owned();
    assert_eq!(token.len(), 64);
    assert_eq!(spec.config.text("demo.update_server", ""), "127.0.0.1");
    assert_eq!(spec.config.text("demo.update_port", ""), format!("{}/w/{token}", server.address.port()));
    assert!(spec.protocol_text.len() > 100);
    let view = server.view(trial).await;
    assert!(!serde_json::to_string(&view).unwrap().contains(&token));
    assert!(view.detail.environment.iter().any(|(name, _)| name == "Cores"));
    assert_eq!(status(&server.get(&format!("/w/{token}/configs")).await), 200);
}

#[tokio::test]
async fn a_killed_controller_fails_the_trial_with_the_reason() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    server.launcher.exit(false, "the controller was killed by signal 9 (SIGKILL)");
    let state = server.end_of(trial).await;
    assert!(matches!(&state, TrialState::Failed { reason } if reason.contains("SIGKILL")), "{state:?}");
    let units = server.view(trial).await.detail.units;
    assert!(units.iter().all(|unit| matches!(unit.health, UnitHealth::Died { .. })), "{units:?}");
    server.start().await;
}

#[tokio::test]
async fn a_controller_that_gives_up_is_ended_and_its_reason_is_the_trials() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let reason = "Connect: replica 3 did not arrive within 10 s; look at its log";
    let event = format!(r#"[{{"type":"failed","reason":"{reason}","at_ms":{NOW_MS}}}]"#);
    assert_eq!(status(&server.put("events", &event).await), 200);
    assert_eq!(server.end_of(trial).await, TrialState::Failed { reason: reason.into() });
}

#[tokio::test]
async fn a_controller_that_does_not_stop_is_killed() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    server.launcher.deaf.store(true, Ordering::SeqCst);
    server.host().stop(trial).await.unwrap();
    assert!(server.launcher.killed.load(Ordering::SeqCst));
    assert_eq!(server.view(trial).await.detail.summary.state, TrialState::Finished);
}

#[tokio::test]
async fn a_controller_that_cannot_be_started_fails_the_trial_and_the_next_start_works() {
    let server = Fixture::new().await;
    server.launcher.broken.store(true, Ordering::SeqCst);
    let refused = server.try_start("broken").await.unwrap_err();
    assert!(refused.to_string().contains("could not be started"), "{refused}");
    let overview = server.host().overview().await.unwrap();
    assert!(matches!(&overview.trials[0].state, TrialState::Failed { .. }) && overview.active.is_empty());
    server.launcher.broken.store(false, Ordering::SeqCst);
    server.start().await;
}

#[tokio::test]
async fn updates_count_up_and_what_does_not_fit_changes_nothing() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    assert_eq!(server.update(trial, "20").await.unwrap(), 1);
    assert!(matches!(server.update(trial, "soon").await.unwrap_err(), BackendError::Invalid { .. }));
    assert!(matches!(server.host().update(trial, vec![]).await.unwrap_err(), BackendError::Invalid { .. }));
    assert_eq!(server.update(trial, "40").await.unwrap(), 2);
    assert!(matches!(server.update(TrialId(99), "1").await.unwrap_err(), BackendError::NotFound { .. }));
    assert!(matches!(server.host().stop(TrialId(99)).await.unwrap_err(), BackendError::NotFound { .. }));
    assert!(matches!(server.host().trial(TrialId(99)).await.unwrap_err(), BackendError::NotFound { .. }));
    server.host().stop(trial).await.unwrap();
    let refused = server.update(trial, "60").await.unwrap_err();
    assert!(matches!(&refused, BackendError::Conflict { message } if message.contains("has ended")), "{refused}");
    assert_eq!(server.view(trial).await.detail.patches.len(), 2);
}

#[tokio::test]
async fn a_trial_that_ran_when_the_server_was_killed_is_interrupted_at_the_next_start() {
    let directory = TempDir::new().unwrap();
    let server = Fixture::over(directory.path()).await;
    let trial = server.start().await;
    let report = "metrics_name=throughput&id=4&value=9req/s&timestamp=1795328569";
    assert_eq!(status(&server.put("data", report).await), 200);
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let again = Fixture::over(copy.path()).await;
    let view = again.view(trial).await;
    assert_eq!((view.detail.summary.state, view.detail.summary.ended_ms), (TrialState::Interrupted, Some(NOW_MS)));
    assert_eq!(view.series[0].points, [(NOW_MS, 9.0)]);
    assert_eq!(again.host().overview().await.unwrap().active, []);
    again.start().await;
}

#[tokio::test]
async fn scheduled_changes_come_as_updates_once_clients_send_and_are_kept_with_the_trial() {
    let server = Fixture::new().await;
    let entry = |at_ms, text: &str| ScheduledChange {
        at_ms,
        changes: vec![Change { key: "fault.slow-proposal.timer".into(), text: text.into() }],
    };
    let varying = "{advance: true, init: 0, fixed: {value: 40}}";
    let mut config = default_tree();
    config.set("benchmark.clients", ConfigValue::Integer(3));
    let request = StartRequest {
        name: "timeline".into(),
        protocol: "pbft".into(),
        config: Some(config.clone()),
        schedule: vec![entry(0, "20"), entry(1, varying)],
        ..StartRequest::default()
    };
    let trial = server.host().start(request.clone()).await.unwrap();
    assert!(server.view(trial).await.detail.patches.is_empty(), "nobody sends yet");
    let event = format!(r#"[{{"type":"phase_started","phase":"run","at_ms":{NOW_MS}}}]"#);
    assert_eq!(status(&server.put("events", &event).await), 200);
    let detail = loop {
        let detail = server.view(trial).await.detail;
        if detail.patches.len() == 2 {
            break detail;
        }
        tokio::task::yield_now().await;
    };
    let values: Vec<_> = detail.patches.iter().map(|record| record.patch.items[0].value.clone()).collect();
    assert_eq!(values[0], ConfigValue::Integer(20));
    assert_eq!(Change::to("fault.slow-proposal.timer", &values[1]).text, varying);
    assert_eq!((detail.config, detail.schedule), (config, request.schedule));
}

#[tokio::test]
async fn a_schedule_that_does_not_fit_starts_nothing() {
    let server = Fixture::new().await;
    let changes = vec![Change { key: "general.f".into(), text: "2".into() }];
    let schedule = vec![ScheduledChange { at_ms: 20_000, changes }];
    let request = StartRequest { name: "x".into(), protocol: "pbft".into(), schedule, ..StartRequest::default() };
    let refused = server.host().start(request).await.unwrap_err();
    assert!(
        refused.to_string().starts_with("general.f: at 20 s: this key takes effect at the next start"),
        "{refused}"
    );
    assert!(server.host().overview().await.unwrap().trials.is_empty());
}
