//! From machines that are up to trials: a look at each of them, and the keys that they show.

use super::why;
use crate::backend::cloudlab::HostKey;
use crate::conn::cloudlab::check::check_machines;
use crate::conn::cloudlab::distrust::distrust_machines;
use crate::conn::cloudlab::trust::trust_machines;
use crate::conn::error::PageError;
use crate::conn::unlock_key::unlock_key;
use crate::state::cloudlab::{UnknownKey, changed_keys, locked_key, unknown_keys};
use crate::state::testbeds::check_label;
use crate::view::badges::Badge;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::cloudlab::Experiment;
use model::hosts::{HostCheck, TestbedCheck};

/// How trials get onto the machines: which testbed to choose, and a check that also asks about host keys.
#[component]
pub(super) fn MachinesCheck(experiment: Memo<Option<Experiment>>) -> AnyView {
    let found = RwSignal::new(None::<TestbedCheck>);
    let failure = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let usable = Memo::new(move |_| {
        experiment.with(|known| known.as_ref().is_some_and(|known| known.state.is_usable() && known.located))
    });
    let testbed =
        move || experiment.with(|known| known.as_ref().map(|known| format!("cloudlab-{}", known.request.name)));
    // The card goes with its experiment.
    let key = experiment.with_untracked(|known| known.as_ref().map_or(0, |known| known.key));
    let check = move || {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = check_machines(key).await;
            busy.set(false);
            match answer {
                Ok(check) => found.set(Some(check)),
                Err(error) => failure.set(Some(why(&error))),
            }
        });
    };
    // What was done for the machines shows in the next look at them.
    let answered = move |answer: Result<(), PageError>| match answer {
        Ok(()) => check(),
        Err(error) => {
            busy.set(false);
            failure.set(Some(why(&error)));
        }
    };
    let unknown = Memo::new(move |_| found.with(|found| found.as_ref().map(unknown_keys).unwrap_or_default()));
    let trust = move |_| {
        let keys: Vec<HostKey> = unknown.with_untracked(|unknown| unknown.iter().map(|one| one.key.clone()).collect());
        busy.set(true);
        spawn_local(async move { answered(trust_machines(key, keys).await) });
    };
    let changed = Memo::new(move |_| found.with(|found| found.as_ref().map(changed_keys).unwrap_or_default()));
    let distrust = move |_| {
        busy.set(true);
        let machines = changed.get_untracked();
        spawn_local(async move { answered(distrust_machines(key, machines).await) });
    };
    let locked = Memo::new(move |_| found.with(|found| found.as_ref().and_then(locked_key)));
    let passphrase = NodeRef::<html::Input>::new();
    let unlock = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (Some(field), Some((key, _))) = (passphrase.get_untracked(), locked.get_untracked()) else { return };
        let typed = field.value();
        field.set_value("");
        busy.set(true);
        spawn_local(async move { answered(unlock_key(key, typed).await) });
    };
    let hosts = move || found.get().map(|found| found.hosts.into_iter().map(host).collect_view());
    view! {
        <Show when=move || usable.get()>
            <div class="machines-check">
                <p>
                    "To run trials here, choose the testbed " <strong>{testbed}</strong> " beside Start in the "
                    <a href="/">"playground"</a> ". Check the machines first: they were set up anew, with new host keys."
                </p>
                <div class="buttons">
                    <button type="button" disabled=move || busy.get() on:click=move |_| check()>
                        {move || if busy.get() { "Checking…" } else { "Check the machines" }}
                    </button>
                </div>
                <ul class="checked" role="status">{hosts}</ul>
                <Show when=move || changed.with(|changed| !changed.is_empty())>
                    <p>
                        "Only if you know that these machines were set up anew: forget the old keys. The new ones are then shown for
                         you to compare."
                    </p>
                    <div class="buttons">
                        <button type="button" disabled=move || busy.get() on:click=distrust>"Forget the old keys"</button>
                    </div>
                </Show>
                <Show when=move || unknown.with(|unknown| !unknown.is_empty())>
                    <p>"These host keys are new. They are trusted for this experiment only."</p>
                    <ul class="keys-shown">{move || unknown.get().into_iter().map(shown).collect_view()}</ul>
                    <div class="buttons">
                        <button type="button" disabled=move || busy.get() on:click=trust>"Trust these fingerprints"</button>
                    </div>
                </Show>
                {move || locked.get().map(|(key, refused)| view! {
                    <form class="unlock" on:submit=unlock>
                        <label class="stacked">
                            <span>"Passphrase of "<code>{key}</code></span>
                            <input type="password" autocomplete="off" node_ref=passphrase/>
                        </label>
                        <button type="submit" disabled=move || busy.get()>"Use it"</button>
                        <p class="muted">
                            {refused.then_some("The last one did not open it. ")}
                            "The server keeps it in memory until it ends, and nowhere else."
                        </p>
                    </form>
                })}
                {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
            </div>
        </Show>
    }
    .into_any()
}

fn host(check: HostCheck) -> impl IntoView {
    let (label, tone) = check_label(&check);
    let obstacle = check.obstacle().map(|finding| finding.sentence());
    view! {
        <li>
            <Badge tone label/>
            <strong>{check.host}</strong>
            <span class="muted">{obstacle}</span>
        </li>
    }
}

fn shown(key: UnknownKey) -> impl IntoView {
    view! {
        <li>{key.key.address} ": " <code>{key.fingerprint}</code> " (" {key.algorithm} ")"</li>
    }
}
