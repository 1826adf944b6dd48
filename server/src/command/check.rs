//! `bftgym check`: what is wrong with a protocol file.

use super::{print_json, say};
use crate::cli::CheckArgs;
use crate::error::ServerError;
use crate::protocols;
use lab::user_file::FileFault;
use model::words::{counted, numbered};
use protocol::language::diagnostic::Place;
use protocol::language::{Diagnostic, Severity};

/// Checks the file; 1 when it has errors.
pub(super) fn run(args: &CheckArgs) -> Result<u8, ServerError> {
    let (diagnostics, replicas) = match protocols::read(&args.file) {
        Ok(text) => {
            let replicas = protocol::language::compile(&text, args.f).ok().map(|table| table.n);
            (protocol::language::check_text(&text, args.f), replicas)
        }
        // A finding as any other, although the text is not read to its end.
        Err(ServerError::FileUnreadable { fault: FileFault::TooLarge { most }, .. }) => (vec![too_large(most)], None),
        Err(error) => return Err(error),
    };
    let file = args.file.display().to_string();
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if args.json {
        print_json(&serde_json::json!({
            "file": file, "f": args.f, "replicas": replicas, "errors": errors, "warnings": warnings,
            "diagnostics": diagnostics,
        }))?;
    } else {
        for diagnostic in &diagnostics {
            say(line(&file, diagnostic))?;
        }
        let runs = match replicas {
            Some(replicas) => format!("it runs with {} for f = {}", numbered(replicas, "replica"), args.f),
            None => "it cannot run".to_owned(),
        };
        say(format!("{file}: {}, {}: {runs}", counted(errors, "error"), counted(warnings, "warning")))?;
    }
    Ok(u8::from(errors > 0 || replicas.is_none()))
}

/// `FILE:line:column: error unknown-state: there is no state "x". Known are …`, as editors and terminals read it.
fn line(file: &str, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let (place, message) = (diagnostic.place, diagnostic.message.trim_end_matches('.'));
    let mend = diagnostic.mend.trim_end_matches('.');
    format!("{file}:{}:{}: {severity} {}: {message}. {mend}.", place.line, place.column, diagnostic.code)
}

fn too_large(most: usize) -> Diagnostic {
    let message = format!("the file has more than {most} bytes");
    let mend = format!("A protocol file has at most {most} bytes");
    Diagnostic::error("file-too-large", Place { line: 1, column: 1 }, message, mend)
}
