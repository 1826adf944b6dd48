//! Which replicas the configuration wants crashed, and what a change of it means for their processes.

use model::config::ConfigTree;
use model::ids::UnitId;
use std::collections::BTreeSet;

const KEY: &str = "fault.crash.affected-entities";

/// What is to be done with a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Kill it.
    Kill,
    /// Start it anew.
    Start,
}

/// The fault `fault.crash`. A replica that enters its list is killed; one that leaves it is started again, however it died:
/// a replica that was killed from outside stays dead until somebody puts it on the list and takes it off again.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    listed: BTreeSet<UnitId>,
    /// Killed, and its end not seen yet.
    dying: BTreeSet<UnitId>,
    /// To be started as soon as its end has been seen.
    returning: BTreeSet<UnitId>,
}

impl Crashes {
    /// Takes over a configuration; `lives` tells which units have a process.
    pub(super) fn update(
        &mut self,
        config: &ConfigTree,
        replicas: u32,
        lives: impl Fn(UnitId) -> bool,
    ) -> Vec<(UnitId, Deed)> {
        let listed: BTreeSet<UnitId> = config
            .numbers(KEY)
            .into_iter()
            .filter(|number| (0.0..f64::from(replicas)).contains(number))
            .map(|number| UnitId(number as u32 + 1))
            .collect();
        let mut deeds = Vec::new();
        for unit in listed.difference(&self.listed) {
            self.returning.remove(unit);
            if lives(*unit) && self.dying.insert(*unit) {
                deeds.push((*unit, Deed::Kill));
            }
        }
        for unit in self.listed.difference(&listed) {
            if lives(*unit) {
                self.returning.insert(*unit);
            } else {
                deeds.push((*unit, Deed::Start));
            }
        }
        self.listed = listed;
        deeds
    }

    /// A process has ended: whether this fault killed it, and whether it is to be started again.
    pub(super) fn ended(&mut self, unit: UnitId) -> (bool, bool) {
        (self.dying.remove(&unit), self.returning.remove(&unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::config::ConfigValue;

    fn list(replicas: &[i64]) -> ConfigTree {
        let mut tree = ConfigTree::new();
        tree.set(KEY, ConfigValue::List(replicas.iter().map(|replica| ConfigValue::Integer(*replica)).collect()));
        tree
    }

    #[test]
    fn a_replica_is_killed_when_it_enters_the_list_and_started_when_it_leaves_it() {
        let mut crashes = Crashes::default();
        assert_eq!(crashes.update(&list(&[1, 9, -1]), 4, |_| true), [(UnitId(2), Deed::Kill)]);
        assert_eq!(crashes.update(&list(&[1]), 4, |_| true), [], "it is dying already");
        assert_eq!(crashes.ended(UnitId(2)), (true, false));
        assert_eq!(crashes.update(&list(&[]), 4, |unit| unit != UnitId(2)), [(UnitId(2), Deed::Start)]);
    }

    #[test]
    fn a_replica_that_leaves_the_list_while_it_dies_is_started_when_it_is_dead() {
        let mut crashes = Crashes::default();
        crashes.update(&list(&[1]), 4, |_| true);
        assert_eq!(crashes.update(&list(&[]), 4, |_| true), []);
        assert_eq!(crashes.ended(UnitId(2)), (true, true));
    }

    #[test]
    fn a_replica_that_was_killed_from_outside_stays_dead_until_it_has_been_on_the_list() {
        let mut crashes = Crashes::default();
        assert_eq!(crashes.ended(UnitId(3)), (false, false));
        let lives = |unit| unit != UnitId(3);
        assert_eq!(crashes.update(&list(&[2]), 4, lives), []);
        assert_eq!(crashes.update(&list(&[]), 4, lives), [(UnitId(3), Deed::Start)]);
    }
}
