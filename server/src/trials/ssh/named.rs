//! Whether hosts agree on who runs which units.

use model::hosts::{Placement, SshHost, SshTestbed};
use model::unit::UnitRole;
use model::validate::Problem;
use model::{Kind, schema::descriptor};
use std::collections::BTreeMap;

/// More replicas and clients than can be named.
const MANY: u32 = 1_000;

/// Finds replicas and single clients that are named twice.
///
/// # Errors
/// Problems at the fields of the hosts that name them again.
pub(super) fn check(testbed: &SshTestbed) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut owners: BTreeMap<UnitRole, usize> = BTreeMap::new();
    for (place, host) in testbed.hosts.iter().enumerate() {
        for entry in host.units.iter().flat_map(|units| units.split(',')) {
            // All clients that no other host names is what this says.
            if entry.trim() == "clients" {
                continue;
            }
            let units = named(testbed, entry);
            let clients = most_clients();
            if let Some(UnitRole::Client(number)) =
                units.iter().find(|role| matches!(role, UnitRole::Client(number) if *number >= clients))
            {
                let message = format!(
                    "there is no client {number}: trials have at most {clients} client units, from client 0 on"
                );
                problems.push(Problem { key: format!("hosts[{place}].units"), message });
                break;
            }
            let twice = units.into_iter().find_map(|role| Some((role, owners.insert(role, place)?)));
            if let Some((role, owner)) = twice {
                let unit = match role {
                    UnitRole::Client(number) => format!("client {number}"),
                    role => role.label().to_lowercase(),
                };
                let message = if owner == place {
                    format!("{unit} is named twice: name each unit once")
                } else {
                    format!("{unit} is named by {} already: name each unit once", testbed.hosts[owner].label())
                };
                problems.push(Problem { key: format!("hosts[{place}].units"), message });
                break;
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// How many client units a trial has at most.
fn most_clients() -> u32 {
    match descriptor("benchmark.clients").map(|descriptor| &descriptor.kind) {
        Some(Kind::Integer { max, .. }) => u32::try_from(*max).unwrap_or(MANY),
        _ => MANY,
    }
}

/// The units that an entry names: those that a host with it gets where another host is there to take all others.
fn named(testbed: &SshTestbed, entry: &str) -> Vec<UnitRole> {
    let host = SshHost { units: Some(entry.trim().to_owned()), ..SshHost::default() };
    let two = SshTestbed { hosts: vec![host, SshHost::default()], ..testbed.clone() };
    Placement::of(&two, MANY, MANY).units(0).map(|unit| UnitRole::of(unit, MANY)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(units: &[&str]) -> Option<String> {
        let host =
            |(number, units): (usize, &&str)| format!("- {{address: host{number}, user: a, units: {:?}}}\n", units);
        let hosts: String = units.iter().enumerate().map(host).collect();
        let testbed = SshTestbed::parse(&format!("name: lab\nhosts:\n{hosts}")).unwrap();
        check(&testbed).err().map(|problems| problems[0].to_string())
    }

    #[test]
    fn a_unit_that_is_named_twice_is_a_problem_at_the_second_place_with_the_first() {
        let told = problem(&["0-2", "clients", "3, 2"]).unwrap();
        assert!(told.contains("hosts[2].units") && told.contains("replica 2 is named by host0 already"), "{told}");
        assert!(problem(&["0,0"]).unwrap().contains("replica 0 is named twice"));
        assert!(problem(&["client 1", "0, client 1"]).unwrap().contains("client 1 is named by host0"));
        assert!(problem(&["client 16"]).unwrap().contains("no client 16: trials have at most 16"));
        assert_eq!(problem(&["0-1, client 0", "2-3, clients", "clients"]), None);
    }
}
