//! YAML as a tree in which every node knows where it stands in the text.

use super::diagnostic::{Diagnostic, Place};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// The largest protocol file that is read, bytes.
pub const MAX_PROTOCOL_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;

/// A node with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it starts.
    pub place: Place,
    /// The bytes of a scalar or of a collection in brackets, with its tag or anchor; of a block of text without its
    /// header. A collection of lines has only a start: its span is empty. A value that is left out has none.
    pub span: Option<Range<usize>>,
    /// What it is.
    pub content: Content,
}

/// A key of a mapping, its place, and its value.
pub type Entry = (String, Place, Node);

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text, numbers and the like, as written.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys (with their places) and values, in order.
    Mapping(Vec<Entry>),
}

impl Node {
    /// The text of a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; a missing value counts as an empty one.
    pub fn sequence(&self) -> Option<&[Node]> {
        match &self.content {
            Content::Sequence(items) => Some(items),
            Content::Scalar(text) if text.is_empty() || text == "~" => Some(&[]),
            _ => None,
        }
    }

    /// The entries of a mapping; a missing value counts as an empty one.
    pub fn mapping(&self) -> Option<&[Entry]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            Content::Scalar(text) if text.is_empty() || text == "~" => Some(&[]),
            _ => None,
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.mapping()?.iter().find(|(name, _, _)| name == key).map(|(_, _, node)| node)
    }
}

/// Reads a file's single document.
///
/// # Errors
/// When the file is too large, is not YAML, uses aliases, or nests too deeply.
pub fn read(text: &str) -> Result<Node, Diagnostic> {
    if text.len() > MAX_PROTOCOL_BYTES {
        let message = format!("the file has {} bytes", text.len());
        return Err(Diagnostic::error(
            "file-too-large",
            Place { line: 1, column: 1 },
            message,
            format!("A protocol file has at most {MAX_PROTOCOL_BYTES} bytes"),
        ));
    }
    let mut reader = Reader { parser: Parser::new_from_str(text), nodes: 0, text, bytes: Bytes::of(text) };
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(Diagnostic::error("empty-file", place(&span), "the file is empty", "Describe a protocol"));
            }
            event => return reader.node(event, &span, 0),
        }
    }
}

struct Reader<'input> {
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    nodes: usize,
    text: &'input str,
    bytes: Bytes,
}

/// Where the characters of a text begin: the parser counts characters. Empty where each is one byte.
struct Bytes(Vec<usize>);

impl Bytes {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self(Vec::new());
        }
        Self(text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect())
    }

    fn at(&self, character: usize) -> usize {
        match self.0.last() {
            None => character,
            Some(end) => self.0.get(character).copied().unwrap_or(*end),
        }
    }
}

impl<'input> Reader<'input> {
    fn next(&mut self) -> Result<(Event<'input>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok(pair)) => Ok(pair),
            Some(Err(error)) => {
                let marker = error.marker();
                let place = Place { line: marker.line(), column: marker.col() + 1 };
                Err(Diagnostic::error("not-yaml", place, error.info(), "Mend the YAML"))
            }
            None => Err(Diagnostic::error("not-yaml", Place::default(), "the file ends early", "Complete it")),
        }
    }

    fn node(&mut self, event: Event<'input>, span: &Span, depth: usize) -> Result<Node, Diagnostic> {
        let place = place(span);
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            let message = format!("the file nests deeper than {MAX_DEPTH} levels or has more than {MAX_NODES} values");
            return Err(Diagnostic::error("file-too-complex", place, message, "Make it simpler"));
        }
        let (start, opened) = (self.bytes.at(span.start.index()), self.bytes.at(span.end.index()));
        // The parser gives the end of a collection of lines the place of what comes next.
        let bracket = opened > start && matches!(self.text.as_bytes().get(opened - 1), Some(b'[' | b'{'));
        let (content, end) = match event {
            // So it does with a value that is left out.
            Event::Scalar(text, ScalarStyle::Plain, ..) if text.is_empty() => (Content::Scalar(String::new()), None),
            Event::Scalar(text, style, ..) => {
                let length = written_length(&self.text[start..opened], style);
                (Content::Scalar(text.into_owned()), Some(start + length))
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            let end = if bracket { self.bytes.at(end.start.index()) + 1 } else { start };
                            break (Content::Sequence(items), Some(end));
                        }
                        (event, span) => items.push(self.node(event, &span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let (entries, end) = self.mapping(depth)?;
                let end = if bracket { self.bytes.at(end.start.index()) + 1 } else { start };
                (Content::Mapping(entries), Some(end))
            }
            Event::Alias(..) => {
                return Err(Diagnostic::error("alias", place, "aliases are not read", "Write the value out"));
            }
            _ => return Err(Diagnostic::error("not-yaml", place, "unexpected end of a value", "Mend the YAML")),
        };
        Ok(Node { place, span: end.map(|end| start..end), content })
    }

    /// The entries, and where the end is.
    fn mapping(&mut self, depth: usize) -> Result<(Vec<Entry>, Span), Diagnostic> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, key_place) = match self.next()? {
                (Event::MappingEnd, end) => return Ok((entries, end)),
                (Event::Scalar(text, ..), span) => (text.into_owned(), place(&span)),
                (_, span) => {
                    return Err(Diagnostic::error("not-yaml", place(&span), "a key must be plain text", "Use a word"));
                }
            };
            if entries.iter().any(|(name, _, _)| *name == key) {
                let message = format!("{key} stands twice");
                return Err(Diagnostic::error("duplicate-key", key_place, message, "Remove one of them"));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            entries.push((key, key_place, value));
        }
    }
}

/// How much of a scalar's bytes belong to it: the parser counts what follows a quoted one to it, a comment for example.
fn written_length(bytes: &str, style: ScalarStyle) -> usize {
    let quote = match style {
        ScalarStyle::SingleQuoted => b'\'',
        ScalarStyle::DoubleQuoted => b'"',
        _ => return bytes.len(),
    };
    let bytes = bytes.as_bytes();
    let mut at = bytes.iter().position(|byte| *byte == quote).map_or(bytes.len(), |first| first + 1);
    while at < bytes.len() {
        match (quote, bytes[at], bytes.get(at + 1)) {
            (b'"', b'\\', _) | (b'\'', b'\'', Some(b'\'')) => at += 2,
            (quote, byte, _) if quote == byte => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}
