//! The drawing of the replicas' state machine, with the same in words.

use crate::state::protocols::machine::{Machine, Way};
use leptos::prelude::*;

/// Sizes, pixels.
const WIDTH: usize = 190;
const HEIGHT: usize = 76;
const BOX: (usize, usize) = (128, 30);
const LINE: usize = 14;

/// How many conditions fit beside an arrow.
const MOST_LABELS: usize = 3;

/// What the ways of one arrow wait for, a line each.
fn labels(ways: &[&Way]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for way in ways {
        if !labels.contains(&way.when) {
            labels.push(way.when.clone());
        }
    }
    let more = labels.len().saturating_sub(MOST_LABELS);
    if more > 0 {
        labels.truncate(MOST_LABELS - 1);
        labels.push(format!("or {} more", more + 1));
    }
    labels
}

/// States as boxes from idle downwards, ways as arrows.
#[component]
pub(crate) fn StateMachine(machine: Memo<Machine>) -> AnyView {
    let drawing = move || {
        let machine = machine.get();
        if machine.ways.is_empty() {
            return view! { <p class="muted">"States are drawn once the file can be read."</p> }.into_any();
        }
        let (rows, columns) = machine.size();
        let centre = |index: usize| {
            let node = &machine.nodes[index];
            let row: Vec<_> = machine.nodes.iter().filter(|other| other.row == node.row).collect();
            let left = (columns - row.len()) * WIDTH / 2;
            (left + node.column * WIDTH + WIDTH / 2, node.row * HEIGHT + HEIGHT / 2)
        };
        let arrow = |(from, to, ways): (usize, usize, Vec<&Way>)| {
            let ((from_x, from_y), (to_x, to_y)) = (centre(from), centre(to));
            let half = BOX.1 / 2;
            let steps = machine.nodes[to].row as i64 - machine.nodes[from].row as i64;
            // Ways that skip rows go around the boxes.
            let bend = if steps == 1 { 0 } else { 84 };
            let (start, end) = if steps > 0 { (from_y + half, to_y - half) } else { (from_y, to_y) };
            let path = format!(
                "M{from_x} {start} C{} {}, {} {}, {to_x} {end}",
                from_x as i64 + bend,
                start + 16,
                to_x as i64 + bend,
                end.saturating_sub(16)
            );
            let head = format!("M{} {} l4 7 l4 -7", to_x - 4, end.saturating_sub(7));
            let title = ways.iter().map(|way| machine.sentence(way)).collect::<Vec<_>>().join("\n");
            let labels = if steps == 1 { labels(&ways) } else { Vec::new() };
            let (x, middle) = ((from_x + to_x) / 2 + 8, (start + end) / 2 + 4);
            let first = middle.saturating_sub(labels.len().saturating_sub(1) * LINE / 2);
            let labels = labels.into_iter().enumerate();
            let labels =
                labels.map(|(line, text)| view! { <text class="when" x=x y=first + line * LINE>{text}</text> });
            let labels = labels.collect_view();
            view! { <g class="way"><title>{title}</title><path d=path/><path class="head" d=head/>{labels}</g> }
        };
        let arrows = machine.pairs().into_iter().map(arrow).collect_view();
        let boxes = (0..machine.nodes.len())
            .map(|index| {
                let (x, y) = centre(index);
                let name = machine.nodes[index].name.clone();
                view! {
                    <g class="state">
                        <rect x=x - BOX.0 / 2 y=y - BOX.1 / 2 width=BOX.0 height=BOX.1 rx="6"/>
                        <text x=x y=y + 4 text-anchor="middle">{name}</text>
                    </g>
                }
            })
            .collect_view();
        let words = machine.ways.iter().map(|way| view! { <li>{machine.sentence(way)}</li> }).collect_view();
        let (width, height) = (columns * WIDTH + 40, rows * HEIGHT);
        view! {
            <div class="machine-scroll" tabindex="0" role="region" aria-label="Drawing of the states">
                <svg class="machine" width=width height=height viewBox=format!("0 0 {width} {height}") role="img" aria-label="The states of a block at a replica; the list below says the same in words">
                    {arrows}{boxes}
                </svg>
            </div>
            <details><summary>"The same in words"</summary><ul class="ways">{words}</ul></details>
        }
        .into_any()
    };
    view! { <section class="card padded" aria-label="States"><h2>"States of a block at a replica"</h2>{drawing}</section> }
        .into_any()
}
