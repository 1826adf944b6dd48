//! Waiting for a portal that is busy: as long as it asks for, counted down in the page, and given up by a button.

use crate::backend::BackendError;
use crate::conn::error::PageError;
use crate::state::draft::sentence;
use crate::view::pause::pause;
use leptos::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What one wait is for.
#[derive(Clone, PartialEq, Eq)]
struct Wait {
    /// The portal's words.
    message: String,
    /// How long it still lasts, seconds.
    rest_s: u64,
}

/// The wait of one form or row of buttons; none while there is nothing to wait for.
#[derive(Clone, Copy)]
pub(super) struct Patience(RwSignal<Option<Wait>>);

impl Patience {
    /// Nothing is waited for.
    pub(super) fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Asks until the portal is not busy any more. Ends with the calling component.
    ///
    /// # Errors
    /// Whatever else the answer is; that the portal is busy, where the person gave up.
    pub(super) async fn ask<T, A>(self, ask: impl Fn() -> A) -> Result<T, PageError>
    where
        A: Future<Output = Result<T, PageError>>,
    {
        loop {
            let answer = ask().await;
            let Err(PageError::Backend(BackendError::Busy { message, wait_s })) = &answer else { return answer };
            for rest_s in (1..=*wait_s).rev() {
                // What cannot be set is gone.
                if self.0.try_set(Some(Wait { message: message.clone(), rest_s })).is_some() {
                    return answer;
                }
                pause(SECOND).await;
                if self.0.try_with_untracked(Option::is_none).unwrap_or(true) {
                    return answer;
                }
            }
            self.0.set(None);
        }
    }

    /// The wait as it is told, with the way out of it.
    pub(super) fn shown(self) -> AnyView {
        let Self(wait) = self;
        let message = Memo::new(move |_| wait.with(|wait| wait.as_ref().map(|wait| sentence(&wait.message))));
        let rest =
            move || wait.with(|wait| wait.as_ref().map(|wait| format!("It is asked again in {} s.", wait.rest_s)));
        view! {
            <div class="token-line">
                // What is waited for is read out once, and not with each second.
                <span role="status">{move || message.get()}</span>
                <Show when=move || message.with(Option::is_some)>
                    <span>{rest}</span>
                    <button type="button" on:click=move |_| wait.set(None)>"Do not wait"</button>
                </Show>
            </div>
        }
        .into_any()
    }
}
