//! What can be done with an experiment: more time, an end, a longer wait.

use super::patience::Patience;
use super::why;
use crate::backend::cloudlab::ExperimentAction;
use crate::conn::cloudlab::change::change_experiment;
use crate::state::cloudlab::extension;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::cloudlab::{Experiment, ExperimentState};

/// How many hours an extension offers.
const USUAL_EXTENSION: &str = "4";

/// The buttons that fit an experiment's state, and their dialogs.
#[component]
pub(super) fn Actions(experiment: Memo<Option<Experiment>>) -> AnyView {
    let read = move |read: fn(&Experiment) -> bool| {
        Memo::new(move |_| experiment.with(|experiment| experiment.as_ref().is_some_and(read)))
    };
    let text = move |read: fn(&Experiment) -> String| {
        move || experiment.with(|experiment| experiment.as_ref().map(read).unwrap_or_default())
    };
    // The card goes with its experiment.
    let key = experiment.with_untracked(|experiment| experiment.as_ref().map(|experiment| experiment.key)).unwrap_or(0);
    let busy = RwSignal::new(false);
    let patience = Patience::new();
    let failure = RwSignal::new(None::<String>);
    let (ending, extending) = (NodeRef::<html::Dialog>::new(), NodeRef::<html::Dialog>::new());
    let act = move |action: ExperimentAction| {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = patience.ask(|| change_experiment(key, action.clone())).await;
            busy.set(false);
            if let Err(error) = answer {
                failure.set(Some(why(&error)));
            }
        });
    };
    let open = |dialog: NodeRef<html::Dialog>| {
        move |_| {
            if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
                // Shown already, it would refuse.
                let _ = dialog.show_modal();
            }
        }
    };
    let close = |dialog: NodeRef<html::Dialog>| {
        move || {
            if let Some(dialog) = dialog.get_untracked() {
                dialog.close();
            }
        }
    };
    let usable = read(|experiment| experiment.state.is_usable());
    let over = read(|experiment| experiment.state.is_over() && !experiment.held);
    let failed = read(|experiment| matches!(experiment.state, ExperimentState::Failed { .. }) && experiment.held);
    let ends = read(|experiment| experiment.state == ExperimentState::Terminating);
    let hours = RwSignal::new(USUAL_EXTENSION.to_owned());
    let reason = RwSignal::new(String::new());
    let no_hours = RwSignal::new(None::<String>);
    let extend = move || match hours.with_untracked(|hours| extension(hours)) {
        Ok(hours) => {
            no_hours.set(None);
            close(extending)();
            act(ExperimentAction::Extend { hours, reason: reason.get_untracked() });
        }
        Err(problem) => no_hours.set(Some(problem)),
    };
    let (end_title, extend_title) = (format!("end-{key}"), format!("extend-{key}"));
    let (end_heading, extend_heading) = (end_title.clone(), extend_title.clone());
    view! {
        <div class="buttons">
            <Show when=move || usable.get()>
                <button type="button" disabled=move || busy.get() on:click=open(extending)>"Extend…"</button>
            </Show>
            <Show when=move || failed.get()>
                <button type="button" disabled=move || busy.get() on:click=move |_| act(ExperimentAction::WaitAgain)>
                    "Wait once more"
                </button>
            </Show>
            <Show when=move || !over.get() && !ends.get()>
                <button type="button" class="danger" disabled=move || busy.get() on:click=open(ending)>"Terminate…"</button>
            </Show>
            <Show when=move || over.get()>
                <button type="button" class="quiet" disabled=move || busy.get() on:click=move |_| act(ExperimentAction::Forget)>
                    "Remove from the list"
                </button>
            </Show>
        </div>
        <div>
            {patience.shown()}
            {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
        </div>
        <dialog class="ask" node_ref=ending aria-labelledby=end_title>
            <h3 id=end_heading>{text(|experiment| format!("Terminate {}?", experiment.request.name))}</h3>
            <p>
                "Its machines and everything on them are gone then, and a trial that runs there fails. Trials stay in the list."
            </p>
            <div class="buttons">
                <button type="button" on:click=move |_| close(ending)()>"Keep it"</button>
                <button
                    type="button"
                    class="danger"
                    on:click=move |_| {
                        close(ending)();
                        act(ExperimentAction::Terminate);
                    }
                >
                    "Terminate"
                </button>
            </div>
        </dialog>
        <dialog class="ask" node_ref=extending aria-labelledby=extend_title on:close=move |_| no_hours.set(None)>
            <h3 id=extend_heading>{text(|experiment| format!("Extend {}", experiment.request.name))}</h3>
            <form
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    extend();
                }
            >
                <label class="stacked">
                    <span>"Hours more"</span>
                    <input
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-invalid=move || no_hours.with(Option::is_some).to_string()
                        prop:value=move || hours.get()
                        on:input=move |event| hours.set(event_target_value(&event))
                    />
                    {move || no_hours.get().map(|problem| view! { <span class="field-error" role="alert">{problem}</span> })}
                </label>
                <label class="stacked">
                    <span>"Reason, for CloudLab's people"</span>
                    <input
                        type="text"
                        autocomplete="off"
                        prop:value=move || reason.get()
                        on:input=move |event| reason.set(event_target_value(&event))
                    />
                </label>
                <div class="buttons">
                    <button type="button" on:click=move |_| close(extending)()>"Cancel"</button>
                    <button type="submit" class="primary">"Ask for more time"</button>
                </div>
            </form>
        </dialog>
    }
    .into_any()
}
