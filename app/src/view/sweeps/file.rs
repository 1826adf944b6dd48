//! Results as files: SVG, PNG and CSV.

use crate::state::sweeps::picture::{Ink, Picture};
use crate::view::export;
use crate::view::sweeps::page::SweepContext;
use leptos::prelude::*;

/// The menu of one view of the results.
#[component]
pub(crate) fn SaveMenu(part: &'static str, draw: Callback<(), Picture>, csv: Callback<(), Option<String>>) -> AnyView {
    let context = expect_context::<SweepContext>();
    let svg = move || {
        let colours = export::colours();
        let colour = |ink: Ink| colours(ink.property().trim_start_matches('-'));
        let picture = draw.run(());
        (picture.size, picture.svg(&colour))
    };
    let save_svg = move |_| export::svg_document(&context.file(part, "svg"), &svg().1);
    let save_png = move |_| {
        let (size, text) = svg();
        export::png_of(&context.file(part, "png"), size, &text);
    };
    let save_csv = move |_| {
        if let Some(text) = csv.run(()) {
            export::text(&context.file("results", "csv"), &text);
        }
    };
    view! {
        <details class="chart-menu">
            <summary aria-label=format!("Files of the {}", part.replace('-', " ")) title="Files">"⋯"</summary>
            <div class="menu-list">
                <button type="button" on:click=save_svg>"Save as SVG"</button>
                <button type="button" on:click=save_png>"Save as PNG"</button>
                <button type="button" on:click=save_csv>"Save as CSV"</button>
            </div>
        </details>
    }
    .into_any()
}
