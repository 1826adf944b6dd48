//! `bftgym check`: what is wrong with a protocol file.

use super::print_json;
use crate::cli::CheckArgs;
use crate::error::ServerError;
use crate::protocols;
use protocol::language::{Diagnostic, Severity};

/// Checks the file; 1 when it has errors.
pub(super) fn run(args: &CheckArgs) -> Result<u8, ServerError> {
    let text = protocols::read(&args.file)?;
    let diagnostics = protocol::language::check_text(&text, args.f);
    let file = args.file.display().to_string();
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let replicas = protocol::language::compile(&text, args.f).ok().map(|table| table.n);
    if args.json {
        print_json(&serde_json::json!({
            "file": file, "f": args.f, "replicas": replicas, "errors": errors, "warnings": warnings,
            "diagnostics": diagnostics,
        }))?;
    } else {
        for diagnostic in &diagnostics {
            println!("{}", line(&file, diagnostic));
        }
        let runs = match replicas {
            Some(replicas) => format!("it runs with {replicas} replicas for f = {}", args.f),
            None => "it cannot run".to_owned(),
        };
        println!("{file}: {}, {}: {runs}", counted(errors, "error"), counted(warnings, "warning"));
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

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
