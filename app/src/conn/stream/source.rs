//! The event source of the tab that reads the stream. The browser opens it again after most cuts, we after those at which
//! it gives up; the last event's id goes along either way, so that nothing is lost in between.

use super::{Feed, Word};
use crate::conn::error::PageError;
use crate::conn::visitor::load_visitor;
use crate::state::connection::{Connection, retry_wait_ms};
use leptos::leptos_dom::helpers::set_timeout_with_handle;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventSource, MessageEvent};

/// The event source, opened again whenever it is closed, until it is given up.
#[derive(Clone)]
pub(super) struct Source(Rc<Inner>);

struct Inner {
    feed: Rc<Feed>,
    now: RefCell<Option<EventSource>>,
    attempt: Cell<u32>,
    given_up: Cell<bool>,
}

impl Source {
    /// Opens it after the feed's place.
    pub(super) fn open(feed: Rc<Feed>) -> Self {
        let source =
            Self(Rc::new(Inner { feed, now: RefCell::new(None), attempt: Cell::new(0), given_up: Cell::new(false) }));
        source.connect();
        source
    }

    /// Closes it for good.
    pub(super) fn close(&self) {
        self.0.given_up.set(true);
        if let Some(now) = self.0.now.take() {
            now.close();
        }
    }

    fn connect(&self) {
        if self.0.given_up.get() {
            return;
        }
        let id = js_sys::encode_uri_component(&self.0.feed.place.borrow()).as_string().unwrap_or_default();
        let Ok(source) = EventSource::new(&format!("/stream?after={id}")) else {
            self.retry();
            return;
        };
        let opened = self.clone();
        source.set_onopen(Some(&handler(move |_: JsValue| {
            opened.0.attempt.set(0);
            opened.0.feed.set_connection(Connection::Live);
        })));
        let told = self.clone();
        source.set_onmessage(Some(&handler(move |message: JsValue| told.tell(message.unchecked_ref()))));
        let (failed, failing) = (self.clone(), source.clone());
        source.set_onerror(Some(&handler(move |_: JsValue| {
            if failed.0.given_up.get() {
                return;
            }
            failed.0.feed.set_connection(Connection::Lost);
            // Otherwise the browser is about to try again.
            if failing.ready_state() == EventSource::CLOSED {
                spawn_local(failed.clone().retry_unless_signed_out());
            }
        })));
        self.0.now.replace(Some(source));
    }

    fn tell(&self, message: &MessageEvent) {
        let (id, json) = (message.last_event_id(), message.data().as_string().unwrap_or_default());
        self.0.feed.post(&Word::Event(&id, &json));
        self.0.feed.offer(id, json, true);
    }

    /// Browsers do not say why a stream was refused.
    async fn retry_unless_signed_out(self) {
        match load_visitor().await {
            Err(PageError::Refused(_)) => {
                self.0.feed.set_connection(Connection::SignedOut);
                self.close();
            }
            _ => self.retry(),
        }
    }

    fn retry(&self) {
        let attempt = self.0.attempt.get();
        self.0.attempt.set(attempt.saturating_add(1));
        let wait = Duration::from_millis(retry_wait_ms(attempt).unsigned_abs().into());
        let again = self.clone();
        // Without a timer there is no browser either.
        let _ = set_timeout_with_handle(move || again.connect(), wait);
    }
}

fn handler(call: impl Fn(JsValue) + 'static) -> js_sys::Function {
    Closure::<dyn Fn(JsValue)>::new(call).into_js_value().unchecked_into()
}
