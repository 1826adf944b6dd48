//! The live stream: one event source a tab. The browser opens it again after most cuts, we after those at which it gives
//! up; the last event's id goes along either way, so that nothing is lost in between.

use crate::conn::error::PageError;
use crate::conn::visitor::load_visitor;
use crate::state::connection::{Connection, retry_wait_ms};
use futures::StreamExt;
use gloo_net::eventsource::State;
use gloo_net::eventsource::futures::EventSource;
use leptos::leptos_dom::helpers::{IntervalHandle, set_interval_with_handle, set_timeout_with_handle};
use leptos::task::spawn_local;
use model::event::LiveEvent;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// How often the state of the connection is looked at: the event source tells of messages only.
const STATE_INTERVAL: Duration = Duration::from_millis(100);

/// What the stream tells the page.
pub(crate) enum StreamNews {
    /// The connection changed.
    Connection(Connection),
    /// Something happened.
    Event(Box<LiveEvent>),
}

struct Stream {
    last_id: RefCell<String>,
    attempt: Cell<u32>,
    connection: Cell<Connection>,
    tell: Box<dyn Fn(StreamNews)>,
}

impl Stream {
    fn set_connection(&self, connection: Connection) {
        if self.connection.replace(connection) != connection {
            (self.tell)(StreamNews::Connection(connection));
        }
    }

    fn note_state(&self, state: State) {
        match state {
            State::Open => {
                self.attempt.set(0);
                self.set_connection(Connection::Live);
            }
            // Connecting for the first time is no loss.
            State::Connecting if self.connection.get() == Connection::Connecting => {}
            State::Connecting | State::Closed => self.set_connection(Connection::Lost),
        }
    }
}

/// Follows all that happens after the event `after`, until the tab is closed.
pub(crate) fn follow(after: String, tell: impl Fn(StreamNews) + 'static) {
    open(Rc::new(Stream {
        last_id: RefCell::new(after),
        attempt: Cell::new(0),
        connection: Cell::default(),
        tell: Box::new(tell),
    }));
}

fn open(stream: Rc<Stream>) {
    spawn_local(async move {
        let id = js_sys::encode_uri_component(&stream.last_id.borrow()).as_string().unwrap_or_default();
        if let Ok(mut source) = EventSource::new(&format!("/stream?after={id}"))
            && let Ok(mut messages) = source.subscribe("message")
        {
            let watcher = watch(Rc::clone(&stream), Rc::new(source));
            // The first error that gets here is the one after which the browser does not try again.
            while let Some(Ok((_, message))) = messages.next().await {
                let id = message.last_event_id();
                if !id.is_empty() {
                    stream.last_id.replace(id);
                }
                let data = message.data().as_string().unwrap_or_default();
                // An event that this page does not know is of a newer server: the rest of the page still works.
                if let Ok(event) = serde_json::from_str(&data) {
                    (stream.tell)(StreamNews::Event(Box::new(event)));
                }
            }
            if let Some(watcher) = watcher {
                watcher.clear();
            }
        }
        stream.set_connection(Connection::Lost);
        // Browsers do not say why a stream was refused.
        if let Err(PageError::Refused(_)) = load_visitor().await {
            stream.set_connection(Connection::SignedOut);
            return;
        }
        retry(stream);
    });
}

/// Looks at the state of an event source as long as it is in use, and keeps it open by holding it.
fn watch(stream: Rc<Stream>, source: Rc<EventSource>) -> Option<IntervalHandle> {
    set_interval_with_handle(move || stream.note_state(source.state()), STATE_INTERVAL).ok()
}

fn retry(stream: Rc<Stream>) {
    let attempt = stream.attempt.get();
    stream.attempt.set(attempt.saturating_add(1));
    let wait = Duration::from_millis(retry_wait_ms(attempt).unsigned_abs().into());
    // Without a timer there is no browser either.
    let _ = set_timeout_with_handle(move || open(stream), wait);
}
