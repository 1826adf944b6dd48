//! Where the next trial runs, and what waits for its turn there.

use crate::conn::move_to_front::move_to_front;
use crate::conn::stop::stop_trial;
use crate::state::overview::waiting;
use crate::state::testbeds::label;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::testbed::TestbedName;
use model::trial::TrialSummary;

/// The choice of the testbed, where there is more than this machine.
#[component]
pub(crate) fn TestbedChoice() -> AnyView {
    let session = Session::get();
    let testbeds = Memo::new(move |_| {
        session.overview.with(|known| known.as_ref().map(|known| known.testbeds.clone()).unwrap_or_default())
    });
    let chosen = move || session.testbed.get().to_string();
    // A testbed that is gone cannot be chosen any more.
    Effect::new(move |_| {
        let gone = testbeds.with(|all| !all.is_empty() && all.iter().all(|one| one.name != session.testbed.get()));
        if gone {
            session.testbed.set(TestbedName::default());
        }
    });
    view! {
        <Show when=move || testbeds.with(|all| all.len() > 1)>
            <label class="stacked">
                <span>"Testbed"</span>
                <select
                    id="testbed-choice"
                    prop:value=chosen
                    on:change=move |event| {
                        if let Ok(name) = TestbedName::new(&event_target_value(&event)) {
                            session.testbed.set(name);
                        }
                    }
                >
                    {move || testbeds.get().into_iter().map(|one| {
                        let name = one.name.to_string();
                        let selected = untrack(chosen) == name;
                        view! { <option value=name selected=selected>{label(&one.name)}</option> }
                    }).collect_view()}
                </select>
            </label>
        </Show>
    }
    .into_any()
}

/// The trials that wait for the chosen testbed.
#[component]
pub(crate) fn Queue() -> AnyView {
    let session = Session::get();
    let queue = Memo::new(move |_| {
        let testbed = session.testbed.get();
        session.overview.with(|known| known.as_ref().map(|known| waiting(known, &testbed)).unwrap_or_default())
    });
    let places = Memo::new(move |_| queue.get().into_iter().enumerate().collect::<Vec<_>>());
    let failure = RwSignal::new(None::<String>);
    let heading = move || match queue.with(Vec::len) {
        1 => "1 trial waits".to_owned(),
        count => format!("{count} trials wait"),
    };
    view! {
        <Show when=move || queue.with(|queue| !queue.is_empty())>
            <section class="queue" aria-labelledby="queue-title">
                <h3 id="queue-title">{heading}</h3>
                <fieldset class="for-drivers" disabled=move || !session.drives()>
                    <ol tabindex="0" aria-labelledby="queue-title">
                        <For each=move || places.get() key=|(place, trial)| (*place, trial.id, trial.name.clone()) let:entry>
                            <Entry place=entry.0 trial=entry.1 failure/>
                        </For>
                    </ol>
                </fieldset>
                {move || failure.get().map(|message| view! { <p class="field-error" role="alert">{message}</p> })}
            </section>
        </Show>
    }
    .into_any()
}

#[component]
fn Entry(place: usize, trial: TrialSummary, failure: RwSignal<Option<String>>) -> impl IntoView {
    let session = Session::get();
    let id = trial.id;
    let title = untrack(|| session.protocol_title(&trial.protocol));
    let front = move |_| {
        spawn_local(async move { failure.set(move_to_front(id).await.err().map(|error| error.to_string())) });
    };
    let cancel = move |_| {
        spawn_local(async move { failure.set(stop_trial(id).await.err().map(|error| error.to_string())) });
    };
    let (front_label, cancel_label) = (format!("Run {} next", trial.name), format!("Cancel {}", trial.name));
    view! {
        <li data-trial=id.to_string()>
            <span class="place">{place + 1} "."</span>
            <a href=format!("/trials/{id}")>{trial.name}</a>
            <span class="muted">{title}</span>
            <button type="button" class="quiet" disabled=place == 0 aria-label=front_label on:click=front>"Run next"</button>
            <button type="button" class="quiet" aria-label=cancel_label on:click=cancel>"Cancel"</button>
        </li>
    }
}
