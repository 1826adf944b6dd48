//! Aggregation (Prime, TDSC 2011): the leader's work is bounded and regular. Every aggregation delay it orders all places
//! that are ready, one after the other; a place whose originator has been silent is left empty.

use super::block::Block;
use super::output::{Output, Timer};
use super::replica::Replica;
use crate::table::{Role, Rule, StateId, Update};
use model::ids::SequenceNumber;
use std::sync::Arc;

impl Replica {
    /// Orders what is ready.
    pub(super) fn on_aggregate_timer(&mut self, now_us: u64, outputs: &mut Vec<Output>) {
        let gap_us = self.settings.aggregation_us.max(self.proposal_gap_us);
        outputs.push(Output::SetTimer { timer: Timer::Aggregate, at_us: now_us.saturating_add(gap_us) });
        if self.is_changing_view() || self.is_recovering() {
            return;
        }
        let table = Arc::clone(&self.table);
        let mut place = self.aggregated.max(self.log.low()).next();
        while place <= self.log.last() {
            if self.log.get(place).is_some_and(|slot| slot.state == StateId::EXECUTED || slot.commit.is_some()) {
                self.aggregated = place;
                place = place.next();
                continue;
            }
            let Some((state, rule)) = self.aggregating_rule(&table, place) else {
                if !self.leave_empty(now_us, place, &table) {
                    break;
                }
                continue;
            };
            let accepted = self.log.get(place).filter(|slot| slot.state == state).and_then(|slot| slot.accepted);
            let Some(digest) = accepted else { break };
            if let Some(slot) = self.log.slot(place) {
                slot.note_seen(self.view, digest);
            }
            self.counters.proposed += 1;
            self.aggregated = place;
            self.take(now_us, place, rule, digest, outputs);
            self.advance(now_us, place, outputs);
            place = place.next();
        }
        self.execute_ready(now_us, outputs);
    }

    /// The rule by which this replica orders a place now, with the state it leaves.
    fn aggregating_rule<'table>(
        &self,
        table: &'table crate::table::Table,
        place: SequenceNumber,
    ) -> Option<(StateId, &'table Rule)> {
        let state = self.log.get(place)?.state;
        table
            .replica_rules
            .iter()
            .filter(|rules| self.members(rules.role, place).contains(self.settings.me))
            .flat_map(|rules| &rules.by_state[usize::from(state.0)])
            .find(|rule| rule.update == Update::Aggregation)
            .map(|rule| (state, rule))
    }

    /// Gives a place that is not ready, while later ones are, the empty block once it has held them up long enough.
    fn leave_empty(&mut self, now_us: u64, place: SequenceNumber, table: &crate::table::Table) -> bool {
        if !self.members(Role::Primary, place).contains(self.settings.me) {
            return false;
        }
        let Some(ready) = aggregating_state(table) else { return false };
        let waiting = self.log.iter().filter(|(later, _)| *later > place);
        let oldest = waiting.filter(|(_, slot)| slot.state == ready).map(|(_, slot)| slot.entered_us).min();
        // With the next tick that is less than an aggregation delay and a half: those who have a place ready must not
        // suspect the leader for another replica's silence.
        let patience_us = self.settings.aggregation_us / 4;
        if oldest.is_none_or(|oldest| oldest + patience_us > now_us) {
            return false;
        }
        let Some(slot) = self.log.slot(place) else { return false };
        let empty = Block::empty();
        slot.accepted = Some(empty.digest());
        let replaced = slot.block.replace(empty).filter(|_| std::mem::take(&mut slot.proposes));
        slot.state = ready;
        slot.entered_us = now_us;
        if let Some(replaced) = replaced {
            self.queue.give_back(now_us, &replaced);
        }
        true
    }
}

/// The state from which places are aggregated.
fn aggregating_state(table: &crate::table::Table) -> Option<StateId> {
    table.replica_rules.iter().find_map(|rules| {
        let position =
            rules.by_state.iter().position(|rules| rules.iter().any(|rule| rule.update == Update::Aggregation))?;
        Some(StateId(position as u8))
    })
}
