//! The protocol language: from a YAML text to a checked, dense table.
//!
//! The stages are [`document`] (YAML with places), [`parse`] (the grammar), [`check`] (does it make sense) and [`lower`]
//! (numbers instead of names, quorums evaluated for one f). It is a superset of the language of the public framework
//! BFTBrain: files written for that one load, with warnings where their meaning is unclear.

pub mod check;
pub mod codes;
pub mod diagnostic;
pub mod document;
pub mod expression;
pub mod facts;
pub mod keys;
pub mod lower;
pub mod parse;
pub mod syntax;

pub use codes::CODES;
pub use diagnostic::{Diagnostic, Severity};
pub use keys::KEYS;

use crate::table::Table;

/// More than these nobody reads; errors are kept before warnings.
const MOST_FINDINGS: usize = 200;

/// Parses, checks and lowers a protocol for `f` tolerated faults.
///
/// # Errors
/// All diagnostics, when at least one of them is an error.
pub fn compile(text: &str, f: u32) -> Result<Table, Vec<Diagnostic>> {
    let (protocol, mut diagnostics) = parse::parse(text);
    let Some(protocol) = protocol else { return Err(diagnostics) };
    diagnostics.extend(check::check(&protocol, f));
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    lower::lower(&protocol, f).map_err(|diagnostic| vec![diagnostic])
}

/// Everything that is to be said about a protocol file for `f` tolerated faults, in the order of the file.
pub fn check_text(text: &str, f: u32) -> Vec<Diagnostic> {
    let (protocol, mut diagnostics) = parse::parse(text);
    if let Some(protocol) = protocol {
        diagnostics.extend(check::check(&protocol, f));
    }
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    diagnostics.truncate(MOST_FINDINGS);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.place.line, diagnostic.place.column));
    diagnostics
}
