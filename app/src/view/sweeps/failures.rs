//! The runs that failed, each with its reason.

use crate::view::sweeps::page::SweepContext;
use leptos::prelude::*;
use model::ids::TrialId;
use model::sweep::RunState;

/// The list, where there is anything in it.
#[component]
pub(crate) fn Failures() -> AnyView {
    let context = expect_context::<SweepContext>();
    let failures = Memo::new(move |_| {
        context.sweep.with(|sweep| {
            let Some(sweep) = sweep else { return Vec::new() };
            let failed = sweep.runs.values().filter_map(|run| match &run.state {
                RunState::Failed { reason } => {
                    let (point, repetition) = sweep.plan.place_of_run(run.run);
                    let at = model::sweep::point(&sweep.plan, point).label();
                    let label = match sweep.plan.repetitions {
                        1 => at,
                        repetitions => format!("{at} ({} of {repetitions})", repetition + 1),
                    };
                    Some((label, reason.clone(), run.trial))
                }
                RunState::Done => None,
            });
            failed.collect::<Vec<(String, String, Option<TrialId>)>>()
        })
    });
    let row = |(label, reason, trial): (String, String, Option<TrialId>)| {
        let link = trial.map(|trial| view! { " " <a href=format!("/trials/{trial}")>"Trial " {trial.to_string()}</a> });
        view! { <li><strong>{label}</strong> ": " {reason} {link}</li> }
    };
    view! {
        <Show when=move || failures.with(|failures| !failures.is_empty())>
            <section class="card padded sweep-failures" aria-labelledby="failures-title">
                <h2 id="failures-title">"Failed runs"</h2>
                <p class="muted">"They are no part of any mean. Resume tries them again."</p>
                <ul>{move || failures.get().into_iter().map(row).collect_view()}</ul>
            </section>
        </Show>
    }
    .into_any()
}
