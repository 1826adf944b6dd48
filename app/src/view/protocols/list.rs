//! The list of protocols: those that ship with BFTGym, and a person's own.

use crate::view::protocols::own::OwnProtocols;
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::definitions;

/// `/protocols`.
#[component]
pub(crate) fn ProtocolsPage() -> AnyView {
    let own = OwnProtocols::get();
    let shipped = definitions::ALL.iter().map(|definition| {
        view! {
            <li class="card protocol">
                <h3><a href=format!("/protocols/{}", definition.name)>{definition.title}</a></h3>
                <p class="muted">{definition.paper}</p>
                <p><strong>"Simplified: "</strong>{definition.simplified}</p>
            </li>
        }
    });
    let mine = move || {
        own.kept.get().into_iter().map(|one| {
            let (name, label) = (one.name.clone(), format!("Delete {}", one.name));
            view! {
                <li class="card protocol own">
                    <h3><a href=format!("/protocols/{}", one.name)>{one.name.clone()}</a></h3>
                    <button type="button" class="quiet" aria-label=label on:click=move |_| own.delete(&name)>"Delete"</button>
                </li>
            }
        }).collect_view()
    };
    view! {
        <Title text="Protocols"/>
        <div class="page protocols">
            <header class="page-head">
                <h1>"Protocols"</h1>
                <a class="button" href="/protocols/new">"New protocol"</a>
            </header>
            <p class="muted">"Each is a file in the protocol language. Open one to read, change, check and simulate it."</p>
            <Show when=move || own.kept.with(|kept| !kept.is_empty())>
                <h2>"Your own, kept by this browser"</h2>
                <ul class="protocol-list">{mine}</ul>
            </Show>
            <h2>"Shipped"</h2>
            <ul class="protocol-list">{shipped.collect_view()}</ul>
        </div>
    }
    .into_any()
}
