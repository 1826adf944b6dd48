//! What goes wrong between us and the portal.

use crate::portal::{Answer, ID, Portal, client, experiment};
use lab::cloudlab::PortalError;
use model::cloudlab::{ExperimentId, ExperimentRequest};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpListener;

fn id() -> ExperimentId {
    ID.to_owned().try_into().unwrap()
}

async fn token_error(answer: Answer) -> PortalError {
    let portal = Portal::new([answer]).await;
    let error = portal.client().token().await.unwrap_err();
    portal.seen();
    error
}

#[tokio::test]
async fn a_redirect_to_a_trailing_slash_keeps_method_body_and_token() {
    let request = ExperimentRequest::read(["bft", "proj", "P/x"], ["2", "", "4"]).unwrap();
    for status in [307, 308] {
        let created = Answer::json(201, experiment("created", &[]));
        let portal = Portal::new([Answer::redirect(status, "/experiments/"), created]).await;
        portal.client().create(&request).await.unwrap();
        let seen = portal.seen();
        assert_eq!((seen[0].path.as_str(), seen[1].path.as_str()), ("/experiments", "/experiments/"));
        assert!(seen.iter().all(|seen| seen.operation == "createExperiment"));
        assert_eq!((seen[1].body.as_str(), &seen[1].headers), (seen[0].body.as_str(), &seen[0].headers));
    }
}

#[tokio::test]
async fn a_redirect_to_another_server_is_refused_and_the_token_stays() {
    let other = Portal::new([]).await;
    for to in [format!("http://{}/tokens/this/", other.address), "https://evil.example/".into(), "ftp://x".into()] {
        let error = token_error(Answer::redirect(307, to)).await;
        assert!(error.to_string().contains("must not see the token"), "{error}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn redirects_that_change_the_call_or_never_end_are_refused() {
    for status in [301, 302, 303] {
        let error = token_error(Answer::redirect(status, "/tokens/this/")).await;
        assert!(error.to_string().contains(&format!("status {status}")), "{error}");
    }
    let portal = Portal::new(vec![Answer::redirect(307, "/tokens/this/"); 4]).await;
    let error = portal.client().token().await.unwrap_err();
    assert!(error.to_string().contains("more than 3 times"), "{error}");
    assert_eq!(portal.seen().len(), 4);
    assert!(token_error(Answer::text(307, "").foreign()).await.to_string().contains("redirects"));
}

#[tokio::test]
async fn an_expired_or_foreign_token_is_told_from_a_missing_permission() {
    let detail = |status, sentence: &str| Answer::json(status, json!({ "detail": sentence })).foreign();
    for answer in [
        Answer::error(401, "Token has expired"),
        detail(401, "Token has been revoked"),
        detail(400, "Token invalid: Signature has expired"),
        detail(400, "X-API-Token header invalid"),
    ] {
        let error = token_error(answer).await;
        assert!(matches!(error, PortalError::TokenRefused { .. }), "{error:?}");
        assert!(error.to_string().contains("another one"), "{error}");
    }
    for answer in [Answer::error(403, "Forbidden for students."), detail(401, "Not enough permission")] {
        let error = token_error(answer).await;
        assert!(matches!(error, PortalError::Forbidden { .. }), "{error:?}");
    }
    assert!(matches!(
        token_error(Answer::error(400, "Validation error")).await,
        PortalError::Refused { status: 400, .. }
    ));
}

#[tokio::test]
async fn an_experiment_is_not_found_after_it_was_ended() {
    let portal = Portal::new([
        Answer::text(204, ""),
        Answer::error(404, "No such experiment"),
        Answer::error(404, "No such experiment"),
    ])
    .await;
    let client = portal.client();
    client.terminate(&id()).await.unwrap();
    let expected = PortalError::NotFound { said: "No such experiment".into() };
    assert_eq!(client.experiment(&id()).await.unwrap_err(), expected);
    assert_eq!(client.terminate(&id()).await.unwrap_err(), expected);
    portal.seen();
}

#[tokio::test]
async fn a_busy_portal_says_how_long_to_wait() {
    let request = ExperimentRequest::read(["bft", "proj", "P/x"], ["2", "", "4"]).unwrap();
    let busy = || Answer::error(429, "Load average too high: 17.2");
    let portal = Portal::new([busy().header("retry-after", "120"), busy()]).await;
    for seconds in [120, 30] {
        let error = portal.client().create(&request).await.unwrap_err();
        let PortalError::Busy { said, wait } = &error else { panic!("{error:?}") };
        assert_eq!((said.as_str(), *wait), ("Load average too high: 17.2", Duration::from_secs(seconds)));
        assert!(!error.leaves_doubt());
    }
    portal.seen();
}

#[tokio::test]
async fn a_failing_portal_and_a_lost_answer_leave_doubt_whether_it_acted() {
    let error = token_error(Answer::error(500, "Internal server error")).await;
    assert!(matches!(error, PortalError::Broken { status: 500, .. }) && error.leaves_doubt());
    let error = token_error(Answer::text(502, "<html>Bad Gateway</html>").foreign()).await;
    assert!(error.to_string().contains("bad gateway"), "{error}");
    let error = token_error(Answer::json(200, json!({ "id": ID })).broken()).await;
    assert!(matches!(error, PortalError::Unreachable { .. }) && error.leaves_doubt(), "{error:?}");
}

#[tokio::test]
async fn a_portal_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client(&format!("http://{address}")).token().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("the portal {address} cannot be reached: ")), "{error}");
}

#[tokio::test]
async fn answers_that_are_too_long_or_not_of_the_interface_are_refused() {
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(9 << 20));
    for answer in [Answer::text(200, long.clone()).foreign(), Answer::text(200, long).foreign().broken()] {
        let error = token_error(answer).await;
        assert!(error.to_string().contains("more than 8388608 bytes"), "{error}");
    }
    for (body, word) in [
        ("<html>log in</html>", "no JSON object"),
        ("[]", "no JSON object"),
        ("", "no JSON object"),
        ("{}", "missing field `id`"),
        ("{\"expires_at\": \"soon\"}", "2023-06-30"),
        ("{\"user\": 7}", "invalid type"),
    ] {
        let error = token_error(Answer::text(200, body).foreign()).await;
        assert!(matches!(error, PortalError::Foreign { .. }) && error.to_string().contains(word), "{body}: {error}");
    }
}

#[tokio::test]
async fn an_experiment_with_strange_names_ids_or_machines_is_refused() {
    let with = |change: fn(&mut Value)| {
        let mut value = experiment("ready", &[("node0", "ready", "ISUP")]);
        change(&mut value);
        Answer::json(200, value).foreign()
    };
    fn node(value: &mut Value) -> &mut Value {
        &mut value["aggregates"]["urn:publicid:IDN+utah.cloudlab.us+authority+cm"]["nodes"][0]
    }
    let changes: [fn(&mut Value); 6] = [
        |value| value["id"] = json!("../../tokens"),
        |value| value["status"] = json!("<b>ready</b>"),
        |value| node(value)["client_id"] = json!("$(reboot)"),
        |value| node(value)["client_id"] = json!("a\nb"),
        |value| node(value)["rawstate"] = json!("IS UP"),
        |value| {
            let many = vec![node(value).clone(); 600];
            value["aggregates"]["urn:publicid:IDN+utah.cloudlab.us+authority+cm"]["nodes"] = json!(many);
        },
    ];
    for change in changes {
        let portal = Portal::new([with(change)]).await;
        let error = portal.client().experiment(&id()).await.unwrap_err();
        assert!(matches!(error, PortalError::Foreign { .. }), "{error:?}");
    }
}
