//! Facts about the protocol, for the chosen number of faults.

use crate::state::protocols::facts::Facts;
use leptos::prelude::*;

/// Sizes, quorums and messages.
#[component]
pub(crate) fn FactSheet(facts: Memo<Option<Facts>>) -> AnyView {
    let sheet = move || match facts.get() {
        None => view! { <p class="muted">"Facts are shown once the file can be read."</p> }.into_any(),
        Some(facts) => tables(facts),
    };
    view! { <section class="card padded facts" aria-label="Facts"><h2>"Facts"</h2>{sheet}</section> }.into_any()
}

fn tables(facts: Facts) -> AnyView {
    let f = facts.f;
    let replicas = match facts.replicas.1 {
        Some(n) => format!("n = {} = {n} for f = {f}", facts.replicas.0),
        None => format!("n = {}, which has no value for f = {f}", facts.replicas.0),
    };
    let phases: Vec<String> = facts
        .phases
        .iter()
        .map(|(name, states)| if states.is_empty() { name.clone() } else { format!("{name} ({})", states.join(", ")) })
        .collect();
    let quorums = facts.quorums.into_iter().map(|quorum| {
        view! {
            <tr>
                <td>{quorum.role}</td>
                <td>{quorum.step}</td>
                <td>{quorum.message}</td>
                <td>{quorum.expression}</td>
                <td class="number">{quorum.size.map_or("–".to_owned(), |size| size.to_string())}</td>
            </tr>
        }
    });
    let messages = facts.messages.into_iter().map(|message| {
        view! {
            <tr>
                <td>{message.name}</td>
                <td>{message.between}</td>
                <td>{message.authentication}</td>
                <td class="number">{message.each_block}</td>
            </tr>
        }
    });
    view! {
        <dl class="fact-list">
            <div><dt>"Replicas"</dt><dd>{replicas}</dd></div>
            <div><dt>"Leader"</dt><dd>{facts.leader}</dd></div>
            <div><dt>"Execution"</dt><dd>{if facts.speculative { "speculative" } else { "when final" }}</dd></div>
            <div><dt>"Phases"</dt><dd>{phases.join("; ")}</dd></div>
            <div><dt>"Roles"</dt><dd>{facts.roles.join(", ")}</dd></div>
        </dl>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Quorums">
            <table>
                <caption>"Quorums"</caption>
                <thead><tr><th>"Role"</th><th>"Step"</th><th>"Message"</th><th>"Quorum"</th><th class="number">{format!("f = {f}")}</th></tr></thead>
                <tbody>{quorums.collect_view()}</tbody>
            </table>
        </div>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Messages">
            <table>
                <caption>{format!("Messages between replicas: {}", facts.growth)}</caption>
                <thead><tr><th>"Message"</th><th>"From → to"</th><th>"Authentication"</th><th class="number">"At most per block"</th></tr></thead>
                <tbody>{messages.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
