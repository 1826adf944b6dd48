//! Loads again what the page knows of sweeps: it may be of another life of the server.

use crate::conn::sweeps::list::load_sweeps;
use crate::conn::sweeps::open::load_sweep;
use crate::view::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Loads the lines and the open sweep again, where they had been loaded. In the browser only.
pub(crate) fn reload(session: Session) {
    let (loaded, open) =
        session.sweeps.with_untracked(|book| (book.loaded, book.open.as_ref().map(|open| open.summary.id)));
    if loaded {
        spawn_local(async move {
            if let Ok(lines) = load_sweeps().await {
                session.sweeps.update(|book| {
                    book.forget();
                    book.load(lines);
                });
            }
        });
    }
    if let Some(open) = open {
        spawn_local(async move {
            if let Ok(view) = load_sweep(open).await {
                session.sweeps.update(|book| {
                    book.open = None;
                    book.load_open(view);
                });
            }
        });
    }
}
