//! Where events come in and pages listen.

use super::ring::Ring;
use model::event::LiveEvent;
use model::ids::TrialId;
use model::latency::LatencyReport;
use model::series::LivePoint;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// How many events a slow page may be behind before it has to load everything again.
const QUEUE: usize = 1024;
/// How many points one event carries at most.
const POINTS_IN_EVENT: usize = 400;
/// How many points wait for the next round before they go out at once.
const POINTS_WAITING: usize = 4000;
/// The same for clients' latencies.
const LATENCIES_WAITING: usize = 64;
/// How long after the last page has gone samples are still recorded for its return, ms.
const INTEREST_MS: i64 = 30_000;

/// An event as it goes out.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the order, from 1.
    pub sequence: u64,
    /// Its id: the server's start and its place.
    pub id: String,
    /// The event as JSON.
    pub json: String,
}

#[derive(Debug)]
struct Order {
    last: u64,
    ring: Ring,
}

/// What a trial's units measured since the last round.
#[derive(Debug, Default)]
struct Waiting {
    points: Vec<LivePoint>,
    latencies: Vec<LatencyReport>,
}

/// Takes events from the trials and gives them to every page that listens.
#[derive(Debug)]
pub struct Hub {
    boot: String,
    order: Mutex<Order>,
    sender: broadcast::Sender<Arc<Message>>,
    waiting: Mutex<BTreeMap<TrialId, Waiting>>,
    /// Whether anybody listens or has just looked: samples are recorded only then.
    interest: AtomicBool,
    last_interest_ms: AtomicI64,
}

/// One page that listens: first what it missed, then what comes.
#[derive(Debug)]
pub struct Subscription {
    missed: VecDeque<Arc<Message>>,
    receiver: broadcast::Receiver<Arc<Message>>,
}

impl Hub {
    /// A hub whose ids begin with `boot`, which no other start of the server has.
    pub fn new(boot: String) -> Self {
        Self {
            boot,
            order: Mutex::new(Order { last: 0, ring: Ring::default() }),
            sender: broadcast::channel(QUEUE).0,
            waiting: Mutex::default(),
            interest: AtomicBool::new(false),
            last_interest_ms: AtomicI64::new(0),
        }
    }

    /// The id of the last event. What is read from the store after this call contains at least everything up to it.
    pub fn current_id(&self, now_ms: i64) -> String {
        self.last_interest_ms.store(now_ms, Ordering::Relaxed);
        self.interest.store(true, Ordering::SeqCst);
        let order = self.order();
        self.id(order.last)
    }

    /// Tells every page. Call it after the store has acknowledged what the event says.
    pub fn emit(&self, event: &LiveEvent) {
        match serde_json::to_string(event) {
            Ok(json) => self.push(json),
            Err(error) => tracing::error!("a live event could not be written as JSON: {error}"),
        }
    }

    /// Takes points for the next round.
    pub fn add_points(&self, trial: TrialId, points: Vec<LivePoint>, latencies: Option<LatencyReport>) {
        if (points.is_empty() && latencies.is_none()) || !self.interest.load(Ordering::SeqCst) {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_trial = waiting.entry(trial).or_default();
        of_trial.points.extend(points);
        of_trial.latencies.extend(latencies);
        if of_trial.points.len() >= POINTS_WAITING || of_trial.latencies.len() >= LATENCIES_WAITING {
            let full = std::mem::take(&mut *waiting);
            drop(waiting);
            self.emit_points(full);
        }
    }

    /// One round: tells the pages all points that came in. When nobody has listened for long, stops to record points;
    /// a page that then comes with an old id loads everything again.
    pub fn flush_points(&self, now_ms: i64) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if self.sender.receiver_count() > 0 {
            self.last_interest_ms.store(now_ms, Ordering::Relaxed);
        } else if now_ms.saturating_sub(self.last_interest_ms.load(Ordering::Relaxed)) > INTEREST_MS {
            if self.interest.swap(false, Ordering::SeqCst) {
                let mut order = self.order();
                order.last += 1;
                let last = order.last;
                order.ring.clear(last);
            }
            return;
        }
        self.emit_points(waiting);
    }

    /// Listens from after the event with this id; from now on without one. An id that is unknown, forgotten, or of
    /// another start of the server gives a `Reset` first.
    pub fn subscribe(&self, after: Option<&str>, now_ms: i64) -> Subscription {
        self.last_interest_ms.store(now_ms, Ordering::Relaxed);
        self.interest.store(true, Ordering::SeqCst);
        let order = self.order();
        let receiver = self.sender.subscribe();
        let missed = match after {
            None => VecDeque::new(),
            Some(id) => self
                .sequence_of(id)
                .filter(|sequence| *sequence <= order.last)
                .and_then(|sequence| order.ring.after(sequence))
                .unwrap_or_else(|| VecDeque::from([self.reset(order.last)])),
        };
        Subscription { missed, receiver }
    }

    fn push(&self, json: String) {
        let mut order = self.order();
        order.last += 1;
        let message = Arc::new(Message { sequence: order.last, id: self.id(order.last), json });
        order.ring.push(Arc::clone(&message));
        // Nobody listens: the ring keeps it.
        let _ = self.sender.send(message);
    }

    fn emit_points(&self, waiting: BTreeMap<TrialId, Waiting>) {
        for (trial, Waiting { mut points, mut latencies }) in waiting {
            while !points.is_empty() || !latencies.is_empty() {
                let rest = points.split_off(points.len().min(POINTS_IN_EVENT));
                let points = std::mem::replace(&mut points, rest);
                self.emit(&LiveEvent::Samples { trial, points, latencies: std::mem::take(&mut latencies) });
            }
        }
    }

    fn reset(&self, last: u64) -> Arc<Message> {
        let json = serde_json::to_string(&LiveEvent::Reset).unwrap_or_default();
        Arc::new(Message { sequence: last, id: self.id(last), json })
    }

    fn id(&self, sequence: u64) -> String {
        format!("{}-{sequence}", self.boot)
    }

    fn sequence_of(&self, id: &str) -> Option<u64> {
        let (boot, sequence) = id.split_once('-')?;
        if boot == self.boot { sequence.parse().ok() } else { None }
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscription {
    /// What was missed when it began, without waiting for more.
    pub fn missed(self) -> VecDeque<Arc<Message>> {
        self.missed
    }

    /// The next event; a `Reset` when this page was too slow. None when the hub is gone.
    pub async fn next(&mut self, hub: &Hub) -> Option<Arc<Message>> {
        if let Some(message) = self.missed.pop_front() {
            return Some(message);
        }
        match self.receiver.recv().await {
            Ok(message) => Some(message),
            Err(broadcast::error::RecvError::Lagged(_)) => {
                let order = hub.order();
                self.receiver = hub.sender.subscribe();
                Some(hub.reset(order.last))
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deleted(trial: i64) -> LiveEvent {
        LiveEvent::TrialDeleted { trial: TrialId(trial) }
    }

    fn point(at_ms: i64) -> LivePoint {
        LivePoint { metric: "view".into(), entity: 0, at_ms, value: 1.0 }
    }

    #[tokio::test]
    async fn a_page_that_comes_back_gets_what_it_missed_and_then_what_comes() {
        let hub = Hub::new("b".into());
        hub.emit(&deleted(1));
        let seen = hub.current_id(0);
        hub.emit(&deleted(2));
        let mut page = hub.subscribe(Some(&seen), 0);
        hub.emit(&deleted(3));
        for trial in ["2", "3"] {
            assert!(page.next(&hub).await.unwrap().json.ends_with(&format!(":{trial}}}}}")));
        }
    }

    #[tokio::test]
    async fn an_id_of_another_start_or_of_the_future_or_garbage_gives_a_reset() {
        let hub = Hub::new("b".into());
        hub.emit(&deleted(1));
        for id in ["a-1", "b-2", "b-x", "b", "", "b--1", "b-99999999999999999999999"] {
            let message = hub.subscribe(Some(id), 0).next(&hub).await.unwrap();
            assert_eq!((message.json.as_str(), message.id.as_str()), (r#""reset""#, "b-1"), "{id}");
        }
    }

    #[tokio::test]
    async fn a_page_that_is_too_slow_is_told_to_load_everything_again() {
        let hub = Hub::new("b".into());
        let mut page = hub.subscribe(None, 0);
        (0..2000).for_each(|trial| hub.emit(&deleted(trial)));
        let message = page.next(&hub).await.unwrap();
        assert_eq!((message.json.as_str(), message.id.as_str()), (r#""reset""#, "b-2000"));
        hub.emit(&deleted(7));
        assert_eq!(page.next(&hub).await.unwrap().sequence, 2001);
    }

    #[tokio::test]
    async fn points_of_one_round_come_in_one_event_each_trial() {
        let hub = Hub::new("b".into());
        let mut page = hub.subscribe(None, 0);
        let latencies = LatencyReport { entity: 4, at_ms: 3, bands: vec![(30, 7)] };
        hub.add_points(TrialId(1), vec![point(1), point(2)], None);
        hub.add_points(TrialId(1), vec![point(3)], Some(latencies));
        hub.flush_points(100);
        let json = &page.next(&hub).await.unwrap().json;
        assert_eq!((json.matches("at_ms").count(), json.contains("\"samples\"")), (4, true));
        assert!(json.contains("[30,7]"), "{json}");
    }

    #[tokio::test]
    async fn points_that_nobody_was_there_to_see_are_not_kept_and_an_old_page_is_reset() {
        let hub = Hub::new("b".into());
        let old = hub.current_id(0);
        hub.flush_points(INTEREST_MS + 1);
        hub.add_points(TrialId(1), vec![point(1)], None);
        hub.flush_points(INTEREST_MS + 100);
        assert!(hub.subscribe(Some(&old), INTEREST_MS + 200).next(&hub).await.unwrap().json.contains("reset"));
        let fresh = hub.current_id(INTEREST_MS + 300);
        hub.add_points(TrialId(1), vec![point(1)], None);
        hub.flush_points(INTEREST_MS + 400);
        assert!(hub.subscribe(Some(&fresh), INTEREST_MS + 500).next(&hub).await.unwrap().json.contains("samples"));
    }
}
