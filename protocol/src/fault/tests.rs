//! One scenario for each fault.

use super::*;
use crate::engine::block::{Block, ClientId, Digest, Request};
use crate::engine::message::{Message, ProtocolMessage, ViewChange};
use crate::table::MessageId;
use bytes::Bytes;
use model::config::ConfigTree;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::ops::RangeInclusive;

/// Knows the twins of two blocks, and signs with the digest's first byte.
struct Pair([Block; 2]);

impl Twins for Pair {
    fn twin(&self, digest: &Digest) -> Option<Block> {
        let known = self.0.iter().position(|block| block.digest() == *digest)?;
        Some(self.0[1 - known].clone())
    }

    fn sign(&self, message: &mut ProtocolMessage) {
        message.signature = Bytes::copy_from_slice(&message.digest[..1]);
    }

    fn sign_view_change(&self, change: &mut ViewChange) -> bool {
        change.signature = Bytes::from_static(b"signed again");
        true
    }
}

/// A trusted counter: no block has a twin.
struct Honest;

impl Twins for Honest {
    fn twin(&self, _: &Digest) -> Option<Block> {
        None
    }

    fn sign(&self, _: &mut ProtocolMessage) {}

    fn sign_view_change(&self, _: &mut ViewChange) -> bool {
        false
    }
}

fn pair() -> Pair {
    let request = |timestamp| Request {
        client: ClientId { unit: 0, index: 0 },
        timestamp,
        record: 0,
        compute: 0,
        reply_bytes: 0,
        read_only: false,
        payload: crate::engine::Payload::default(),
        proof: Bytes::new(),
    };
    Pair([Block::new(vec![request(1), request(2)]), Block::new(vec![request(2), request(1)])])
}

fn proposal(block: &Block) -> Message {
    let Message::Protocol(vote) = vote(1, block.digest()) else { unreachable!() };
    Message::Protocol(ProtocolMessage { block: Some(block.clone()), ..vote })
}

fn vote(sequence: u64, digest: Digest) -> Message {
    Message::Protocol(ProtocolMessage {
        kind: MessageId(2),
        view: View(0),
        sequence: SequenceNumber(sequence),
        digest,
        block: None,
        signature: Bytes::from_static(b"original"),
        certificate: None,
    })
}

fn digest_of(message: &Message) -> Digest {
    match message {
        Message::Protocol(message) => message.digest,
        _ => panic!("not a protocol message"),
    }
}

/// The injector of replica `me` of four, with these keys under `fault` changed from the default experiment.
fn injector(me: u32, changes: &str) -> Injector {
    let mut injector = Injector::new(ReplicaId(me), 4, 5);
    injector.update(&tree(changes));
    injector
}

fn tree(changes: &str) -> ConfigTree {
    let mut tree = model::schema::default_tree();
    for (key, value) in model::yaml::parse(changes).unwrap().entries() {
        tree.set(&format!("fault.{key}"), value.clone());
    }
    let problems = model::validate::check_tree(&tree);
    assert_eq!(problems, []);
    tree
}

fn send(injector: &mut Injector, leads: bool, to: u32, message: &Message) -> Vec<Delivery> {
    let mut out = Vec::new();
    injector.send(leads, ReplicaId(to), message, &pair(), &mut out);
    out
}

/// The deliveries of 1,000 votes from replica 0 to replica 2.
fn thousand(injector: &mut Injector) -> Vec<Vec<Delivery>> {
    (0..1_000).map(|sequence| send(injector, false, 2, &vote(sequence, [7; 32]))).collect()
}

fn count_in(range: RangeInclusive<usize>, deliveries: &[Vec<Delivery>], which: impl Fn(&Vec<Delivery>) -> bool) {
    let count = deliveries.iter().filter(|deliveries| which(deliveries)).count();
    assert!(range.contains(&count), "{count} is not within {range:?}");
}

fn is_untouched(deliveries: &[Delivery]) -> bool {
    matches!(deliveries, [Delivery { delay_us: 0, message: None, corrupt: false }])
}

#[test]
fn the_default_experiment_has_no_fault() {
    for me in 0..4 {
        let mut injector = injector(me, "{}");
        assert_eq!(*injector.faults(), Faults::default());
        assert!(injector.faults().is_quiet());
        assert!(is_untouched(&send(&mut injector, true, 1, &vote(1, [0; 32]))));
        assert_eq!((injector.proposal_gap_us(), injector.client_delay_us()), (0, 0));
        assert!(injector.hears(ReplicaId(1)) && !injector.is_crashed() && !injector.is_silent());
    }
}

#[test]
fn only_the_leaders_messages_skip_replicas_in_the_dark_and_reach_others_late() {
    let mut injector = injector(0, "{in-dark.generator: true, timeout.generator: 7}");
    let message = vote(1, [0; 32]);
    assert!(send(&mut injector, true, 1, &message).is_empty());
    assert!(is_untouched(&send(&mut injector, false, 1, &message)));
    assert_eq!(send(&mut injector, true, 2, &message)[0].delay_us, 7_000);
    assert!(is_untouched(&send(&mut injector, false, 2, &message)));
    assert!(is_untouched(&send(&mut injector, true, 3, &message)));
}

#[test]
fn a_timer_of_400_ms_leaves_200_ms_between_proposals_of_a_slow_leader_when_f_is_1() {
    assert_eq!(injector(0, "slow-proposal.timer: 400").proposal_gap_us(), 200_000);
    assert_eq!(injector(0, "slow-proposal.timer: 1").proposal_gap_us(), 0, "whole milliseconds only");
    assert_eq!(injector(1, "slow-proposal.timer: 400").proposal_gap_us(), 0);
    assert_eq!(injector(0, "{slow-proposal.timer: 400, slow-proposal.attacking: false}").proposal_gap_us(), 0);
    assert!(injector(0, "slow-proposal.timer: 400").faults().is_quiet(), "messages are not touched");
}

#[test]
fn crashed_and_silent_replicas_neither_speak_nor_hear() {
    let mut crashed = injector(1, "crash.affected-entities: [1, 3]");
    assert!(crashed.is_crashed() && !crashed.is_silent() && !crashed.hears(ReplicaId(0)));
    assert!(send(&mut crashed, false, 0, &vote(1, [0; 32])).is_empty());
    let mut silent = injector(2, "non-responsive.affected-entities: [2]");
    assert!(silent.is_silent() && !silent.is_crashed() && !silent.hears(ReplicaId(0)));
    assert!(send(&mut silent, true, 0, &vote(1, [0; 32])).is_empty());
    let mut other = injector(0, "{non-responsive.affected-entities: [2], crash.affected-entities: [1]}");
    assert!(other.hears(ReplicaId(2)) && is_untouched(&send(&mut other, false, 3, &vote(1, [0; 32]))));
    silent.update(&tree("{}"));
    assert!(!silent.is_silent() && silent.hears(ReplicaId(0)));
}

#[test]
fn every_message_of_a_slow_sender_is_late_by_the_mean_and_up_to_the_jitter() {
    let mut slow = injector(0, "{delay.affected-entities: [0], delay.mean: 10, delay.jitter: 4}");
    let delays: Vec<u64> = thousand(&mut slow).iter().map(|deliveries| deliveries[0].delay_us).collect();
    assert!(delays.iter().all(|delay| (10_000..=14_000).contains(delay)));
    assert!(delays.iter().any(|delay| *delay < 10_100) && delays.iter().any(|delay| *delay > 13_900));
    assert!((10_000..=14_000).contains(&slow.client_delay_us()));
    let mut other = injector(1, "{delay.affected-entities: [0], delay.mean: 10, delay.jitter: 4}");
    assert!(is_untouched(&send(&mut other, true, 2, &vote(1, [0; 32]))));
}

#[test]
fn a_preset_adds_the_latency_between_the_regions_of_both_ends() {
    let delay = |me, to, preset: &str| {
        send(&mut injector(me, &format!("network.preset: {preset}")), true, to, &vote(1, [0; 32]))[0].delay_us
    };
    assert_eq!(delay(0, 1, "none"), 0);
    assert_eq!(delay(0, 1, "lan"), 250);
    assert_eq!([(0, 1), (1, 2), (0, 3)].map(|(me, to)| delay(me, to, "wan-3")), [35_000, 102_500, 250]);
    assert_eq!(delay(0, 3, "wan-5"), 32_500);
}

#[test]
fn a_latency_matrix_goes_before_the_preset_and_each_way_has_its_own() {
    let delay = |me, to, matrix: &str| {
        let changes = format!("{{network.preset: wan-3, network.latencies: {matrix:?}}}");
        send(&mut injector(me, &changes), true, to, &vote(1, [0; 32]))[0].delay_us
    };
    let delays = |matrix| [(0, 1), (1, 0), (1, 2)].map(|(me, to)| delay(me, to, matrix));
    assert_eq!(delays("0-1: 12.5"), [12_500, 12_500, 102_500]);
    assert_eq!(delays("0>1: 0, 0..1>2: 7"), [0, 35_000, 7_000]);
    assert_eq!(delays(""), [35_000, 35_000, 102_500]);
}

#[test]
fn a_lossy_network_loses_doubles_and_holds_back_its_shares_alike_with_the_same_seed() {
    let changes = "{network.loss: 0.1, network.duplication: 0.2, network.reordering: 0.3}";
    let deliveries = thousand(&mut injector(0, changes));
    count_in(70..=130, &deliveries, Vec::is_empty);
    count_in(140..=220, &deliveries, |deliveries| deliveries.len() == 2);
    let delays: Vec<u64> = deliveries.iter().flatten().map(|delivery| delivery.delay_us).collect();
    let held = delays.iter().filter(|delay| **delay > 0).count() * 100 / delays.len();
    assert!((25..=35).contains(&held), "{held} %");
    assert!(delays.iter().all(|delay| *delay == 0 || (1_000..=5_000).contains(delay)));
    let again = thousand(&mut injector(0, changes));
    assert_eq!(format!("{deliveries:?}"), format!("{again:?}"));
    let mut other = injector(1, changes);
    assert_ne!(format!("{deliveries:?}"), format!("{:?}", thousand(&mut other)), "replicas lose different messages");
    let all_lost = thousand(&mut injector(0, "network.loss: 1"));
    assert!(all_lost.iter().all(Vec::is_empty));
}

#[test]
fn a_partition_cuts_both_ends_and_unlisted_replicas_stay_together() {
    let reach = |changes: &str| -> Vec<Vec<u32>> {
        let heard = |me: u32| {
            let mut injector = injector(me, changes);
            let sends: Vec<u32> =
                (0..4).filter(|to| !send(&mut injector, false, *to, &vote(1, [0; 32])).is_empty()).collect();
            let hears: Vec<u32> = (0..4).filter(|from| injector.hears(ReplicaId(*from))).collect();
            assert_eq!(sends, hears);
            sends
        };
        (0..4).map(heard).collect()
    };
    assert_eq!(reach("partition.groups: '0,1|2,3'"), [[0, 1], [0, 1], [2, 3], [2, 3]]);
    assert_eq!(reach("partition.groups: '3'"), [vec![0, 1, 2], vec![0, 1, 2], vec![0, 1, 2], vec![3]]);
    assert_eq!(reach("partition.groups: ''"), vec![vec![0, 1, 2, 3]; 4]);
}

#[test]
fn an_equivocating_leader_proposes_the_twin_to_odd_replicas_signed() {
    let Pair([block, twin]) = pair();
    let mut leader = injector(0, "equivocation.affected-entities: [0, 1]");
    assert!(is_untouched(&send(&mut leader, true, 2, &proposal(&block))));
    for to in [1, 3] {
        let deliveries = send(&mut leader, true, to, &proposal(&block));
        let Some(Message::Protocol(told)) = &deliveries[0].message else { panic!("not changed") };
        assert_eq!(told.digest, twin.digest());
        assert_eq!(told.block.as_ref().map(Block::digest), Some(twin.digest()));
        assert_eq!(told.signature[..], twin.digest()[..1]);
    }
    let mut honest = injector(2, "equivocation.affected-entities: [0, 1]");
    assert!(is_untouched(&send(&mut honest, true, 1, &proposal(&block))));
}

#[test]
fn equivocating_voters_tell_each_replica_what_the_leader_told_it() {
    let Pair([block, twin]) = pair();
    // Replica 0 proposed `block` to even and its twin to odd replicas: 0 votes for the one, 1 for the other.
    for (me, accepted) in [(0, &block), (1, &twin)] {
        let mut voter = injector(me, "equivocation.affected-entities: [0, 1]");
        for to in (0..4).filter(|to| *to != me) {
            let message = vote(1, accepted.digest());
            let deliveries = send(&mut voter, false, to, &message);
            let told = digest_of(deliveries[0].message.as_ref().unwrap_or(&message));
            assert_eq!(told, if to % 2 == 0 { block.digest() } else { twin.digest() }, "{me} to {to}");
        }
    }
    let mut voter = injector(0, "equivocation.affected-entities: [0]");
    let unknown = [9; 32];
    let original = Bytes::from_static(b"original");
    let items =
        vec![(SequenceNumber(1), block.digest(), original.clone()), (SequenceNumber(2), unknown, original.clone())];
    let votes = Message::Votes { kind: MessageId(2), view: View(0), items };
    let Some(Message::Votes { items, .. }) = &send(&mut voter, false, 1, &votes)[0].message else {
        panic!("same votes")
    };
    assert_eq!(items[0], (SequenceNumber(1), twin.digest(), Bytes::copy_from_slice(&twin.digest()[..1])));
    assert_eq!(items[1], (SequenceNumber(2), unknown, original));
}

#[test]
fn nothing_changes_where_a_block_has_no_twin_and_in_other_messages() {
    let Pair([block, _]) = pair();
    let mut leader = injector(0, "equivocation.affected-entities: [0]");
    let mut out = Vec::new();
    leader.send(true, ReplicaId(1), &proposal(&block), &Honest, &mut out);
    assert!(is_untouched(&out));
    let decided = Message::Decided { sequence: SequenceNumber(1), block };
    assert!(is_untouched(&send(&mut leader, true, 1, &decided)));
}

#[test]
fn wrong_votes_are_signed_and_for_a_block_that_does_not_exist() {
    let mut voter = injector(0, "{wrong-votes.affected-entities: [0], wrong-votes.rate: 0.5}");
    let deliveries = thousand(&mut voter);
    let told = |delivery: &Delivery| delivery.message.as_ref().map(digest_of);
    count_in(440..=560, &deliveries, |deliveries| told(&deliveries[0]).is_some());
    let mut wrong = [7; 32];
    wrong[0] = !7;
    assert!(deliveries.iter().filter_map(|deliveries| told(&deliveries[0])).all(|digest| digest == wrong));
    let mut always = injector(0, "{wrong-votes.affected-entities: [0], wrong-votes.rate: 1}");
    let items = vec![(SequenceNumber(1), [7; 32], Bytes::new())];
    let votes = Message::Votes { kind: MessageId(2), view: View(0), items };
    let Some(Message::Votes { items, .. }) = &send(&mut always, false, 1, &votes)[0].message else {
        panic!("same votes")
    };
    assert_eq!(items[0], (SequenceNumber(1), wrong, Bytes::copy_from_slice(&wrong[..1])));
    let Pair([block, _]) = pair();
    assert!(is_untouched(&send(&mut always, true, 1, &proposal(&block))), "a proposal is no vote");
}

#[test]
fn a_share_of_authenticators_is_spoiled() {
    let changes = "{corrupt-authenticator.affected-entities: [0], corrupt-authenticator.rate: 0.2}";
    let deliveries = thousand(&mut injector(0, changes));
    count_in(160..=240, &deliveries, |deliveries| deliveries[0].corrupt && deliveries[0].message.is_none());
    assert!(is_untouched(&send(&mut injector(1, changes), false, 2, &vote(1, [0; 32]))));
}

#[test]
fn a_replaying_replica_adds_one_of_its_last_64_messages_to_the_same_receiver() {
    let mut replaying = injector(0, "{replay.affected-entities: [0], replay.rate: 0.3}");
    send(&mut replaying, false, 3, &vote(5_000, [3; 32]));
    let deliveries = thousand(&mut replaying);
    assert!(deliveries[0].len() == 1, "there is nothing yet to be sent again");
    count_in(250..=350, &deliveries, |deliveries| deliveries.len() == 2);
    for (now, sent) in deliveries.iter().enumerate() {
        assert!(sent[0].message.is_none(), "the new one goes first, as it is");
        if let Some(Delivery { message: Some(Message::Protocol(old)), .. }) = sent.get(1) {
            assert!(
                (now as u64).saturating_sub(64) <= old.sequence.0 && old.sequence.0 < now as u64,
                "{old:?} at {now}"
            );
        }
    }
    replaying.update(&tree("{}"));
    assert!(is_untouched(&send(&mut replaying, false, 2, &vote(1, [0; 32]))));
}

#[test]
fn faults_follow_their_schedule_and_do_not_depend_on_how_often_time_is_told() {
    let changes = "
in-dark.generator: {advance: true, init: false, delay: 100, schedule: {values: [true, false], intervals: [50]}}
delay.affected-entities: [0]
delay.mean: {advance: true, init: 0, delay: 200, uniform: {min: 5, max: 9}}";
    let (mut often, mut rarely) = (injector(0, changes), injector(0, changes));
    let mut dark = Vec::new();
    for millisecond in 0..400u64 {
        often.tick(millisecond * 1_000);
        if send(&mut often, true, 1, &vote(1, [0; 32])).is_empty() {
            dark.push(millisecond);
        }
    }
    assert_eq!(dark, (100..150).collect::<Vec<_>>());
    rarely.tick(399_999);
    assert_eq!(often.faults(), rarely.faults());
    assert!((5_000..=9_000).contains(&often.faults().own_delay_us));
}
