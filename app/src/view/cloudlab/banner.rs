//! What every page says while an experiment is nearly over.

use crate::view::session::Session;
use crate::view::time::LocalTime;
use leptos::prelude::*;
use model::cloudlab::ExperimentState;

/// Names the experiments that expire, with when, and the way to more time.
#[component]
pub(crate) fn ExpiryBanner() -> AnyView {
    let session = Session::get();
    let expiring = Memo::new(move |_| {
        session.cloudlab.with(|view| {
            let all = view.iter().flat_map(|view| &view.experiments);
            let expiring = all.filter(|experiment| experiment.state == ExperimentState::Expiring);
            expiring
                .filter_map(|experiment| Some((experiment.request.name.clone(), experiment.expires_ms?)))
                .collect::<Vec<_>>()
        })
    });
    let line = |(name, at_ms): (String, i64)| {
        view! {
            <p class="banner warned" role="status">
                "The CloudLab experiment " <strong>{name}</strong> " ends at " <LocalTime at_ms/> ". "
                <a href="/testbeds">"Extend it, or finish"</a>
            </p>
        }
    };
    view! { {move || expiring.get().into_iter().map(line).collect_view()} }.into_any()
}
