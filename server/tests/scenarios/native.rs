//! Native units: the long poll, reports in batches, and what the controller tells.

use crate::fixture::{Fixture, NOW_MS, body, status};
use model::ids::UnitId;
use model::report::{HistoryPoint, Report, ReportedSample, WatchAnswer};
use model::trial::{Divergence, PhaseName, TrialState, Verdict};
use model::unit::UnitHealth;
use model::verdict::Compared;
use std::sync::Arc;

fn report(unit: u32, number: u64) -> Report {
    Report {
        unit: UnitId(unit),
        number,
        at_ms: NOW_MS - 3,
        applied_version: 0,
        samples: vec![ReportedSample { metric: "view".into(), value: 2.0 }],
        latency_micros: vec![],
        history: vec![],
        states: vec![],
        log: vec![],
    }
}

fn json(report: &Report) -> String {
    serde_json::to_string(report).unwrap()
}

#[tokio::test]
async fn a_long_poll_answers_at_once_on_a_change_and_the_next_one_acknowledges_it() {
    let server = Arc::new(Fixture::new().await);
    let trial = server.start().await;
    let path = format!("{}/watch?unit=2&applied=0", server.prefix());
    let waiting = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.get(&path).await }
    });
    // The poll marks the unit as up: then it is there and waits.
    while server.view(trial).await.detail.units[2].health != UnitHealth::Up {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.update(trial, "20").await.unwrap(), 1);
    let answer: WatchAnswer = serde_json::from_str(body(&waiting.await.unwrap())).unwrap();
    assert_eq!((answer.version, answer.patches.len(), answer.patches[0].at_ms), (1, 1, NOW_MS));
    let detail = server.view(trial).await.detail;
    assert_eq!((detail.units[2].applied_version, detail.patches[0].applied.len()), (0, 0));

    server.update(trial, "30").await.unwrap();
    let late = server.get(&format!("{}/watch?unit=2&applied=1", server.prefix())).await;
    assert_eq!(serde_json::from_str::<WatchAnswer>(body(&late)).unwrap().version, 2);
    let detail = server.view(trial).await.detail;
    assert_eq!(detail.patches[0].applied, [(UnitId(2), NOW_MS)]);
    assert_eq!((detail.units[2].applied_version, detail.patches[1].applied.len()), (1, 0));
}

#[tokio::test]
async fn a_long_poll_that_makes_no_sense_is_refused_with_the_field() {
    let server = Fixture::new().await;
    server.start().await;
    for (query, field) in [
        ("", "unit is missing"),
        ("?unit=1", "applied is missing"),
        ("?unit=x&applied=0", "unit is"),
        ("?unit=1&applied=7", "applied is 7"),
        ("?unit=999&applied=0", "no such unit"),
    ] {
        let answer = server.get(&format!("{}/watch{query}", server.prefix())).await;
        assert_eq!(status(&answer), 400, "{query}");
        assert!(body(&answer).contains(field), "{answer}");
    }
}

#[tokio::test]
async fn long_polls_end_with_the_server() {
    let server = Arc::new(Fixture::new().await);
    let trial = server.start().await;
    let path = format!("{}/watch?unit=1&applied=0", server.prefix());
    let waiting = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.get(&path).await }
    });
    while server.view(trial).await.detail.units[1].health != UnitHealth::Up {
        tokio::task::yield_now().await;
    }
    server.service.end().await;
    assert_eq!(status(&waiting.await.unwrap()), 200);
}

#[tokio::test]
async fn a_report_is_stored_once_with_its_milliseconds() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let full = Report { latency_micros: vec![(100, 1)], log: vec!["a line".into(), "x".repeat(5_000)], ..report(5, 1) };
    for _ in 0..2 {
        assert_eq!(status(&server.put("report", &json(&full)).await), 200);
    }
    let view = server.view(trial).await;
    assert_eq!((view.series[0].entity, &view.series[0].points[..]), (4, &[(NOW_MS - 3, 2.0)][..]));
    assert_eq!((view.detail.log.len(), view.detail.log[1].text.len()), (2, 2_000));
    assert_eq!(view.detail.units[5].health, UnitHealth::Up);
    assert_eq!(server.store.latencies(trial).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_unit_whose_clock_is_far_off_is_placed_by_ours() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    for (number, at_ms) in [(1, i64::MIN), (2, 0), (3, i64::MAX)] {
        assert_eq!(status(&server.put("report", &json(&Report { at_ms, ..report(1, number) })).await), 200);
    }
    assert!(server.view(trial).await.series[0].points.iter().all(|(at_ms, _)| *at_ms == NOW_MS));
}

#[tokio::test]
async fn garbage_for_a_report_is_refused_with_a_sentence_and_disturbs_nothing() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let point = |hash: &str| vec![HistoryPoint { sequence: 1, hash: hash.into() }];
    let sample = |metric: String| vec![ReportedSample { metric, value: 1.0 }];
    let good = report(1, 1);
    for (body_sent, sentence) in [
        ("\u{0}\u{1}{[".to_owned(), "not a report"),
        ("[]".to_owned(), "not a report"),
        (json(&good).replace("2.0", "\"NaN\""), "not a report"),
        (json(&Report { unit: UnitId(0), ..good.clone() }), "unit is 0"),
        (json(&Report { unit: UnitId(4_000_000_000), ..good.clone() }), "unit is"),
        (json(&Report { number: u64::MAX, ..good.clone() }), "number"),
        (json(&Report { history: point("not hex"), ..good.clone() }), "history"),
        (json(&Report { history: point(&"a".repeat(129)), ..good.clone() }), "history"),
        (json(&Report { samples: sample("m".repeat(101)), ..good.clone() }), "101 characters"),
        (json(&Report { samples: vec![good.samples[0].clone(); 501], ..good.clone() }), "501 entries"),
        (json(&Report { log: vec![String::new(); 101], ..good.clone() }), "log has 101"),
    ] {
        let answer = server.put("report", &body_sent).await;
        assert_eq!(status(&answer), 400, "{answer}");
        assert!(body(&answer).contains(sentence), "{answer}");
    }
    assert_eq!(server.store.series(trial, 100).await.unwrap(), []);
    assert_eq!(status(&server.put("report", &json(&good)).await), 200);
}

#[tokio::test]
async fn replicas_that_agree_pass_once_a_client_has_an_answer_and_one_that_differs_is_shown_at_once() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let with = |unit, hash: &str| {
        let history = vec![HistoryPoint { sequence: 100, hash: hash.into() }];
        json(&Report { history, ..report(unit, 1) })
    };
    server.put("report", &with(1, "aa")).await;
    server.put("report", &with(2, "aa")).await;
    assert_eq!(server.view(trial).await.detail.summary.verdict, None, "nobody got anything of it");
    let answered = Report { latency_micros: vec![(100, 1)], ..report(5, 1) };
    server.put("report", &json(&answered)).await;
    assert_eq!(server.view(trial).await.detail.summary.verdict, Some(Verdict::Pass));
    let mut page = server.service.hub.subscribe(None, NOW_MS);
    server.put("report", &with(3, "bb")).await;
    let replicas = vec![(0, "aa".to_owned()), (1, "aa".to_owned()), (2, "bb".to_owned())];
    let verdict =
        Verdict::Diverged(Divergence { sequence: 100, what: Compared::History, replicas, clients: Vec::new() });
    assert_eq!(server.view(trial).await.detail.summary.verdict, Some(verdict));
    loop {
        let message = page.next(&server.service.hub).await.unwrap();
        if message.json.contains("diverged") {
            break;
        }
    }
}

#[tokio::test]
async fn the_controllers_events_bring_the_trial_from_phase_to_phase() {
    let server = Fixture::new().await;
    let trial = server.start().await;
    let events = format!(
        r#"[{{"type":"phase_started","phase":"spawn","at_ms":{0}}},{{"type":"phase_ended","phase":"spawn","at_ms":{0}}},
            {{"type":"unit_up","unit":1,"at_ms":{0}}},{{"type":"phase_started","phase":"run","at_ms":{0}}},
            {{"type":"log","unit":0,"line":"here we go","at_ms":{0}}},
            {{"type":"unit_died","unit":2,"reason":"Replica 1 was killed by signal 9 (SIGKILL)","at_ms":{0}}}]"#,
        NOW_MS + 5
    );
    assert_eq!(status(&server.put("events", &events).await), 200);
    let detail = server.view(trial).await.detail;
    assert_eq!((detail.summary.state, detail.summary.started_ms), (TrialState::Running, Some(NOW_MS + 5)));
    assert_eq!(detail.phases[0].ended_ms, Some(NOW_MS + 5));
    assert_eq!(detail.phases[1].name, PhaseName::Run);
    assert_eq!(detail.units[1].health, UnitHealth::Up);
    assert!(matches!(&detail.units[2].health, UnitHealth::Died { reason, .. } if reason.contains("SIGKILL")));
    assert_eq!(detail.log[0].text, "here we go");
    for garbage in ["", "{}", "[7]", r#"[{"type":"unit_up","unit":4000000000,"at_ms":0}]"#] {
        assert_eq!(status(&server.put("events", garbage).await), 400, "{garbage}");
    }
}
