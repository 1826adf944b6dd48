//! Several trials and several testbeds: one active trial on each, the others wait in order.

use crate::fixture::{FakeLauncher, Fixture, Shared};
use app::Backend;
use app::backend::{BackendError, StartRequest};
use model::ids::TrialId;
use model::testbed::{Engine, TestbedKind, TestbedName, TestbedState, TestbedSummary};
use model::trial::TrialState;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

fn lab() -> TestbedName {
    TestbedName::new("lab").unwrap()
}

/// Adds a testbed beside this machine.
async fn add_lab(server: &Fixture, state: TestbedState) -> Arc<FakeLauncher> {
    let launcher = Arc::new(FakeLauncher::default());
    let summary = TestbedSummary { name: lab(), kind: TestbedKind::Ssh, hosts: 6, state };
    server.service.trials.set_testbed(summary, Arc::new(Shared(Arc::clone(&launcher)))).await;
    launcher
}

async fn start_on(server: &Fixture, testbed: TestbedName) -> Result<TrialId, BackendError> {
    let request = StartRequest { name: "there".into(), protocol: "pbft".into(), testbed, ..StartRequest::default() };
    server.host().start(request).await
}

async fn state(server: &Fixture, trial: TrialId) -> TrialState {
    server.view(trial).await.detail.summary.state
}

fn copy_of(directory: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn a_second_start_waits_and_begins_when_the_first_trial_has_ended() {
    let server = Fixture::new().await;
    let first = server.try_start("first").await.unwrap();
    let second = server.try_start("second").await.unwrap();
    assert_eq!(state(&server, second).await, TrialState::Queued);
    let overview = server.host().overview().await.unwrap();
    assert_eq!((&overview.active[..], &overview.queue[..]), (&[first][..], &[second][..]));
    assert_eq!(server.launcher.specs.lock().unwrap().len(), 1);
    server.host().stop(first).await.unwrap();
    server.wait_for(second, TrialState::Launching).await;
    let overview = server.host().overview().await.unwrap();
    assert_eq!((&overview.active[..], &overview.queue[..]), (&[second][..], &[][..]));
    // Its units have a token of its own.
    let specs = server.launcher.specs.lock().unwrap().clone();
    assert!(specs.len() == 2 && specs[0].backend_url != specs[1].backend_url && specs[1].trial == second);
    assert_eq!(crate::fixture::status(&server.get(&format!("{}/configs", server.prefix())).await), 200);
}

#[tokio::test]
async fn two_starts_at_the_same_moment_run_one_after_the_other() {
    let server = Fixture::new().await;
    let (one, other) = tokio::join!(server.try_start("one"), server.try_start("other"));
    let overview = server.host().overview().await.unwrap();
    assert_eq!((overview.active.len(), overview.queue.len()), (1, 1));
    assert!(one.unwrap() != other.unwrap());
}

#[tokio::test]
async fn a_trial_that_waits_can_be_moved_to_the_front_or_cancelled_and_takes_no_changes() {
    let server = Fixture::new().await;
    let first = server.start().await;
    let (second, third) = (server.start().await, server.start().await);
    server.host().move_to_front(third).await.unwrap();
    assert_eq!(server.host().overview().await.unwrap().queue, [third, second]);
    let refused = server.update(second, "20").await.unwrap_err();
    assert!(refused.to_string().contains("waits for its turn"), "{refused}");
    server.host().stop(third).await.unwrap();
    assert_eq!(state(&server, third).await, TrialState::Cancelled);
    assert_eq!(server.host().overview().await.unwrap().queue, [second]);
    let refused = server.host().move_to_front(third).await.unwrap_err();
    assert!(refused.to_string().contains("not in the queue any more"), "{refused}");
    assert!(matches!(server.host().move_to_front(TrialId(99)).await.unwrap_err(), BackendError::NotFound { .. }));
    server.launcher.exit(false, "the controller was killed by signal 9 (SIGKILL)");
    assert!(matches!(server.end_of(first).await, TrialState::Failed { .. }));
    server.wait_for(second, TrialState::Launching).await;
}

#[tokio::test]
async fn testbeds_run_side_by_side() {
    let server = Fixture::new().await;
    let launcher = add_lab(&server, TestbedState::Ready).await;
    let here = server.start().await;
    let there = start_on(&server, lab()).await.unwrap();
    let waiting = start_on(&server, lab()).await.unwrap();
    let overview = server.host().overview().await.unwrap();
    assert_eq!((&overview.active[..], &overview.queue[..]), (&[there, here][..], &[waiting][..]));
    assert_eq!(overview.testbeds.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["local", "lab"]);
    assert_eq!(launcher.specs.lock().unwrap().len(), 1);
    assert_eq!(server.view(there).await.detail.summary.testbed, lab());
    server.host().stop(there).await.unwrap();
    server.wait_for(waiting, TrialState::Launching).await;
    assert_eq!(state(&server, here).await, TrialState::Launching);
    let refused = server.service.trials.remove_testbed(&lab()).await.unwrap_err();
    assert!(refused.to_string().contains("has trials"), "{refused}");
    server.host().stop(waiting).await.unwrap();
    server.service.trials.remove_testbed(&lab()).await.unwrap();
    let refused = start_on(&server, lab()).await.unwrap_err();
    assert!(refused.to_string().contains("there is no testbed lab; choose one of: local"), "{refused}");
}

#[tokio::test]
async fn trials_wait_for_a_testbed_that_is_being_prepared_and_are_refused_by_one_that_is_gone() {
    let server = Fixture::new().await;
    let reason = || "3 of 4 nodes are up".to_owned();
    add_lab(&server, TestbedState::Preparing { reason: reason() }).await;
    let trial = start_on(&server, lab()).await.unwrap();
    assert_eq!(state(&server, trial).await, TrialState::Queued);
    add_lab(&server, TestbedState::Unavailable { reason: reason() }).await;
    let refused = start_on(&server, lab()).await.unwrap_err();
    assert!(refused.to_string().contains("takes no trials: 3 of 4 nodes are up"), "{refused}");
    add_lab(&server, TestbedState::Ready).await;
    server.wait_for(trial, TrialState::Launching).await;
}

#[tokio::test]
async fn a_testbed_whose_machines_are_gone_fails_what_waits_and_goes_when_its_active_trial_has_ended() {
    let server = Fixture::new().await;
    add_lab(&server, TestbedState::Ready).await;
    let active = start_on(&server, lab()).await.unwrap();
    let waiting = start_on(&server, lab()).await.unwrap();
    server.service.trials.retire_testbed(&lab(), "the experiment is over").await;
    assert_eq!(
        server.end_of(waiting).await,
        TrialState::Failed { reason: "the experiment is over: start it again on another testbed".into() }
    );
    assert_eq!(state(&server, active).await, TrialState::Launching);
    let refused = start_on(&server, lab()).await.unwrap_err();
    assert!(refused.to_string().contains("takes no trials: the experiment is over"), "{refused}");
    let names = async || {
        let overview = server.host().overview().await.unwrap();
        overview.testbeds.into_iter().map(|one| one.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["local", "lab"]);
    server.host().stop(active).await.unwrap();
    server.end_of(active).await;
    while names().await != ["local"] {
        tokio::task::yield_now().await;
    }
    add_lab(&server, TestbedState::Ready).await;
    server.service.trials.retire_testbed(&lab(), "the experiment is over").await;
    assert_eq!(names().await, ["local"]);
}

#[tokio::test]
async fn a_trial_that_cannot_be_started_does_not_hold_up_those_behind_it() {
    let server = Fixture::new().await;
    let first = server.start().await;
    let (second, third) = (server.start().await, server.start().await);
    server.launcher.broken.store(true, Ordering::SeqCst);
    server.host().stop(first).await.unwrap();
    for trial in [second, third] {
        assert!(
            matches!(server.end_of(trial).await, TrialState::Failed { reason } if reason.contains("not be started"))
        );
    }
    server.launcher.broken.store(false, Ordering::SeqCst);
    let fourth = server.start().await;
    assert_eq!(state(&server, fourth).await, TrialState::Launching);
}

#[tokio::test]
async fn the_queue_survives_the_server_and_starts_in_its_order_when_the_server_is_there_again() {
    let directory = TempDir::new().unwrap();
    let server = Fixture::over(directory.path()).await;
    add_lab(&server, TestbedState::Ready).await;
    let running = server.start().await;
    let (second, third) = (server.start().await, server.start().await);
    start_on(&server, lab()).await.unwrap();
    let gone = start_on(&server, lab()).await.unwrap();
    server.host().move_to_front(third).await.unwrap();
    // As after `kill -9`: nothing was ended in order.
    let copy = copy_of(directory.path());
    let again = Fixture::over(copy.path()).await;
    assert_eq!(state(&again, running).await, TrialState::Interrupted);
    assert_eq!(state(&again, third).await, TrialState::Launching);
    let overview = again.host().overview().await.unwrap();
    assert_eq!((&overview.active[..], &overview.queue[..]), (&[third][..], &[second][..]));
    assert!(
        matches!(state(&again, gone).await, TrialState::Failed { reason } if reason.contains("testbed lab is not there"))
    );
    // Ended in order, the queue is kept as well.
    again.service.end().await;
    assert_eq!(state(&again, third).await, TrialState::Finished);
    assert_eq!(again.store.queued().await.unwrap(), [second]);
}

#[tokio::test]
async fn whoever_queues_a_trial_can_wait_for_its_end() {
    let server = Fixture::new().await;
    let request = || StartRequest { name: "swept".into(), protocol: "pbft".into(), ..StartRequest::default() };
    let first = server.service.trials.enqueue(request()).await.unwrap();
    let second = server.service.trials.enqueue(request()).await.unwrap();
    server.host().stop(first.id).await.unwrap();
    first.over().await;
    server.wait_for(second.id, TrialState::Launching).await;
    server.host().stop(second.id).await.unwrap();
    second.over().await;
    assert_eq!(second.read(|progress| progress.summary().state.clone()), TrialState::Finished);
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_refused_at_its_key() {
    let server = Fixture::new().await;
    let request = StartRequest {
        name: "java".into(),
        protocol: "pbft".into(),
        engine: Engine::Bftbrain,
        ..StartRequest::default()
    };
    let BackendError::Invalid { problems } = server.host().start(request).await.unwrap_err() else { panic!() };
    assert_eq!(problems[0].key, "engine");
}
