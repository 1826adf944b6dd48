//! Units of the framework and a server: every poll is answered as they need it, every measurement becomes a number.

use super::unit::{Poller, Prefix, client_metrics, replica_metrics, report};
use crate::fixture::{Fixture, NOW_MS};
use app::Backend;
use app::backend::{BackendError, StartRequest};
use model::config::ConfigValue;
use model::testbed::Engine;
use model::validate::Change;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

fn request(protocol: &str) -> StartRequest {
    StartRequest { name: "java".into(), protocol: protocol.into(), engine: Engine::Bftbrain, ..StartRequest::default() }
}

fn change(key: &str, text: &str) -> Change {
    Change { key: key.into(), text: text.into() }
}

/// The address that the trial's configuration names.
fn prefix(server: &Fixture) -> Prefix {
    let config = server.launcher.specs.lock().unwrap().last().unwrap().config.clone();
    Prefix::of(&config.text("demo.update_server", ""), &config.text("demo.update_port", ""))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_measurement_becomes_a_number_of_its_unit_also_when_the_client_did_not_come_last() {
    let server = Fixture::with_framework().await;
    let trial = server.host().start(request("pbft")).await.unwrap();
    let prefix = prefix(&server);
    // The client came fourth, so that the last replica is entity 4.
    blocking(move || {
        for entity in [0, 1, 2, 4, 3] {
            let metrics = if entity == 3 { client_metrics("pbft") } else { replica_metrics("pbft") };
            let statuses = report(&prefix, entity, NOW_MS / 1000, metrics);
            assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
        }
    })
    .await;
    let series = server.store.series(trial, 100).await.unwrap();
    let value = |metric: &str, entity: u32| {
        let found = series.iter().find(|series| series.metric == metric && series.entity == entity);
        found.map(|series| (series.points[0].1 * 1e6).round() / 1e6)
    };
    for (metric, entity, wanted) in [
        ("throughput", 4, 12.33),
        ("latency-mean", 4, 4.5),
        ("latency-max", 4, 1_250.0),
        ("request-execute-count", 4, 37.0),
        ("request-interval", 4, 0.1),
        ("last-executed-sequence", 3, 30.0),
        ("last-executed-sequence", 4, 30.0),
        ("request-queue-mean", 3, 1.2),
        ("message-process-max", 0, -1.0),
        ("block-execute-mean", 0, 0.000_999),
        ("block-execute-count", 0, 30.0),
        ("proposed", 3, 41.0),
        ("slow-path-share", 2, 0.25),
        ("current-episode", 1, 0.0),
    ] {
        assert_eq!(value(metric, entity), Some((wanted * 1e6_f64).round() / 1e6), "{metric} of {entity}");
    }
    assert_eq!(value("proposed", 4), None, "the client proposes nothing");
    let texts = server.store.texts(trial, 100).await.unwrap();
    assert!(texts.iter().any(|text| text.metric == "slow-path-share" && text.entity == 4 && text.text == "NaN"));
    assert!(texts.iter().any(|text| text.metric == "current-protocol" && text.text == "pbft"));
    let log = server.view(trial).await.detail.log;
    assert!(log.iter().any(|line| line.text.contains("gave its client the number 3")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polling_unit_lives_through_changes_refusals_and_the_stop_and_gets_types_that_it_can_read() {
    let server = Fixture::with_framework().await;
    let trial = server.host().start(request("pbft")).await.unwrap();
    let mut poller = Poller::new(prefix(&server), 1);
    let poll = |mut poller: Poller| async {
        blocking(move || {
            poller.poll();
            assert_eq!(poller.dead, None);
            poller
        })
        .await
    };
    poller = poll(poller).await;
    assert!(poller.cache.is_empty());
    let changes = vec![
        change("fault.slow-proposal.timer", "20"),
        change("fault.in-dark.affected-entities", "1, 3"),
        change("fault.in-dark.generator", "true"),
        change("workload.distribution", "0.5, 0.5, 0, 0"),
        change("workload.read-only-ratio", "1"),
    ];
    server.host().update(trial, changes).await.unwrap();
    poller = poll(poller).await;
    let list = |items: &[i64]| ConfigValue::List(items.iter().map(|item| ConfigValue::Integer(*item)).collect());
    assert_eq!(poller.cache["fault.slow-proposal.timer"], ConfigValue::Integer(20));
    assert_eq!(poller.cache["fault.in-dark.affected-entities"], list(&[1, 3]));
    assert_eq!(poller.cache["fault.in-dark.generator"], ConfigValue::Boolean(true));
    assert_eq!(poller.cache["workload.read-only-ratio"], ConfigValue::Float(1.0));
    // What would kill a polling thread, or the run, never goes out.
    for (key, text) in [
        ("fault.in-dark.affected-entities", ""),
        ("workload.contention-level", "200"),
        ("fault.network.loss", "0.5"),
        ("demo.update_port", "1"),
        ("benchmark.block-size", "20"),
    ] {
        let refused = server.host().update(trial, vec![change(key, text)]).await.unwrap_err();
        assert!(matches!(&refused, BackendError::Invalid { problems } if problems[0].key == key), "{key}: {refused}");
    }
    poller = poll(poller).await;
    server.host().stop(trial).await.unwrap();
    poller = poll(poller).await;
    assert_eq!(poller.cache.len(), 5);
}

#[test]
fn the_stand_in_ends_its_polling_for_good_on_the_first_wrong_answer_as_the_framework_does() {
    let array = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let patch = |kind: &str, value: &str| array(&format!(r#"[{{"type":"{kind}","key":"a","value":"{value}"}}]"#));
    for (answer, reason) in [
        ("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 500"),
        ("HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 204"),
        (array("null"), "no array"),
        (array("{}"), "no array"),
        (array("nonsense"), "expected"),
        (String::new(), "connection broke"),
        (patch("int_list", "1, 2"), "NumberFormatException"),
        (patch("int_list", ""), "NumberFormatException"),
        (patch("whole", "1"), "NullPointerException"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4_096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let mut poller = Poller::new(Prefix::of("127.0.0.1", &format!("{port}/w/token")), 1);
        poller.poll();
        served.join().unwrap();
        let dead = poller.dead.clone().unwrap();
        assert!(dead.contains(reason), "{reason}: {dead}");
        // Nobody listens any more: asking again would say so.
        poller.poll();
        assert_eq!(poller.dead, Some(dead));
    }
}

#[tokio::test]
async fn what_the_framework_cannot_do_is_refused_at_its_key_before_anything_starts() {
    let server = Arc::new(Fixture::with_framework().await);
    let refused = |request: StartRequest| {
        let server = Arc::clone(&server);
        async move {
            match server.host().start(request).await.unwrap_err() {
                BackendError::Invalid { problems } => problems,
                other => panic!("{other}"),
            }
        }
    };
    let crash = vec![change("fault.crash.affected-entities", "0")];
    let problems = refused(StartRequest { changes: crash.clone(), ..request("pbft") }).await;
    assert!(problems[0].message.contains("choose the engine of BFTGym"), "{problems:?}");
    let schedule = vec![model::schedule::ScheduledChange { at_ms: 1_000, changes: crash }];
    let problems = refused(StartRequest { schedule, ..request("pbft") }).await;
    assert!(problems[0].message.starts_with("in the timeline: "), "{problems:?}");
    let problems = refused(request("chained-hotstuff")).await;
    assert_eq!(problems[0].key, "protocol");
    assert!(server.launcher.specs.lock().unwrap().is_empty());
    // The framework's own file of a protocol that could not be written out.
    server.host().start(request("prime")).await.unwrap();
    let spec = server.launcher.specs.lock().unwrap().last().unwrap().clone();
    let launch = spec.bftbrain.unwrap();
    assert_eq!((launch.protocol.as_str(), launch.file, launch.replicas), ("prime", None, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_the_engine_beside_start_and_says_what_is_missing_for_it() {
    let server = Fixture::with_framework().await;
    let page = server.get("/").await;
    assert!(page.contains("id=\"engine-choice\"") && page.contains("BFTBrain (Java)"), "{page}");
    assert!(page.contains("is no checkout of BFTBrain: it has no folder code"), "{page}");
}
