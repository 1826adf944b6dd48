//! The file's text with line numbers and marks beside it. Only the numbers in sight are drawn, whatever the file's size.

pub(crate) mod findings;

use leptos::html::Textarea;
use leptos::prelude::*;
use protocol::language::{Diagnostic, Severity};

/// The height of a line, pixels; `_code.scss` has the same.
const LINE: i32 = 18;
/// From how many bytes on a pasted text is put in without the browser's editing commands.
const LONG_PASTE: usize = 64 * 1024;
/// Room above the first line, pixels; likewise.
const TOP: i32 = 8;

/// The editor of a file's text. `label` is its name for those who cannot see it; `typed` gets the text after each change.
#[component]
pub(crate) fn Code(
    label: &'static str,
    #[prop(into)] text: Signal<String>,
    typed: Callback<String>,
    #[prop(into)] findings: Signal<Vec<Diagnostic>>,
    area: NodeRef<Textarea>,
) -> AnyView {
    let scrolled = RwSignal::new(0);
    let lines = Memo::new(move |_| text.with(|text| text.matches('\n').count() + 1));
    let numbers = move || {
        let top = scrolled.get();
        let first = (top / LINE).max(0) as usize;
        let last = (first + 60).min(lines.get());
        (first..last)
            .map(|line| {
                let y = line as i32 * LINE + TOP - top;
                let worst = findings.with(|findings| {
                    findings.iter().filter(|found| found.place.line == line + 1).map(|found| found.severity).max()
                });
                let mark = worst.map(|severity| match severity {
                    Severity::Error => view! { <circle class="error" cx="8" cy=y + 9 r="5"/> }.into_any(),
                    Severity::Warning => view! { <path class="warning" d=format!("M8 {}l6 10H2z", y + 4)/> }.into_any(),
                });
                view! { {mark} <text x="50" y=y + 13 text-anchor="end">{line + 1}</text> }
            })
            .collect_view()
    };
    view! {
        <div class="code">
            <svg class="gutter" width="56" height="100%" aria-hidden="true">{numbers}</svg>
            <textarea
                node_ref=area
                aria-label=label
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                wrap="off"
                prop:value=move || text.get()
                on:input=move |event| typed.run(event_target_value(&event))
                on:paste=move |event| {
                    if let Some(value) = paste_long(area, &event) {
                        typed.run(value);
                    }
                }
                on:scroll=move |_| {
                    if let Some(area) = area.get_untracked() {
                        scrolled.set(area.scroll_top());
                    }
                }
            ></textarea>
        </div>
    }
    .into_any()
}

/// Takes over a long paste and gives the whole text after it. Chromium's own editing command takes minutes for a text
/// of 100,000 lines, because it makes a node of each; setting the range takes no time, but cannot be undone by Ctrl+Z.
fn paste_long(area: NodeRef<Textarea>, event: &web_sys::ClipboardEvent) -> Option<String> {
    let pasted = event.clipboard_data()?.get_data("text/plain").ok()?;
    let area = area.get_untracked().filter(|_| pasted.len() > LONG_PASTE)?;
    let start = area.selection_start().ok()??;
    let end = area.selection_end().ok()??;
    event.prevent_default();
    area.set_range_text_with_start_and_end(&pasted, start, end).ok()?;
    Some(area.value())
}

/// Puts the cursor to a place, lines and columns from 1, and shows it.
pub(crate) fn go_to(area: NodeRef<Textarea>, text: &str, line: usize, column: usize) {
    let Some(area) = area.get_untracked() else { return };
    let units = |part: &str| part.encode_utf16().count() as u32;
    let before: u32 = text.split_inclusive('\n').take(line.saturating_sub(1)).map(units).sum();
    let rest = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let inside = units(&rest.chars().take(column.saturating_sub(1)).collect::<String>());
    let end = before + units(rest);
    // An element without focus takes the selection as well.
    let _ = area.focus();
    let _ = area.set_selection_range(before + inside, end.max(before + inside));
    area.set_scroll_top((line as i32 - 6).max(0) * LINE);
}
