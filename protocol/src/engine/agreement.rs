//! Agreement on a place: votes and proposals come in, transitions of the protocol's table are taken.

use super::authentication::{self, Certificate};
use super::block::{Block, Digest};
use super::log::{Commit, Slot};
use super::message::{Message, ProtocolMessage};
use super::output::{Output, Timer};
use super::replica::Replica;
use super::tally::Vote;
use crate::replica_set::ReplicaSet;
use crate::table::{Condition, MessageId, Role, Rule, StateId, Update};
use bytes::Bytes;
use model::ids::{ReplicaId, SequenceNumber};
use std::sync::Arc;

impl Replica {
    /// Takes a vote or a proposal of another replica.
    pub(super) fn on_protocol(
        &mut self,
        now_us: u64,
        from: ReplicaId,
        message: ProtocolMessage,
        outputs: &mut Vec<Output>,
    ) {
        let sequence = message.sequence;
        if message.view > self.view || (message.view == self.view && self.is_changing_view()) {
            self.view_changes.keep_for_later(from, message);
            return;
        }
        if sequence > self.log.high() {
            self.note_ahead(now_us, from, outputs);
            return;
        }
        if message.view < self.view || !self.may_send(from, &message) {
            self.counters.refused += 1;
            return;
        }
        self.view_changes.note_heard(from, sequence);
        let Some(slot) = self.log.slot(sequence) else { return };
        if slot.state == StateId::EXECUTED {
            return;
        }
        let digest = message.digest;
        if slot.required.is_some_and(|required| required != digest) {
            self.counters.refused += 1;
            return;
        }
        slot.started_us.get_or_insert(now_us);
        match slot.tally.add(message.kind, digest, from, message.signature) {
            Vote::Counted => {}
            Vote::Repeated => return,
            Vote::Equivocation => {
                self.counters.equivocations += 1;
                return;
            }
        }
        if let Some(block) = message.block
            && slot.accepted.is_none_or(|accepted| accepted == digest)
        {
            self.queue.proposed(&block);
            if slot.block.as_ref().is_none_or(|known| known.digest() != digest) && slot.executed.is_none() {
                slot.block = Some(block);
            }
        }
        if let Some(certificate) = message.certificate {
            self.take_certificate(now_us, sequence, *certificate, outputs);
        }
        self.advance(now_us, sequence, outputs);
        if self.table.chained {
            self.advance_before(now_us, sequence, outputs);
        }
    }

    /// Whether this sender may say this here: the role, the block and the certificate are as the protocol has them.
    fn may_send(&self, from: ReplicaId, message: &ProtocolMessage) -> bool {
        let Some(info) = self.table.messages.get(usize::from(message.kind.0)) else { return false };
        let has_role = || info.senders.iter().any(|role| self.members(*role, message.sequence).contains(from));
        let block_fits = match &message.block {
            // Empty blocks drive chained protocols and fill places that a view change leaves empty.
            Some(block) => info.carries_block && block.requests().len() <= self.settings.block_size,
            None => !info.carries_block,
        };
        let justified = match (&info.certificate, &message.certificate) {
            (None, certificate) => certificate.is_none(),
            (Some(_), Some(_)) => true,
            (Some(rule), None) => {
                rule.previous && self.is_settled(SequenceNumber(message.sequence.0.saturating_sub(1)))
            }
        };
        block_fits && justified && message.sequence.0 > 0 && has_role()
    }

    fn take_certificate(
        &mut self,
        now_us: u64,
        sequence: SequenceNumber,
        certificate: Certificate,
        outputs: &mut Vec<Output>,
    ) {
        let place = certificate.sequence;
        let Some(slot) = self.log.slot(place) else { return };
        slot.tally.add_certificate(certificate);
        if place != sequence {
            self.advance(now_us, place, outputs);
        }
    }

    /// Takes transitions before a place that wait for it.
    fn advance_before(&mut self, now_us: u64, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let mut place = sequence;
        for _ in 0..4 {
            if place.0 <= 1 || !self.log.holds(SequenceNumber(place.0 - 1)) {
                return;
            }
            place = SequenceNumber(place.0 - 1);
            self.advance(now_us, place, outputs);
        }
    }

    /// Takes transitions at a place until none fits, or more than there are states: then the protocol goes in circles, and
    /// the next message has it go on. Otherwise a file could have a replica neither answer nor stop.
    pub(super) fn advance(&mut self, now_us: u64, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let table = Arc::clone(&self.table);
        let me = self.settings.me;
        'transition: for _ in 0..table.states.len() {
            let next_state = match table.chained {
                true => self.log.get(sequence.next()).map(|slot| slot.state),
                false => None,
            };
            let Some(slot) = self.log.slot(sequence) else { return };
            if slot.commit.is_some() || slot.state == StateId::EXECUTED {
                return;
            }
            let state = slot.state;
            for (role_index, rules) in table.replica_rules.iter().enumerate() {
                let rules_here = &rules.by_state[usize::from(state.0)];
                if rules_here.is_empty() || !self.members(rules.role, sequence).contains(me) {
                    continue;
                }
                for (rule_index, rule) in rules_here.iter().enumerate() {
                    if rule.update == Update::Aggregation {
                        continue;
                    }
                    let Some(slot) = self.log.slot(sequence) else { return };
                    let Some(digest) = satisfied(rule, slot, next_state) else { continue };
                    slot.accepted = Some(digest);
                    slot.note_seen(self.view, digest);
                    if slot.block.as_ref().is_some_and(|block| block.digest() != digest) {
                        let lost = slot.block.take().filter(|_| std::mem::take(&mut slot.proposes));
                        if let Some(lost) = lost {
                            self.queue.give_back(now_us, &lost);
                        }
                    }
                    let Some(slot) = self.log.slot(sequence) else { return };
                    if slot.block.is_none() && digest == Block::empty_digest() {
                        slot.block = Some(Block::empty());
                    }
                    if table.view_change.as_ref().is_some_and(|change| change.proven.contains(&rule.next)) {
                        slot.proven = Some((self.view, digest));
                    }
                    if rule.update == Update::Sequence && slot.executed != Some(digest) {
                        slot.commit = Some(Commit::Rule { role: role_index, state, rule: rule_index });
                        return;
                    }
                    self.take(now_us, sequence, rule, digest, outputs);
                    continue 'transition;
                }
            }
            return;
        }
    }

    /// The effects of a transition that does not execute, or of one after its execution.
    pub(super) fn take(
        &mut self,
        now_us: u64,
        sequence: SequenceNumber,
        rule: &Rule,
        digest: Digest,
        outputs: &mut Vec<Output>,
    ) {
        if rule.update == Update::Slow {
            self.counters.slow += 1;
        }
        let me = self.settings.me;
        let silent = self.is_recovering_at(sequence);
        if let Some(slot) = self.log.slot(sequence) {
            slot.state = rule.next;
            slot.entered_us = now_us;
        }
        for (role, message) in &rule.extra_tally {
            let members = self.members(*role, sequence);
            let Some(slot) = self.log.slot(sequence) else { return };
            for member in members.iter() {
                slot.tally.add(*message, digest, member, Bytes::new());
            }
        }
        for (role, kind) in &rule.responses {
            if *role == Role::Client || silent {
                continue;
            }
            let mut to = self.members(*role, sequence);
            let Some(message) = self.protocol_message(*kind, sequence, digest) else { continue };
            let Some(slot) = self.log.slot(sequence) else { return };
            if !slot.sent.contains(&(*role, *kind)) {
                slot.sent.push((*role, *kind));
            }
            if to.contains(me) {
                slot.tally.add(*kind, digest, me, message.signature.clone());
                to.remove(me);
            }
            if !to.is_empty() {
                outputs.push(Output::Send { to, message: Message::Protocol(message) });
            }
        }
        self.arm_place_timer(sequence, outputs);
    }

    /// The protocol message of a kind about a place; none where its block or certificate is not there.
    pub(super) fn protocol_message(
        &self,
        kind: MessageId,
        sequence: SequenceNumber,
        digest: Digest,
    ) -> Option<ProtocolMessage> {
        let info = self.table.messages.get(usize::from(kind.0))?;
        let slot = self.log.get(sequence)?;
        let block =
            if info.carries_block { Some(slot.block.clone().filter(|block| block.digest() == digest)?) } else { None };
        let certificate = match info.certificate {
            None => None,
            Some(rule) if rule.previous => {
                let previous = SequenceNumber(sequence.0.checked_sub(1)?);
                match self.certificate(rule.of, previous, rule.size) {
                    None if self.is_settled(previous) => None,
                    certificate => Some(Box::new(certificate?)),
                }
            }
            Some(rule) => Some(Box::new(self.certificate(rule.of, sequence, rule.size)?)),
        };
        let signature = match self.settings.mode.scheme(info.authentication) {
            None => Bytes::new(),
            Some(scheme) => self.keys.sign(scheme, &authentication::statement(kind, self.view, sequence, &digest)),
        };
        Some(ProtocolMessage { kind, view: self.view, sequence, digest, block, signature, certificate })
    }

    /// The certificate of a place's votes: one that was received, or made of the votes.
    fn certificate(&self, kind: MessageId, sequence: SequenceNumber, size: u32) -> Option<Certificate> {
        let slot = self.log.get(sequence)?;
        let digest = slot.accepted?;
        let known = slot.tally.certificate(kind, &digest);
        if let Some(known) = known.filter(|known| known.voters.len() >= size && known.view == self.view) {
            return Some(known.clone());
        }
        if slot.tally.count(kind, &digest) < size {
            return None;
        }
        let info = self.table.messages.get(usize::from(kind.0))?;
        let (voters, proof) = match self.settings.mode.scheme(info.authentication) {
            Some(scheme) if scheme != authentication::Scheme::None => {
                let parts = slot.tally.signatures(kind, &digest, size);
                if parts.len() < size as usize {
                    return None;
                }
                let mut voters = ReplicaSet::EMPTY;
                for (from, _) in &parts {
                    voters.insert(*from);
                }
                (voters, self.keys.combine(scheme, &parts))
            }
            _ => (slot.tally.voters(kind, &digest), Bytes::new()),
        };
        Some(Certificate { kind, view: self.view, sequence, digest, voters, proof })
    }

    /// Makes sure that a timeout of the state that a place has entered will be noticed.
    pub(super) fn arm_place_timer(&mut self, sequence: SequenceNumber, outputs: &mut Vec<Output>) {
        let Some(due) = self.place_due_us(sequence) else { return };
        if self.place_timer_us.is_none_or(|armed| due < armed) {
            self.place_timer_us = Some(due);
            outputs.push(Output::SetTimer { timer: Timer::Place, at_us: due });
        }
    }

    /// When the first timeout of a place comes due, µs.
    fn place_due_us(&self, sequence: SequenceNumber) -> Option<u64> {
        let slot = self.log.get(sequence)?;
        if slot.commit.is_some() || slot.state == StateId::EXECUTED {
            return None;
        }
        let rules = self.table.replica_rules.iter().filter(|rules| {
            !rules.by_state[usize::from(slot.state.0)].is_empty()
                && self.members(rules.role, sequence).contains(self.settings.me)
        });
        rules
            .flat_map(|rules| &rules.by_state[usize::from(slot.state.0)])
            .filter_map(|rule| match rule.condition {
                Condition::Timeout { state_mode, multiplier } => {
                    let since = if state_mode { Some(slot.entered_us) } else { slot.started_us };
                    since.map(|since| since + self.settings.timeout_us(state_mode, multiplier))
                }
                _ => None,
            })
            .min()
    }

    /// Takes the timeouts that are due, and arms the timer for the next one.
    pub(super) fn on_place_timer(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        self.place_timer_us = None;
        if self.is_changing_view() {
            return;
        }
        let table = Arc::clone(&self.table);
        let mut place = self.log.low().next();
        while place <= self.log.last() {
            let is_due = self.place_due_us(place).is_some_and(|due| due <= now_us);
            if is_due {
                self.take_timeout(now_us, place, &table, outputs);
            }
            // A timeout that could not be taken must not come due again and again.
            if !is_due || self.place_due_us(place).is_some_and(|due| due > now_us) {
                self.arm_place_timer(place, outputs);
            }
            place = place.next();
        }
        self.execute_ready(now_us, outputs);
    }

    fn take_timeout(
        &mut self,
        now_us: u64,
        place: SequenceNumber,
        table: &crate::table::Table,
        outputs: &mut Vec<Output>,
    ) {
        for rules in &table.replica_rules {
            let Some(slot) = self.log.get(place) else { return };
            if !self.members(rules.role, place).contains(self.settings.me) {
                continue;
            }
            for rule in &rules.by_state[usize::from(slot.state.0)] {
                let Condition::Timeout { state_mode, multiplier } = rule.condition else { continue };
                let since = if state_mode { Some(slot.entered_us) } else { slot.started_us };
                if since.is_none_or(|since| since + self.settings.timeout_us(state_mode, multiplier) > now_us) {
                    continue;
                }
                if rule.update == Update::View {
                    self.ask_for_view(now_us, self.view.next(), outputs);
                } else if let Some(digest) = slot.accepted {
                    self.take(now_us, place, rule, digest, outputs);
                    self.advance(now_us, place, outputs);
                }
                return;
            }
        }
    }
}

/// The block for which a rule's condition holds now.
fn satisfied(rule: &Rule, slot: &Slot, next_state: Option<StateId>) -> Option<Digest> {
    match &rule.condition {
        Condition::Request => slot.accepted.filter(|_| slot.proposes),
        Condition::Quorum { message, size, empty: true } => {
            let digest = Block::empty_digest();
            (slot.tally.count(*message, &digest) >= *size).then_some(digest)
        }
        Condition::Quorum { message, size, empty: false } => match slot.accepted.or(slot.required) {
            Some(digest) => (slot.tally.count(*message, &digest) >= *size).then_some(digest),
            None => slot.tally.leading(*message).filter(|(_, count)| count >= size).map(|(digest, _)| digest),
        },
        Condition::Next { states } => slot.accepted.filter(|_| next_state.is_some_and(|state| states.contains(&state))),
        Condition::Always => slot.accepted,
        // The timer takes these.
        Condition::Timeout { .. } => None,
    }
}

/// Joins what was added to `outputs` since `first`: votes of one kind for the same receivers travel together.
pub(super) fn join_votes(outputs: &mut Vec<Output>, first: usize) {
    if outputs.len() < first + 2 {
        return;
    }
    let added = outputs.split_off(first);
    for output in added {
        let Output::Send { to, message: Message::Protocol(vote) } = output else {
            outputs.push(output);
            continue;
        };
        if vote.block.is_some() || vote.certificate.is_some() {
            outputs.push(Output::Send { to, message: Message::Protocol(vote) });
            continue;
        }
        let item = (vote.sequence, vote.digest, vote.signature.clone());
        let same = outputs[first..].iter_mut().find_map(|known| match known {
            Output::Send { to: receivers, message: Message::Votes { kind, view, items } }
                if *receivers == to && *kind == vote.kind && *view == vote.view =>
            {
                Some(items)
            }
            _ => None,
        });
        match same {
            Some(items) => items.push(item),
            None => {
                let message = Message::Votes { kind: vote.kind, view: vote.view, items: vec![item] };
                outputs.push(Output::Send { to, message });
            }
        }
    }
}
