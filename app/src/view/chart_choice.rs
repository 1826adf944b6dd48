//! Which charts a reader wants to see: a list of check boxes, kept in the browser.

use crate::state::chart_kind::ChartKind;
use crate::view::menu::Menu;
use leptos::prelude::*;

const KEY: &str = "bftgym-charts";

/// The chosen charts.
#[derive(Clone, Copy)]
pub(crate) struct Choice(RwSignal<Vec<ChartKind>>);

impl Choice {
    /// What was chosen last; the main charts until the browser has said so.
    pub(crate) fn new() -> Self {
        let chosen = RwSignal::new(ChartKind::MAIN.to_vec());
        Effect::new(move |_| {
            let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
            if let Some(kept) = kept {
                chosen.set(kept.split(',').filter_map(ChartKind::of_name).collect());
            }
        });
        Self(chosen)
    }

    /// The chosen charts in their order.
    pub(crate) fn shown(self) -> Vec<ChartKind> {
        self.0.with(|chosen| ChartKind::ALL.into_iter().filter(|kind| chosen.contains(kind)).collect())
    }

    fn has(self, kind: ChartKind) -> bool {
        self.0.with(|chosen| chosen.contains(&kind))
    }

    fn toggle(self, kind: ChartKind) {
        self.0.update(|chosen| {
            if self::remove(chosen, kind) {
                return;
            }
            chosen.push(kind);
        });
        let names: Vec<_> = self.0.with_untracked(|chosen| chosen.iter().map(|kind| kind.name()).collect());
        if let Some(storage) = storage() {
            // Without room the choice lasts as long as the page.
            let _ = storage.set_item(KEY, &names.join(","));
        }
    }
}

fn remove(chosen: &mut Vec<ChartKind>, kind: ChartKind) -> bool {
    let before = chosen.len();
    chosen.retain(|known| *known != kind);
    chosen.len() < before
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The menu.
#[component]
pub(crate) fn ChartChoice(choice: Choice) -> AnyView {
    let boxes = ChartKind::ALL.map(|kind| {
        view! {
            <label>
                <input
                    type="checkbox"
                    prop:checked=move || choice.has(kind)
                    on:change=move |_| choice.toggle(kind)
                />
                {kind.title()}
            </label>
        }
    });
    view! {
        <Menu label="Charts".into_any()>
            <div class="boxes" role="group" aria-label="Shown charts">{boxes.collect_view()}</div>
        </Menu>
    }
    .into_any()
}
