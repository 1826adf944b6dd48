//! The sign that says when a change of a key takes effect, and why.

use leptos::prelude::*;
use model::descriptor::{Descriptor, Effect as TakesEffect};

/// Says in a word and a sign whether a key is live; the reason is in its title and for screen readers.
#[component]
pub(super) fn When(descriptor: &'static Descriptor, #[prop(optional, into)] id: Option<String>) -> AnyView {
    let (name, word, reason) = match descriptor.effect {
        TakesEffect::Live => ("live", "live", "changes while a trial runs, with Update".to_owned()),
        TakesEffect::NextStart(reason) => {
            ("next-start", "next start", format!("takes effect at the next start: {reason}"))
        }
    };
    let sign = match descriptor.effect {
        TakesEffect::Live => "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
        TakesEffect::NextStart(_) => "M8 2a6 6 0 1 0 .01 0M8 4.5V8l2.5 1.5",
    };
    let title = reason.clone();
    view! {
        <span class="when" id=id data-when=name title=title>
            <svg viewBox="0 0 16 16" width="10" height="10" aria-hidden="true"><path d=sign/></svg>
            <span aria-hidden="true">{word}</span>
            <span class="hidden-visually">{reason}</span>
        </span>
    }
    .into_any()
}
