//! Testbeds of hosts as they are kept. Nobody goes to the hosts here.

use crate::fixture::{Fixture, body, status};
use serde_json::{Value, json};

const JSON: &str = "Content-Type: application/json\r\n";

/// Saves a testbed, and says what is answered.
async fn save(server: &Fixture, testbed: &Value, edits: Option<&str>) -> Value {
    let mut arguments = json!({ "testbed": testbed });
    if let Some(name) = edits {
        arguments["edits"] = json!(name);
    }
    let answer = server.call_with("POST", "/api/save_testbed", JSON, &arguments.to_string()).await;
    serde_json::from_str(body(&answer)).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

fn testbed(name: &str, address: &str) -> Value {
    json!({ "name": name, "hosts": [{ "address": address, "user": "alice" }] })
}

/// The names of what is kept, each with its first host.
async fn kept(server: &Fixture) -> Vec<(String, String)> {
    let answer = server.call_with("POST", "/api/read/host_testbeds", JSON, "{}").await;
    assert_eq!(status(&answer), 200, "{answer}");
    let answer: Value = serde_json::from_str(body(&answer)).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |testbed: &Value| (text(&testbed["name"]), text(&testbed["hosts"][0]["address"]));
    answer["Ok"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_name_in_use_is_a_conflict_unless_that_very_testbed_is_edited() {
    let server = Fixture::new().await;
    assert_eq!(save(&server, &testbed("six", "node0"), None).await, json!({ "Ok": null }));
    assert_eq!(save(&server, &testbed("seven", "node7"), None).await, json!({ "Ok": null }));
    // A new one, and another one that is renamed.
    for edits in [None, Some("seven")] {
        let refused = save(&server, &testbed("six", "node1"), edits).await;
        assert_eq!(refused["Err"]["type"], "conflict", "{refused}");
        let message = refused["Err"]["message"].as_str().unwrap();
        assert!(message.contains("a testbed named \"six\" already") && message.contains("another name"), "{message}");
    }
    let before = [("seven".to_owned(), "node7".to_owned()), ("six".to_owned(), "node0".to_owned())];
    assert_eq!(kept(&server).await, before);
    assert_eq!(save(&server, &testbed("six", "node1"), Some("six")).await, json!({ "Ok": null }));
    assert_eq!(kept(&server).await[1].1, "node1");
    // One that was deleted meanwhile comes back.
    let delete = json!({ "name": "six" }).to_string();
    server.call_with("POST", "/api/delete_testbed", JSON, &delete).await;
    assert_eq!(save(&server, &testbed("six", "node2"), Some("six")).await, json!({ "Ok": null }));
}

#[tokio::test]
async fn what_a_program_sends_wrongly_is_told_in_words_about_its_request() {
    let server = Fixture::new().await;
    let mut odd = testbed("six", "node0");
    odd["hosts"][0]["internal"] = json!(["10.0.0"]);
    for (testbed, word) in [(testbed("a b", "node0"), "letters, digits and dashes"), (odd, "IP address")] {
        let refused = save(&server, &testbed, None).await.to_string();
        assert!(refused.contains("does not take this request") && refused.contains(word), "{refused}");
    }
    assert_eq!(kept(&server).await, []);
}

#[tokio::test]
async fn units_that_two_hosts_claim_or_that_no_trial_has_are_refused_at_the_field() {
    let server = Fixture::new().await;
    let units = |texts: &[&str]| {
        let host = |(number, units): (usize, &&str)| json!({ "address": format!("node{number}"), "user": "alice", "units": units });
        json!({ "name": "six", "hosts": texts.iter().enumerate().map(host).collect::<Vec<_>>() })
    };
    for (texts, place, word) in [
        (&["0-2", "2"][..], "hosts[1].units", "replica 2 is named by node0 already"),
        (&["0,0"], "hosts[0].units", "replica 0 is named twice"),
        (&["0", "client 99"], "hosts[1].units", "client 99"),
    ] {
        let refused = save(&server, &units(texts), None).await;
        let problem = &refused["Err"]["problems"][0];
        assert_eq!(problem["key"], place, "{refused}");
        assert!(problem["message"].as_str().unwrap().contains(word), "{refused}");
    }
    assert_eq!(save(&server, &units(&["0-2, client 15", "3, clients"]), None).await, json!({ "Ok": null }));
}
