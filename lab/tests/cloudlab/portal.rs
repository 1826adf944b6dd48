//! A portal that answers what the test tells it to, in that order, and notes every request that the real one would not take.

use crate::contract::{check_answer, check_request};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use lab::cloudlab::{ApiToken, PortalClient, PortalUrl};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.secret.signature";
pub(crate) const ID: &str = "a194e2be-1e5b-4617-84de-c4966cb5c578";

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// Not of the document, and meant so.
    foreign: bool,
    /// The connection breaks before all of the body has been sent.
    broken: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::text(status, body.to_string())
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        Self { status, headers: vec![], body: body.into(), foreign: false, broken: false }
    }

    pub(crate) fn error(status: u16, sentence: &str) -> Self {
        Self::json(status, json!({ "error": sentence, "code": status }))
    }

    pub(crate) fn redirect(status: u16, to: impl Into<String>) -> Self {
        Self::text(status, "").header("location", to).foreign()
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    pub(crate) fn broken(mut self) -> Self {
        self.broken = true;
        self
    }
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) operation: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Answer>,
    seen: Vec<Seen>,
    complaints: Vec<String>,
}

/// The running portal.
pub(crate) struct Portal {
    pub(crate) address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Portal {
    pub(crate) async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Arc::new(Mutex::new(Script { answers: answers.into_iter().collect(), ..Script::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, script }
    }

    pub(crate) fn client(&self) -> PortalClient {
        client(&format!("http://{}", self.address))
    }

    /// All requests; all answers have been given, and there was nothing to complain about.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let script = self.script.lock().unwrap();
        assert_eq!(script.complaints, Vec::<String>::new());
        assert!(script.answers.is_empty(), "not asked for: {:?}", script.answers);
        script.seen.clone()
    }
}

pub(crate) fn client(url: &str) -> PortalClient {
    PortalClient::new(PortalUrl::parse(url).unwrap(), ApiToken::new(TOKEN.into()).unwrap(), None).unwrap()
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut script = script.lock().unwrap();
    let judged = judge(&head.method, head.uri.path(), head.uri.query().unwrap_or_default(), &head.headers, &body);
    let next = script.answers.pop_front().unwrap_or_else(|| Answer::text(500, "").foreign());
    let operation = match &judged {
        Ok(operation) if next.foreign => operation.id().to_owned(),
        Ok(operation) => {
            script.complaints.extend(check_answer(operation, next.status, &next.body).err());
            operation.id().to_owned()
        }
        Err(complaint) => {
            script.complaints.push(complaint.clone());
            String::new()
        }
    };
    script.seen.push(Seen {
        operation,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let mut response = Response::builder().status(next.status);
    for (name, value) in next.headers {
        response = response.header(name, value);
    }
    let body = match next.broken {
        true => {
            let parts = [Ok(Bytes::from(next.body)), Err(std::io::Error::other("cut"))];
            Body::from_stream(futures::stream::iter(parts))
        }
        false => Body::from(next.body),
    };
    response.body(body).unwrap()
}

fn judge(
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<crate::contract::Operation, String> {
    let query: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            pair.split_once('=').map_or((pair.into(), String::new()), |(name, value)| (name.into(), value.into()))
        })
        .collect();
    // The portal's framework answers under a trailing slash, to which it redirects; its document has none.
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    check_request(method, path, &query, headers, body)
}

/// An experiment as the portal describes it.
pub(crate) fn experiment(status: &str, nodes: &[(&str, &str, &str)]) -> Value {
    let nodes: Vec<_> = nodes
        .iter()
        .map(|(name, status, raw)| {
            json!({
                "urn": "urn:publicid:IDN+utah.cloudlab.us+authority+cm", "client_id": name, "status": status,
                "state": "started", "rawstate": raw, "hostname": "<notyet>", "ipv4": "<notyet>",
            })
        })
        .collect();
    json!({
        "id": ID, "name": "bft", "project": "proj", "profile_name": "small-lan", "profile_project": "PortalProfiles",
        "creator": "ann", "created_at": "2026-11-25T20:00:00Z", "expires_at": "2026-11-26T00:00:00Z", "status": status,
        "bindings": { "nodeCount": "2" }, "stop_at": null,
        "aggregates": { "urn:publicid:IDN+utah.cloudlab.us+authority+cm": { "status": status, "nodes": nodes } },
    })
}
