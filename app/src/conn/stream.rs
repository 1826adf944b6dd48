//! The live stream. Browsers open at most six connections to a server over HTTP/1.1, all tabs together, so the tabs of one
//! browser share one event source: the tab that holds a lock has it, and tells the others over a broadcast channel. When
//! that tab is closed, the lock goes to the next one. Every event has a number: a tab that finds one missing, because it
//! came later or slept, fetches what it lacks. So each tab sees every event once and in order, whoever reads the stream.
//!
//! Where a browser has no locks (a page that is not from this machine and comes without TLS), each tab has its own source.

mod lock;
mod missed;
mod source;

use crate::state::connection::Connection;
use crate::state::place::{Step, step};
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::{document, set_timeout};
use leptos::task::spawn_local;
use model::event::{LiveEvent, MissedEvent};
use source::Source;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel's and the lock's name.
const NAME: &str = "bftgym-stream";
/// How often a tab that can be seen asks after the one that reads the stream.
const ASK: Duration = Duration::from_secs(5);
/// After so many questions without any answer that tab hangs, and another takes its place.
const PATIENCE: u32 = 3;
/// How long until what could not be fetched is fetched again.
const AGAIN: Duration = Duration::from_secs(1);

/// What the stream tells the page.
pub(crate) enum StreamNews {
    /// The connection changed.
    Connection(Connection),
    /// Something happened.
    Event(Box<LiveEvent>),
}

/// One tab's part in it.
struct Feed {
    /// The id of the last event that the page has been told.
    place: RefCell<String>,
    connection: Cell<Connection>,
    tell: Box<dyn Fn(StreamNews)>,
    channel: Option<BroadcastChannel>,
    /// The event source, in the tab that reads the stream.
    source: RefCell<Option<Source>>,
    /// Events that came while older ones are being fetched.
    waiting: RefCell<Option<Vec<(String, String)>>>,
    /// Questions since the reading tab was last heard.
    unanswered: Cell<u32>,
}

/// Follows all that happens after the event `after`, until the tab is closed.
pub(crate) fn follow(after: String, tell: impl Fn(StreamNews) + 'static) {
    let channel = lock::supported().then(|| BroadcastChannel::new(NAME).ok()).flatten();
    let feed = Rc::new(Feed {
        place: RefCell::new(after),
        connection: Cell::default(),
        tell: Box::new(tell),
        channel,
        source: RefCell::new(None),
        waiting: RefCell::new(None),
        unanswered: Cell::new(0),
    });
    if let Some(channel) = &feed.channel {
        listen(&feed, channel);
        lock::when_granted(Rc::clone(&feed), false);
        feed.post(&Word::Ask);
        watch(Rc::clone(&feed));
    } else {
        feed.lead();
    }
}

/// What tabs say to each other.
enum Word<'a> {
    /// Who reads the stream, and how is it?
    Ask,
    /// It is so, and this was the last event.
    State(Connection, &'a str),
    /// An event: its id and its JSON.
    Event(&'a str, &'a str),
}

impl<'a> Word<'a> {
    fn text(&self) -> String {
        match self {
            Self::Ask => "ask\n\n".to_owned(),
            Self::State(connection, id) => format!("{}\n{id}\n", connection.name()),
            Self::Event(id, json) => format!("event\n{id}\n{json}"),
        }
    }

    /// None for what a tab of another version says.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(3, '\n');
        let (word, id, json) = (parts.next()?, parts.next()?, parts.next()?);
        match word {
            "ask" => Some(Self::Ask),
            "event" => Some(Self::Event(id, json)),
            word => Some(Self::State(Connection::of_name(word)?, id)),
        }
    }
}

fn listen(feed: &Rc<Feed>, channel: &BroadcastChannel) {
    let feed = Rc::clone(feed);
    let heard = move |message: MessageEvent| {
        let Some(text) = message.data().as_string() else { return };
        let Some(word) = Word::parse(&text) else { return };
        let leads = feed.source.borrow().is_some();
        match word {
            Word::Ask if leads => feed.post(&Word::State(feed.connection.get(), &feed.place.borrow().clone())),
            Word::Ask => {}
            // In the moment in which the lock goes from one tab to another both may speak.
            Word::State(..) if leads => {}
            Word::State(connection, id) => {
                feed.unanswered.set(0);
                feed.set_connection(connection);
                if connection == Connection::Live && step(&feed.place.borrow(), id) != Step::Known {
                    feed.fetch();
                }
            }
            Word::Event(id, json) => {
                feed.unanswered.set(0);
                feed.offer(id.to_owned(), json.to_owned(), false);
            }
        }
    };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(heard).into_js_value();
    channel.set_onmessage(Some(heard.unchecked_ref()));
}

/// Asks after the reading tab from time to time, while somebody looks at this one.
fn watch(feed: Rc<Feed>) {
    let ask = move || {
        if feed.source.borrow().is_some() || document().hidden() {
            return;
        }
        feed.unanswered.set(feed.unanswered.get() + 1);
        if feed.unanswered.get() > PATIENCE {
            feed.unanswered.set(0);
            lock::when_granted(Rc::clone(&feed), true);
        } else {
            feed.post(&Word::Ask);
        }
    };
    // Without timers there is no browser either.
    let _ = set_interval_with_handle(ask, ASK);
}

impl Feed {
    /// Reads the stream from now on, for all tabs.
    fn lead(self: &Rc<Self>) {
        if self.connection.get() == Connection::Live {
            self.set_connection(Connection::Connecting);
        }
        let source = Source::open(Rc::clone(self));
        self.source.replace(Some(source));
    }

    /// Another tab has taken over.
    fn step_down(&self) {
        if let Some(source) = self.source.take() {
            source.close();
        }
    }

    fn set_connection(&self, connection: Connection) {
        if self.connection.replace(connection) != connection {
            (self.tell)(StreamNews::Connection(connection));
        }
        if self.source.borrow().is_some() {
            self.post(&Word::State(connection, &self.place.borrow().clone()));
        }
    }

    fn post(&self, word: &Word<'_>) {
        if let Some(channel) = &self.channel {
            // Text can always be sent; a closed channel is that of a tab that is going away.
            let _ = channel.post_message(&word.text().into());
        }
    }

    /// Takes an event in its turn. What this tab's own source says is what the server means for this place; of the others'
    /// only the order counts.
    fn offer(self: &Rc<Self>, id: String, json: String, own: bool) {
        if let Some(waiting) = self.waiting.borrow_mut().as_mut() {
            waiting.push((id, json));
            return;
        }
        let step = step(&self.place.borrow(), &id);
        match step {
            Step::Known => {}
            Step::Next => self.take(id, serde_json::from_str(&json).ok()),
            Step::Gap if own => self.take(id, serde_json::from_str(&json).ok()),
            Step::Gap => self.fetch(),
        }
    }

    /// An event that this page does not know is of a newer server: the rest of the page still works.
    fn take(&self, id: String, event: Option<LiveEvent>) {
        self.place.replace(id);
        if let Some(event) = event {
            (self.tell)(StreamNews::Event(Box::new(event)));
        }
    }

    /// Fetches what came after this tab's place.
    fn fetch(self: &Rc<Self>) {
        if self.waiting.borrow().is_some() {
            return;
        }
        self.waiting.replace(Some(Vec::new()));
        let feed = Rc::clone(self);
        spawn_local(async move {
            let place = feed.place.borrow().clone();
            let answer = missed::after(&place).await;
            let waiting = feed.waiting.take().unwrap_or_default();
            match answer {
                Some(events) => {
                    for MissedEvent { id, event } in events {
                        feed.take(id, Some(event));
                    }
                    for (id, json) in waiting {
                        feed.offer(id, json, false);
                    }
                }
                None => set_timeout(move || feed.post(&Word::Ask), AGAIN),
            }
        });
    }
}
