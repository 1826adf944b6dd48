//! One testbed: its hosts, and what the last check found out about each.

use crate::backend::cloudlab::HostKey;
use crate::state::cloudlab::UnknownKey;
use crate::state::summary::Tone;
use crate::state::testbeds::{check_label, finding_sign};
use crate::view::export;
use crate::view::session::Session;
use crate::view::testbeds::desk::{Checking, Desk, Question};
use leptos::prelude::*;
use model::hosts::{Finding, FindingState, HostCheck, SshHost, SshTestbed};
use model::testbed::TestbedName;

/// A testbed with what can be done with it.
#[component]
pub(crate) fn TestbedCard(testbed: SshTestbed) -> AnyView {
    let (desk, session) = (Desk::get(), Session::get());
    let looks_on = move || !session.drives();
    let kept = StoredValue::new(testbed.clone());
    let name = testbed.name.clone();
    let state = {
        let name = name.clone();
        Memo::new(move |_| desk.checks.with(|checks| checks.get(&name).cloned()))
    };
    let title = format!("testbed-{name}");
    let (title_id, heading, mark) = (title.clone(), name.to_string(), name.to_string());
    let summary = move || match state.get() {
        None => "Not checked since this page was opened".to_owned(),
        Some(Checking::Underway) => "Checking…".to_owned(),
        Some(Checking::Failed(reason)) => reason,
        Some(Checking::Done(checked)) => checked.summary(),
    };
    let busy = Memo::new(move |_| {
        state.with(|state| match state {
            Some(Checking::Underway) => true,
            Some(Checking::Done(checked)) => !checked.again.is_empty(),
            _ => false,
        })
    });
    let unknown = Memo::new(move |_| {
        state.with(|state| match state {
            Some(Checking::Done(checked)) => kept.with_value(|testbed| checked.unknown_keys(testbed)),
            _ => Vec::new(),
        })
    });
    let trust_all = {
        let name = name.clone();
        move |_| desk.question.set(Some(Question::Trust { testbed: name.clone(), keys: unknown.get_untracked() }))
    };
    let check = {
        let name = name.clone();
        move |_| desk.check(&name)
    };
    let edit = move |_| kept.with_value(|testbed| desk.reopen(testbed));
    let save_file =
        move |_| kept.with_value(|testbed| export::text(&format!("{}.yaml", testbed.name), &testbed.to_yaml()));
    let delete = {
        let name = name.clone();
        move |_| desk.question.set(Some(Question::Delete(name.clone())))
    };
    let rows = testbed.hosts.into_iter().enumerate().map(|(place, host)| {
        view! { <Row testbed=name.clone() place host state/> }
    });
    view! {
        <section class="card padded testbed" aria-labelledby=title data-testbed=mark>
            <header>
                <h2 id=title_id>{heading}</h2>
                <span class="muted" role="status">{summary}</span>
                <div class="actions">
                    <button type="button" disabled=move || looks_on() || busy.get() on:click=check>
                        "Check"
                    </button>
                    <button type="button" class="quiet" disabled=move || looks_on() || desk.is_editing() on:click=edit>
                        "Edit"
                    </button>
                    <button type="button" class="quiet" on:click=save_file>"Export"</button>
                    <button type="button" class="quiet" disabled=looks_on on:click=delete>"Delete"</button>
                </div>
            </header>
            // One alone has a button of its own, with its host.
            <Show when=move || { unknown.with(Vec::len) > 1 }>
                <p class="trust-all">
                    {move || format!("{} hosts show keys that nobody has trusted yet.", unknown.with(Vec::len))}
                    <button type="button" disabled=looks_on on:click=trust_all.clone()>"Trust all shown fingerprints…"</button>
                </p>
            </Show>
            <ol class="hosts">{rows.collect_view()}</ol>
        </section>
    }
    .into_any()
}

#[component]
fn Row(testbed: TestbedName, place: usize, host: SshHost, state: Memo<Option<Checking>>) -> impl IntoView {
    let found = Memo::new(move |_| match state.get() {
        Some(Checking::Done(checked)) if !checked.again.contains(&place) => checked.found.hosts.get(place).cloned(),
        _ => None,
    });
    let again = Memo::new(move |_| {
        state.with(|state| matches!(state, Some(Checking::Done(checked)) if checked.again.contains(&place)))
    });
    let label = host.label();
    let host_name = label.clone();
    let facts = [
        Some(format!("as {}", host.user)),
        Some(host.key.as_ref().map_or("with the SSH agent".to_owned(), |key| format!("with {key}"))),
        host.units.as_ref().map(|units| format!("runs {units}")),
        (!host.internal.is_empty())
            .then(|| host.internal.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let badge = move || {
        let label = if again.get() { Some(("Checking", Tone::Busy)) } else { found.get().as_ref().map(check_label) };
        label.map(|(word, tone)| view! { <span class=format!("badge {}", tone.class())>{word}</span> })
    };
    let findings = move || {
        let check: HostCheck = found.get()?;
        let lines = check.findings.into_iter().map(|finding| {
            let (sign, tone) = finding_sign(&finding);
            let action = act(&testbed, &host, &finding);
            view! {
                <li class=format!("host-finding {}", tone.class())>
                    <span class="sign" aria-hidden="true">{sign}</span>
                    <span class="step">{finding.step.label()}</span>
                    <span>
                        {finding.text.clone()}
                        {finding.state.mend().map(|mend| view! { <span class="mend">{format!(" → {mend}.")}</span> })}
                    </span>
                    {action}
                </li>
            }
        });
        Some(view! { <ul class="host-findings">{lines.collect_view()}</ul> })
    };
    view! {
        <li class="host" data-host=host_name>
            <strong>{label}</strong>
            <span class="muted">{facts}</span>
            {badge}
            {findings}
        </li>
    }
}

/// The button that leads to the mend, where a person has to decide something.
fn act(testbed: &TestbedName, host: &SshHost, finding: &Finding) -> Option<impl IntoView + use<>> {
    let desk = Desk::get();
    let (testbed, address, port) = (testbed.clone(), host.address.clone(), host.port);
    let (word, question) = match &finding.state {
        FindingState::UnknownHostKey { fingerprint, algorithm, key } => (
            "Trust this fingerprint…",
            Question::Trust {
                testbed,
                keys: vec![UnknownKey {
                    key: HostKey { address, port, key: key.clone() },
                    fingerprint: fingerprint.clone(),
                    algorithm: algorithm.clone(),
                }],
            },
        ),
        FindingState::ChangedHostKey { known, shown, .. } => (
            "Forget the old key…",
            Question::Forget { testbed, address, port, known: known.clone(), shown: shown.clone() },
        ),
        FindingState::NeedsPassphrase { key, refused } => {
            ("Give the passphrase…", Question::Passphrase { testbed, key: key.clone(), refused: *refused })
        }
        _ => return None,
    };
    Some(view! {
        <button type="button" on:click=move |_| desk.question.set(Some(question.clone()))>{word}</button>
    })
}
