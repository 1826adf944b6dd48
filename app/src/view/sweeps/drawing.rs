//! A drawing of plain shapes as part of the page; classes give the colours.

use crate::state::sweeps::picture::{Ink, Picture, Shape, points_text};
use leptos::prelude::*;

/// The shapes of a drawing, to be put into an SVG element.
pub(crate) fn shapes(picture: Picture) -> AnyView {
    picture.shapes.into_iter().map(shape).collect_view().into_any()
}

fn shape(shape: Shape) -> AnyView {
    match shape {
        Shape::Line { points, ink, width, dashes } => {
            let dashes: Vec<_> = dashes.iter().map(ToString::to_string).collect();
            view! {
                <polyline
                    class=format!("stroke {}", class(ink))
                    points=points_text(&points)
                    stroke-width=width.to_string()
                    stroke-dasharray=dashes.join(" ")
                />
            }
            .into_any()
        }
        Shape::Rectangle { at, size, ink } => view! {
            <rect
                class=class(ink)
                x=at.0.to_string()
                y=at.1.to_string()
                width=size.0.to_string()
                height=size.1.to_string()
            />
        }
        .into_any(),
        Shape::Dot { at, radius, ink } => view! {
            <circle class=class(ink) cx=at.0.to_string() cy=at.1.to_string() r=radius.to_string()/>
        }
        .into_any(),
        Shape::Text { at, anchor, ink, size, bold, text } => view! {
            <text
                class=class(ink)
                x=at.0.to_string()
                y=at.1.to_string()
                text-anchor=anchor.word()
                font-size=size.to_string()
                font-weight=if bold { "600" } else { "400" }
            >
                {text}
            </text>
        }
        .into_any(),
    }
}

/// The class of an ink: `ink-series-2`.
fn class(ink: Ink) -> String {
    format!("ink{}", &ink.property()[1..])
}
