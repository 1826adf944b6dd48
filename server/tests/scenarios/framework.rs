//! Units of the public framework, byte for byte as they were recorded.

use crate::fixture::{Fixture, NOW_MS, body, status};
use app::Backend;
use store::SampleText;
use tempfile::TempDir;

/// A report as the framework's Java sends it: nothing is encoded, and one header is bogus.
fn java_put(prefix: &str, form: &str) -> Vec<u8> {
    format!(
        "PUT {prefix}/data HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\ncharset: utf-8\r\n\
         User-Agent: Java/17.0.12\r\nHost: 127.0.0.1:8999\r\n\
         Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

fn form(metric: &str, value: &str) -> String {
    format!("metrics_name={metric}&id=0&value={value}&timestamp={}", NOW_MS / 1000 - 1)
}

#[tokio::test]
async fn a_report_with_raw_blanks_and_a_bogus_header_is_stored_as_a_number_of_now() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let recorded = "metrics_name=proposal (since-start)&id=0&value=count: 41&timestamp=1795328569";
    let answer = server.raw(&java_put(&server.prefix(), recorded)).await;
    assert_eq!((status(&answer), body(&answer)), (200, ""));
    let series = server.store.series(trial, 100).await.unwrap();
    assert_eq!(
        (series[0].metric.as_str(), series[0].entity, &series[0].points[..]),
        ("proposed", 0, &[(NOW_MS, 41.0)][..])
    );
}

#[tokio::test]
async fn a_report_of_another_time_keeps_its_time() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let answer = server.put("data", "metrics_name=throughput&id=4&value=12.33req/s&timestamp=1700000000").await;
    assert_eq!(status(&answer), 200);
    assert_eq!(server.view(trial).await.series[0].points, [(1_700_000_000_000, 12.33)]);
}

#[tokio::test]
async fn nan_and_unknown_values_are_kept_as_text() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    for (metric, value) in [("slow-path", "ratio: NaN"), ("a new one", "who: knows, what: this")] {
        assert_eq!(status(&server.raw(&java_put(&server.prefix(), &form(metric, value))).await), 200);
    }
    let texts: Vec<SampleText> = server.store.texts(trial, 10).await.unwrap();
    let mut texts: Vec<_> = texts.iter().map(|each| (each.metric.as_str(), each.text.as_str())).collect();
    texts.sort_unstable();
    assert_eq!(texts, [("a new one-what", "this"), ("a new one-who", "knows"), ("slow-path-share", "NaN")]);
}

#[tokio::test]
async fn a_burst_of_43_connections_is_answered_and_stored() {
    let server = std::sync::Arc::new(Fixture::new().await);
    let trial = server.start().await;
    let burst: Vec<_> = (0..43)
        .map(|index| {
            let (server, bytes) = (
                std::sync::Arc::clone(&server),
                java_put(&server.prefix(), &form(&format!("metric-{index}"), "num: 7")),
            );
            tokio::spawn(async move { status(&server.raw(&bytes).await) })
        })
        .collect();
    for answer in burst {
        assert_eq!(answer.await.unwrap(), 200);
    }
    assert_eq!(server.store.series(trial, 100).await.unwrap().len(), 43);
}

#[tokio::test]
async fn a_poll_is_answered_with_all_changes_also_after_the_stop_and_after_a_restart_of_the_server() {
    let directory = TempDir::new().unwrap();
    let server = Fixture::over(directory.path()).await;
    let trial = server.start().await;
    let poll = format!("{}/configs?unit_id=1", server.prefix());
    let first = server.get(&poll).await;
    assert_eq!((status(&first), body(&first)), (200, "[]"));
    server.update(trial, "20").await.unwrap();
    server.update(trial, "40").await.unwrap();
    let changes = r#"[{"type":"int","key":"fault.slow-proposal.timer","value":40}]"#;
    assert_eq!(body(&server.get(&poll).await), changes);
    let patches = server.view(trial).await.detail.patches;
    assert!(patches.iter().all(|patch| patch.applied == [(model::UnitId(1), NOW_MS)]), "{patches:?}");
    for odd in ["", "?unit_id=x", "?unit_id=4000000000", "?unit_id=-1"] {
        let answer = server.get(&format!("{}/configs{odd}", server.prefix())).await;
        assert_eq!((status(&answer), body(&answer)), (200, changes), "{odd}");
    }
    server.host().stop(trial).await.unwrap();
    assert_eq!(body(&server.get(&poll).await), changes);
    server.service.end().await;
    server.store.close().await;

    let again = Fixture::over(directory.path()).await;
    let answer = again.get(&poll).await;
    assert_eq!((status(&answer), body(&answer)), (200, changes));
}

#[tokio::test]
async fn an_unknown_token_is_refused_with_a_sentence_on_every_call() {
    let server = Fixture::new().await;
    server.start().await;
    let unknown = "0".repeat(64);
    for (method, call) in [("GET", "configs"), ("PUT", "data"), ("GET", "watch"), ("PUT", "report"), ("PUT", "events")]
    {
        let answer = server.call(method, &format!("/w/{unknown}/{call}"), "x=1").await;
        assert_eq!(status(&answer), 404, "{call}");
        assert!(body(&answer).contains("no trial with this token"), "{answer}");
    }
    let long = "x".repeat(2_000);
    assert_eq!(status(&server.get(&format!("/w/{long}/configs")).await), 404);
    assert_eq!(status(&server.get(&format!("{}/elsewhere", server.prefix())).await), 404);
}

#[tokio::test]
async fn a_body_of_a_gigabyte_is_refused_without_being_read() {
    let server = Fixture::new().await;
    server.start().await;
    let head = format!("PUT {}/data HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n", server.prefix());
    let answer = server.raw(head.as_bytes()).await;
    assert_eq!(status(&answer), 413);
    assert!(body(&answer).contains("4194304 bytes"), "{answer}");
}

#[tokio::test]
async fn a_body_that_grows_beyond_the_limit_is_refused() {
    let server = Fixture::new().await;
    server.start().await;
    let path = format!("{}/data", server.prefix());
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let request = format!(
        "PUT {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(65)
    );
    let answer = server.raw(request.as_bytes()).await;
    assert_eq!(status(&answer), 413);
}

#[tokio::test]
async fn a_missing_or_garbled_field_is_named_and_nothing_is_stored() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let long = format!("metrics_name={}&id=0&value=1&timestamp=1", "m".repeat(101));
    for (form, field) in [
        ("", "metrics_name is missing"),
        ("metrics_name=&id=0&value=1&timestamp=1", "metrics_name is empty"),
        (long.as_str(), "metrics_name has 101 characters"),
        ("metrics_name=a%00b&id=0&value=1&timestamp=1", "metrics_name has control"),
        ("metrics_name=m&value=1&timestamp=1", "id is missing"),
        ("metrics_name=m&id=-1&value=1&timestamp=1", "id is"),
        ("metrics_name=m&id=4294967295&value=1&timestamp=1", "id is"),
        ("metrics_name=m&id=0&timestamp=1", "value is missing"),
        ("metrics_name=m&id=0&value=1", "timestamp is missing"),
        ("metrics_name=m&id=0&value=1&timestamp=soon", "timestamp is"),
        ("metrics_name=m&id=0&value=1&timestamp=99999999999999999999", "timestamp is"),
    ] {
        let answer = server.put("data", form).await;
        assert_eq!(status(&answer), 400, "{form}");
        assert!(body(&answer).contains(field), "{form}: {answer}");
    }
    assert_eq!(server.store.series(trial, 100).await.unwrap(), []);
    assert_eq!(status(&server.put("data", &form("m", "1")).await), 200);
}

#[tokio::test]
async fn metrics_without_end_do_not_fill_the_store() {
    let server = Fixture::new().await;
    server.start().await;
    let mut answers = Vec::new();
    for index in 0..310 {
        answers.push(status(&server.put("data", &form(&format!("m{index}"), "1")).await));
    }
    assert_eq!((answers[299], answers[300]), (200, 400));
    assert_eq!(status(&server.put("data", &form("m0", "2")).await), 200);
}
