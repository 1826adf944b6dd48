//! The ports of the framework's processes on this machine.

use model::config::{ConfigTree, ConfigValue};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};

const SERVER: &str = "network.server";
const UNITS: &str = "network.units";
/// Where the ports begin when the configuration does not say.
const FIRST: u16 = 9020;
/// A unit also listens so many ports above its own, for learning agents.
const AGENT: u16 = 10;

/// Where everybody listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) coordinator: u16,
    /// The replicas' ports, then the client's.
    pub(super) units: Vec<u16>,
}

impl Ports {
    /// Those of the configuration; where it has too few, the next ones that do not collide.
    pub(super) fn of(config: &ConfigTree, replicas: u32) -> Result<Self, String> {
        let coordinator = match config.get(SERVER) {
            Some(value) => port(SERVER, &value.to_string())?,
            None => FIRST,
        };
        let named = match config.get(UNITS) {
            Some(ConfigValue::List(items)) => items.as_slice(),
            _ => &[],
        };
        let count = replicas as usize + 1;
        let named: Result<Vec<u16>, String> =
            named.iter().take(count).map(|item| port(UNITS, &item.to_string())).collect();
        let mut ports = Self { coordinator, units: Vec::new() };
        let mut taken = BTreeSet::from([coordinator]);
        for unit in named? {
            ports.add(unit, &mut taken).map_err(|port| {
                format!("{UNITS}: the port {port} has two uses; units also listen {AGENT} ports above their own")
            })?;
        }
        let mut next = ports.units.last().copied().unwrap_or(coordinator);
        while ports.units.len() < count {
            next = next.checked_add(1).ok_or_else(|| format!("{UNITS}: there are no ports left above {next}"))?;
            // One that collides is passed over.
            let _ = ports.add(next, &mut taken);
        }
        Ok(ports)
    }

    fn add(&mut self, unit: u16, taken: &mut BTreeSet<u16>) -> Result<(), u16> {
        let agent = unit.checked_add(AGENT).ok_or(unit)?;
        if let Some(known) = [unit, agent].into_iter().find(|port| taken.contains(port)) {
            return Err(known);
        }
        taken.extend([unit, agent]);
        self.units.push(unit);
        Ok(())
    }

    /// Whether all of them are free now. The framework would wait for ever where one is not.
    pub(super) fn check_free(&self) -> Result<(), String> {
        let agents = self.units.iter().map(|port| port + AGENT);
        let all = [self.coordinator].into_iter().chain(self.units.iter().copied()).chain(agents);
        for port in all {
            if let Err(error) = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
                return Err(format!(
                    "the port {port}, which BFTBrain needs, cannot be used: {error}; end the program that has it, or choose \
                     others with {SERVER} and {UNITS}"
                ));
            }
        }
        Ok(())
    }

    /// Lets a configuration name them, on this machine alone.
    pub(super) fn put_into(&self, config: &mut ConfigTree) {
        let address = |port: &u16| ConfigValue::Text(format!("127.0.0.1:{port}"));
        config.set(SERVER, address(&self.coordinator));
        config.set(UNITS, ConfigValue::List(self.units.iter().map(address).collect()));
    }
}

fn port(key: &str, address: &str) -> Result<u16, String> {
    let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).filter(|port| *port > 0);
    port.ok_or_else(|| format!("{key}: {address:?} is no address with a port, such as 127.0.0.1:{FIRST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configured_ports_are_used_and_further_ones_do_not_collide_with_those_for_agents() {
        let config = model::schema::default_tree();
        let small = Ports::of(&config, 4).unwrap();
        assert_eq!((small.coordinator, &small.units[..]), (9020, &[9021, 9022, 9023, 9024, 9025][..]));
        let large = Ports::of(&config, 31).unwrap();
        let agents = large.units.iter().map(|port| port + AGENT);
        let all: BTreeSet<u16> = large.units.iter().copied().chain(agents).chain([large.coordinator]).collect();
        assert_eq!(all.len(), 32 * 2 + 1);
        let mut written = ConfigTree::new();
        small.put_into(&mut written);
        assert_eq!(written.text("network.units", "").split(", ").count(), 5);
    }

    #[test]
    fn what_is_no_port_what_is_used_twice_and_what_is_taken_is_named() {
        let mut config = ConfigTree::new();
        config.set(SERVER, ConfigValue::Text("nowhere".into()));
        assert!(Ports::of(&config, 4).unwrap_err().contains("\"nowhere\" is no address"));
        config.set(SERVER, ConfigValue::Text("127.0.0.1:9021".into()));
        let units = ["h:9021"].map(|text| ConfigValue::Text(text.into()));
        config.set(UNITS, ConfigValue::List(units.into()));
        assert!(Ports::of(&config, 4).unwrap_err().contains("9021 has two uses"));
        config.set(SERVER, ConfigValue::Text("h:65535".into()));
        config.set(UNITS, ConfigValue::List(vec![]));
        assert!(Ports::of(&config, 4).unwrap_err().contains("no ports left"));
        let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let ports = Ports { coordinator: port, units: vec![] };
        assert!(ports.check_free().unwrap_err().starts_with(&format!("the port {port}, which BFTBrain needs")));
    }
}
