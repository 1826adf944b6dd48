//! What a person does with the list of trials, and what trials come to.

use super::{new_trial, number, report};
use model::figures::TrialFigures;
use model::ids::TrialId;
use model::metric;
use model::statistics::Estimate;
use model::trial::{TrialEdit, TrialState, TrialSummary};
use store::{Hidden, Record, Sample, SampleValue, Store, WholeTrial, append_trial};
use tempfile::TempDir;

async fn ended_trial(store: &Store, token: u8) -> TrialId {
    let trial = store.create_trial(new_trial(token)).await.unwrap();
    let ended =
        TrialSummary { id: trial, ended_ms: Some(8_000), state: TrialState::Finished, ..new_trial(token).summary };
    store.write(vec![Record::Summary(ended)]).await.unwrap();
    trial
}

#[tokio::test]
async fn a_name_a_note_and_a_pin_stay_whatever_the_trials_state_does() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_trial(new_trial(1)).await.unwrap();
    let edit = |name: Option<&str>, note: Option<&str>, pinned| {
        Record::Edit(trial, TrialEdit { name: name.map(Into::into), note: note.map(Into::into), pinned })
    };
    store.write(vec![edit(Some("renamed"), None, Some(true)), edit(None, Some("two\nlines"), None)]).await.unwrap();
    // The line of a trial that runs knows nothing of what was written meanwhile.
    store
        .write(vec![Record::Summary(TrialSummary { id: trial, state: TrialState::Running, ..new_trial(1).summary })])
        .await
        .unwrap();
    store.close().await;
    let summary = Store::open(directory.path(), 9_000).unwrap().summary(trial).await.unwrap().unwrap();
    assert_eq!((summary.name.as_str(), summary.note.as_str(), summary.pinned), ("renamed", "two\nlines", true));
    assert_eq!(summary.state, TrialState::Interrupted);
}

#[tokio::test]
async fn a_deleted_trial_comes_back_until_the_next_start_and_is_removed_after_it() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let (gone, kept) = (ended_trial(&store, 1).await, ended_trial(&store, 2).await);
    store.write(vec![Record::Samples(gone, vec![number(1, 1.0)])]).await.unwrap();
    store.write_report(report(gone, 0, 1, &[(100, "aa")])).await.unwrap();
    let hide = |hidden| vec![Record::Hidden(gone, hidden)];
    store.write(hide(Some(Hidden::Deleted))).await.unwrap();
    assert_eq!(store.trials().await.unwrap().iter().map(|trial| trial.id).collect::<Vec<_>>(), [kept]);
    assert!(store.trial(gone).await.unwrap().is_none() && store.summary(gone).await.unwrap().is_none());
    assert_eq!(store.deleted().await.unwrap()[0].id, gone);
    store.write(hide(None)).await.unwrap();
    assert_eq!(store.series(gone, 10).await.unwrap().len(), 2);
    assert_eq!(store.trials().await.unwrap().len(), 2);

    store.write(hide(Some(Hidden::Deleted))).await.unwrap();
    store.close().await;
    let store = Store::open(directory.path(), 9_000).unwrap();
    assert!(store.deleted().await.unwrap().is_empty());
    store.write(hide(None)).await.unwrap();
    assert!(store.trial(gone).await.unwrap().is_none(), "it is too late");
    while !store.series_names(gone).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.trials().await.unwrap().len(), 1);
    // The writer still serves.
    store.write(vec![Record::Samples(kept, vec![number(1, 1.0)])]).await.unwrap();
}

#[tokio::test]
async fn an_import_is_seen_when_it_is_complete_and_not_before() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let trial = store.create_import(new_trial(1)).await.unwrap();
    store.write(vec![Record::Samples(trial, vec![number(1, 1.0)])]).await.unwrap();
    assert!(store.trials().await.unwrap().is_empty());
    store.write(vec![Record::Hidden(trial, None)]).await.unwrap();
    assert_eq!(store.series(trial, 10).await.unwrap().len(), 1);
    let broken = store.create_import(new_trial(2)).await.unwrap();
    store.write(vec![Record::Samples(broken, vec![number(1, 1.0)])]).await.unwrap();
    store.write(vec![Record::Hidden(broken, Some(Hidden::Condemned))]).await.unwrap();
    while !store.series_names(broken).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.trials().await.unwrap().len(), 1);
}

/// Every 250 ms from 250 on, of the client of four replicas.
fn rates(count: i64, rate: f64) -> Vec<Sample> {
    let sample = |index: i64| Sample {
        entity: 4,
        metric: metric::THROUGHPUT.into(),
        at_ms: 250 * (index + 1),
        value: SampleValue::Number(rate),
    };
    (0..count).map(sample).collect()
}

#[tokio::test]
async fn figures_are_worked_out_once_and_are_missing_of_trials_that_have_none() {
    let directory = TempDir::new().unwrap();
    let store = Store::open(directory.path(), 0).unwrap();
    let running = store.create_trial(new_trial(1)).await.unwrap();
    let ended = ended_trial(&store, 2).await;
    let mut client = report(ended, 4, 1, &[]);
    client.at_ms = 6_000;
    client.samples = rates(40, 800.0);
    store.write_report(client).await.unwrap();
    assert_eq!(store.without_figures().await.unwrap(), [ended]);
    let figures = store.work_out_figures(ended).await.unwrap().unwrap();
    assert_eq!(figures.throughput, Some(Estimate { mean: 800.0, half_width: Some(0.0) }));
    assert_eq!((figures.requests, figures.latency.unwrap().max), (3, 0.1));
    store.write(vec![Record::Figures(ended, figures)]).await.unwrap();
    assert!(store.without_figures().await.unwrap().is_empty());
    assert_eq!(store.summary(ended).await.unwrap().unwrap().figures, Some(figures));
    assert_eq!(store.work_out_figures(running).await.unwrap(), Some(TrialFigures::default()));
    assert_eq!(store.work_out_figures(TrialId(99)).await.unwrap(), None);

    let mut unit = report(TrialId(0), 4, 1, &[]);
    unit.samples = rates(40, 500.0);
    let records = vec![Record::Summary(TrialSummary { state: TrialState::Finished, ..new_trial(3).summary })];
    let elsewhere =
        append_trial(directory.path(), &WholeTrial { new: new_trial(3), records, reports: vec![unit] }).unwrap();
    let figures = store.summary(elsewhere).await.unwrap().unwrap().figures.unwrap();
    assert_eq!(figures.throughput.map(|throughput| throughput.mean), Some(500.0));
}
