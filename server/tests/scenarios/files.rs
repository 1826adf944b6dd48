//! Trials as files: exported, imported, reported.

use crate::fixture::{Fixture, NOW_MS, body, status};
use app::Backend;
use model::ids::TrialId;
use model::trial::{TrialEdit, TrialState, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An ended trial with samples, latencies, votes, an Update and a note.
async fn recorded(server: &Fixture) -> TrialId {
    let trial = server.try_start("a <b> \"trial\"").await.unwrap();
    let event = format!(r#"[{{"type":"phase_started","phase":"run","at_ms":{}}}]"#, NOW_MS - 3_000);
    server.put("events", &event).await;
    server.update(trial, "40").await.unwrap();
    for number in 1..=12_i64 {
        let at_ms = NOW_MS - 3_000 + number * 250;
        let client = format!(
            r#"{{"unit":5,"number":{number},"at_ms":{at_ms},"applied_version":1,
                "samples":[{{"metric":"throughput","value":{number}00.5}}],"latency_micros":[[2000,9],[9000,1]]}}"#
        );
        let replica = format!(
            r#"{{"unit":1,"number":{number},"at_ms":{at_ms},"applied_version":1,
                "samples":[{{"metric":"last-executed-sequence","value":{number}}}],
                "history":[{{"sequence":{number},"hash":"aa{number}"}}],"log":["line {number}"]}}"#
        );
        assert_eq!(
            (status(&server.put("report", &client).await), status(&server.put("report", &replica).await)),
            (200, 200)
        );
    }
    server.host().stop(trial).await.unwrap();
    let note = TrialEdit { note: Some("two\nlines".into()), ..TrialEdit::default() };
    server.host().edit(trial, note).await.unwrap();
    trial
}

/// The lines of an answer that came in chunks.
fn lines(answer: &str) -> Vec<String> {
    body(answer).lines().filter(|line| line.starts_with('{')).map(str::to_owned).collect()
}

async fn exported(server: &Fixture, ids: &str) -> Vec<String> {
    let answer = server.get(&format!("/trials/export?ids={ids}")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(answer.contains("attachment; filename=\""), "{answer}");
    lines(&answer)
}

#[tokio::test]
async fn a_trial_is_the_same_after_it_went_through_a_file() {
    let server = Fixture::new().await;
    let trial = recorded(&server).await;
    let file = exported(&server, &trial.to_string()).await;
    let other = Fixture::new().await;
    let answer = other.call("POST", "/trials/import", &file.join("\n")).await;
    assert_eq!((status(&answer), body(&answer)), (200, r#"{"trials":[1]}"#));
    let (before, after) = (server.view(trial).await, other.view(TrialId(1)).await);
    assert_eq!(after.series, before.series);
    assert_eq!((&after.detail.config, &after.detail.patches), (&before.detail.config, &before.detail.patches));
    assert_eq!((&after.detail.phases, &after.detail.log), (&before.detail.phases, &before.detail.log));
    let (one, two) = (before.detail.summary, after.detail.summary);
    assert_eq!((two.name, two.note, two.verdict, two.started_ms), (one.name, one.note, one.verdict, one.started_ms));
    assert_eq!(two.figures.unwrap().requests, 120);
    assert!(after.detail.environment.iter().any(|(name, _)| name == "Imported"));
    // And through a second file, to the letter, but for what says where it comes from.
    let again = exported(&other, "1").await;
    assert_eq!(again[1..], file[1..]);
}

#[tokio::test]
async fn a_file_that_is_compressed_on_its_way_comes_to_its_end() {
    let server = Fixture::new().await;
    let trial = recorded(&server).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!(
        "GET /trials/export?ids={trial} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let head = String::from_utf8_lossy(&answer[..answer.len().min(600)]).into_owned();
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(answer.ends_with(b"\r\n0\r\n\r\n"), "the last chunk is missing");
}

#[tokio::test]
async fn several_trials_fit_in_one_file() {
    let server = Fixture::new().await;
    let (one, other) = (recorded(&server).await, recorded(&server).await);
    let file = exported(&server, &format!("{one},{other}")).await;
    let answer = server.call("POST", "/trials/import", &file.join("\n")).await;
    assert_eq!(body(&answer), r#"{"trials":[3,4]}"#);
    assert_eq!(server.host().overview().await.unwrap().trials.len(), 4);
    for (query, code) in [("ids=99", 404), ("ids=", 400), ("", 400), ("ids=x", 400)] {
        assert_eq!(status(&server.get(&format!("/trials/export?{query}")).await), code, "{query}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_with_its_line_and_nothing_of_it_is_kept() {
    let server = Fixture::new().await;
    let trial = recorded(&server).await;
    let good = exported(&server, &trial.to_string()).await;
    let spoiled = |place: usize, from: &str, to: &str| {
        let mut lines = good.clone();
        assert!(lines[place].contains(from), "{}", lines[place]);
        lines[place] = lines[place].replace(from, to);
        lines.join("\n")
    };
    let last = good.len() - 1;
    let cases = [
        (spoiled(0, "bftgym-trial", "something"), "line 1: the field format"),
        (spoiled(0, "\"version\":1,\"written_by\"", "\"version\":9,\"written_by\""), "line 1: the field version is 9"),
        (spoiled(0, "\"replicas\":4", "\"replicas\":100000"), "line 1: the field replicas is 100000"),
        (spoiled(1, "\"entity\":", "\"entity\":9"), "line 2: the field entity is 9"),
        (spoiled(1, "numbers", "letters"), "line 2: this is no line of an exported trial"),
        (spoiled(last, "\"lines\":", "\"lines\":1"), "should have 1"),
        (good[..last].join("\n"), "the file ends in the middle of a trial"),
        (good[1..].join("\n"), "line 1: a trial's first line is missing"),
        ([&good[..3], &good[..]].concat().join("\n"), "line 4: a trial begins before"),
        (String::new(), "there is no trial in this file"),
        ("[".repeat(100_000), "line 1: this is no line"),
    ];
    for (file, sentence) in cases {
        let answer = server.call("POST", "/trials/import", &file).await;
        assert_eq!(status(&answer), 422, "{sentence}: {answer}");
        assert!(
            body(&answer).contains(sentence) && body(&answer).contains("nothing was imported"),
            "{sentence}: {answer}"
        );
        let page = server.call("POST", "/trials/import?page=1", &file).await;
        assert!(status(&page) == 200 && body(&page).contains(sentence), "{page}");
    }
    assert_eq!(server.host().overview().await.unwrap().trials.len(), 1);
    assert!(server.host().deleted().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_that_claims_to_pass_is_judged_by_its_histories() {
    let server = Fixture::new().await;
    let trial = recorded(&server).await;
    let mut file = exported(&server, &trial.to_string()).await;
    let votes = file.iter().find(|line| line.contains("\"votes\"")).unwrap().clone();
    let end = file.pop().unwrap();
    let count: u64 = end.trim_matches(|each: char| !each.is_ascii_digit()).parse().unwrap();
    file.push(votes.replace("\"entity\":0", "\"entity\":1").replace("\"aa5\"", "\"bb5\""));
    file.push(end.replace(&count.to_string(), &(count + 1).to_string()));
    let answer = server.call("POST", "/trials/import", &file.join("\n")).await;
    assert_eq!(status(&answer), 200, "{answer}");
    let summary = server.view(TrialId(2)).await.detail.summary;
    assert!(matches!(&summary.verdict, Some(Verdict::Diverged(found)) if found.sequence == 5), "{summary:?}");
    assert_eq!(summary.state, TrialState::Finished);
}

#[tokio::test]
async fn another_sites_page_cannot_import() {
    let server = Fixture::new().await;
    let head = format!(
        "POST /trials/import HTTP/1.1\r\nHost: {}\r\nOrigin: https://evil.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        server.address
    );
    assert_eq!(status(&server.raw(head.as_bytes()).await), 403);
}

#[tokio::test]
async fn a_report_stands_alone_and_takes_no_text_for_markup() {
    let server = Fixture::new().await;
    let trial = recorded(&server).await;
    let answer = server.get(&format!("/trials/{trial}/report")).await;
    assert_eq!(status(&answer), 200);
    let report = body(&answer);
    assert!(report.contains("a &lt;b&gt;") && !report.contains("a <b>"), "{report}");
    assert!(report.contains("Slow-proposal timer = 40 ms") && report.contains("<svg"));
    // The name of the SVG language is no address that anything is loaded from.
    let report = report.replace("http://www.w3.org/2000/svg", "");
    assert!(!report.contains("http://") && !report.contains("https://") && !report.contains(" src="));
    assert!(!report.contains("<script"), "{report}");
    assert!(answer.contains("content-security-policy: default-src 'none'") && answer.contains("inline; filename="));
    let saved = server.get(&format!("/trials/{trial}/report?save=1")).await;
    assert!(saved.contains("attachment; filename=\"trial-1-a-b-trial-report.html\""), "{saved}");
    assert_eq!(status(&server.get("/trials/99/report").await), 404);
    assert_eq!(status(&server.get("/trials/x/report").await), 404);
}
