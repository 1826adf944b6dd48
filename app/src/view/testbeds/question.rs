//! The dialog for what only a person can decide: is this the right key, is the host a new one, what is the passphrase.

use crate::conn::error::PageError;
use crate::conn::forget_host::forget_host;
use crate::conn::unlock_key::unlock_key;
use crate::state::cloudlab::UnknownKey;
use crate::view::testbeds::desk::{Desk, Question};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model::hosts::SshHost;
use model::testbed::TestbedName;

/// Shows the question while there is one.
#[component]
pub(crate) fn QuestionDialog() -> AnyView {
    let desk = Desk::get();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let asked = desk.question.with(Option::is_some);
        if let Some(dialog) = dialog.get() {
            match (asked, dialog.open()) {
                // Shown already, it would refuse.
                (true, false) => _ = dialog.show_modal(),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let content = move || {
        desk.question.get().map(|question| match question {
            Question::Trust { testbed, keys } => view! { <Trust testbed keys/> }.into_any(),
            Question::Forget { testbed, address, port, known, shown } => {
                view! { <Forget testbed address port known shown/> }.into_any()
            }
            Question::Passphrase { testbed, key, refused } => view! { <Passphrase testbed key refused/> }.into_any(),
            Question::Delete(name) => view! { <Delete name/> }.into_any(),
        })
    };
    view! {
        <dialog class="question" node_ref=dialog aria-labelledby="question-title" on:close=move |_| desk.question.set(None)>
            {content}
        </dialog>
    }
    .into_any()
}

/// Ends the question; when it went well, the hosts that it was about are looked at again.
fn answered(desk: Desk, testbed: &TestbedName, places: Vec<usize>, answer: Result<(), PageError>) {
    desk.question.set(None);
    match answer {
        Ok(()) => desk.check_again(testbed, places),
        Err(error) => desk.failure.set(Some(error.to_string())),
    }
}

#[component]
fn Cancel() -> impl IntoView {
    let desk = Desk::get();
    view! { <button type="button" on:click=move |_| desk.question.set(None)>"Cancel"</button> }
}

#[component]
fn Trust(testbed: TestbedName, keys: Vec<UnknownKey>) -> impl IntoView {
    let desk = Desk::get();
    let several = keys.len() > 1;
    let (title, shown) = match keys.as_slice() {
        [one] => (format!("Is this the key of {}?", one.key.address), one_key(one).into_any()),
        _ => (format!("Are these the keys of {} hosts?", keys.len()), many_keys(&keys).into_any()),
    };
    let trust = move |_| {
        let (testbed, keys) = (testbed.clone(), keys.clone());
        let hosts: Vec<_> = keys.iter().map(|one| (one.key.address.clone(), one.key.port)).collect();
        let places = desk.places_of(&testbed, &hosts);
        spawn_local(async move { answered(desk, &testbed, places, Desk::trust(keys).await) });
    };
    view! {
        <h2 id="question-title">{title}</h2>
        {shown}
        <p class="muted">
            {if several { "Compare them with what the hosts' owner tells you. On a host itself, " }
            else { "Compare it with what the host's owner tells you. On the host itself, " }}
            <code>"ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"</code>" shows it."
        </p>
        <div class="actions">
            <Cancel/>
            <button type="button" class="primary" on:click=trust>
                {if several { "Trust all these fingerprints" } else { "Trust this fingerprint" }}
            </button>
        </div>
    }
}

fn one_key(one: &UnknownKey) -> impl IntoView + use<> {
    view! {
        <p>"This host has not been seen before. It shows the key"</p>
        <p><code class="fingerprint">{one.algorithm.clone()}" "{one.fingerprint.clone()}</code></p>
    }
}

fn many_keys(keys: &[UnknownKey]) -> impl IntoView + use<> {
    let line = |one: &UnknownKey| {
        let host = SshHost { address: one.key.address.clone(), port: one.key.port, ..SshHost::default() }.label();
        let key = format!("{} {}", one.algorithm, one.fingerprint);
        view! { <div><dt>{host}</dt><dd><code class="fingerprint">{key}</code></dd></div> }
    };
    view! {
        <p>"These hosts have not been seen before. They show the keys"</p>
        <dl class="fingerprints">{keys.iter().map(line).collect_view()}</dl>
    }
}

#[component]
fn Forget(testbed: TestbedName, address: String, port: u16, known: String, shown: String) -> impl IntoView {
    let desk = Desk::get();
    let host = address.clone();
    let command = match port {
        22 => format!("ssh-keygen -R {address}"),
        port => format!("ssh-keygen -R [{address}]:{port}"),
    };
    let forget = move |_| {
        let (testbed, address) = (testbed.clone(), address.clone());
        let places = desk.places_of(&testbed, &[(address.clone(), port)]);
        spawn_local(async move { answered(desk, &testbed, places, forget_host(address, port).await) });
    };
    view! {
        <h2 id="question-title">"The key of "{host}" has changed"</h2>
        <dl class="fingerprints">
            <div><dt>"Known"</dt><dd><code class="fingerprint">{known}</code></dd></div>
            <div><dt>"Shown now"</dt><dd><code class="fingerprint">{shown}</code></dd></div>
        </dl>
        <p>
            "Somebody may be between you and the host. Forget the old key only if you know that the host was set up anew; the new
             one is then shown for you to compare."
        </p>
        <p class="muted">"A key in your own known_hosts file is yours to remove: "<code>{command}</code></p>
        <div class="actions">
            <Cancel/>
            <button type="button" on:click=forget>"Forget the old key"</button>
        </div>
    }
}

#[component]
fn Passphrase(testbed: TestbedName, key: String, refused: bool) -> impl IntoView {
    let desk = Desk::get();
    let input = NodeRef::<html::Input>::new();
    let file = key.clone();
    let unlock = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = input.get_untracked() else { return };
        let (testbed, key, passphrase) = (testbed.clone(), key.clone(), field.value());
        field.set_value("");
        let places = desk.locked_by(&testbed, &key);
        spawn_local(async move { answered(desk, &testbed, places, unlock_key(key, passphrase).await) });
    };
    view! {
        <form on:submit=unlock>
            <h2 id="question-title">"Passphrase"</h2>
            <label class="stacked">
                <span>"Opens "<code>{file}</code></span>
                <input type="password" autocomplete="off" autofocus node_ref=input/>
            </label>
            {refused.then(|| view! { <p class="field-error" role="alert">"The last one did not open it."</p> })}
            <p class="muted">"The server keeps it in memory until it ends, and nowhere else."</p>
            <div class="actions">
                <Cancel/>
                <button type="submit" class="primary">"Use it"</button>
            </div>
        </form>
    }
}

#[component]
fn Delete(name: TestbedName) -> impl IntoView {
    let desk = Desk::get();
    let title = name.to_string();
    let delete = move |_| {
        desk.question.set(None);
        desk.delete(name.clone());
    };
    view! {
        <h2 id="question-title">"Delete the testbed "{title}"?"</h2>
        <p>"Its trials are kept. The hosts are not changed."</p>
        <div class="actions">
            <Cancel/>
            <button type="button" on:click=delete>"Delete"</button>
        </div>
    }
}
