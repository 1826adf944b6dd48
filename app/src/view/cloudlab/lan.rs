//! Where machines are in the experiment's LAN, said by hand where the manifest does not say it.

use super::why;
use crate::backend::cloudlab::ExperimentAction;
use crate::conn::cloudlab::change::change_experiment;
use crate::state::cloudlab::lan_addresses;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::cloudlab::Experiment;
use std::collections::BTreeMap;

/// A field for each machine without an address in the LAN.
#[component]
pub(super) fn LanAddresses(experiment: Memo<Option<Experiment>>) -> AnyView {
    let missing = Memo::new(move |_| {
        experiment.with(|known| {
            let usable = known.as_ref().filter(|known| known.state.is_usable() && known.located);
            let nodes = usable.map(|known| known.nodes.as_slice()).unwrap_or_default();
            nodes.iter().filter(|node| node.lan.is_none()).map(|node| node.name.clone()).collect::<Vec<_>>()
        })
    });
    // The card goes with its experiment.
    let key = experiment.with_untracked(|known| known.as_ref().map_or(0, |known| known.key));
    let typed = RwSignal::new(BTreeMap::<String, String>::new());
    let failure = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let set = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let addresses = match typed.with_untracked(lan_addresses) {
            Ok(addresses) => addresses,
            Err(problem) => return failure.set(Some(problem)),
        };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = change_experiment(key, ExperimentAction::Place { addresses }).await;
            busy.set(false);
            if let Err(error) = answer {
                failure.set(Some(why(&error)));
            }
        });
    };
    let field = move |name: String| {
        let (shown, changed) = (name.clone(), name.clone());
        view! {
            <label class="stacked">
                <span>{name}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="10.10.1.1"
                    prop:value=move || typed.with(|typed| typed.get(&shown).cloned().unwrap_or_default())
                    on:input=move |event| typed.update(|typed| {
                        typed.insert(changed.clone(), event_target_value(&event));
                    })
                />
            </label>
        }
    };
    view! {
        <Show when=move || missing.with(|missing| !missing.is_empty())>
            <form class="lan-addresses" novalidate on:submit=set>
                <fieldset>
                    <legend>"Addresses in the experiment\u{2019}s LAN"</legend>
                    <div class="lan-fields">
                        <For each=move || missing.get() key=String::clone children=field/>
                    </div>
                    <p class="muted">"Units of different machines reach each other there. Without them, they take the public addresses."</p>
                    {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
                    <div class="buttons">
                        <button type="submit" disabled=move || busy.get()>"Set the addresses"</button>
                    </div>
                </fieldset>
            </form>
        </Show>
    }
    .into_any()
}
