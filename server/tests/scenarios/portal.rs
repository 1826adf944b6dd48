//! A small portal of CloudLab: one token, one experiment, which comes up step by step each time it is looked at.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

pub(crate) const TOKEN: &str = "eyJ.very-secret.signature";
pub(crate) const ID: &str = "a194e2be-1e5b-4617-84de-c4966cb5c578";

/// Whose experiment it is, where its machines are, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) user: &'static str,
    pub(crate) manifest: String,
    pub(crate) expires: [&'static str; 2],
}

impl Default for Site {
    fn default() -> Self {
        let expires = ["2026-11-22T10:22:50Z", "2026-11-22T14:22:50Z"];
        Self {
            user: "ann",
            manifest: manifest("ann", [("pc1.example.org", "10.10.1.1"), ("pc2.example.org", "10.10.1.2")]),
            expires,
        }
    }
}

/// What the portal knows and does next.
#[derive(Debug, Default)]
pub(crate) struct Script {
    site: Site,
    /// Statuses with the machines' states, the last one for good.
    pub(crate) steps: VecDeque<(&'static str, [&'static str; 2])>,
    /// Answers to the next calls, whatever they are.
    pub(crate) instead: VecDeque<(u16, Value)>,
    /// Method and path of every call.
    pub(crate) seen: Vec<String>,
    pub(crate) exists: bool,
    /// Whether more time is given.
    extended: bool,
}

pub(crate) struct Portal {
    pub(crate) address: SocketAddr,
    pub(crate) script: Arc<Mutex<Script>>,
}

impl Portal {
    pub(crate) async fn new() -> Self {
        Self::of(Site::default()).await
    }

    pub(crate) async fn of(site: Site) -> Self {
        let steps = VecDeque::from([
            ("created", ["", ""]),
            ("provisioning", ["RELOADING", "RELOADING"]),
            ("provisioned", ["ISUP", "BOOTING"]),
            ("ready", ["ISUP", "ISUP"]),
        ]);
        let script = Arc::new(Mutex::new(Script { site, steps, ..Script::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, script }
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.script.lock().unwrap().seen.clone()
    }
}

async fn answer(State(script): State<Arc<Mutex<Script>>>, request: Request) -> (StatusCode, Json<Value>) {
    let mut script = script.lock().unwrap();
    let (status, body) = reply(&mut script, &request);
    script.seen.push(format!("{} {}", request.method(), request.uri()));
    (StatusCode::from_u16(status).unwrap(), Json(body))
}

fn reply(script: &mut Script, request: &Request) -> (u16, Value) {
    if let Some(instead) = script.instead.pop_front() {
        return instead;
    }
    if request.headers().get("x-api-token").is_none_or(|token| token != TOKEN) {
        return (401, json!({ "detail": "Token has expired" }));
    }
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::GET, "/tokens/this") => {
            (200, json!({ "id": ID, "user": script.site.user, "token": TOKEN, "expires_at": "2027-01-01T00:00:00Z" }))
        }
        (&Method::GET, "/profiles") => {
            (200, json!({ "profiles": [{ "id": ID, "project": "proj", "name": "bftgym" }] }))
        }
        (&Method::GET, "/experiments") => {
            let all = if script.exists { vec![experiment(script, false)] } else { vec![] };
            (200, json!({ "experiments": all }))
        }
        (&Method::POST, "/experiments") => {
            script.exists = true;
            (201, experiment(script, false))
        }
        _ if !script.exists => (404, json!({ "error": "No such experiment", "code": 404 })),
        (&Method::GET, path) if path.ends_with("/manifests") => (200, json!({ "site": script.site.manifest })),
        (&Method::GET, _) => (200, experiment(script, true)),
        (&Method::PUT, _) => {
            script.extended = true;
            (200, experiment(script, false))
        }
        _ => {
            script.exists = false;
            (204, Value::Null)
        }
    }
}

fn experiment(script: &mut Script, elaborate: bool) -> Value {
    let (status, states) = match elaborate && script.steps.len() > 1 {
        true => script.steps.pop_front().unwrap(),
        false => *script.steps.front().unwrap(),
    };
    let node = |(index, raw): (usize, &&str)| {
        let status = if *raw == "ISUP" { "ready" } else { "changing" };
        json!({ "client_id": format!("node{index}"), "status": status, "rawstate": raw, "hostname": "<notyet>" })
    };
    let nodes: Vec<_> = states.iter().enumerate().map(node).collect();
    let aggregates = if elaborate { json!({ "site": { "nodes": nodes } }) } else { json!({}) };
    let expires = script.site.expires[usize::from(script.extended)];
    json!({
        "id": ID, "name": "bft", "project": "proj", "profile_name": "small-lan", "profile_project": "PortalProfiles",
        "status": status, "created_at": "2026-11-22T06:22:50Z", "expires_at": expires, "aggregates": aggregates,
    })
}

/// Two machines, each with where to log in and its address in the experiment's LAN.
pub(crate) fn manifest(user: &str, machines: [(&str, &str); 2]) -> String {
    let node = |(index, (host, lan)): (usize, &(&str, &str))| {
        format!(
            r#"<node client_id="node{index}"><interface client_id="node{index}:if0"><ip address="{lan}" type="ipv4"/></interface>
    <services><login hostname="{host}" port="22" username="{user}"/></services></node>"#
        )
    };
    let nodes: String = machines.iter().enumerate().map(node).collect();
    format!(
        r#"<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest">{nodes}
  <link client_id="lan"><interface_ref client_id="node0:if0"/><interface_ref client_id="node1:if0"/></link></rspec>"#
    )
}
