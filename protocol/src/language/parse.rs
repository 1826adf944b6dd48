//! The grammar: from a YAML tree to [`super::syntax`]. Collects everything that is wrong instead of stopping at the first.

use super::diagnostic::{Diagnostic, Place};
use super::document::{self, Content, Node};
use super::expression::Expression;
use super::syntax::*;

/// Parses a protocol file. Without a protocol, at least one of the diagnostics is an error.
pub fn parse(text: &str) -> (Option<Protocol>, Vec<Diagnostic>) {
    match document::read(text) {
        Ok(root) => {
            let mut parser = ProtocolParser { diagnostics: Vec::new() };
            let protocol = parser.file(&root);
            (protocol, parser.diagnostics)
        }
        Err(diagnostic) => (None, vec![diagnostic]),
    }
}

struct ProtocolParser {
    diagnostics: Vec<Diagnostic>,
}

impl ProtocolParser {
    fn error(&mut self, code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, place, message, mend));
    }

    fn file(&mut self, root: &Node) -> Option<Protocol> {
        self.known_keys(root, &["plugins", "protocol"]);
        let Some(body) = root.get("protocol") else {
            self.error(
                "missing-key",
                root.place,
                "there is no protocol section",
                "Add protocol: with roles and phases",
            );
            return None;
        };
        self.known_keys(body, &["name", "replicas", "fault-override", "general", "roles", "phases", "transitions"]);
        let general = body.get("general");
        let transitions = self.required(body, "transitions").and_then(|node| self.required(node, "from"));
        let phases = self.required(body, "phases");
        Some(Protocol {
            name: body.get("name").and_then(Node::scalar).unwrap_or_default().to_owned(),
            replicas: match body.get("replicas") {
                Some(node) => self.expression(node)?,
                None => Placed { place: body.place, value: Expression::parse("3f + 1").ok()? },
            },
            leader: match general.and_then(|node| node.get("leader")).and_then(Node::scalar) {
                None | Some("stable") => Leader::Stable,
                Some(_) => Leader::Rotating,
            },
            request_target: match general.and_then(|node| node.get("request-target")) {
                Some(node) => self.name(node)?,
                None => Placed { place: body.place, value: "primary".to_owned() },
            },
            constants: general.map(constants).unwrap_or_default(),
            role_plugin: self.role_plugin(root),
            roles: self.names(body.get("roles")),
            phases: self.items(phases).iter().filter_map(|node| self.phase(node)).collect(),
            transitions: self.items(transitions).iter().filter_map(|node| self.from(node)).collect(),
        })
    }

    fn role_plugin(&mut self, root: &Node) -> RolePlugin {
        let Some(node) = root.get("plugins").and_then(|plugins| plugins.get("role")) else {
            return RolePlugin::Primary;
        };
        match node.scalar() {
            Some("primary") => RolePlugin::Primary,
            Some("passive") => RolePlugin::Passive,
            Some("qc-primary") => RolePlugin::QuorumCertificatePrimary,
            _ => {
                self.error(
                    "unknown-plugin",
                    node.place,
                    "this role plugin is not known",
                    "Use primary, passive or qc-primary",
                );
                RolePlugin::Primary
            }
        }
    }

    fn phase(&mut self, node: &Node) -> Option<Phase> {
        self.known_keys(node, &["name", "states", "messages"]);
        let name = self.required(node, "name").and_then(|name| self.name(name))?;
        let messages = self.items(node.get("messages"));
        Some(Phase {
            name,
            states: self.names(node.get("states")),
            messages: messages.iter().filter_map(|message| self.message(message)).collect(),
        })
    }

    fn message(&mut self, node: &Node) -> Option<Message> {
        if node.scalar().is_some() {
            return Some(Message { name: self.name(node)?, request_block: false });
        }
        self.known_keys(node, &["name", "request-block"]);
        let name = self.required(node, "name").and_then(|name| self.name(name))?;
        let request_block = node.get("request-block").and_then(Node::scalar).is_some_and(|text| text == "true");
        Some(Message { name, request_block })
    }

    fn from(&mut self, node: &Node) -> Option<From> {
        self.known_keys(node, &["role", "state", "to"]);
        let role = self.required(node, "role").and_then(|role| self.name(role));
        let state = self.required(node, "state").and_then(|state| self.name(state));
        let to = self.required(node, "to");
        let to = self.items(to).iter().filter_map(|way| self.to(way)).collect();
        Some(From { role: role?, state: state?, to })
    }

    fn to(&mut self, node: &Node) -> Option<To> {
        self.known_keys(node, &["state", "update", "condition", "response", "extra_tally"]);
        let state = self.required(node, "state").and_then(|state| self.name(state));
        let update = match node.get("update").map(|update| (update.scalar().map(str::to_ascii_lowercase), update.place))
        {
            None => Update::None,
            Some((Some(word), place)) => match word.as_str() {
                "" | "none" => Update::None,
                "sequence" => Update::Sequence,
                "view" => Update::View,
                "aggregation" => Update::Aggregation,
                "slow" => Update::Slow,
                _ => {
                    self.error(
                        "unknown-update",
                        place,
                        format!("there is no update {word:?}"),
                        "Use none, sequence, view, aggregation or slow",
                    );
                    Update::None
                }
            },
            Some((None, place)) => {
                self.error("unknown-update", place, "update must be one word", "Use none or sequence");
                Update::None
            }
        };
        let condition = self.condition(node.get("condition"));
        Some(To {
            place: node.place,
            state: state?,
            update,
            condition: condition?,
            responses: self.pairs(node.get("response"), "target"),
            extra_tally: self.pairs(node.get("extra_tally"), "role"),
        })
    }

    fn condition(&mut self, node: Option<&Node>) -> Option<Condition> {
        let Some(node) = node else { return Some(Condition::Always) };
        match node.get("type").and_then(Node::scalar) {
            None | Some("") => Some(Condition::Always),
            Some("message") => {
                self.known_keys(node, &["type", "message", "quorum"]);
                let message = self.required(node, "message").and_then(|message| self.name(message));
                let quorum = self.required(node, "quorum").and_then(|quorum| self.expression(quorum));
                Some(Condition::Message { message: message?, quorum: quorum? })
            }
            Some("timeout") => {
                self.known_keys(node, &["type", "mode", "multiplier"]);
                let multiplier = match node.get("multiplier").and_then(Node::scalar).map(str::parse::<u32>) {
                    None => 1,
                    Some(Ok(number)) => number.clamp(1, 1_000_000),
                    Some(Err(_)) => {
                        self.error("bad-number", node.place, "multiplier must be a whole number", "Use 1 or more");
                        1
                    }
                };
                let state_mode = node.get("mode").and_then(Node::scalar) != Some("sequence");
                Some(Condition::Timeout { state_mode, multiplier })
            }
            Some(other) => {
                self.error(
                    "unknown-condition",
                    node.place,
                    format!("there is no condition of type {other:?}"),
                    "Use message or timeout",
                );
                None
            }
        }
    }

    fn pairs(&mut self, node: Option<&Node>, role_key: &str) -> Vec<(Placed<String>, Placed<String>)> {
        self.items(node)
            .iter()
            .filter_map(|item| {
                self.known_keys(item, &[role_key, "message"]);
                let role = self.required(item, role_key).and_then(|role| self.name(role));
                let message = self.required(item, "message").and_then(|message| self.name(message));
                Some((role?, message?))
            })
            .collect()
    }

    fn expression(&mut self, node: &Node) -> Option<Placed<Expression>> {
        match Expression::parse(node.scalar().unwrap_or_default()) {
            Ok(value) => Some(Placed { place: node.place, value }),
            Err(error) => {
                self.error("bad-expression", node.place, error.to_string(), "Write for example 2f + 1");
                None
            }
        }
    }

    fn required<'a>(&mut self, node: &'a Node, key: &str) -> Option<&'a Node> {
        let found = node.get(key);
        if found.is_none() {
            self.error("missing-key", node.place, format!("{key} is missing here"), format!("Add {key}:"));
        }
        found
    }

    fn name(&mut self, node: &Node) -> Option<Placed<String>> {
        let text = node.scalar().unwrap_or_default();
        let good = !text.is_empty()
            && text.len() <= 64
            && text.chars().all(|each| each.is_ascii_alphanumeric() || "-_".contains(each));
        if !good {
            self.error("bad-name", node.place, format!("{text:?} is not a name"), "Use letters, digits, - and _");
            return None;
        }
        Some(Placed { place: node.place, value: text.to_owned() })
    }

    fn names(&mut self, node: Option<&Node>) -> Vec<Placed<String>> {
        self.items(node).iter().filter_map(|item| self.name(item)).collect()
    }

    fn items<'a>(&mut self, node: Option<&'a Node>) -> &'a [Node] {
        match node {
            None => &[],
            Some(node) => node.sequence().unwrap_or_else(|| {
                self.error("not-a-list", node.place, "a list is expected here", "Begin each item with a dash");
                &[]
            }),
        }
    }

    fn known_keys(&mut self, node: &Node, known: &[&str]) {
        let Content::Mapping(entries) = &node.content else {
            if node.mapping().is_none() {
                self.error("not-a-mapping", node.place, "keys are expected here", format!("Use {}", known.join(", ")));
            }
            return;
        };
        for (key, place, _) in entries {
            if !known.contains(&key.as_str()) {
                self.diagnostics.push(Diagnostic::warning(
                    "unknown-key",
                    *place,
                    format!("{key} means nothing here"),
                    format!("Known keys are {}", known.join(", ")),
                ));
            }
        }
    }
}

fn constants(general: &Node) -> Vec<(String, i64)> {
    let entries = general.mapping().unwrap_or_default();
    entries.iter().filter_map(|(key, _, node)| Some((key.clone(), node.scalar()?.parse().ok()?))).collect()
}
