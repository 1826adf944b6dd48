//! Reading and writing the configuration as YAML, with the place of what is wrong.

use crate::config::{ConfigTree, ConfigValue};
use thiserror::Error;

/// The largest configuration file that is read, bytes.
pub const MAX_CONFIG_BYTES: usize = 1 << 20;

/// Why a text is not a configuration.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum YamlError {
    /// Too large to be a configuration.
    #[error("the file has {bytes} bytes; a configuration has at most {MAX_CONFIG_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not YAML, or not a mapping of keys.
    #[error("{}{message}", place(*line, *column))]
    Malformed {
        /// From 1; 0 where the parser does not say.
        line: usize,
        /// From 1; 0 where the parser does not say.
        column: usize,
        /// What is wrong.
        message: String,
    },
}

/// Reads a configuration.
///
/// # Errors
/// When the text is too large, is not YAML, or is not a mapping of keys.
pub fn parse(text: &str) -> Result<ConfigTree, YamlError> {
    if text.len() > MAX_CONFIG_BYTES {
        return Err(YamlError::TooLarge { bytes: text.len() });
    }
    serde_yaml::from_str::<ConfigTree>(text).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |place| (place.line(), place.column()));
        let message = match error.to_string() {
            // The parser's words for aliases of aliases, which it says of no place.
            message if message.starts_with("repetition limit") => {
                "aliases stand for more than is read. Write the values out".to_owned()
            }
            message => message,
        };
        YamlError::Malformed { line, column, message }
    })
}

/// `line 3, column 7: `, or nothing where the parser does not say.
fn place(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}, column {column}: ") }
}

/// Writes a configuration. Text that YAML 1.1 readers would take for something else (`no`, `12:30:00`) is quoted.
pub fn write(tree: &ConfigTree) -> String {
    let mut out = String::new();
    write_level(tree, 0, &mut out);
    out
}

fn write_level(tree: &ConfigTree, depth: usize, out: &mut String) {
    for (key, value) in tree.entries() {
        out.push_str(&"  ".repeat(depth));
        out.push_str(&scalar_text(key));
        out.push(':');
        match value {
            ConfigValue::Tree(level) if !level.entries().is_empty() => {
                out.push('\n');
                write_level(level, depth + 1, out);
            }
            value => {
                let inline = inline(value);
                if !inline.is_empty() {
                    out.push(' ');
                    out.push_str(&inline);
                }
                out.push('\n');
            }
        }
    }
}

/// A value in one line, as [`write`] puts it after its key.
pub fn one_line(value: &ConfigValue) -> String {
    inline(value)
}

fn inline(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Boolean(value) => value.to_string(),
        ConfigValue::Integer(value) => value.to_string(),
        // A float without a dot is text to YAML 1.1 readers.
        ConfigValue::Float(value) if value.is_finite() => {
            let text = format!("{value:?}");
            match text.split_once('e') {
                Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
                _ => text,
            }
        }
        ConfigValue::Float(_) => ".nan".to_owned(),
        ConfigValue::Text(text) => scalar_text(text),
        ConfigValue::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        ConfigValue::Tree(level) => format!(
            "{{{}}}",
            level
                .entries()
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar_text(key), inline(value)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        ConfigValue::Null(()) => String::new(),
    }
}

/// Plain where every YAML reader takes it for text, else double-quoted (JSON's quoting is YAML's).
pub(crate) fn scalar_text(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|each| each.is_ascii_alphanumeric() || "-_./".contains(each))
        && !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::to_string(text).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_file_is_reported_with_its_place() {
        let error = parse("general:\n  f: [1, 2\nbenchmark: 3\n").unwrap_err();
        assert!(matches!(error, YamlError::Malformed { line, .. } if line > 0), "{error}");
        assert!(matches!(parse("just text").unwrap_err(), YamlError::Malformed { .. }));
        let level = |from: char, to: char| format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 20].join(", "));
        let levels: String = ('a'..'f').zip('b'..='f').map(|(from, to)| level(from, to)).collect();
        let bomb = parse(&format!("a: &a [1]\n{levels}")).unwrap_err().to_string();
        assert_eq!(bomb, "aliases stand for more than is read. Write the values out");
        assert!(matches!(parse(&"#".repeat(MAX_CONFIG_BYTES + 1)).unwrap_err(), YamlError::TooLarge { .. }));
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_tree() {
        let text =
            "a:\n  b: 1\n  list: [1, 2.5, no-list]\nquoted: 'no'\ntime: '12:30:00'\ntiny: 1.0e-7\nempty:\nflag: true\n";
        let tree = parse(text).unwrap();
        let written = write(&tree);
        assert_eq!(parse(&written).unwrap(), tree, "{written}");
        assert!(written.contains("\"no\"") && written.contains("\"12:30:00\""), "{written}");
    }
}
