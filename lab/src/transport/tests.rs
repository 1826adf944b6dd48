use super::*;
use model::ids::{SequenceNumber, View};
use std::time::Duration;
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(30);

struct AdmitsAll;

impl Judge for AdmitsAll {
    fn admits(&self, _: UnitId, _: &Message) -> bool {
        true
    }

    fn batch(&self) -> usize {
        128
    }
}

/// A unit with one link to another.
struct Unit {
    me: UnitId,
    secret: Arc<SecretKeys>,
    listener: Option<TcpListener>,
    address: String,
}

struct Running {
    links: Links,
    peer: Peer,
    inbox: Inbox,
    counters: Arc<TransportCounters>,
}

impl Unit {
    async fn new(me: u32) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        Self { me: UnitId(me), secret: Arc::new(SecretKeys::generate().unwrap()), listener: Some(listener), address }
    }

    fn start(&mut self, other: &Self, address: &str, calls: bool, tagged: bool) -> Running {
        self.start_with(other, address, calls, tagged, STALL)
    }

    fn start_with(&mut self, other: &Self, address: &str, calls: bool, tagged: bool, stall: Duration) -> Running {
        let (inbox_sender, inbox) = inbox();
        let counters = Arc::new(TransportCounters::default());
        let common = Common {
            me: self.me,
            secret: Arc::clone(&self.secret),
            tagged,
            inbox: inbox_sender,
            judge: Arc::new(AdmitsAll),
            counters: Arc::clone(&counters),
            stall,
        };
        let expected = Expected { address: address.to_owned(), exchange: other.secret.exchange().public, calls };
        let units = BTreeMap::from([(other.me, expected)]);
        let (links, mut peers) = Links::start(&common, self.listener.take().unwrap(), units);
        Running { links, peer: peers.remove(&other.me).unwrap(), inbox, counters }
    }
}

fn message(number: u64) -> Message {
    Message::Fetch { view: View(0), after: SequenceNumber(number) }
}

impl Running {
    fn send(&mut self, number: u64) {
        self.peer.send(Encoded::new(&message(number), true));
        self.peer.flush();
    }

    /// The numbers of the messages that have come, at least one.
    async fn receive(&mut self) -> Vec<u64> {
        let batch = tokio::time::timeout(PATIENCE, self.inbox.recv()).await.expect("nothing came").unwrap();
        let number = |message| match message {
            Message::Fetch { after, .. } => after.0,
            other => panic!("{other:?}"),
        };
        batch.messages.into_iter().map(number).collect()
    }

    /// Sends until something of it arrives.
    async fn send_until_received(&mut self, number: u64, other: &mut Self) {
        let work = async {
            loop {
                self.send(number);
                tokio::select! {
                    batch = other.inbox.recv() => {
                        let found = format!("{:?}", batch.unwrap().messages);
                        if found.contains(&format!("SequenceNumber({number})")) {
                            return;
                        }
                    }
                    () = tokio::time::sleep(Duration::from_millis(20)) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, work).await.expect("the connection did not come back");
    }
}

async fn pair(tagged: bool) -> (Running, Running) {
    let (mut low, mut high) = (Unit::new(1).await, Unit::new(2).await);
    let (low_address, high_address) = (low.address.clone(), high.address.clone());
    let mut at_low = low.start(&high, &high_address, false, tagged);
    let mut at_high = high.start(&low, &low_address, true, tagged);
    at_low.links.all_met().await;
    at_high.links.all_met().await;
    (at_low, at_high)
}

#[tokio::test]
async fn a_spoiled_frame_is_dropped_and_counted_and_the_next_one_arrives() {
    let (mut low, mut high) = pair(true).await;
    high.peer.send(Encoded::new(&message(1), true));
    high.peer.send(Encoded::new(&message(2), true).spoiled());
    high.peer.send(Encoded::new(&message(3), true));
    high.peer.flush();
    let mut received = Vec::new();
    while received.len() < 2 {
        received.extend(low.receive().await);
    }
    assert_eq!(received, [1, 3]);
    assert_eq!(low.counters.frames_dropped.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn without_authentication_a_spoiled_frame_is_taken_like_any_other() {
    let (mut low, mut high) = pair(false).await;
    high.peer.send(Encoded::new(&message(1), false).spoiled());
    high.peer.flush();
    assert_eq!(low.receive().await, [1]);
}

/// Hands bytes to and fro until it is dropped.
async fn relay(target: String) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let mut running = tokio::task::JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let target = target.clone();
            running.spawn(async move {
                let mut far = TcpStream::connect(target).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (address, task)
}

#[tokio::test]
async fn a_connection_that_is_cut_comes_back() {
    let (mut low, mut high) = (Unit::new(1).await, Unit::new(2).await);
    let (high_address, low_address) = (high.address.clone(), low.address.clone());
    let (address, cable) = relay(low_address.clone()).await;
    let mut at_low = low.start(&high, &high_address, false, true);
    let mut at_high = high.start(&low, &address, true, true);
    at_high.send_until_received(1, &mut at_low).await;
    cable.abort();
    let _ = cable.await;
    // The same port again, so that the next call finds it.
    let listener = TcpListener::bind(&address).await.unwrap();
    let again = tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(&low_address).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        }
    });
    at_high.send_until_received(2, &mut at_low).await;
    at_low.send_until_received(3, &mut at_high).await;
    again.abort();
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_given_up_with_what_waits_for_it_and_comes_back() {
    let (mut low, mut high) = (Unit::new(1).await, Unit::new(2).await);
    let (low_address, high_address) = (low.address.clone(), high.address.clone());
    let mut at_low = low.start(&high, &high_address, false, true);
    let mut at_high = high.start_with(&low, &low_address, true, true, Duration::from_millis(50));
    at_low.links.all_met().await;
    at_high.links.all_met().await;
    // More than the inbox and the buffers of the system hold. Nobody takes anything out.
    let work = async {
        while at_high.counters.frames_dropped.load(Ordering::Relaxed) == 0 {
            for _ in 0..64 {
                at_high.peer.send(Encoded::new(&requests(&[20_000]), true));
                at_high.peer.flush();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, work).await.expect("it waits for ever");
    at_high.send_until_received(7, &mut at_low).await;
}

#[tokio::test]
async fn a_unit_that_was_restarted_calls_and_takes_its_place() {
    let (mut low, mut high) = (Unit::new(1).await, Unit::new(2).await);
    let (low_address, high_address) = (low.address.clone(), high.address.clone());
    let mut at_low = low.start(&high, &high_address, false, true);
    let mut at_high = high.start(&low, &low_address, true, true);
    at_high.send_until_received(1, &mut at_low).await;
    drop(at_low);
    // The lower one is there again, with new keys, and calls.
    let mut again = Unit::new(1).await;
    let address = again.address.clone();
    let mut at_again = again.start(&high, &high_address, true, true);
    at_high.links.replace(UnitId(1), address, again.secret.exchange().public);
    at_high.send_until_received(2, &mut at_again).await;
    at_again.send_until_received(3, &mut at_high).await;
}

#[tokio::test]
async fn a_stranger_that_claims_to_be_a_unit_gets_nowhere() {
    let (mut low, mut high) = pair(true).await;
    let mut other = Unit::new(1).await;
    let address = other.address.clone();
    let stranger = SecretKeys::generate().unwrap();
    let running = other.start(&Unit::new(2).await, "127.0.0.1:1", false, true);
    let exchange = running.links.expected[&UnitId(2)].borrow().exchange;
    assert!(greeting::call(&address, UnitId(2), UnitId(1), &stranger, &exchange).await.is_err());
    assert!(greeting::call(&address, UnitId(7), UnitId(1), &stranger, &exchange).await.is_err());
    assert!(running.links.missing().is_some());
    high.send_until_received(1, &mut low).await;
}

fn requests(sizes: &[usize]) -> Message {
    let request = |(index, size): (usize, &usize)| protocol::engine::Request {
        client: protocol::engine::ClientId { unit: 0, index: index as u16 },
        timestamp: 1,
        record: 0,
        compute: 0,
        reply_bytes: 0,
        read_only: false,
        payload: Payload::new(vec![index as u8 + 1; *size].into()),
        proof: Bytes::new(),
    };
    Message::Requests(sizes.iter().enumerate().map(request).collect())
}

#[tokio::test]
async fn payloads_of_any_size_arrive_with_their_requests() {
    let (mut low, mut high) = pair(true).await;
    let sent = requests(&[0, 100, 300, 70_000, 255, 2_000_000]);
    high.send_until_received(1, &mut low).await;
    high.peer.send(Encoded::new(&sent, true));
    high.peer.flush();
    let arrived = loop {
        let batch = tokio::time::timeout(PATIENCE, low.inbox.recv()).await.expect("nothing came").unwrap();
        if let Some(Message::Requests(requests)) =
            batch.messages.into_iter().find(|message| matches!(message, Message::Requests(_)))
        {
            break requests;
        }
    };
    let Message::Requests(sent) = sent else { unreachable!() };
    assert_eq!(arrived, sent);
}

#[tokio::test]
async fn a_large_payload_that_was_changed_on_the_way_is_refused() {
    let message = requests(&[300, 400]);
    let encoded = Encoded::new(&message, true);
    let (ours, theirs) =
        (crate::auth::control_keys(&[1; 32], true).sending, crate::auth::control_keys(&[1; 32], false).receiving);
    for changed in [None, Some(10), Some(350)] {
        let mut stream = Vec::new();
        let body = crate::frame::Body { head: &encoded.head, follow: 700, covered: &encoded.covered };
        crate::frame::write(&mut stream, Some(&ours), 0, body);
        let payloads = stream.len();
        encoded.payloads.iter().for_each(|payload| stream.extend_from_slice(payload.bytes()));
        if let Some(at) = changed {
            stream[payloads + at] ^= 1;
        }
        let read = crate::frame::FrameReader::new(stream.as_slice(), theirs.clone()).next_opened(reader::open).await;
        match changed {
            None => assert!(matches!(read, Ok(Message::Requests(_)))),
            Some(_) => assert!(matches!(read, Err(crate::frame::FrameError::NotAuthentic)), "{changed:?}"),
        }
    }
}
