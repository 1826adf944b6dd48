//! A protocol as a file for the public framework BFTBrain, whose language is a part of ours with other meanings here and
//! there: only what means the same to both is written, and what does not is a reason why the protocol cannot be.

mod obstacles;
mod quorum;
mod write;

use crate::language::parse;
use crate::language::syntax::{Protocol, To};
use crate::language::{Severity, check_text};
use crate::table::Update;
use obstacles::obstacles;

/// A protocol that has been written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The file.
    pub text: String,
    /// How many replicas it runs with.
    pub replicas: u32,
    /// What the framework leaves out of it, in sentences.
    pub notes: Vec<String>,
}

/// Writes a protocol out for `f` tolerated faults.
///
/// # Errors
/// Why it cannot be: each reason a sentence that names the thing.
pub fn export(text: &str, f: u32) -> Result<Export, Vec<String>> {
    let findings = check_text(text, f);
    let mut errors = findings.iter().filter(|found| found.severity == Severity::Error).map(ToString::to_string);
    if let Some(first) = errors.next() {
        return Err(vec![format!("it cannot run: {first}")]);
    }
    let (Some(protocol), _) = parse::parse(text) else {
        return Err(vec!["it cannot be read".to_owned()]);
    };
    let reasons = obstacles(&protocol, f);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let replicas = protocol.replica_count(f).map_err(|reason| vec![reason])?;
    let text = write::file(&protocol, f).map_err(|reason| vec![reason])?;
    Ok(Export { text, replicas, notes: notes(&protocol) })
}

/// What is left out without changing what a run without faults does.
fn notes(protocol: &Protocol) -> Vec<String> {
    let declared = protocol.declared();
    let mut notes = Vec::new();
    let mut note = |applies: bool, text: &str| {
        if applies {
            notes.push(text.to_owned());
        }
    };
    let changes_views = protocol.view_change.is_some() || protocol.ways(false).any(|(_, to)| changes_view(to));
    note(changes_views, "BFTBrain does not replace leaders: the view change is left out");
    note(
        declared.iter().any(|message| message.certificate.is_some()),
        "messages of BFTBrain carry no certificates: who gets one believes the sender",
    );
    note(protocol.trusted_counter, "BFTBrain has no trusted counter: replicas could say two things");
    note(protocol.has_message_plugin("learning"), "the plugin learning is left out: no learning agents are started");
    notes
}

/// Whether a way leads to another leader, which the framework never gets.
fn changes_view(to: &To) -> bool {
    to.update == Update::View
}
