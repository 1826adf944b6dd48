//! The drawing of a protocol's states: where each stands, and what leads from one to the next.

use protocol::language::parse::parse;
use protocol::language::syntax::{Condition, To};
use protocol::table::Update;

/// The most states and ways that are drawn; a larger protocol is told in words alone.
const MOST: usize = 60;

/// A state with its place in a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Steps from idle.
    pub row: usize,
    /// Its position among those with as many steps.
    pub column: usize,
}

/// A way between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// From, as an index into the nodes.
    pub from: usize,
    /// To, likewise.
    pub to: usize,
    /// Who takes it: several roles may.
    pub roles: Vec<String>,
    /// What it waits for: "2f × prepare".
    pub when: String,
    /// What it sends: "commit".
    pub sends: Vec<String>,
}

/// The replicas' state machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// States that a way leads to, idle first.
    pub nodes: Vec<Node>,
    /// Ways.
    pub ways: Vec<Way>,
}

impl Machine {
    /// One way in words.
    pub fn sentence(&self, way: &Way) -> String {
        let name = |index: usize| self.nodes.get(index).map_or("", |node| node.name.as_str());
        let sends = if way.sends.is_empty() { String::new() } else { format!("; sends {}", way.sends.join(", ")) };
        format!("{}: {} → {}, {}{sends}", way.roles.join(", "), name(way.from), name(way.to), way.when)
    }

    /// The ways from one state to another, together: each pair is one arrow.
    pub fn pairs(&self) -> Vec<(usize, usize, Vec<&Way>)> {
        let mut pairs: Vec<(usize, usize, Vec<&Way>)> = Vec::new();
        for way in &self.ways {
            match pairs.iter_mut().find(|(from, to, _)| (*from, *to) == (way.from, way.to)) {
                Some((.., ways)) => ways.push(way),
                None => pairs.push((way.from, way.to, vec![way])),
            }
        }
        pairs
    }

    /// The largest row and column.
    pub fn size(&self) -> (usize, usize) {
        let most = |read: fn(&Node) -> usize| self.nodes.iter().map(read).max().unwrap_or_default() + 1;
        (most(|node| node.row), most(|node| node.column))
    }
}

/// The replicas' state machine of a file; empty where it cannot be read.
pub fn machine(text: &str) -> Machine {
    let Some(protocol) = parse(text).0 else { return Machine::default() };
    let mut nodes: Vec<Node> = vec![Node { name: "idle".to_owned(), row: 0, column: 0 }];
    let mut ways: Vec<Way> = Vec::new();
    let all: Vec<_> = protocol.ways(false).filter(|(_, to)| to.update != Update::View).take(MOST).collect();
    // Rows by the number of steps from idle; what cannot be reached stands in the last row.
    let mut grown = true;
    while grown && nodes.len() < MOST {
        grown = false;
        for (from, to) in &all {
            let row = nodes.iter().find(|node| node.name == from.state.value).map(|node| node.row + 1);
            if let Some(row) = row
                && !nodes.iter().any(|node| node.name == to.state.value)
            {
                nodes.push(Node { name: to.state.value.clone(), row, column: 0 });
                grown = true;
            }
        }
    }
    let last = nodes.iter().map(|node| node.row).max().unwrap_or_default();
    let executed = nodes.iter().filter(|node| node.row == last).count();
    for node in nodes.iter_mut().filter(|node| node.name == "executed") {
        // Everything ends there, whatever the shortest way is.
        node.row = if node.row == last && executed == 1 { last } else { last + 1 };
    }
    for row in 0..=last + 1 {
        for (column, node) in nodes.iter_mut().filter(|node| node.row == row).enumerate() {
            node.column = column;
        }
    }
    let index = |name: &str| nodes.iter().position(|node| node.name == name);
    for (from, to) in all {
        let (Some(start), Some(end)) = (index(&from.state.value), index(&to.state.value)) else { continue };
        let when = when(to);
        let sends: Vec<String> =
            to.responses.iter().map(|(target, message)| format!("{} to {}", message.value, target.value)).collect();
        let same = |way: &&mut Way| (way.from, way.to, &way.when, &way.sends) == (start, end, &when, &sends);
        match ways.iter_mut().find(same) {
            Some(way) => way.roles.push(from.role.value.clone()),
            None => ways.push(Way { from: start, to: end, roles: vec![from.role.value.clone()], when, sends }),
        }
    }
    Machine { nodes, ways }
}

fn when(to: &To) -> String {
    match &to.condition {
        Condition::Always => "at once".to_owned(),
        Condition::Message { message, quorum, .. } => format!("{} × {}", quorum.value, message.value),
        Condition::Next { .. } => "the next place goes on".to_owned(),
        Condition::Timeout { multiplier, .. } => format!("timeout × {multiplier}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbft_goes_from_idle_to_executed_in_three_steps() {
        let machine = machine(protocol::definitions::find("pbft").unwrap().text());
        let rows: Vec<_> = machine.nodes.iter().map(|node| (node.name.as_str(), node.row)).collect();
        assert_eq!(rows, [("idle", 0), ("pre-prepared", 1), ("prepared", 2), ("executed", 3)]);
        let arrows: Vec<_> = machine.pairs().into_iter().map(|(from, to, ways)| (from, to, ways.len())).collect();
        assert_eq!(arrows, [(0, 1, 2), (1, 2, 1), (2, 3, 1)]);
        assert_eq!(
            machine.sentence(&machine.ways[2]),
            "nodes: pre-prepared → prepared, 2f × prepare; sends commit to nodes"
        );
    }

    #[test]
    fn no_two_states_stand_at_the_same_place_and_executed_is_last() {
        for definition in protocol::definitions::ALL {
            let machine = machine(definition.text());
            let mut places: Vec<_> = machine.nodes.iter().map(|node| (node.row, node.column)).collect();
            places.sort_unstable();
            let count = places.len();
            places.dedup();
            assert_eq!(places.len(), count, "{}", definition.name);
            let executed = machine.nodes.iter().find(|node| node.name == "executed").unwrap();
            assert_eq!(executed.row + 1, machine.size().0, "{}", definition.name);
        }
    }
}
