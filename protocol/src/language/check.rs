//! Does a protocol make sense for f faults: one file for each concern.

mod delivery;
mod evidence;
mod graph;
mod intersection;
mod liveness;
mod messages;
mod names;
mod numbers;
mod rules;
mod view_change;
mod votes;

use super::diagnostic::{Diagnostic, Place, Severity};
use super::lower::{ClientSlowPath, client_machine};
use super::syntax::{Condition, Protocol, To};

/// Checks a protocol for `f` faults. What needs numbers and names to be right is checked only when they are.
pub fn check(protocol: &Protocol, f: u32) -> Vec<Diagnostic> {
    let mut findings = Findings { protocol, f, diagnostics: Vec::new() };
    numbers::check(&mut findings);
    if findings.diagnostics.iter().any(|diagnostic| diagnostic.code == "too-many") {
        return findings.diagnostics;
    }
    names::check(&mut findings);
    if findings.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return findings.diagnostics;
    }
    graph::check(&mut findings);
    rules::check(&mut findings);
    if let Err(diagnostics) = client_machine(protocol, f) {
        findings.diagnostics.extend(diagnostics.into_iter().filter(|found| found.code != "never-executes"));
        let told = findings.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if !told {
            let message = "no transition of a client leads to executed with replies";
            let mend = "Add one with condition: { type: message, message: reply, quorum: f + 1 }";
            findings.error("never-executes", protocol.transitions_place, message, mend);
        }
        return findings.diagnostics;
    }
    messages::check(&mut findings);
    delivery::check(&mut findings);
    evidence::check(&mut findings);
    intersection::check(&mut findings);
    view_change::check(&mut findings);
    liveness::check(&mut findings);
    findings.diagnostics
}

/// The message that a transition awaits.
fn awaits(to: &To) -> Option<&str> {
    match &to.condition {
        Condition::Message { message, .. } => Some(&message.value),
        _ => None,
    }
}

/// The client's slow path, when it has one that can be run.
fn slow_path(findings: &Findings<'_>) -> Option<ClientSlowPath> {
    client_machine(findings.protocol, findings.f).ok()?.slow_path
}

/// A protocol under examination.
struct Findings<'a> {
    protocol: &'a Protocol,
    f: u32,
    diagnostics: Vec<Diagnostic>,
}

impl Findings<'_> {
    fn error(&mut self, code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, place, message, mend));
    }

    fn warning(&mut self, code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(code, place, message, mend));
    }
}
