//! The foot of the editor: how much is changed, and the Update of a running trial.

use crate::conn::update::update_trial;
use crate::view::editor::EditorContext;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::access::WATCHING_ONLY;
use model::descriptor::Descriptor;
use model::trial::TrialState;
use model::words::numbered;

/// How the last Update went.
#[derive(Clone, PartialEq)]
enum Outcome {
    Sent(u64),
    Refused(String),
}

/// Counts the changes and sends the live ones.
#[component]
pub(crate) fn UpdateBar() -> AnyView {
    let session = Session::get();
    let EditorContext { reference, active, .. } = expect_context();
    let outcome = RwSignal::new(None::<Outcome>);
    let sending = RwSignal::new(false);
    let running = Memo::new(move |_| session.active().is_some_and(|trial| trial.state == TrialState::Running));
    let changes = move |wanted: fn(&Descriptor) -> bool| {
        session.editing.with(|editing| reference.with(|reference| editing.changes(reference, wanted)))
    };
    let all = Memo::new(move |_| changes(|_| true));
    let live = Memo::new(move |_| changes(Descriptor::is_live));
    let waiting = Memo::new(move |_| changes(|descriptor| !descriptor.is_live()).map_or(0, |changes| changes.len()));
    let broken = Memo::new(move |_| session.editing.with(|editing| editing.broken().is_some()));
    let ready = move || {
        session.drives()
            && running.get()
            && !broken.get()
            && !sending.get()
            && live.with(|live| live.as_ref().is_ok_and(|live| !live.is_empty()))
    };
    let unlike_start = Memo::new(move |_| session.editing.with(|editing| editing.text() != session.start_text()));
    // Another trial has nothing to do with the last answer.
    Effect::new(move |_| {
        active.track();
        outcome.set(None);
    });

    let send = move |_| {
        session.edit(|editing, against| editing.settle(against));
        let (Some(trial), Ok(changes), false) = (session.active(), live.get_untracked(), untrack(|| broken.get()))
        else {
            return;
        };
        sending.set(true);
        outcome.set(None);
        spawn_local(async move {
            let answer = update_trial(trial.id, changes).await;
            sending.set(false);
            match answer {
                Ok(version) => outcome.set(Some(Outcome::Sent(version))),
                Err(error) => {
                    let message = refusal(session, "Not sent", &error, &reference.get_untracked());
                    outcome.set(Some(Outcome::Refused(message)));
                }
            }
        });
    };
    let count = move || match all.get() {
        _ if broken.get() => "YAML to mend".to_owned(),
        Err(wrong) => format!("{} to correct", numbered(wrong, "value")),
        Ok(changes) if changes.is_empty() => "No changes".to_owned(),
        Ok(changes) if active.get() && waiting.get() > 0 => {
            format!("{}, {} for the next start", numbered(changes.len(), "change"), waiting.get())
        }
        Ok(changes) => numbered(changes.len(), "change"),
    };
    let hint = move || match outcome.get() {
        Some(Outcome::Sent(version)) => {
            view! { <span class="sent">{format!("Version {version} sent")}</span> }.into_any()
        }
        Some(Outcome::Refused(message)) => view! { <span class="field-error">{message}</span> }.into_any(),
        None if !session.drives() => view! { <span>{WATCHING_ONLY} "."</span> }.into_any(),
        None if broken.get() => view! { <span>"Start and Update wait for it."</span> }.into_any(),
        None if !active.get() => view! { <span>"Start uses the changed values."</span> }.into_any(),
        None => view! { <span>"Update sends the live keys."</span> }.into_any(),
    };
    view! {
        <footer class="update-bar">
            <div class="update-text">
                <strong data-changes>{count}</strong>
                <div class="muted" role="status">{hint}</div>
            </div>
            <button
                type="button"
                class="quiet"
                disabled=move || !broken.get() && !unlike_start.get() && all.with(|all| all.as_ref().is_ok_and(Vec::is_empty))
                on:click=move |_| {
                    let text = untrack(|| session.start_text());
                    session.edit(|editing, against| editing.reset_all(&text, against));
                }
            >
                "Reset all"
            </button>
            <button type="button" class="primary" disabled=move || !ready() on:click=send>"Update"</button>
        </footer>
    }
    .into_any()
}

/// Puts the problems of a refusal at their fields and says the rest; `outcome` says what was not done.
pub(crate) fn refusal(
    session: Session,
    outcome: &str,
    error: &crate::conn::error::PageError,
    reference: &model::config::ConfigTree,
) -> String {
    let problems = error.problems().to_vec();
    if problems.is_empty() {
        return error.to_string();
    }
    let count = problems.len();
    let others = session.editing.try_update(|editing| editing.refuse(problems, reference)).unwrap_or_default();
    let mut parts: Vec<_> = others.iter().map(|problem| problem.message.clone()).collect();
    if count > others.len() {
        parts.insert(
            0,
            format!("{outcome}: {} to correct in the configuration", numbered(count - others.len(), "value")),
        );
    }
    parts.join("; ")
}
