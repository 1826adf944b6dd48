//! The control plane: who may call, and what every answer carries.

use crate::fixture::{Fixture, body, status};
use protocol::language::document::MAX_PROTOCOL_BYTES;

async fn post(server: &Fixture, headers: &str) -> String {
    let head = format!("POST /healthz HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: 0\r\n\r\n");
    server.raw(head.as_bytes()).await
}

#[tokio::test]
async fn the_page_and_the_health_check_are_answered_with_security_headers() {
    let server = Fixture::new().await;
    let health = server.get("/healthz").await;
    assert_eq!((status(&health), body(&health)), (200, "ok\n"));
    let page = server.get("/").await;
    assert_eq!(status(&page), 200, "{page}");
    assert!(page.contains("<html"), "{page}");
    for header in ["x-content-type-options: nosniff", "referrer-policy: no-referrer", "x-frame-options: DENY"] {
        assert!(page.contains(header) && health.contains(header), "{header}");
    }
}

#[tokio::test]
async fn a_page_runs_only_scripts_that_its_own_policy_names_and_has_no_inline_style() {
    let server = Fixture::new().await;
    for path in ["/", "/trials", "/protocols/pbft"] {
        let page = server.get(path).await;
        let policy = page.lines().find(|line| line.starts_with("content-security-policy: ")).unwrap();
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        let scripts: Vec<_> = body(&page).split("<script").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        assert!(!scripts.is_empty());
        let allowed = |head: &&str| head.contains(" src=\"/") || head.contains(&format!("nonce=\"{nonce}\""));
        assert!(scripts.iter().all(allowed), "{path}: {scripts:?}");
        assert!(!page.contains("<style") && !page.contains(" style=\""), "{path}");
        assert_ne!(policy, server.get(path).await.lines().find(|line| line.starts_with("content-sec")).unwrap());
    }
}

#[tokio::test]
async fn a_foreign_name_for_this_address_is_refused() {
    let server = Fixture::new().await;
    for path in ["/", "/stream", "/healthz"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example:8999\r\nConnection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        assert_eq!(status(&answer), 403);
        assert!(body(&answer).contains("localhost"), "{answer}");
    }
}

#[tokio::test]
async fn another_sites_page_cannot_change_anything() {
    let server = Fixture::new().await;
    let host = format!("Host: {}\r\n", server.address);
    for foreign in ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
        assert_eq!(status(&post(&server, &format!("{host}{foreign}")).await), 403, "{foreign}");
    }
    let own = format!("{host}Origin: http://{}\r\n", server.address);
    for allowed in [own, format!("{host}Sec-Fetch-Site: same-origin\r\n"), host] {
        assert_ne!(status(&post(&server, &allowed).await), 403, "{allowed}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_with_the_limit() {
    let server = Fixture::new().await;
    let head = format!("POST /healthz HTTP/1.1\r\nHost: {}\r\nContent-Length: 4194305\r\n\r\n", server.address);
    let answer = server.raw(head.as_bytes()).await;
    assert_eq!(status(&answer), 413);
    assert!(body(&answer).contains("4194304 bytes"), "{answer}");
}

#[tokio::test]
async fn the_largest_protocol_file_gets_in() {
    let server = Fixture::new().await;
    let file = format!("# {}", "x".repeat(MAX_PROTOCOL_BYTES - 2));
    let request =
        serde_json::json!({"request": {"name": "long", "protocol": "mine", "protocol_text": file, "changes": []}});
    let answer = server.call("POST", "/api/start", &request.to_string()).await;
    assert!(status(&answer) != 413 && answer.contains("problems"), "{answer}");
}
