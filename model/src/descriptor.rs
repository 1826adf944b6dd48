//! What is known of a configuration key: its type, unit, range, default, and when a change takes effect.

use crate::config::ConfigValue;

/// Where the page shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Misbehaviour of replicas and of the network.
    Fault,
    /// What the clients ask for.
    Workload,
    /// How fast and how many.
    Load,
    /// The protocol's parameters.
    Protocol,
    /// What is measured and how often.
    Measurement,
    /// Where units are.
    Network,
    /// Only the public Java framework reads these.
    Framework,
}

impl Group {
    /// All groups in the order of the page.
    pub const ALL: [Self; 7] =
        [Self::Fault, Self::Workload, Self::Load, Self::Protocol, Self::Measurement, Self::Network, Self::Framework];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fault => "Fault",
            Self::Workload => "Workload",
            Self::Load => "Load",
            Self::Protocol => "Protocol",
            Self::Measurement => "Measurement",
            Self::Network => "Network",
            Self::Framework => "BFTBrain framework",
        }
    }
}

/// A key's type with its bounds (inclusive).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number.
    Float {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// True or false.
    Boolean,
    /// Text of one line, at most 200 characters.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Whole numbers.
    IntegerList {
        /// Smallest of each.
        min: i64,
        /// Largest of each.
        max: i64,
    },
    /// Numbers.
    FloatList {
        /// Smallest of each.
        min: f64,
        /// Largest of each.
        max: f64,
    },
    /// Words without commas or blanks.
    TextList,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// While the trial runs.
    Live,
    /// At the next start, for this reason.
    NextStart(&'static str),
}

/// Which engine reads a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Both engines.
    Both,
    /// Ours.
    Native,
    /// The public Java framework; kept and passed on.
    Framework,
}

/// All that is known of one key. The table of them is [`crate::schema::DESCRIPTORS`].
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// Dotted path.
    pub key: &'static str,
    /// The name in the form.
    pub label: &'static str,
    /// Type and bounds.
    pub kind: Kind,
    /// "ms", "bytes", "requests"; empty where there is none.
    pub unit: &'static str,
    /// The default as a person would type it.
    pub default: &'static str,
    /// Where the form shows it.
    pub group: Group,
    /// When a change takes effect.
    pub effect: Effect,
    /// Who reads it.
    pub readers: Readers,
    /// Whether the value may also be a mapping with `advance: true`.
    pub advance: bool,
    /// What it does, in a sentence or two.
    pub help: &'static str,
}

impl Descriptor {
    /// The default as a value. A test parses every one of them.
    pub fn default_value(&self) -> ConfigValue {
        self.kind.parse(self.default).unwrap_or(ConfigValue::Null(()))
    }

    /// Whether a change takes effect while a trial runs.
    pub fn is_live(&self) -> bool {
        self.effect == Effect::Live
    }
}

impl Kind {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// A sentence that says what is expected here, when the text is of another type or out of range.
    pub fn parse(&self, text: &str) -> Result<ConfigValue, String> {
        let text = text.trim();
        let value = match self {
            Self::Integer { .. } => {
                ConfigValue::Integer(text.parse().map_err(|_| format!("{text:?} is not a whole number"))?)
            }
            Self::Float { .. } => number(text)?,
            Self::Boolean => match text {
                "true" | "yes" | "on" => ConfigValue::Boolean(true),
                "false" | "no" | "off" => ConfigValue::Boolean(false),
                _ => return Err(format!("{text:?} is neither true nor false")),
            },
            Self::Text | Self::Choice(_) => ConfigValue::Text(text.to_owned()),
            Self::IntegerList { .. } => ConfigValue::List(
                parts(text)
                    .map(|part| part.parse().map(ConfigValue::Integer).map_err(|_| not_in_list(part, "whole numbers")))
                    .collect::<Result<_, _>>()?,
            ),
            Self::FloatList { .. } => ConfigValue::List(
                parts(text)
                    .map(|part| number(part).map_err(|_| not_in_list(part, "numbers")))
                    .collect::<Result<_, _>>()?,
            ),
            Self::TextList => ConfigValue::List(parts(text).map(|part| ConfigValue::Text(part.to_owned())).collect()),
        };
        self.check(&value)?;
        Ok(value)
    }

    /// Checks the type and range of a value.
    ///
    /// # Errors
    /// A sentence that names what is expected.
    pub fn check(&self, value: &ConfigValue) -> Result<(), String> {
        match self {
            Self::Integer { min, max } => match value.as_i64() {
                Some(number) => range(number >= *min && number <= *max, value, &min, &max),
                None => Err(wrong("a whole number", value)),
            },
            Self::Float { min, max } => match value.as_f64() {
                Some(number) => range(number >= *min && number <= *max, value, &min, &max),
                None => Err(wrong("a number", value)),
            },
            Self::Boolean => value.as_bool().map(|_| ()).ok_or_else(|| wrong("true or false", value)),
            Self::Text => {
                // A hand-written file may leave the quotes off a port or a version.
                let text = match value {
                    ConfigValue::Text(_) | ConfigValue::Integer(_) | ConfigValue::Float(_) => value.to_string(),
                    _ => return Err(wrong("text", value)),
                };
                if text.chars().count() > 200 {
                    return Err("the text has more than 200 characters".to_owned());
                }
                if text.chars().any(char::is_control) {
                    return Err("the text has a line break or a control character".to_owned());
                }
                Ok(())
            }
            Self::Choice(words) => match value.as_text() {
                Some(text) if words.contains(&text) => Ok(()),
                _ => Err(format!("expected one of {}, found {value}", words.join(", "))),
            },
            Self::IntegerList { min, max } => items(value)?.iter().try_for_each(|item| match item.as_i64() {
                Some(number) => range(number >= *min && number <= *max, item, &min, &max),
                None => Err(wrong("whole numbers with commas between", item)),
            }),
            Self::FloatList { min, max } => items(value)?.iter().try_for_each(|item| match item.as_f64() {
                Some(number) => range(number >= *min && number <= *max, item, &min, &max),
                None => Err(wrong("numbers with commas between", item)),
            }),
            Self::TextList => items(value)?.iter().try_for_each(|item| match item.as_text() {
                Some(word) if word.is_empty() || word.contains([',', ' ', '\t', '\n', '\r']) => {
                    Err(format!("{word:?} is empty or has a blank or a comma"))
                }
                Some(_) => Ok(()),
                None => Err(wrong("words with commas between", item)),
            }),
        }
    }

    /// The type word of a live patch.
    pub fn patch_type(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "int",
            Self::Float { .. } => "double",
            Self::Boolean => "boolean",
            Self::Text | Self::Choice(_) => "string",
            Self::IntegerList { .. } => "int_list",
            Self::FloatList { .. } => "double_list",
            Self::TextList => "string_list",
        }
    }

    /// The value as it goes over the wire in a patch: lists as text without blanks, which is all that units of the
    /// public framework can read.
    pub fn wire_value(&self, value: &ConfigValue) -> ConfigValue {
        match value {
            ConfigValue::List(items) => {
                ConfigValue::Text(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
            }
            ConfigValue::Integer(number) if matches!(self, Self::Float { .. }) => ConfigValue::Float(*number as f64),
            ConfigValue::Integer(_) | ConfigValue::Float(_) if matches!(self, Self::Text) => {
                ConfigValue::Text(value.to_string())
            }
            value => value.clone(),
        }
    }

    /// The allowed values in words: "1 to 100".
    pub fn range_text(&self) -> String {
        match self {
            Self::Integer { min, max } | Self::IntegerList { min, max } => format!("{min} to {max}"),
            Self::Float { min, max } | Self::FloatList { min, max } => format!("{min} to {max}"),
            Self::Boolean => "true or false".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Choice(words) => words.join(", "),
            Self::TextList => "words".to_owned(),
        }
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.trim_start_matches('[').trim_end_matches(']').split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn number(text: &str) -> Result<ConfigValue, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(match text.parse::<i64>() {
            Ok(whole) => ConfigValue::Integer(whole),
            Err(_) => ConfigValue::Float(number),
        }),
        _ => Err(format!("{text:?} is not a number")),
    }
}

fn not_in_list(part: &str, expected: &str) -> String {
    format!("{part:?} does not belong in a list of {expected} with commas between")
}

fn items(value: &ConfigValue) -> Result<&[ConfigValue], String> {
    match value {
        ConfigValue::List(items) if items.len() > 1000 => Err("the list has more than 1000 entries".to_owned()),
        ConfigValue::List(items) => Ok(items),
        value => Err(wrong("a list", value)),
    }
}

fn wrong(expected: &str, value: &ConfigValue) -> String {
    format!("expected {expected}, found {} ({})", value.kind_name(), abbreviate(&value.to_string()))
}

fn abbreviate(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

fn range(
    inside: bool,
    value: &ConfigValue,
    min: &dyn std::fmt::Display,
    max: &dyn std::fmt::Display,
) -> Result<(), String> {
    if inside { Ok(()) } else { Err(format!("{value} is out of range: {min} to {max}")) }
}
