//! What the checker found, each a way to its place.

use crate::state::draft::sentence;
use crate::view::code::go_to;
use leptos::html::Textarea;
use leptos::prelude::*;
use model::words::counted;
use protocol::language::{Diagnostic, Severity};

/// The list of findings.
#[component]
pub(crate) fn Findings(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] findings: Signal<Vec<Diagnostic>>,
    area: NodeRef<Textarea>,
) -> AnyView {
    let count = move |severity| findings.with(|all| all.iter().filter(|found| found.severity == severity).count());
    let summary = move || match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "No problems found.".to_owned(),
        (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    let items =
        move || {
            findings.get().into_iter().map(|found| {
            let (word, tone) = match found.severity {
                Severity::Error => ("Error", "bad"),
                Severity::Warning => ("Warning", "warning"),
            };
            let place = found.place;
            let go = move |_| text.with_untracked(|text| go_to(area, text, place.line, place.column));
            view! {
                <li>
                    <button type="button" class="finding" data-code=found.code.clone() on:click=go>
                        <span class=format!("badge {tone}")>{word}</span>
                        <span class="where">{format!("line {}, column {}", place.line, place.column)}</span>
                        <code>{found.code.clone()}</code>
                        <span class="what">{sentence(&found.message)} " " <em>{sentence(&found.mend)}</em></span>
                    </button>
                </li>
            }
        }).collect_view()
        };
    view! {
        <section class="findings" aria-label="Problems">
            <p class="summary" role="status">{summary}</p>
            <ul>{items}</ul>
        </section>
    }
    .into_any()
}
