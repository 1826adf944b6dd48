//! The live stream: one `EventSource` a tab. It is opened again by us and not by the browser, which gives up for good on
//! some errors; the last event's id goes along, so that nothing is lost in between.

use crate::state::connection::{Connection, retry_wait_ms};
use leptos::leptos_dom::helpers::set_timeout_with_handle;
use model::event::LiveEvent;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, EventSource, MessageEvent};

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
    tell: Box<dyn Fn(StreamNews)>,
}

/// The handlers of one `EventSource`, kept alive as long as it is in use.
struct Attached {
    source: EventSource,
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

thread_local! {
    static ATTACHED: RefCell<Option<Attached>> = const { RefCell::new(None) };
}

/// Follows all that happens after the event `after`, until the tab is closed.
pub(crate) fn follow(after: String, tell: impl Fn(StreamNews) + 'static) {
    let stream = Stream { last_id: RefCell::new(after), attempt: Cell::new(0), tell: Box::new(tell) };
    open(Rc::new(stream));
}

fn open(stream: Rc<Stream>) {
    let id = js_sys::encode_uri_component(&stream.last_id.borrow()).as_string().unwrap_or_default();
    let Ok(source) = EventSource::new(&format!("/stream?after={id}")) else {
        retry(stream);
        return;
    };
    let on_open = {
        let stream = Rc::clone(&stream);
        Closure::<dyn FnMut(Event)>::new(move |_| {
            stream.attempt.set(0);
            (stream.tell)(StreamNews::Connection(Connection::Live));
        })
    };
    let on_message = {
        let stream = Rc::clone(&stream);
        Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let id = message.last_event_id();
            if !id.is_empty() {
                stream.last_id.replace(id);
            }
            let data = message.data().as_string().unwrap_or_default();
            // An event that this page does not know is of a newer server: the rest of the page still works.
            if let Ok(event) = serde_json::from_str(&data) {
                (stream.tell)(StreamNews::Event(Box::new(event)));
            }
        })
    };
    let on_error = Closure::<dyn FnMut(Event)>::new(move |_| {
        (stream.tell)(StreamNews::Connection(Connection::Lost));
        retry(Rc::clone(&stream));
    });
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    ATTACHED.replace(Some(Attached { source, _open: on_open, _message: on_message, _error: on_error }));
}

fn retry(stream: Rc<Stream>) {
    // The handlers are dropped by the attempt that follows and not here: one of them is what calls.
    ATTACHED.with_borrow(|attached| {
        if let Some(attached) = attached {
            attached.source.set_onerror(None);
            attached.source.close();
        }
    });
    let attempt = stream.attempt.get();
    stream.attempt.set(attempt.saturating_add(1));
    let wait = Duration::from_millis(retry_wait_ms(attempt).unsigned_abs().into());
    // Without a timer there is no browser either.
    let _ = set_timeout_with_handle(move || open(stream), wait);
}
