//! When the browser has taken over the document. The code of a page may still be on its way when the frame around it
//! lives: what is shown must be what the server rendered until the page lives too.

use leptos::prelude::*;

/// Whether all of the document has been taken over.
#[derive(Clone, Debug, Default)]
pub struct Hydrated(ArcRwSignal<bool>);

impl Hydrated {
    /// From the context; without one nothing is taken over, which is so on the server.
    pub(super) fn get() -> bool {
        use_context::<Self>().is_some_and(|hydrated| hydrated.0.get())
    }

    /// All of it has.
    pub fn complete(&self) {
        self.0.set(true);
    }
}
