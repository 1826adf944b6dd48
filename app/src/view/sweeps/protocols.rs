//! Which protocols a sweep compares.

use crate::view::protocols::own::OwnProtocols;
use crate::view::session::Session;
use crate::view::sweeps::form::{FieldProblem, FormContext};
use leptos::prelude::*;

/// One button a protocol, shipped and own.
#[component]
pub(crate) fn Protocols() -> AnyView {
    let session = Session::get();
    let own = OwnProtocols::get();
    let FormContext { form, .. } = expect_context();
    let button = move |choice: String, title: String, note: String| {
        let (chosen, name) = (choice.clone(), choice);
        view! {
            <button
                type="button"
                class="choice"
                title=note
                aria-pressed=move || form.with(|form| form.protocols.contains(&chosen)).to_string()
                on:click=move |_| form.update(|form| form.toggle_protocol(&name))
            >
                {title}
            </button>
        }
    };
    let shipped = move || {
        let known =
            session.overview.with(|known| known.as_ref().map(|known| known.protocols.clone()).unwrap_or_default());
        known.into_iter().map(|one| button(one.name, one.title, one.paper)).collect_view()
    };
    let mine = move || {
        let kept = own.kept.get().into_iter();
        kept.map(|one| button(one.choice(), format!("{} (own)", one.name), "Kept by this browser".to_owned()))
            .collect_view()
    };
    view! {
        <fieldset>
            <legend>"Protocols"</legend>
            <div class="choices">{shipped} {mine}</div>
            <FieldProblem key="protocol"/>
        </fieldset>
    }
    .into_any()
}
