//! Each call, as the document describes it.

use crate::portal::{Answer, ID, Portal, TOKEN, experiment};
use lab::cloudlab::PortalError;
use model::cloudlab::{ExperimentId, ExperimentRequest};
use serde_json::{Value, json};

fn id() -> ExperimentId {
    ID.to_owned().try_into().unwrap()
}

fn request(node_type: &str) -> ExperimentRequest {
    ExperimentRequest::read(["bft", "proj", "PortalProfiles/small-lan"], ["2", node_type, "4"]).unwrap()
}

#[tokio::test]
async fn the_token_is_checked_without_being_taken_from_the_answer() {
    let answer = json!({
        "id": ID, "user": "ann", "token": TOKEN, "expires_at": "2027-01-02T03:04:05.5Z", "role": "user", "scope": "global",
    });
    let portal = Portal::new([Answer::json(200, answer)]).await;
    let info = portal.client().token().await.unwrap();
    assert_eq!((info.user.as_deref(), info.expires_ms), (Some("ann"), Some(1_798_859_045_500)));
    assert!(!format!("{info:?} {:?}", portal.client()).contains("secret"));
    assert_eq!(portal.seen()[0].headers["x-api-token"], TOKEN);
}

#[tokio::test]
async fn profiles_and_experiments_are_listed() {
    let profile = json!({ "id": ID, "name": "bftgym", "project": "proj", "creator": "ann", "version": 1 });
    let portal = Portal::new([
        Answer::json(200, json!({ "profiles": [profile] })),
        Answer::json(200, json!({ "experiments": [experiment("ready", &[])] })),
        Answer::json(200, json!({})),
    ])
    .await;
    let client = portal.client();
    let profiles = client.profiles().await.unwrap();
    assert_eq!((profiles[0].project.as_str(), profiles[0].name.as_str()), ("proj", "bftgym"));
    assert_eq!(client.experiments().await.unwrap()[0].id, id());
    assert!(client.profiles().await.unwrap().is_empty());
    let operations: Vec<_> = portal.seen().into_iter().map(|seen| seen.operation).collect();
    assert_eq!(operations, ["listProfiles", "listExperiments", "listProfiles"]);
}

#[tokio::test]
async fn an_experiment_is_asked_for_with_profile_bindings_and_duration() {
    let created = || Answer::json(201, experiment("created", &[]));
    let portal = Portal::new([created(), created()]).await;
    let client = portal.client();
    let answer = client.create(&request("xl170")).await.unwrap();
    assert_eq!((answer.id, answer.status.as_str()), (id(), "created"));
    client.create(&request("")).await.unwrap();
    let seen = portal.seen();
    let bodies: Vec<Value> = seen.iter().map(|seen| serde_json::from_str(&seen.body).unwrap()).collect();
    let expected = json!({
        "name": "bft", "project": "proj", "profile_project": "PortalProfiles", "profile_name": "small-lan", "duration": 4,
        "bindings": { "nodeCount": "2", "phystype": "xl170" },
    });
    assert_eq!(bodies[0], expected);
    assert_eq!(bodies[1]["bindings"], json!({ "nodeCount": "2" }));
    assert_eq!(seen[0].operation, "createExperiment");
}

#[tokio::test]
async fn an_experiment_is_read_with_its_machines_by_id_or_by_name() {
    let ready =
        || Answer::json(200, experiment("ready", &[("node0", "ready", "ISUP"), ("node1", "changing", "BOOTING")]));
    let portal = Portal::new([ready(), ready()]).await;
    let client = portal.client();
    let experiment = client.experiment(&id()).await.unwrap();
    assert_eq!(client.find("proj", "bft").await.unwrap(), experiment);
    let site = experiment.aggregates.values().next().unwrap();
    assert_eq!((site.nodes[1].client_id.as_str(), site.nodes[1].rawstate.as_str()), ("node1", "BOOTING"));
    assert_eq!(experiment.expires_ms, Some(1_795_651_200_000));
    let seen = portal.seen();
    assert!(seen.iter().all(|seen| seen.operation == "getExperiment" && seen.headers["x-api-elaborate"] == "true"));
    assert_eq!(seen[1].path, "/experiments/proj,bft");
}

#[tokio::test]
async fn what_the_portal_does_not_know_it_may_write_as_null() {
    let mut sparse = experiment("ready", &[("node0", "ready", "ISUP")]);
    sparse["status"] = Value::Null;
    sparse["aggregates"]["urn:publicid:IDN+utah.cloudlab.us+authority+cm"]["nodes"][0]["hostname"] = Value::Null;
    let portal = Portal::new([Answer::json(200, sparse).foreign()]).await;
    assert_eq!(portal.client().experiment(&id()).await.unwrap().status, "");
}

#[tokio::test]
async fn a_site_that_has_no_manifest_yet_is_left_out() {
    let answer = Answer::json(200, json!({ "urn:a": "<rspec/>", "urn:b": null }));
    let portal = Portal::new([answer.foreign()]).await;
    assert_eq!(portal.client().manifests(&id()).await.unwrap(), ["<rspec/>"]);
}

#[tokio::test]
async fn manifests_more_time_and_the_end_are_asked_for() {
    let portal = Portal::new([
        Answer::json(200, json!({ "urn:b": "<rspec/>", "urn:a": "<rspec type='manifest'/>" })),
        Answer::json(200, experiment("ready", &[])),
        Answer::text(204, ""),
    ])
    .await;
    let client = portal.client();
    assert_eq!(client.manifests(&id()).await.unwrap(), ["<rspec type='manifest'/>", "<rspec/>"]);
    client.extend(&id(), 3, "A few \"more\" trials").await.unwrap();
    client.terminate(&id()).await.unwrap();
    let seen = portal.seen();
    let operations: Vec<_> = seen.iter().map(|seen| seen.operation.as_str()).collect();
    assert_eq!(operations, ["getExperimentManifests", "extendExperiment", "terminateExperiment"]);
    assert_eq!(
        serde_json::from_str::<Value>(&seen[1].body).unwrap(),
        json!({ "extend_by": 3, "reason": "A few \"more\" trials" })
    );
}

#[tokio::test]
async fn the_token_is_in_one_header_and_nowhere_else() {
    let portal = Portal::new([
        Answer::json(201, experiment("created", &[])),
        Answer::error(500, &format!("cannot decode {TOKEN}\r\nat line 1")),
    ])
    .await;
    let client = portal.client();
    client.create(&request("")).await.unwrap();
    let error = client.token().await.unwrap_err();
    let said = format!("{error} {error:?}");
    assert!(said.contains("cannot decode … at line 1") && !said.contains("secret"), "{said}");
    for seen in portal.seen() {
        assert!(!seen.path.contains("secret") && !seen.query.contains("secret") && !seen.body.contains("secret"));
        let carriers = seen.headers.iter().filter(|(_, value)| value.to_str().unwrap().contains("secret")).count();
        assert_eq!(carriers, 1);
    }
    assert!(matches!(error, PortalError::Broken { status: 500, .. }));
}
