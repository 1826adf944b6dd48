//! CloudLab experiments as the page drives them, against a portal that a test scripts: the real one cannot be reached.

use crate::fixture::NOW_MS;
use crate::portal::{ID, Portal, Site, TOKEN};
use app::backend::BackendError;
use app::backend::cloudlab::{CloudlabBackend, ExperimentAction, TokenSource, TokenState};
use lab::cloudlab::lifecycle::Pace;
use lab::cloudlab::{ApiToken, PortalUrl};
use model::cloudlab::{Experiment, ExperimentKey, ExperimentRequest};
use serde_json::json;
use server::clock::Clock;
use server::cloudlab::{Cloudlab, CloudlabHost, CloudlabSettings};
use server::live::Hub;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

struct Desk {
    host: CloudlabHost,
    store: Arc<Store>,
    shutdown: CancellationToken,
}

impl Desk {
    async fn over(directory: &Path, portal: &Portal) -> Self {
        Self::with_token(directory, portal, None).await
    }

    async fn with_token(directory: &Path, portal: &Portal, token: Option<ApiToken>) -> Self {
        let store = Arc::new(Store::open(directory, NOW_MS).unwrap());
        let settings = CloudlabSettings {
            portal: PortalUrl::parse(&format!("http://{}", portal.address)).unwrap(),
            token,
            authorities: None,
            ssh_key: None,
            pace: Pace { changing_ms: 1, steady_ms: 1 },
        };
        let (hub, shutdown) = (Arc::new(Hub::new("b".into())), CancellationToken::new());
        let clock = Clock::new(|| NOW_MS);
        let cloudlab = Arc::new(Cloudlab::new(Arc::clone(&store), hub, clock, shutdown.clone(), settings).unwrap());
        cloudlab.resume().await.unwrap();
        Self { host: CloudlabHost(cloudlab), store, shutdown }
    }

    /// With a token.
    async fn ready(directory: &Path, portal: &Portal) -> Self {
        let desk = Self::over(directory, portal).await;
        desk.host.give_token(TOKEN.into()).await.unwrap();
        desk
    }

    async fn experiment(&self, key: ExperimentKey) -> Experiment {
        let view = self.host.cloudlab().await.unwrap();
        view.experiments.into_iter().find(|experiment| experiment.key == key).unwrap()
    }

    /// Waits until an experiment is in a state.
    async fn until(&self, key: ExperimentKey, state: &str) -> Experiment {
        loop {
            let experiment = self.experiment(key).await;
            if experiment.state.label() == state {
                return experiment;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) {
        self.shutdown.cancel();
        self.store.close().await;
    }
}

fn request(name: &str) -> ExperimentRequest {
    ExperimentRequest::read(["bft", "proj", "PortalProfiles/small-lan"], ["2", "", "4"])
        .map(|request| ExperimentRequest { name: name.into(), ..request })
        .unwrap()
}

#[tokio::test]
async fn an_experiment_is_created_comes_up_is_extended_and_ended() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    let offers = desk.host.offers().await.unwrap();
    assert_eq!((offers.profiles, offers.projects), (vec!["proj/bftgym".to_owned()], vec!["proj".to_owned()]));
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    let ready = loop {
        let experiment = desk.until(key, "Ready").await;
        if experiment.located {
            break experiment;
        }
        tokio::task::yield_now().await;
    };
    let places: Vec<_> = ready.nodes.iter().map(|node| (node.host.clone().unwrap(), node.lan.unwrap())).collect();
    let expected = [("pc1.example.org", [10, 10, 1, 1]), ("pc2.example.org", [10, 10, 1, 2])];
    assert_eq!(places, expected.map(|(host, address)| (host.to_owned(), address.into())));
    let extend = ExperimentAction::Extend { hours: 4, reason: "more trials".into() };
    desk.host.change_experiment(key, extend).await.unwrap();
    assert_eq!(desk.experiment(key).await.expires_ms, Some(ready.expires_ms.unwrap() + 4 * 3_600_000));
    let forget = desk.host.change_experiment(key, ExperimentAction::Forget).await.unwrap_err();
    assert!(forget.to_string().contains("terminate it first"), "{forget}");
    desk.host.change_experiment(key, ExperimentAction::Terminate).await.unwrap();
    desk.until(key, "Terminated").await;
    assert!(portal.seen().contains(&format!("DELETE /experiments/{ID}")));
    desk.host.change_experiment(key, ExperimentAction::Forget).await.unwrap();
    assert!(desk.host.cloudlab().await.unwrap().experiments.is_empty());
    assert!(desk.store.cloudlab_experiments().await.unwrap().is_empty());
}

#[tokio::test]
async fn after_a_restart_an_experiment_waits_for_the_token_and_goes_on_by_its_id() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    desk.end().await;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()), "the token was stored");
    }
    let desk = Desk::over(directory.path(), &portal).await;
    let view = desk.host.cloudlab().await.unwrap();
    assert_eq!((view.token, view.experiments[0].id.as_ref().unwrap().as_str()), (TokenState::Missing, ID));
    let calls = portal.seen().len();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(portal.seen().len(), calls);
    desk.host.give_token(TOKEN.into()).await.unwrap();
    desk.until(key, "Ready").await;
    assert!(portal.seen()[calls..].contains(&format!("GET /experiments/{ID}")));
}

#[tokio::test]
async fn a_token_that_the_portal_refuses_changes_nothing() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    let accepted = desk.host.cloudlab().await.unwrap().token;
    assert!(matches!(&accepted, TokenState::Accepted { user, .. } if user.as_deref() == Some("ann")), "{accepted:?}");
    for (token, word) in [("", "empty"), ("a\nb", "line break"), ("expired", "Token has expired")] {
        let error = desk.host.give_token(token.into()).await.unwrap_err();
        assert!(matches!(&error, BackendError::Invalid { problems } if problems[0].key == "token"), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(desk.host.cloudlab().await.unwrap().token, accepted);
    assert_eq!(desk.host.forget_token().await.unwrap(), TokenState::Missing);
    let error = desk.host.create_experiment(request("bft")).await.unwrap_err();
    assert!(error.to_string().contains("no token"), "{error}");
}

#[tokio::test]
async fn a_busy_portal_is_told_from_a_failure_and_how_long_it_asks_to_wait() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::over(directory.path(), &portal).await;
    let busy = |portal: &Portal| {
        let answer = (429, json!({ "error": "Load average too high: 17" }));
        portal.script.lock().unwrap().instead.push_back(answer);
    };
    busy(&portal);
    let error = desk.host.give_token(TOKEN.into()).await.unwrap_err();
    let message = "the portal is busy: Load average too high: 17".to_owned();
    assert_eq!(error, BackendError::Busy { message, wait_s: 30 });
    assert_eq!(desk.host.cloudlab().await.unwrap().token, TokenState::Missing);
    desk.host.give_token(TOKEN.into()).await.unwrap();
    busy(&portal);
    assert!(matches!(desk.host.resume_experiment(ID.into()).await, Err(BackendError::Busy { .. })));
    assert!(desk.host.cloudlab().await.unwrap().experiments.is_empty());
}

#[tokio::test]
async fn a_token_from_the_start_that_a_busy_portal_does_not_check_stays_unchecked_until_it_does() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let busy = (429, json!({ "error": "Load average too high: 17" }));
    portal.script.lock().unwrap().instead.extend([busy.clone(), busy]);
    let desk = Desk::with_token(directory.path(), &portal, Some(ApiToken::new(TOKEN.into()).unwrap())).await;
    while portal.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(desk.host.check_token().await, Err(BackendError::Busy { .. })));
    let known = desk.host.cloudlab().await.unwrap().token;
    assert!(matches!(&known, TokenState::Unchecked { reason: Some(reason) } if reason.contains("busy")), "{known:?}");
    assert!(matches!(desk.host.check_token().await, Ok(TokenState::Accepted { source: TokenSource::Start, .. })));
}

#[tokio::test]
async fn an_experiment_is_followed_although_the_page_that_asked_for_it_is_gone() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    tokio::select! {
        biased;
        created = desk.host.create_experiment(request("bft")) => panic!("nobody was to wait for it: {created:?}"),
        () = tokio::task::yield_now() => {}
    }
    while desk.host.cloudlab().await.unwrap().experiments.is_empty() {
        tokio::task::yield_now().await;
    }
    desk.until(1, "Ready").await;
}

#[tokio::test]
async fn whose_the_machines_are_is_learnt_also_after_they_were_asked_for() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    portal.script.lock().unwrap().instead.push_back((429, json!({ "error": "Load average too high: 17" })));
    let desk = Desk::with_token(directory.path(), &portal, Some(ApiToken::new(TOKEN.into()).unwrap())).await;
    while portal.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    assert_eq!(desk.until(key, "Ready").await.user.as_deref(), Some("ann"));
}

#[tokio::test]
async fn an_experiment_that_ends_before_its_manifest_can_be_read_is_over() {
    let (directory, site) = (TempDir::new().unwrap(), Site { manifest: "<".into(), ..Site::default() });
    let portal = Portal::of(site).await;
    let desk = Desk::ready(directory.path(), &portal).await;
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    desk.until(key, "Ready").await;
    portal.script.lock().unwrap().exists = false;
    // The bell stands for the wait.
    desk.host.give_token(TOKEN.into()).await.unwrap();
    desk.until(key, "Terminated").await;
}

#[tokio::test]
async fn what_the_portal_refuses_leaves_nothing_behind_and_what_it_must_not_see_is_not_sent() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    portal.script.lock().unwrap().instead.push_back((404, json!({ "error": "No such profile", "code": 404 })));
    let error = desk.host.create_experiment(request("bft")).await.unwrap_err();
    assert!(error.to_string().contains("No such profile"), "{error}");
    let calls = portal.seen().len();
    for name in ["a b", "$(reboot)", "a'b", "a\nb", "sixteen-letters1", ""] {
        let error = desk.host.create_experiment(request(name)).await.unwrap_err();
        assert!(matches!(&error, BackendError::Invalid { problems } if problems[0].key == "name"), "{error:?}");
    }
    let error = desk.host.resume_experiment("../tokens/this".into()).await.unwrap_err();
    assert!(matches!(&error, BackendError::Invalid { problems } if problems[0].key == "id"), "{error:?}");
    assert_eq!(portal.seen().len(), calls);
    assert!(desk.host.cloudlab().await.unwrap().experiments.is_empty());
    assert!(desk.store.cloudlab_experiments().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_found_by_its_name() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    {
        let mut script = portal.script.lock().unwrap();
        script.exists = true;
        script.instead.push_back((500, json!({ "error": "Internal server error" })));
    }
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    assert!(desk.experiment(key).await.note.unwrap().contains("Internal server error"));
    assert_eq!(desk.experiment(key).await.state.label(), "Requested");
    let twice = desk.host.create_experiment(request("bft")).await.unwrap_err();
    assert!(twice.to_string().contains("already"), "{twice}");
    // The bell stands for the wait.
    desk.host.give_token(TOKEN.into()).await.unwrap();
    desk.until(key, "Ready").await;
    let seen = portal.seen();
    assert!(seen.contains(&"GET /experiments/proj,bft".to_owned()));
    assert_eq!(seen.iter().filter(|call| *call == "POST /experiments").count(), 1);
}

#[tokio::test]
async fn an_experiment_that_is_there_already_is_taken_over_once() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    let missing = desk.host.resume_experiment(ID.into()).await.unwrap_err();
    assert!(missing.to_string().contains("No such experiment"), "{missing}");
    portal.script.lock().unwrap().exists = true;
    let own = desk.host.offers().await.unwrap().experiments;
    assert_eq!((own[0].id.as_str(), own[0].title.as_str()), (ID, "proj/bft"));
    let key = desk.host.resume_experiment(ID.to_uppercase()).await.unwrap();
    let experiment = desk.until(key, "Ready").await;
    assert_eq!((experiment.request.name.as_str(), experiment.request.hours), ("bft", 4));
    assert!(desk.host.offers().await.unwrap().experiments.is_empty());
    assert!(matches!(desk.host.resume_experiment(ID.into()).await, Err(BackendError::Conflict { .. })));
}

#[tokio::test]
async fn a_token_that_expires_meanwhile_is_told_and_another_one_goes_on() {
    let (directory, portal) = (TempDir::new().unwrap(), Portal::new().await);
    let desk = Desk::ready(directory.path(), &portal).await;
    let key = desk.host.create_experiment(request("bft")).await.unwrap();
    desk.until(key, "Ready").await;
    portal.script.lock().unwrap().instead.push_back((401, json!({ "detail": "Token has expired" })));
    while !matches!(desk.host.cloudlab().await.unwrap().token, TokenState::Refused { .. }) {
        tokio::task::yield_now().await;
    }
    while desk.experiment(key).await.note.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(desk.experiment(key).await.state.label(), "Ready");
    desk.host.give_token(TOKEN.into()).await.unwrap();
    while desk.experiment(key).await.note.is_some() {
        tokio::task::yield_now().await;
    }
}
