//! What is wrong with a protocol file, and how to mend it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The protocol runs, but perhaps not as meant.
    Warning,
    /// The protocol cannot run.
    Error,
}

/// A place in the file; both count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable code, such as `unknown-state`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub mend: String,
}

impl Diagnostic {
    /// A finding that stops the protocol from running.
    pub fn error(code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) -> Self {
        debug_assert!(super::codes::known(code), "{code} is not among CODES");
        Self { code: code.into(), severity: Severity::Error, place, message: message.into(), mend: mend.into() }
    }

    /// A finding to look at.
    pub fn warning(code: &str, place: Place, message: impl Into<String>, mend: impl Into<String>) -> Self {
        debug_assert!(super::codes::known(code), "{code} is not among CODES");
        Self { code: code.into(), severity: Severity::Warning, place, message: message.into(), mend: mend.into() }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let Place { line, column } = self.place;
        write!(formatter, "line {line}, column {column}: {word} {}: {}. {}", self.code, self.message, self.mend)
    }
}
