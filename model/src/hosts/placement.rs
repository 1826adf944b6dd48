//! Which unit runs on which host, and at which of its addresses.

use super::SshTestbed;
use crate::ids::UnitId;
use crate::unit::UnitRole;
use std::collections::BTreeMap;

/// Highest number of a replica or a client that can be named.
const MAX_NUMBER: u32 = 999;

/// Units that a host names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// Replicas, first and last.
    Replicas(u32, u32),
    /// One client.
    Client(u32),
    /// All clients.
    Clients,
}

impl Named {
    fn has(self, role: UnitRole) -> bool {
        match (self, role) {
            (Self::Replicas(first, last), UnitRole::Replica(number)) => (first..=last).contains(&number),
            (Self::Client(named), UnitRole::Client(number)) => named == number,
            (Self::Clients, UnitRole::Client(_)) => true,
            _ => false,
        }
    }
}

/// Reads `0-2, 5, clients, client 1`.
pub(super) fn read_units(text: &str) -> Result<Vec<Named>, String> {
    let example = "give replicas' numbers, ranges, \"clients\" or \"client 0\", as in \"0-2, 5, clients\"";
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number <= MAX_NUMBER);
    let entries = text.split(',').map(|entry| {
        let entry = entry.trim();
        let read = if entry == "clients" {
            Some(Named::Clients)
        } else if let Some(client) = entry.strip_prefix("client ") {
            number(client).map(Named::Client)
        } else if let Some((first, last)) = entry.split_once('-') {
            let range = (number(first), number(last));
            if let (Some(first), Some(last)) = range { Some(Named::Replicas(first, last)) } else { None }
                .filter(|range| !matches!(range, Named::Replicas(first, last) if first > last))
        } else {
            number(entry).map(|number| Named::Replicas(number, number))
        };
        read.ok_or_else(|| format!("{:?} names no units: {example}", entry.chars().take(60).collect::<String>()))
    });
    entries.collect()
}

/// For each unit but the controller: its host's place in the list, and which of the host's addresses is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement(BTreeMap<UnitId, (usize, usize)>);

impl Placement {
    /// Places the units of a trial. A unit goes to the first host that names it; what nobody names is dealt out in turn to
    /// the hosts that name nothing, or to all where each names something. Units of one host take its addresses in turn.
    pub fn of(testbed: &SshTestbed, replicas: u32, clients: u32) -> Self {
        let named: Vec<Vec<Named>> = testbed
            .hosts
            .iter()
            .map(|host| host.units.as_deref().and_then(|units| read_units(units).ok()).unwrap_or_default())
            .collect();
        let free: Vec<usize> = (0..named.len()).filter(|host| named[*host].is_empty()).collect();
        let takers = if free.is_empty() { (0..named.len()).collect() } else { free };
        let mut dealt = 0;
        let mut on_host = vec![0; named.len()];
        let mut places = BTreeMap::new();
        for unit in (1..=replicas + clients).map(UnitId) {
            let role = UnitRole::of(unit, replicas);
            let wanted = named.iter().position(|entries| entries.iter().any(|entry| entry.has(role)));
            let Some(host) = wanted.or_else(|| {
                dealt += 1;
                takers.get((dealt - 1) % takers.len().max(1)).copied()
            }) else {
                continue;
            };
            places.insert(unit, (host, on_host[host]));
            on_host[host] += 1;
        }
        Self(places)
    }

    /// The host of a unit, and how many units were placed there before it; none for a unit that there is not.
    pub fn host(&self, unit: UnitId) -> Option<(usize, usize)> {
        self.0.get(&unit).copied()
    }

    /// The units of a host.
    pub fn units(&self, host: usize) -> impl Iterator<Item = UnitId> {
        self.0.iter().filter(move |(_, place)| place.0 == host).map(|(unit, _)| *unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::SshHost;
    use crate::testbed::TestbedName;

    fn testbed(units: &[Option<&str>]) -> SshTestbed {
        let host = |units: &Option<&str>| SshHost { units: units.map(str::to_owned), ..SshHost::default() };
        let hosts = units.iter().map(host).collect();
        SshTestbed { name: TestbedName::new("lab").unwrap(), backend: None, hosts }
    }

    fn hosts(units: &[Option<&str>], replicas: u32, clients: u32) -> Vec<usize> {
        let placement = Placement::of(&testbed(units), replicas, clients);
        (1..=replicas + clients).map(|unit| placement.host(UnitId(unit)).unwrap().0).collect()
    }

    #[test]
    fn units_are_dealt_out_in_turn_unless_a_host_names_them() {
        assert_eq!(hosts(&[None, None, None], 4, 1), [0, 1, 2, 0, 1]);
        assert_eq!(hosts(&[Some("clients"), None, None], 4, 2), [1, 2, 1, 2, 0, 0]);
        assert_eq!(hosts(&[Some("0-1,3"), None, Some("client 1, 2")], 4, 2), [0, 0, 2, 0, 1, 2]);
        assert_eq!(hosts(&[Some("0"), Some("1")], 4, 1), [0, 1, 0, 1, 0]);
    }

    #[test]
    fn several_units_of_a_host_count_up_and_take_its_addresses_in_turn() {
        let placement = Placement::of(&testbed(&[None, None]), 4, 1);
        assert_eq!(placement.host(UnitId(5)), Some((0, 2)));
        assert_eq!(placement.units(0).collect::<Vec<_>>(), [UnitId(1), UnitId(3), UnitId(5)]);
        assert_eq!(placement.host(UnitId(9)), None);
    }

    #[test]
    fn what_names_no_units_is_refused_with_an_example() {
        for text in ["", "x", "3-1", "1-", "client", "client x", "1,,2", "1000", "-1"] {
            assert!(read_units(text).unwrap_err().contains("0-2, 5, clients"), "{text:?}");
        }
        assert_eq!(read_units("0-2, clients").unwrap(), [Named::Replicas(0, 2), Named::Clients]);
    }
}
