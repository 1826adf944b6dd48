//! Sweeps: one trial after the other, measured after the warm-up; cancelled, killed, failed, resumed.

use crate::fixture::{Fixture, NOW_MS, status};
use app::backend::sweeps::SweepView;
use app::backend::{BackendError, StartRequest};
use app::{Backend, SweepBackend};
use model::ids::{SweepId, TrialId, UnitId};
use model::report::{Report, ReportedSample};
use model::schema::default_tree;
use model::sweep::{Axis, RunState, SweepOrder, SweepPlan, SweepProtocol, SweepState};
use model::testbed::TestbedName;
use model::trial::TrialState;
use std::path::Path;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

/// When every run's clients began. Warm-up and measured time are over by now.
const STARTED_MS: i64 = NOW_MS - 10_000;

fn plan(values: &[&str], repetitions: u32) -> SweepPlan {
    SweepPlan {
        name: "blocks".into(),
        protocols: vec![SweepProtocol::named("pbft")],
        axes: vec![Axis {
            key: "benchmark.block-size".into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        }],
        duration_ms: 5_000,
        warmup_ms: 1_000,
        repetitions,
        order: SweepOrder::AsWritten,
        testbed: TestbedName::default(),
        config: default_tree(),
        schedule: vec![],
    }
}

/// Waits until so many trials have been launched, and answers with the newest one.
async fn launched(server: &Fixture, count: usize) -> TrialId {
    loop {
        let newest = {
            let specs = server.launcher.specs.lock().unwrap();
            (specs.len() == count).then(|| specs[count - 1].trial)
        };
        match newest {
            Some(trial) => return trial,
            None => tokio::task::yield_now().await,
        }
    }
}

/// Waits until a sweep is as wanted.
async fn sweep_that(server: &Fixture, sweep: SweepId, wanted: impl Fn(&SweepView) -> bool) -> SweepView {
    loop {
        let view = server.sweeps().sweep(sweep).await.unwrap();
        if wanted(&view) {
            return view;
        }
        tokio::task::yield_now().await;
    }
}

async fn finished(server: &Fixture, sweep: SweepId) -> SweepView {
    sweep_that(server, sweep, |view| view.summary.state == SweepState::Finished).await
}

/// What the client tells: so many answers in the measured time, and slow ones in the warm-up.
async fn report(server: &Fixture, answers: u64) {
    for (number, at_ms, latency_micros) in [
        (1, NOW_MS - 9_500, vec![(900_000, 7)]),
        (2, NOW_MS - 8_000, vec![(2_000, 9)]),
        (3, NOW_MS - 6_000, vec![(1_000, answers)]),
        (4, NOW_MS - 3_000, vec![(800_000, 9)]),
    ] {
        let report = Report {
            unit: UnitId(5),
            number,
            at_ms,
            applied_version: 0,
            samples: vec![ReportedSample { metric: "throughput".into(), value: 1.0 }],
            latency_micros,
            history: vec![],
            states: vec![],
            log: vec![],
        };
        assert_eq!(status(&server.put("report", &serde_json::to_string(&report).unwrap()).await), 200);
    }
}

/// The newest trial's clients begin to send.
async fn begin(server: &Fixture) {
    let event = format!(r#"[{{"type":"phase_started","phase":"run","at_ms":{STARTED_MS}}}]"#);
    assert_eq!(status(&server.put("events", &event).await), 200);
}

/// The newest trial runs to its end, with so many answers.
async fn run_through(server: &Fixture, launches: usize, answers: u64) -> TrialId {
    let trial = launched(server, launches).await;
    report(server, answers).await;
    begin(server).await;
    trial
}

/// What a `kill -9` at this moment would leave on the disk.
fn as_after_kill(from: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[tokio::test]
async fn every_run_is_a_trial_and_only_what_comes_after_the_warm_up_counts() {
    let server = Fixture::new().await;
    let mut page = server.service.hub.subscribe(None, NOW_MS);
    let sweep = server.sweeps().start_sweep(plan(&["1", "10"], 2)).await.unwrap();
    for run in 1..=4 {
        run_through(&server, run, run as u64 * 100).await;
    }
    let view = finished(&server, sweep).await;
    assert_eq!((view.summary.done, view.summary.failed, view.summary.total), (4, 0, 4));
    assert_eq!((view.summary.ended_ms, view.summary.current.clone()), (Some(NOW_MS), None));
    let throughput = |run: usize| view.runs[run].figures.unwrap().throughput_req_s;
    assert_eq!([throughput(0), throughput(3)], [Some(50.0), Some(200.0)], "answers of two seconds");
    assert_eq!(view.runs[0].figures.unwrap().latency_ms.unwrap().max, 2.0);
    let specs = server.launcher.specs.lock().unwrap().clone();
    let keys = |run: usize| {
        let config = &specs[run].config;
        (config.integer("benchmark.block-size", 0), config.integer("benchmark.seed", 0))
    };
    assert_eq!([keys(0), keys(1), keys(2), keys(3)], [(1, 1), (1, 2), (10, 1), (10, 2)]);
    let trial = server.view(view.runs[3].trial.unwrap()).await.detail.summary;
    assert_eq!((trial.name.as_str(), &trial.state), ("blocks: pbft, block-size=10 (2 of 2)", &TrialState::Finished));
    // Open pages have been told of each run.
    let mut told = 0;
    while told < 4 {
        told += usize::from(page.next(&server.service.hub).await.unwrap().json.contains(r#""run":{"run":"#));
    }
    assert!(server.sweeps().resume_sweep(sweep).await.unwrap_err().to_string().contains("has been measured"));
}

#[tokio::test]
async fn a_killed_server_leaves_a_paused_sweep_which_goes_on_with_the_rest_when_it_is_resumed() {
    let directory = TempDir::new().unwrap();
    let first = Fixture::over(directory.path()).await;
    let sweep = first.sweeps().start_sweep(plan(&["1", "10"], 1)).await.unwrap();
    run_through(&first, 1, 100).await;
    let interrupted = launched(&first, 2).await;
    let running = sweep_that(&first, sweep, |view| view.summary.current.is_some() && view.summary.done == 1).await;
    assert_eq!(running.summary.state, SweepState::Running);

    let copy = as_after_kill(directory.path());
    let second = Fixture::over(copy.path()).await;
    let paused = second.sweeps().sweep(sweep).await.unwrap();
    assert!(matches!(&paused.summary.state, SweepState::Paused { reason } if reason.contains("server ended")));
    assert_eq!((paused.summary.done, paused.runs.len(), paused.summary.current.clone()), (1, 1, None));
    assert_eq!(second.view(interrupted).await.detail.summary.state, TrialState::Interrupted);
    assert!(second.launcher.specs.lock().unwrap().is_empty(), "nothing starts by itself");
    assert!(second.sweeps().sweeps().await.unwrap()[0].revision > running.summary.revision);

    second.sweeps().resume_sweep(sweep).await.unwrap();
    second.sweeps().resume_sweep(sweep).await.unwrap();
    run_through(&second, 1, 300).await;
    let view = finished(&second, sweep).await;
    assert_eq!((view.summary.done, view.runs[0].clone()), (2, paused.runs[0].clone()));
    assert_eq!(view.runs[1].figures.unwrap().throughput_req_s, Some(150.0));
}

#[tokio::test]
async fn a_trial_that_waited_for_a_sweep_when_the_server_was_killed_does_not_start_by_itself() {
    let directory = TempDir::new().unwrap();
    let first = Fixture::over(directory.path()).await;
    first.try_start("somebody's").await.unwrap();
    let sweep = first.sweeps().start_sweep(plan(&["1"], 1)).await.unwrap();
    let view = sweep_that(&first, sweep, |view| view.summary.current.is_some()).await;
    let waiting = view.summary.current.unwrap().trial;
    assert_eq!(first.view(waiting).await.detail.summary.state, TrialState::Queued);
    let copy = as_after_kill(directory.path());
    let second = Fixture::over(copy.path()).await;
    assert_eq!(second.view(waiting).await.detail.summary.state, TrialState::Cancelled);
    assert!(second.launcher.specs.lock().unwrap().is_empty());
}

#[tokio::test]
async fn cancel_ends_the_running_trial_at_once_and_the_sweep_can_be_resumed() {
    let server = Fixture::new().await;
    let sweep = server.sweeps().start_sweep(plan(&["1", "10"], 1)).await.unwrap();
    run_through(&server, 1, 100).await;
    let trial = launched(&server, 2).await;
    sweep_that(&server, sweep, |view| view.summary.current.as_ref().is_some_and(|current| current.run == 1)).await;
    server.sweeps().cancel_sweep(sweep).await.unwrap();
    assert_eq!(server.view(trial).await.detail.summary.state, TrialState::Finished);
    let view = server.sweeps().sweep(sweep).await.unwrap();
    assert_eq!((view.summary.state.clone(), view.summary.done, view.runs.len()), (SweepState::Cancelled, 1, 1));
    server.sweeps().cancel_sweep(sweep).await.unwrap();
    server.sweeps().resume_sweep(sweep).await.unwrap();
    run_through(&server, 3, 100).await;
    assert_eq!(finished(&server, sweep).await.summary.done, 2);
}

#[tokio::test]
async fn a_run_that_waits_for_its_testbed_is_taken_out_of_the_queue_when_the_sweep_is_cancelled() {
    let server = Fixture::new().await;
    let somebodys = server.try_start("somebody's").await.unwrap();
    let sweep = server.sweeps().start_sweep(plan(&["1"], 1)).await.unwrap();
    let view = sweep_that(&server, sweep, |view| view.summary.current.is_some()).await;
    let waiting = view.summary.current.unwrap().trial;
    server.sweeps().cancel_sweep(sweep).await.unwrap();
    assert_eq!(server.view(waiting).await.detail.summary.state, TrialState::Cancelled);
    assert!(server.view(somebodys).await.detail.summary.state.is_active());
    // Resumed, it waits again and begins when the other trial has ended.
    server.sweeps().resume_sweep(sweep).await.unwrap();
    sweep_that(&server, sweep, |view| view.summary.current.is_some()).await;
    server.host().stop(somebodys).await.unwrap();
    run_through(&server, 2, 100).await;
    assert_eq!(finished(&server, sweep).await.summary.done, 1);
}

#[tokio::test]
async fn a_run_that_fails_says_why_and_is_tried_again_when_the_sweep_is_resumed() {
    let server = Fixture::new().await;
    let sweep = server.sweeps().start_sweep(plan(&["1", "10"], 1)).await.unwrap();
    let lost = launched(&server, 1).await;
    server.launcher.exit(false, "the controller was killed by signal 9 (SIGKILL)");
    run_through(&server, 2, 100).await;
    let view = finished(&server, sweep).await;
    assert_eq!((view.summary.done, view.summary.failed, view.summary.can_resume()), (1, 1, true));
    assert!(matches!(&view.runs[0].state, RunState::Failed { reason } if reason.contains("SIGKILL")));
    assert_eq!((view.runs[0].figures, view.runs[0].trial), (None, Some(lost)), "no zeros");
    server.sweeps().resume_sweep(sweep).await.unwrap();
    run_through(&server, 3, 100).await;
    let view = sweep_that(&server, sweep, |view| view.summary.done == 2).await;
    assert_eq!((view.summary.failed, view.runs.len()), (0, 2));
}

#[tokio::test]
async fn a_trial_that_somebody_stops_and_one_without_reports_are_no_results() {
    let server = Fixture::new().await;
    let sweep = server.sweeps().start_sweep(plan(&["1", "10"], 1)).await.unwrap();
    let first = launched(&server, 1).await;
    server.host().stop(first).await.unwrap();
    launched(&server, 2).await;
    begin(&server).await;
    let view = finished(&server, sweep).await;
    let reason = |run: usize| match &view.runs[run].state {
        RunState::Failed { reason } => reason.clone(),
        RunState::Done => "done".to_owned(),
    };
    assert_eq!(reason(0), "the trial was stopped before its time");
    assert_eq!(reason(1), "no client reported in the 5 s that were measured");
}

#[tokio::test]
async fn runs_that_cannot_be_started_end_the_sweep_after_three_with_the_reason() {
    let server = Fixture::new().await;
    server.launcher.broken.store(true, Ordering::SeqCst);
    let sweep = server.sweeps().start_sweep(plan(&["1", "10"], 3)).await.unwrap();
    let view = sweep_that(&server, sweep, |view| view.summary.state != SweepState::Running).await;
    let SweepState::Failed { reason } = &view.summary.state else { panic!("{:?}", view.summary) };
    assert!(reason.starts_with("3 runs failed one after the other") && reason.contains("could not be started"));
    assert_eq!((view.summary.failed, view.summary.left()), (3, 3));
    server.launcher.broken.store(false, Ordering::SeqCst);
    server.sweeps().resume_sweep(sweep).await.unwrap();
    for run in 1..=6 {
        run_through(&server, run, 100).await;
    }
    assert_eq!(finished(&server, sweep).await.summary.done, 6);
}

#[tokio::test]
async fn a_server_that_ends_pauses_its_sweeps() {
    let directory = TempDir::new().unwrap();
    let server = Fixture::over(directory.path()).await;
    let sweep = server.sweeps().start_sweep(plan(&["1"], 1)).await.unwrap();
    let trial = launched(&server, 1).await;
    server.service.end().await;
    let view = server.sweeps().sweep(sweep).await.unwrap();
    assert!(matches!(view.summary.state, SweepState::Paused { .. }) && view.summary.can_resume());
    assert_eq!(server.view(trial).await.detail.summary.state, TrialState::Finished);
    assert!(view.runs.is_empty(), "what was not measured to the end does not count");
}

#[tokio::test]
async fn what_is_wrong_with_a_plan_is_said_before_anything_starts() {
    let server = Fixture::new().await;
    let mut wrong = plan(&["1", "many"], 0);
    wrong.protocols.push(SweepProtocol::named("pbft"));
    let BackendError::Invalid { problems } = server.sweeps().start_sweep(wrong).await.unwrap_err() else { panic!() };
    let keys: Vec<_> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["protocol", "repetitions", "benchmark.block-size"]);
    let unknown = SweepPlan { protocols: vec![SweepProtocol::named("/etc/passwd")], ..plan(&["1"], 1) };
    let refused = server.sweeps().start_sweep(unknown).await.unwrap_err().to_string();
    assert!(refused.contains("choose one of: pbft"), "{refused}");
    assert!(server.sweeps().sweeps().await.unwrap().is_empty());
    let gone = SweepId(7);
    assert!(matches!(server.sweeps().sweep(gone).await.unwrap_err(), BackendError::NotFound { .. }));
    assert!(matches!(server.sweeps().resume_sweep(gone).await.unwrap_err(), BackendError::NotFound { .. }));
}

#[tokio::test]
async fn a_grid_file_becomes_a_plan_or_its_problems_with_their_lines() {
    let server = Fixture::new().await;
    let plan = server.sweeps().read_grid("protocol: [pbft]\nset:\n  general.f: [1, 2]\n".into()).await.unwrap();
    assert_eq!((plan.run_count(), plan.axes[0].values.clone()), (2, vec!["1".to_owned(), "2".to_owned()]));
    let wrong = server.sweeps().read_grid("set:\n  general.f: [1, x]\n".into()).await.unwrap_err();
    assert!(wrong.to_string().starts_with("line 2, column 18: general.f: \"x\""), "{wrong}");
}

#[tokio::test]
async fn a_deleted_sweep_is_gone_and_its_trials_stay() {
    let server = Fixture::new().await;
    let sweep = server.sweeps().start_sweep(plan(&["1"], 1)).await.unwrap();
    let trial = launched(&server, 1).await;
    assert!(server.sweeps().delete_sweep(sweep).await.unwrap_err().to_string().contains("cancel it first"));
    server.sweeps().cancel_sweep(sweep).await.unwrap();
    server.sweeps().delete_sweep(sweep).await.unwrap();
    assert!(server.sweeps().sweeps().await.unwrap().is_empty());
    assert_eq!(server.view(trial).await.detail.summary.state, TrialState::Finished);
}

#[tokio::test]
async fn changes_during_a_run_count_from_the_end_of_the_warm_up() {
    let server = Fixture::new().await;
    let mut plan = plan(&["1"], 1);
    let change = model::validate::Change { key: "fault.slow-proposal.timer".into(), text: "40".into() };
    plan.schedule.push(model::schedule::ScheduledChange { at_ms: 500, changes: vec![change] });
    server.sweeps().start_sweep(plan).await.unwrap();
    let trial = launched(&server, 1).await;
    assert_eq!(server.view(trial).await.detail.schedule[0].at_ms, 1_500);
    // Somebody else's trials are no part of it.
    let request = StartRequest { name: "other".into(), protocol: "pbft".into(), ..StartRequest::default() };
    assert!(server.host().start(request).await.is_ok());
}
