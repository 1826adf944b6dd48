//! The task of one experiment: it does what the lifecycle owes, one call at a time, until there is nothing left to do.

use super::keeper::{Cloudlab, Life};
use lab::cloudlab::lifecycle::{Duty, Lifecycle};
use lab::cloudlab::manifest::{self, Machine, ManifestError};
use lab::cloudlab::{PortalClient, PortalError, PortalExperiment};
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;

/// How long at most until the time is looked at again: an end draws near also while the portal is not asked.
const TICK_MS: i64 = 30_000;
/// How long to wait when the store does not take a change.
const STORE_RETRY: Duration = Duration::from_secs(5);

/// What a call brought.
enum News {
    Seen(PortalExperiment),
    Found(PortalExperiment),
    Located(Result<Vec<Machine>, ManifestError>),
    Ending,
}

pub(super) async fn drive(cloudlab: Arc<Cloudlab>, life: Arc<Life>) {
    loop {
        let now_ms = cloudlab.clock.now_ms();
        let (duty, wait_ms) = life.read(|lifecycle| lifecycle.next(now_ms)).await;
        let portal = cloudlab.access.portal();
        let wait_ms = match (duty, &portal) {
            // Only a person can change that.
            (Duty::Rest, _) | (_, None) => None,
            _ => wait_ms,
        };
        let tick_ms = wait_ms.unwrap_or(TICK_MS).clamp(0, TICK_MS);
        let wait = tokio::time::sleep(Duration::from_millis(tick_ms.unsigned_abs()));
        let rung = tokio::select! {
            () = wait => false,
            () = life.bell.notified() => true,
            () = life.forgotten.cancelled() => return,
            () = cloudlab.shutdown.cancelled() => return,
        };
        let due = !rung && wait_ms.is_some_and(|wait_ms| wait_ms <= tick_ms);
        let done = match (due, portal) {
            (true, Some(portal)) => perform(&cloudlab, &life, &portal, duty).await,
            _ => cloudlab.change(&life, |lifecycle, now_ms| lifecycle.tick(now_ms)).await,
        };
        if let Err(error) = done {
            tracing::error!("CloudLab experiment {}: {error}", life.key);
            tokio::time::sleep(STORE_RETRY).await;
        }
    }
}

/// Does one duty, and keeps what came of it.
pub(super) async fn perform(
    cloudlab: &Arc<Cloudlab>,
    life: &Arc<Life>,
    portal: &Arc<PortalClient>,
    duty: Duty,
) -> Result<(), StoreError> {
    if duty == Duty::Create {
        // Kept before it is sent: whatever happens then, it is known that there may be an experiment.
        cloudlab.change(life, |lifecycle, _| lifecycle.sending()).await?;
    }
    let (duty, answer) = match call(life, portal, duty).await {
        // Either there are none yet, or the whole experiment is gone.
        Err(PortalError::NotFound { .. }) if duty == Duty::Locate => (Duty::Look, call(life, portal, Duty::Look).await),
        answer => (duty, answer),
    };
    if answer.is_ok() && life.experiment().user.is_none() {
        // Asked for before the portal had said whose the token is. Whether it says so now is seen in the next line.
        let _ = cloudlab.access.check().await;
    }
    let user = cloudlab.access.user();
    if let Err(PortalError::TokenRefused { .. }) = &answer {
        let reason = answer.as_ref().err().map(ToString::to_string).unwrap_or_default();
        cloudlab.access.refused(portal, reason);
    }
    let change = move |lifecycle: &mut Lifecycle, now_ms| {
        let known = &mut lifecycle.experiment.user;
        *known = known.take().or(user);
        apply(lifecycle, duty, answer, now_ms);
    };
    cloudlab.change(life, change).await
}

async fn call(life: &Life, portal: &PortalClient, duty: Duty) -> Result<News, PortalError> {
    let experiment = life.experiment();
    let request = &experiment.request;
    match (duty, &experiment.id) {
        (Duty::Create, _) => portal.create(request).await.map(News::Seen),
        (Duty::Look, Some(id)) => portal.experiment(id).await.map(News::Seen),
        (Duty::Locate, Some(id)) => {
            let texts = portal.manifests(id).await?;
            let machines = texts.iter().map(|text| manifest::read(text)).collect::<Result<Vec<_>, _>>();
            Ok(News::Located(machines.map(|sites| sites.into_iter().flatten().collect())))
        }
        (Duty::Terminate, Some(id)) => portal.terminate(id).await.map(|()| News::Ending),
        _ => portal.find(&request.project, &request.name).await.map(News::Found),
    }
}

fn apply(lifecycle: &mut Lifecycle, duty: Duty, answer: Result<News, PortalError>, now_ms: i64) {
    match answer {
        Ok(News::Seen(seen)) => lifecycle.see(&seen, now_ms),
        Ok(News::Found(seen)) => lifecycle.found(&seen, now_ms),
        Ok(News::Located(Ok(machines))) => lifecycle.locate(&machines, now_ms),
        Ok(News::Located(Err(error))) => lifecycle.misread(&error, now_ms),
        Ok(News::Ending) => lifecycle.ending(now_ms),
        Err(error) => lifecycle.fail_with(duty, &error, now_ms),
    }
}
