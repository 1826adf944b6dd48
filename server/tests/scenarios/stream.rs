//! The live stream over a real connection.

use crate::fixture::{Fixture, NOW_MS};
use app::Backend;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// An open stream, line by line.
pub(crate) struct Page(BufReader<TcpStream>);

impl Page {
    pub(crate) async fn open(server: &Fixture, query: &str, header: &str) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = format!(
            "GET /stream{query} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip, br\r\n{header}\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event with data: its id and its JSON. None at the end of the stream.
    async fn next(&mut self) -> Option<(String, String)> {
        let mut id = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            if let Some(text) = line.strip_prefix("id: ") {
                id = text.trim_end().to_owned();
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Some((id, text.trim_end().to_owned()));
            }
        }
    }

    /// The next events, ids and JSON, up to the first whose JSON is as asked.
    async fn until(&mut self, asked: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        loop {
            let event = self.next().await.expect("the stream ended before the event");
            seen.push(event);
            if seen.last().is_some_and(|(_, data)| asked(data)) {
                return seen;
            }
        }
    }

    /// The data of the next event that has this text.
    pub(crate) async fn find(&mut self, text: &str) -> String {
        loop {
            let (_, data) = self.next().await.unwrap_or_else(|| panic!("the stream ended before {text}"));
            if data.contains(text) {
                return data;
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_comes_back_misses_nothing() {
    let server = Fixture::new().await;
    let seen = server.host().overview().await.unwrap().event_id;
    let trial = server.start().await;
    let mut page = Page::open(&server, &format!("?after={seen}"), "").await;
    let (id, data) = page.next().await.unwrap();
    assert!(data.starts_with(r#"{"trial":{"#) && data.contains("launching"), "{data}");
    drop(page);
    server.update(trial, "20").await.unwrap();
    let patched = |data: &str| data.starts_with(r#"{"patched":{"#) && data.contains("fault.slow-proposal.timer");
    // A page that never left sees all of it.
    let mut page = Page::open(&server, &format!("?after={seen}"), "").await;
    let all = page.until(patched).await;
    // The header is what the browser sends by itself: it is newer than the address.
    let mut page = Page::open(&server, &format!("?after={seen}"), &format!("Last-Event-ID: {id}\r\n")).await;
    assert_eq!(page.until(patched).await, all[1..]);
}

#[tokio::test]
async fn an_unknown_id_gives_a_reset_and_then_what_comes() {
    let server = Fixture::new().await;
    for (query, header) in [("?after=other-7", ""), ("", "Last-Event-ID: \u{fffd}garbage\r\n")] {
        let mut page = Page::open(&server, query, header).await;
        assert_eq!(page.next().await.unwrap().1, r#""reset""#);
    }
    let mut page = Page::open(&server, "?after=x", "").await;
    page.find("reset").await;
    server.start().await;
    page.find("launching").await;
}

#[tokio::test]
async fn samples_of_both_engines_reach_the_page() {
    let server = Fixture::new().await;
    let mut page = Page::open(&server, "?after=x", "").await;
    page.find("reset").await;
    let trial = server.start().await;
    server.put("data", "metrics_name=throughput&id=4&value=12.5req/s&timestamp=1795328569").await;
    let data = page.find("samples").await;
    assert!(data.contains(r#""metric":"throughput","entity":4"#) && data.contains("12.5"), "{data}");
    let report = format!(
        r#"{{"unit":1,"number":1,"at_ms":{NOW_MS},"applied_version":0,"samples":[{{"metric":"view","value":3.0}}]}}"#
    );
    server.put("report", &report).await;
    assert!(page.find("\"view\"").await.contains(r#""entity":0"#));
    server.host().stop(trial).await.unwrap();
    page.find("finished").await;
}

#[tokio::test]
async fn a_tab_that_follows_another_ones_stream_fetches_what_it_missed() {
    let server = Fixture::new().await;
    let mut page = Page::open(&server, "?after=x", "").await;
    page.find("reset").await;
    let trial = server.start().await;
    let (seen, _) = page.next().await.unwrap();
    server.host().stop(trial).await.unwrap();
    let mut followed = Vec::new();
    while followed.last().is_none_or(|(_, json): &(String, String)| !json.contains("finished")) {
        followed.push(page.next().await.unwrap());
    }
    let answer = server.get(&format!("/missed?after={seen}")).await;
    let expected: Vec<_> = followed.iter().map(|(id, json)| format!(r#"{{"id":"{id}","event":{json}}}"#)).collect();
    assert!(answer.contains(&format!("[{}", expected.join(","))), "{answer}");
    assert!(server.get("/missed?after=unknown").await.contains(r#""event":"reset""#));
    assert!(server.get("/missed").await.ends_with("[]"));
}

#[tokio::test]
async fn streams_end_with_the_server() {
    let server = Fixture::new().await;
    let mut page = Page::open(&server, "?after=x", "").await;
    page.find("reset").await;
    server.service.end().await;
    assert_eq!(page.next().await, None);
}
