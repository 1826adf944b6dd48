//! Replacing the leader. A replica without progress asks for the next view and says what it has seen; with enough of
//! such messages the new leader begins the view, and everybody computes from the same messages what is carried over.

use super::block::{Block, Digest};
use super::checkpoint::Announced;
use super::codec;
use super::frontier::frontier;
use super::message::{Claim, Message, ProtocolMessage, ViewChange};
use super::output::{Output, Timer};
use super::replica::Replica;
use super::view_decision::{self, Decision};
use crate::replica_set::ReplicaSet;
use crate::table::{Role, StateId};
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber, View};
use std::collections::BTreeMap;

/// Messages of a view that has not begun here which are kept for its beginning.
const KEPT_MESSAGES: usize = 4_096;
/// Bytes of blocks in them.
const KEPT_BYTES: usize = 32 << 20;
/// A request that waits for so many timeouts while others are executed is being left out.
const STARVED_TIMEOUTS: u64 = 16;
/// The timeout doubles at most so often.
const MAX_DOUBLINGS: u32 = 10;

/// What a replica remembers for changing views. Memory: O(replicas), the kept messages, and one view-change message of
/// each replica.
#[derive(Clone, Debug, Default)]
pub struct ViewChanges {
    /// The view this replica has asked for and waits for.
    target: Option<View>,
    asked_us: u64,
    /// Views asked for in a row without progress: each doubles the timeout.
    attempts: u32,
    received: BTreeMap<ReplicaId, ViewChange>,
    /// What began the present view, for those who missed it.
    beginning: Option<(View, Vec<ViewChange>)>,
    base: SequenceNumber,
    /// The last place that the present view carries over.
    carried: SequenceNumber,
    /// What the present view carries over at places that the log has no room for yet.
    beyond_log: BTreeMap<SequenceNumber, Digest>,
    later: Vec<(ReplicaId, ProtocolMessage)>,
    later_bytes: usize,
    /// The highest place of which each replica has spoken in this view.
    heard: BTreeMap<ReplicaId, SequenceNumber>,
    frontier: SequenceNumber,
    waiting_since_us: Option<u64>,
}

impl ViewChanges {
    pub(super) fn target(&self) -> Option<View> {
        self.target
    }

    pub(super) fn base(&self) -> SequenceNumber {
        self.base
    }

    pub(super) fn carried(&self) -> SequenceNumber {
        self.carried
    }

    /// Keeps a message of a view that has not begun here.
    pub(super) fn keep_for_later(&mut self, from: ReplicaId, message: ProtocolMessage) {
        let bytes = message.block.as_ref().map_or(0, |block| block.bytes());
        if self.later.len() < KEPT_MESSAGES && self.later_bytes + bytes <= KEPT_BYTES {
            self.later_bytes += bytes;
            self.later.push((from, message));
        }
    }

    pub(super) fn note_heard(&mut self, from: ReplicaId, sequence: SequenceNumber) {
        let heard = self.heard.entry(from).or_default();
        *heard = sequence.max(*heard);
    }

    pub(super) fn note_progress(&mut self, now_us: u64) {
        self.waiting_since_us = Some(now_us);
        if self.target.is_none() {
            self.attempts = 0;
        }
    }

    /// The place that more than f others have spoken of: correct replicas are there.
    fn frontier(&self, f: u32) -> SequenceNumber {
        frontier(self.heard.values().copied(), f)
    }
}

impl Replica {
    /// How long this replica waits for progress before it asks for another view, µs.
    fn suspicion_us(&self) -> Option<u64> {
        let rule = self.table.view_change.as_ref()?;
        let doublings = self.view_changes.attempts.min(MAX_DOUBLINGS);
        Some(self.settings.timeout_us(false, rule.multiplier) << doublings)
    }

    /// How often this replica looks, µs.
    pub(super) fn suspicion_interval_us(&self) -> Option<u64> {
        let rule = self.table.view_change.as_ref()?;
        Some((self.settings.timeout_us(false, rule.multiplier) / 8).max(1_000))
    }

    /// Looks whether there is work without progress.
    pub(super) fn on_suspect_timer(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let (Some(interval_us), Some(patience_us)) = (self.suspicion_interval_us(), self.suspicion_us()) else {
            return;
        };
        outputs.push(Output::SetTimer { timer: Timer::Suspect, at_us: now_us + interval_us });
        if let Some(target) = self.view_changes.target {
            self.wait_for_view(now_us, target, patience_us, outputs);
            return;
        }
        if self.is_recovering() {
            return;
        }
        let open = !self.queue.is_empty() || self.log.iter().any(|(_, slot)| slot.is_open());
        if !open {
            // What another replica proposed at a place that went another way waits again: nobody else may have it.
            self.queue.restore(now_us, Vec::new());
            self.view_changes.waiting_since_us = None;
            return;
        }
        let announced = self.checkpoints.frontier(self.table.f, self.settings.me);
        let frontier = self.view_changes.frontier(self.table.f).max(announced);
        let misses = frontier > self.execution.last_executed().next();
        let waited_us = self.view_changes.waiting_since_us.map_or(0, |since_us| now_us.saturating_sub(since_us));
        // Where others go on, it is not the leader that fails but this replica that misses something.
        let others_go_on = frontier > self.view_changes.frontier;
        // What they have got past may be missing here alone also where they have nothing more to do.
        if misses && waited_us >= if others_go_on { interval_us } else { patience_us / 2 } {
            self.ask(now_us, outputs);
        }
        if others_go_on {
            self.view_changes.frontier = frontier;
            self.view_changes.waiting_since_us = Some(now_us);
        }
        let since_us = *self.view_changes.waiting_since_us.get_or_insert(now_us);
        let starved = self.queue.oldest_waiting_us().is_some_and(|arrived_us| {
            !self.members(Role::Primary, self.execution.last_executed().next()).contains(self.settings.me)
                && now_us >= arrived_us + STARVED_TIMEOUTS * patience_us
        });
        if now_us >= since_us + patience_us || starved {
            self.ask_for_view(now_us, self.view.next(), outputs);
        }
    }

    fn wait_for_view(&mut self, now_us: u64, target: View, patience_us: u64, outputs: &mut Vec<Output>) {
        if now_us < self.view_changes.asked_us + patience_us {
            return;
        }
        let quorum = self.table.view_change.as_ref().map_or(u32::MAX, |rule| rule.quorum);
        let there = self.view_changes.received.values().filter(|change| change.view >= target).count();
        if there >= quorum as usize {
            self.ask_for_view(now_us, target.next(), outputs);
        } else if let Some(own) = self.view_changes.received.get(&self.settings.me) {
            // Alone nobody runs ahead: say it again, and see whether the others are in fact going on.
            let message = Message::ViewChange(own.clone());
            outputs.push(Output::Send { to: self.others(), message });
            self.view_changes.asked_us = now_us;
            self.ask(now_us, outputs);
        }
    }

    /// Asks for a view. From now on nothing is said in earlier ones.
    pub(super) fn ask_for_view(&mut self, now_us: u64, view: View, outputs: &mut Vec<Output>) {
        if self.table.view_change.is_none() || self.is_recovering() || view <= self.view {
            return;
        }
        if self.view_changes.target.is_some_and(|target| target >= view) {
            return;
        }
        self.view_changes.target = Some(view);
        self.view_changes.asked_us = now_us;
        self.view_changes.attempts = self.view_changes.attempts.saturating_add(1);
        let change = self.view_change_message(view);
        self.view_changes.received.insert(self.settings.me, change.clone());
        outputs.push(Output::Send { to: self.others(), message: Message::ViewChange(change) });
        self.try_to_begin(now_us, outputs);
    }

    fn view_change_message(&self, view: View) -> ViewChange {
        let claims = self.log.iter().filter(|(_, slot)| slot.proven.is_some() || !slot.seen.is_empty());
        let mut change = ViewChange {
            from: self.settings.me,
            view,
            stable: self.log.low(),
            // A state that rests on speculation alone is no ground to build a view on.
            checkpoints: self
                .checkpoints
                .own()
                .filter(|(sequence, digest, stable)| {
                    *stable || self.checkpoints.vouches(self.settings.me, *sequence, digest)
                })
                .map(|(sequence, digest, _)| (sequence, digest))
                .collect(),
            claims: claims
                .map(|(sequence, slot)| Claim { sequence, proven: slot.proven, accepted: slot.seen.clone() })
                .collect(),
            signature: Bytes::new(),
        };
        let statement = codec::view_change_statement(&change);
        change.signature = self.keys.sign(self.settings.mode.view_change_scheme(), &statement);
        change
    }

    /// Takes another replica's wish for a view.
    pub(super) fn on_view_change(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        change: ViewChange,
        outputs: &mut Vec<Output>,
    ) {
        if change.from != from || self.table.view_change.is_none() {
            self.counters.refused += 1;
            return;
        }
        if change.view <= self.view {
            // It has missed how the present view began.
            self.tell_beginning(now_us, from, outputs);
            return;
        }
        if self.view_changes.received.get(&from).is_some_and(|known| known.view >= change.view) {
            return;
        }
        self.view_changes.received.insert(from, change);
        // f + 1 replicas beyond: one of them is correct, so join the lowest of their views (OSDI '99, section 4.5.2).
        let at = self.view_changes.target.unwrap_or(self.view);
        let mut beyond: Vec<View> =
            self.view_changes.received.values().map(|change| change.view).filter(|view| *view > at).collect();
        beyond.sort_unstable();
        if beyond.len() > self.table.f as usize {
            self.ask_for_view(now_us, beyond[0], outputs);
        }
        self.try_to_begin(now_us, outputs);
    }

    /// As the leader of the awaited view, begins it when the messages decide what is carried over.
    fn try_to_begin(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let Some(target) = self.view_changes.target else { return };
        let Some(rule) = self.table.view_change.clone() else { return };
        if self.table.view_leader(target) != self.settings.me {
            return;
        }
        let changes: Vec<&ViewChange> =
            self.view_changes.received.values().filter(|change| change.view == target).collect();
        if changes.len() < rule.quorum as usize {
            return;
        }
        let Some(decision) = view_decision::decide(&rule, self.table.f, &changes) else { return };
        let proof: Vec<ViewChange> = changes.into_iter().cloned().collect();
        let message = Message::NewView { view: target, proof: proof.clone() };
        outputs.push(Output::Send { to: self.others(), message });
        self.enter_view(now_us, target, proof, decision, outputs);
    }

    /// Takes the beginning of a view. Who tells it does not matter: it proves itself.
    pub(super) fn on_new_view(&mut self, now_us: u64, view: View, proof: Vec<ViewChange>, outputs: &mut Vec<Output>) {
        let Some(rule) = self.table.view_change.clone() else { return };
        if view <= self.view || self.view_changes.target.is_some_and(|target| target > view) {
            return;
        }
        let mut senders = ReplicaSet::EMPTY;
        let distinct = proof.iter().all(|change| change.view == view && senders.insert(change.from));
        let changes: Vec<&ViewChange> = proof.iter().collect();
        let decision = if distinct && senders.len() >= rule.quorum {
            view_decision::decide(&rule, self.table.f, &changes)
        } else {
            None
        };
        match decision {
            Some(decision) => self.enter_view(now_us, view, proof, decision, outputs),
            None => self.counters.refused += 1,
        }
    }

    fn enter_view(
        &mut self,
        now_us: u64,
        view: View,
        proof: Vec<ViewChange>,
        decision: Decision,
        outputs: &mut Vec<Output>,
    ) {
        let resume = self.table.view_change.as_ref().map_or(StateId::IDLE, |rule| rule.resume);
        let base = decision.base.0;
        self.view = view;
        self.counters.view_changes += 1;
        // What is carried over is answered anew in this view: each client has to be patient with it from now on.
        self.doubts.forget();
        let carried_end = SequenceNumber(base.0.saturating_add(decision.carried.len() as u64));
        let carried = |place: SequenceNumber| {
            let offset = place.0.checked_sub(base.next().0)? as usize;
            let digest = decision.carried.get(offset)?;
            Some(digest.unwrap_or_else(Block::empty_digest))
        };
        if self.table.speculative {
            self.undo_what_was_not_carried(decision.base, &carried);
        }
        if let Some(digest) = decision.base.1 {
            self.note_who_has(base, digest, &proof);
            if self.checkpoints.build_on(base, &digest) {
                self.log.truncate(base);
            }
        }
        let mut own = Vec::new();
        let executed = self.execution.last_executed();
        for place in self.log.low().next().0..=self.log.last().0.max(carried_end.0).min(self.log.high().0) {
            let place = SequenceNumber(place);
            let required = carried(place);
            let Some(slot) = self.log.slot(place) else { continue };
            if place <= base && place <= executed {
                continue;
            }
            if slot.proposes && required != slot.accepted {
                own.extend(slot.block.clone());
            }
            slot.begin_view(if required.is_some() { resume } else { StateId::IDLE }, now_us);
            slot.required = required;
            if required.is_some() && resume != StateId::IDLE {
                slot.accepted = required;
            }
            slot.block = slot.earlier.iter().find(|block| required == Some(block.digest())).cloned();
            if slot.block.is_none() && required == Some(Block::empty_digest()) {
                slot.block = Some(Block::empty());
            }
        }
        // A base may lie far beyond the log: nothing is carried before it.
        let beyond_log = (self.log.high().max(base).next().0..=carried_end.0).map(SequenceNumber);
        let beyond_log = beyond_log.filter_map(|place| Some((place, carried(place)?))).collect();
        self.queue.restore(now_us, own);
        self.next_proposal = base.next();
        self.aggregated = base;
        self.last_proposal_us = None;
        let changes = &mut self.view_changes;
        changes.target = None;
        changes.base = base;
        changes.carried = carried_end;
        changes.beyond_log = beyond_log;
        changes.beginning = Some((view, proof));
        changes.received.retain(|_, change| change.view > view);
        changes.heard.clear();
        changes.frontier = SequenceNumber(0);
        changes.waiting_since_us = Some(now_us);
        let later = std::mem::take(&mut changes.later);
        changes.later_bytes = 0;
        if base > executed {
            self.ask(now_us, outputs);
        }
        for place in base.next().0..=carried_end.0 {
            self.arm_place_timer(SequenceNumber(place), outputs);
        }
        for (from, message) in later {
            self.on_protocol(now_us, from, message, outputs);
        }
        self.execute_ready(now_us, outputs);
    }

    /// The log has moved on: places that it has room for now get what the view carries over there. A replica that lagged
    /// when the view began would take, or propose, other blocks for them.
    pub(super) fn recall_what_was_carried(&mut self) {
        let resume = self.table.view_change.as_ref().map_or(StateId::IDLE, |rule| rule.resume);
        let since_us = self.view_changes.waiting_since_us.unwrap_or_default();
        while let Some((place, digest)) = self.view_changes.beyond_log.pop_first() {
            if place > self.log.high() {
                self.view_changes.beyond_log.insert(place, digest);
                return;
            }
            let Some(slot) = self.log.slot(place) else { continue };
            slot.begin_view(resume, since_us);
            slot.required = Some(digest);
            if resume != StateId::IDLE {
                slot.accepted = Some(digest);
            }
            if digest == Block::empty_digest() {
                slot.block = Some(Block::empty());
            }
        }
    }

    /// Those who began the view have signed that they have the state it builds on: whoever lags and missed their
    /// announcements takes it over from any of them.
    fn note_who_has(&mut self, base: SequenceNumber, digest: Digest, proof: &[ViewChange]) {
        let others = proof.iter().filter(|change| change.from != self.settings.me);
        for change in others.filter(|change| change.checkpoints.contains(&(base, digest))) {
            let announced = Announced { sequence: base, digest, proven: true, signature: Bytes::new() };
            self.checkpoints.announce(change.from, announced);
        }
    }

    fn undo_what_was_not_carried(
        &mut self,
        (base, digest): (SequenceNumber, Option<Digest>),
        carried: &impl Fn(SequenceNumber) -> Option<Digest>,
    ) {
        let executed = self.execution.last_executed();
        let low = self.log.low();
        if let Some(digest) = digest
            && (low.next()..=executed).contains(&base)
            && !self.checkpoints.has(base, &digest)
        {
            // It went another way before the base. How far both went together nobody can tell: the others have the state.
            self.roll_back(low);
            return;
        }
        let mut place = base.max(low).next();
        while place <= executed {
            let here = self.log.get(place).and_then(|slot| slot.executed);
            if here.is_none() || here != carried(place) {
                self.roll_back(SequenceNumber(place.0 - 1));
                return;
            }
            place = place.next();
        }
    }

    /// Tells a replica how the present view began.
    pub(super) fn tell_beginning(&mut self, now_us: u64, to: ReplicaId, outputs: &mut Vec<Output>) {
        if let Some((view, proof)) = self.view_changes.beginning.clone()
            && self.catch_up.may_answer(now_us, to, super::catch_up::Answer::Beginning)
        {
            outputs.push(Output::Send { to: ReplicaSet::one(to), message: Message::NewView { view, proof } });
        }
    }
}
