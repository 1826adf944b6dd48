//! The portal's token: whose it is and until when, and the field for another one.

use super::patience::Patience;
use super::{Now, why};
use crate::backend::cloudlab::{TokenAction, TokenState};
use crate::conn::cloudlab::token::change_token;
use crate::state::cloudlab::{left, token_text};
use crate::state::summary::Tone;
use crate::view::badges::Badge;
use crate::view::session::Session;
use crate::view::time::LocalTime;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How long before its end a token is warned of, ms.
const WARNING_MS: i64 = 3 * 86_400_000;

/// The token and the way to it.
#[component]
pub(super) fn TokenCard() -> AnyView {
    let session = Session::get();
    let token = Memo::new(move |_| {
        session.cloudlab.with(|view| view.as_ref().map_or(TokenState::Missing, |view| view.token.clone()))
    });
    let portal = move || session.cloudlab.with(|view| view.as_ref().map(|view| view.portal.clone()));
    let busy = RwSignal::new(false);
    let patience = Patience::new();
    let failure = RwSignal::new(None::<String>);
    let asked = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let accepted = Memo::new(move |_| token.with(|token| matches!(token, TokenState::Accepted { .. })));
    let unchecked = Memo::new(move |_| token.with(|token| matches!(token, TokenState::Unchecked { .. })));
    let send = move |action: TokenAction| {
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = patience.ask(|| change_token(action.clone())).await;
            busy.set(false);
            match answer {
                Ok(state) => {
                    session.cloudlab.update(|view| {
                        if let Some(view) = view {
                            view.token = state;
                        }
                    });
                    asked.set(false);
                    if let Some(field) = field.get_untracked() {
                        field.set_value("");
                    }
                }
                Err(error) => {
                    failure.set(Some(why(&error)));
                }
            }
        });
    };
    let submit = move || {
        if let Some(field) = field.get_untracked() {
            send(TokenAction::Give { token: field.value() });
        }
    };
    Effect::new(move |_| {
        if unchecked.get_untracked() && session.drives() {
            send(TokenAction::Check);
        }
    });
    view! {
        <section class="card padded token" aria-labelledby="token-title">
            <h3 id="token-title">"Token"</h3>
            <div class="token-line" data-token=move || token.with(token_name)>
                {move || token.with(badge)}
                {move || token.with(owner)}
                <span class="muted">{move || token.with(token_text)}</span>
            </div>
            <Show
                when=move || !accepted.get() || asked.get()
                fallback=move || view! {
                    <div class="buttons">
                        <button type="button" on:click=move |_| asked.set(true)>"Use another token"</button>
                        <button type="button" class="quiet" disabled=move || busy.get() on:click=move |_| send(TokenAction::Forget)>
                            "Forget it"
                        </button>
                    </div>
                }
            >
                <form
                    class="token-form"
                    novalidate
                    on:submit=move |event| {
                        event.prevent_default();
                        submit();
                    }
                >
                    <label class="stacked grow">
                        <span>"Portal token"</span>
                        <input
                            type="password"
                            node_ref=field
                            autocomplete="off"
                            spellcheck="false"
                            aria-invalid=move || failure.with(Option::is_some).to_string()
                            aria-describedby="token-problem token-help"
                        />
                    </label>
                    <button type="submit" class="primary" disabled=move || busy.get()>
                        {move || if busy.get() { "Checking…" } else { "Check" }}
                    </button>
                    <Show when=move || unchecked.get()>
                        <button type="button" disabled=move || busy.get() on:click=move |_| send(TokenAction::Check)>
                            "Check the one that is there"
                        </button>
                    </Show>
                    <Show when=move || asked.get()>
                        <button type="button" class="quiet" on:click=move |_| asked.set(false)>"Cancel"</button>
                    </Show>
                </form>
                <p id="token-help" class="muted">
                    "Log in to CloudLab, open the menu under your name, and download an API token. It is sent to "
                    {portal}
                    " only."
                </p>
            </Show>
            <div id="token-problem">
                {patience.shown()}
                {move || failure.get().map(|failure| view! { <p class="field-error" role="alert">{failure}</p> })}
            </div>
        </section>
    }
    .into_any()
}

fn token_name(token: &TokenState) -> &'static str {
    match token {
        TokenState::Missing => "missing",
        TokenState::Unchecked { .. } => "unchecked",
        TokenState::Accepted { .. } => "accepted",
        TokenState::Refused { .. } => "refused",
    }
}

fn badge(token: &TokenState) -> impl IntoView + use<> {
    let (tone, label) = match token {
        TokenState::Missing => (Tone::Neutral, "No token"),
        TokenState::Unchecked { .. } => (Tone::Warning, "Not checked"),
        TokenState::Accepted { .. } => (Tone::Good, "Accepted"),
        TokenState::Refused { .. } => (Tone::Bad, "Refused"),
    };
    view! { <Badge tone label/> }
}

/// Whose token it is, and how long it still lasts.
fn owner(token: &TokenState) -> Option<AnyView> {
    let TokenState::Accepted { user, expires_ms, .. } = token.clone() else { return None };
    let Now(now) = expect_context();
    let lasts = expires_ms.map(|at_ms| {
        let rest = move || now.get().map(|now_ms| left(at_ms, now_ms));
        let soon = move || now.get().is_some_and(|now_ms| at_ms - now_ms < WARNING_MS);
        let text = move || match rest() {
            None => String::new(),
            Some(None) => " (it has expired)".to_owned(),
            Some(Some(rest)) => format!(" ({rest} left)"),
        };
        view! {
            <span>"expires " <LocalTime at_ms/> <span class:warned=soon>{text}</span></span>
        }
    });
    let whose = user.map(|user| view! { <span>"of " <strong>{user}</strong></span> });
    Some(view! { {whose} {lasts} }.into_any())
}
