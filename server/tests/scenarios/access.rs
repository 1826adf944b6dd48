//! Signing in: who is let in with what, what they may do, and when that ends.

use crate::fixture::{Fixture, NOW_MS, body, status};
use server::access::{SESSION_IDLE_MS, SESSION_MS, token_hash};
use std::sync::atomic::Ordering;
use store::AccessStore;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const JSON: &str = "Content-Type: application/json\r\n";

/// The line of a header.
fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Shows a token as the sign-in page's script does.
async fn sign_in(server: &Fixture, token: &str) -> String {
    server.call_with("POST", "/login", "Accept: application/json\r\n", &format!("token={token}")).await
}

/// The header `Cookie` of somebody who signed in with a token.
async fn cookie(server: &Fixture, token: &str) -> String {
    let answer = sign_in(server, token).await;
    assert_eq!(status(&answer), 204, "{answer}");
    format!("Cookie: {}\r\n", header(&answer, "set-cookie").unwrap().split(';').next().unwrap())
}

/// Makes a link for watchers as a driver's page does, and answers with its token.
async fn share(server: &Fixture, credentials: &str) -> String {
    let answer = server.call_with("POST", "/api/share", &format!("{credentials}{JSON}"), "{}").await;
    assert_eq!(status(&answer), 200, "{answer}");
    let link: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
    link["Ok"]["token"].as_str().unwrap().to_owned()
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn without_a_session_a_person_gets_a_page_that_says_how_to_sign_in_and_a_program_a_sentence() {
    let server = Fixture::with_login().await;
    for path in ["/", "/trials", "/protocols/pbft", "/trials/1", "/nothing-here"] {
        let page = server.call_with("GET", path, "Accept: text/html\r\n", "").await;
        assert_eq!(status(&page), 401, "{path}");
        assert!(body(&page).contains("Open the link that the server printed"), "{page}");
        let policy = header(&page, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&page, "cache-control"), Some("no-store"));
    }
    for (method, path) in
        [("GET", "/"), ("GET", "/stream"), ("POST", "/api/start"), ("POST", "/api/read/overview"), ("POST", "/logout")]
    {
        let answer = server.call(method, path, "").await;
        assert_eq!(status(&answer), 401, "{method} {path}");
        assert_eq!(header(&answer, "www-authenticate"), Some("Bearer realm=\"BFTGym\""));
        assert!(body(&answer).contains("bftgym token new"), "{answer}");
    }
}

#[tokio::test]
async fn what_is_there_for_all_has_no_experiments_in_it() {
    let server = Fixture::with_login().await;
    let trial = server.try_start("the secret experiment").await.unwrap();
    assert_eq!(server.view(trial).await.detail.summary.name, "the secret experiment");
    for path in ["/login", "/login.js", "/theme.js", "/favicon.svg", "/pkg/bftgym.css", "/healthz"] {
        let answer = server.call_with("GET", path, "Accept: text/html\r\n", "").await;
        assert_ne!(status(&answer), 401, "{path}");
        assert!(!answer.contains("secret experiment") && !answer.contains("slow-proposal"), "{path}: {answer}");
    }
    for path in ["/pkg/", "/pkg/bftgym.wasm", "/login/", "//login", "/login/../trials", "/pkg/..%2f..%2f", "/LOGIN"] {
        assert_eq!(status(&server.get(path).await), 401, "{path}");
    }
}

#[tokio::test]
async fn the_link_opens_a_session_whose_cookie_scripts_cannot_read() {
    let server = Fixture::with_login().await;
    let answer = sign_in(&server, &server.token).await;
    assert_eq!(status(&answer), 204);
    let line = header(&answer, "set-cookie").unwrap();
    assert!(line.starts_with(&format!("bftgym-{}=", server.address.port())), "{line}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(line.contains(attribute), "{line}");
    }
    assert!(!line.contains(&server.token));

    let cookie = cookie(&server, &server.token).await;
    let page = server.call_with("GET", "/", &format!("{cookie}Accept: text/html\r\n"), "").await;
    assert_eq!(status(&page), 200, "{page}");
    let start = r#"{"request":{"name":"mine","protocol":"pbft","changes":[]}}"#;
    let answer = server.call_with("POST", "/api/start", &format!("{cookie}{JSON}"), start).await;
    assert!(status(&answer) == 200 && body(&answer).contains("Ok"), "{answer}");
}

#[tokio::test]
async fn a_form_without_scripts_signs_in_too() {
    let server = Fixture::with_login().await;
    let page = server.call_with("POST", "/login", "Accept: text/html\r\n", &format!("token={}", server.token)).await;
    assert_eq!((status(&page), header(&page, "location")), (303, Some("/")));
    assert!(header(&page, "set-cookie").is_some());
    let page = server.call_with("POST", "/login", "Accept: text/html\r\n", "token=wrong").await;
    assert_eq!(status(&page), 401);
    assert!(body(&page).contains("This token is not valid") && body(&page).contains("<form"), "{page}");
    assert_eq!(header(&page, "set-cookie"), None);
}

#[tokio::test]
async fn wrong_tokens_are_counted_and_have_to_wait_and_the_right_one_is_let_in_all_the_same() {
    let server = Fixture::with_login().await;
    let long = "x".repeat(500);
    let wrong = ["", "x", "0000", &long, "%00", "a=b", "x", "x", "x", "x"];
    for token in wrong {
        let answer = sign_in(&server, token).await;
        assert_eq!(status(&answer), 401, "{token:?}");
        assert!(body(&answer).contains("not valid"), "{answer}");
    }
    let answer = sign_in(&server, "x").await;
    assert_eq!((status(&answer), header(&answer, "retry-after")), (429, Some("6")));
    assert!(body(&answer).contains("Try again in 6 s"), "{answer}");
    assert_eq!(status(&server.call_with("GET", "/", &bearer("wrong"), "").await), 429);
    assert_eq!(status(&sign_in(&server, &server.token).await), 204);
    let script = format!("{}{JSON}", bearer(&server.token));
    assert_eq!(status(&server.call_with("POST", "/api/read/overview", &script, "{}").await), 200);
    // That has given nobody more attempts.
    assert_eq!(status(&sign_in(&server, "x").await), 429);
    server.later_ms.store(6_000, Ordering::SeqCst);
    assert_eq!(status(&sign_in(&server, "x").await), 401);
}

#[tokio::test]
async fn who_is_signed_in_is_not_locked_out_by_the_wrong_tokens_of_others() {
    let server = Fixture::with_login().await;
    let cookie = cookie(&server, &server.token).await;
    for _ in 0..12 {
        sign_in(&server, "wrong").await;
    }
    assert_eq!(status(&sign_in(&server, "wrong").await), 429);
    assert_eq!(status(&server.call_with("GET", "/", &cookie, "").await), 200);
}

#[tokio::test]
async fn an_audience_sees_everything_and_changes_nothing() {
    let server = Fixture::with_login().await;
    let driver = cookie(&server, &server.token).await;
    let trial = server.start().await;
    let audience = cookie(&server, &share(&server, &driver).await).await;
    for path in ["/", "/trials", &format!("/trials/{trial}"), "/protocols/pbft"] {
        let page = server.call_with("GET", path, &audience, "").await;
        assert_eq!(status(&page), 200, "{path}");
    }
    for (call, request) in
        [("visitor", "{}".to_owned()), ("overview", "{}".to_owned()), ("trial", format!("{{\"trial\":{trial}}}"))]
    {
        let answer =
            server.call_with("POST", &format!("/api/read/{call}"), &format!("{audience}{JSON}"), &request).await;
        assert_eq!(status(&answer), 200, "{call}: {answer}");
    }
    let visitor = server.call_with("POST", "/api/read/visitor", &format!("{audience}{JSON}"), "{}").await;
    assert_eq!(body(&visitor), r#"{"role":"audience","login":true}"#);
    for (path, request) in [
        ("/api/start", r#"{"request":{"name":"mine","protocol":"pbft","changes":[]}}"#),
        ("/api/stop", r#"{"trial":1}"#),
        ("/api/update", r#"{"trial":1,"changes":[{"key":"fault.slow-proposal.timer","text":"40"}]}"#),
        ("/api/share", "{}"),
    ] {
        let answer = server.call_with("POST", path, &format!("{audience}{JSON}"), request).await;
        assert_eq!(status(&answer), 403, "{path}");
        assert!(body(&answer).contains("You are watching: only drivers may change something"), "{answer}");
    }
    assert!(server.view(trial).await.detail.patches.is_empty());
    // Whoever has a driver's token is let in with it all the same.
    let form = format!("token={}", server.token);
    let promoted = server.call_with("POST", "/login", &format!("{audience}Accept: application/json\r\n"), &form).await;
    assert_eq!(status(&promoted), 204, "{promoted}");
}

/// Server functions that watchers may call. One that is added here must change nothing, whatever it is called with.
const READING: [&str; 13] = [
    "/api/read/cloudlab/view",
    "/api/read/compared",
    "/api/read/configuration",
    "/api/read/deleted",
    "/api/read/detail",
    "/api/read/host_testbeds",
    "/api/read/overview",
    "/api/read/settings",
    "/api/read/sweep",
    "/api/read/sweep_read_grid",
    "/api/read/sweeps",
    "/api/read/trial",
    "/api/read/visitor",
];

#[test]
fn every_server_function_that_watchers_may_call_is_known_to_only_read() {
    // Names the crate, so that its server functions are there.
    let _ = app::App;
    let paths = leptos::server_fn::axum::server_fn_paths();
    // The macro adds a hash to what has no endpoint of its own: all of ours have one.
    let mut reading: Vec<_> = paths.filter(|(path, method)| server::access::only_reads(method, path)).collect();
    reading.sort_by_key(|(path, _)| *path);
    let reading: Vec<_> = reading.into_iter().map(|(path, _)| path).collect();
    assert_eq!(reading, READING);
}

#[tokio::test]
async fn a_script_shows_its_token_in_a_header_and_wrong_ones_do_not_fall_back_on_the_cookie() {
    let server = Fixture::with_login().await;
    let read = |credentials: String| {
        let server = &server;
        async move {
            let headers = format!("{credentials}{JSON}");
            status(&server.call_with("POST", "/api/read/overview", &headers, "{}").await)
        }
    };
    assert_eq!(read(bearer(&server.token)).await, 200);
    assert_eq!(read(bearer(&server.token).replace("Bearer", "bearer")).await, 200);
    let cookie = cookie(&server, &server.token).await;
    for wrong in ["Bearer wrong", "Bearer ", "Bearer", "Basic dXNlcjpwYXNz"] {
        assert_eq!(read(format!("{cookie}Authorization: {wrong}\r\n")).await, 401, "{wrong:?}");
    }
    assert_eq!(read(cookie).await, 200);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let server = Fixture::with_login().await;
    let mine = cookie(&server, &server.token).await;
    let other = cookie(&server, &server.token).await;
    let answer = server.call_with("POST", "/logout", &mine, "").await;
    assert_eq!(status(&answer), 204);
    assert!(header(&answer, "set-cookie").unwrap().contains("=; Path=/; Max-Age=0"), "{answer}");
    assert_eq!(status(&server.call_with("GET", "/", &mine, "").await), 401);
    assert_eq!(status(&server.call_with("GET", "/", &other, "").await), 200);
}

#[tokio::test]
async fn a_session_outlives_the_server_and_the_old_link_does_not() {
    let directory = TempDir::new().unwrap();
    let first = Fixture::with_login_over(directory.path()).await;
    let session = cookie(&first, &first.token).await;
    let (_, session) = session.split_once('=').unwrap();
    let (old_link, watching) = (first.token.clone(), share(&first, &bearer(&first.token)).await);
    first.service.end().await;
    first.store.close().await;
    drop(first);
    let second = Fixture::with_login_over(directory.path()).await;
    let session = format!("Cookie: bftgym-{}={session}", second.address.port());
    assert_eq!(status(&second.call_with("GET", "/", &session, "").await), 200);
    assert_eq!(status(&sign_in(&second, &watching).await), 204);
    assert_eq!(status(&sign_in(&second, &old_link).await), 401);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_a_month_in_any_case() {
    let server = Fixture::with_login().await;
    let seen = |cookie: String| {
        let server = &server;
        async move { status(&server.call_with("GET", "/", &cookie, "").await) }
    };
    let idle = cookie(&server, &server.token).await;
    let used = cookie(&server, &server.token).await;
    let step = SESSION_IDLE_MS - 1;
    let mut now_ms = 0;
    while now_ms + step < SESSION_MS {
        now_ms += step;
        server.later_ms.store(now_ms, Ordering::SeqCst);
        assert_eq!(seen(used.clone()).await, 200, "{now_ms}");
        // The use is noted beside the answer.
        while last_use(&server, &used).await < now_ms {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(seen(idle).await, 401);
    server.later_ms.store(SESSION_MS, Ordering::SeqCst);
    assert_eq!(seen(used).await, 401);
}

/// When a session was used last, ms after the beginning of the test.
async fn last_use(server: &Fixture, cookie: &str) -> i64 {
    let session = cookie.trim_end().split_once('=').unwrap().1;
    let beside = AccessStore::open(&server.directory).unwrap();
    let found = beside.session(token_hash(session), NOW_MS).await.unwrap();
    found.unwrap().last_used_ms - NOW_MS
}

#[tokio::test]
async fn a_revoked_token_takes_its_sessions_and_open_streams_along() {
    let server = Fixture::with_login().await;
    let watching = share(&server, &bearer(&server.token)).await;
    let audience = cookie(&server, &watching).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!("GET /stream HTTP/1.1\r\nHost: {}\r\n{audience}Connection: close\r\n\r\n", server.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    // As the command line does it, beside the server.
    let beside = AccessStore::open(&server.directory).unwrap();
    let tokens = beside.tokens().await.unwrap();
    let shared = tokens.iter().find(|token| token.name.starts_with("watching link")).unwrap();
    assert_eq!((shared.sessions, shared.expires_ms.is_some()), (1, true));
    beside.revoke(shared.name.clone()).await.unwrap().unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(status(&server.call_with("GET", "/", &audience, "").await), 401);
    assert_eq!(status(&sign_in(&server, &watching).await), 401);
    assert_eq!(status(&sign_in(&server, &server.token).await), 204);
}

#[tokio::test]
async fn other_sites_cannot_use_a_session_and_the_public_name_can() {
    let server = Fixture::with_login().await;
    let cookie = cookie(&server, &server.token).await;
    let post = |extra: &str| {
        let (server, headers) = (&server, format!("{cookie}{JSON}{extra}"));
        async move { status(&server.call_with("POST", "/api/stop", &headers, r#"{"trial":1}"#).await) }
    };
    for foreign in ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(post(foreign).await, 403, "{foreign}");
        let answer = server.call_with("POST", "/login", foreign, &format!("token={}", server.token)).await;
        assert_eq!(status(&answer), 403, "{foreign}");
    }
    assert_eq!(post("Origin: https://gym.example.org\r\n").await, 200);
    for (host, expected) in [("gym.example.org", 200), ("evil.example", 403)] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n");
        assert_eq!(status(&server.raw(request.as_bytes()).await), expected, "{host}");
    }
}

#[tokio::test]
async fn what_a_proxy_says_of_the_caller_is_not_believed() {
    let server = Fixture::with_login().await;
    for number in 0..10 {
        let headers = format!(
            "X-Forwarded-For: 198.51.100.{number}\r\nX-Forwarded-Host: localhost\r\nAccept: application/json\r\n"
        );
        server.call_with("POST", "/login", &headers, "token=wrong").await;
    }
    let headers = "X-Forwarded-For: 198.51.100.99\r\nForwarded: for=198.51.100.99\r\nAccept: application/json\r\n";
    assert_eq!(status(&server.call_with("POST", "/login", headers, "token=wrong").await), 429);
    let request =
        "GET /login HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&server.raw(request.as_bytes()).await), 403);
}

#[tokio::test]
async fn the_units_prefix_needs_the_trials_token_alone_and_leads_nowhere_else() {
    let server = Fixture::with_login().await;
    server.start().await;
    let prefix = server.prefix();
    assert_eq!(status(&server.get(&format!("{prefix}/configs?unit_id=1")).await), 200);
    // By whatever name units call: they are no browsers.
    let request =
        format!("GET {prefix}/configs?unit_id=1 HTTP/1.1\r\nHost: inside.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&server.raw(request.as_bytes()).await), 200);
    let unit_token = prefix.strip_prefix("/w/").unwrap();
    for path in ["/", "/trials", "/stream", "/api/read/overview"] {
        for credentials in [bearer(unit_token), format!("Cookie: bftgym-{}={unit_token}\r\n", server.address.port())] {
            assert_eq!(status(&server.call_with("GET", path, &credentials, "").await), 401, "{path}");
        }
    }
    assert_eq!(status(&sign_in(&server, unit_token).await), 401);
    for path in ["/../../api/read/overview", "/../../trials", "//trials", "/%2e%2e/%2e%2e/trials", "/configs/../../../"]
    {
        let answer = server.get(&format!("{prefix}{path}")).await;
        assert!(matches!(status(&answer), 401 | 404) && !answer.contains("<html"), "{path}: {answer}");
    }
    // A driver's token is no unit's.
    let cookie = cookie(&server, &server.token).await;
    for credentials in [cookie, bearer(&server.token)] {
        for token in [server.token.as_str(), "x"] {
            let path = format!("/w/{token}/configs?unit_id=1");
            let answer = server.call_with("GET", &path, &credentials, "").await;
            assert_eq!(status(&answer), 404, "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn without_a_login_everybody_on_this_machine_drives_and_there_is_nothing_to_sign_in_to() {
    let server = Fixture::new().await;
    let visitor = server.call_with("POST", "/api/read/visitor", JSON, "{}").await;
    assert_eq!(body(&visitor), r#"{"role":"driver","login":false}"#);
    let page = server.get("/login").await;
    assert_eq!((status(&page), header(&page, "location")), (303, Some("/")));
    assert_eq!(status(&server.call_with("POST", "/login", "", "token=x").await), 303);
    assert_eq!(status(&server.call_with("POST", "/logout", "", "").await), 204);
    let share = server.call_with("POST", "/api/share", JSON, "{}").await;
    assert!(body(&share).contains("--login"), "{share}");
}
