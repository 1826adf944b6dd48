//! YAML as a tree in which every node knows its line and column.

use super::diagnostic::{Diagnostic, Place};
use saphyr_parser::{Event, Parser, Span};

/// The largest protocol file that is read, bytes.
pub const MAX_PROTOCOL_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;

/// A node with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it starts.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text, numbers and the like, as written.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys (with their places) and values, in order.
    Mapping(Vec<(String, Place, Node)>),
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
    pub fn mapping(&self) -> Option<&[(String, Place, Node)]> {
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
    let mut reader = Reader { parser: Parser::new_from_str(text), nodes: 0 };
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
        let content = match event {
            Event::Scalar(text, ..) => Content::Scalar(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Content::Sequence(items),
                        (event, span) => items.push(self.node(event, &span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.mapping(depth)?,
            Event::Alias(..) => {
                return Err(Diagnostic::error("alias", place, "aliases are not read", "Write the value out"));
            }
            _ => return Err(Diagnostic::error("not-yaml", place, "unexpected end of a value", "Mend the YAML")),
        };
        Ok(Node { place, content })
    }

    fn mapping(&mut self, depth: usize) -> Result<Content, Diagnostic> {
        let mut entries: Vec<(String, Place, Node)> = Vec::new();
        loop {
            let (key, key_place) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Content::Mapping(entries)),
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

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}
