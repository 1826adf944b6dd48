//! Finding one's way in a text: lines, ends and colons. All offsets are bytes.

use protocol::language::diagnostic::Place;
use protocol::language::document::{Content, Node};

/// Whether a node is a collection of lines, as against one in brackets and a plain value.
pub(super) fn is_block(node: &Node) -> bool {
    node.span.as_ref().is_none_or(|span| span.is_empty())
}

/// The offset of a place.
pub(super) fn offset_of(text: &str, place: Place) -> usize {
    let before: usize = text.split_inclusive('\n').take(place.line.saturating_sub(1)).map(str::len).sum();
    let line = &text[before.min(text.len())..];
    before + line.char_indices().nth(place.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at)
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Where the line of an offset ends, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    if end > at && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
}

/// What stands before the first word of a line.
pub(super) fn indent_of(text: &str, at: usize) -> String {
    let before = &text[line_start(text, at)..at];
    match before.trim().is_empty() {
        true => before.to_owned(),
        false => " ".repeat(before.chars().count()),
    }
}

/// The end of the last thing that belongs to a node.
pub(super) fn deep_end(text: &str, node: &Node) -> usize {
    match (&node.span, &node.content) {
        (Some(span), _) if !span.is_empty() => span.start + text[span.clone()].trim_end().len(),
        (_, Content::Sequence(items)) => {
            items.iter().map(|item| deep_end(text, item)).max().unwrap_or_default().max(start_of(node))
        }
        (_, Content::Mapping(entries)) => {
            let ends = entries.iter().map(|(_, place, value)| deep_end(text, value).max(colon_after(text, *place)));
            ends.max().unwrap_or_default().max(start_of(node))
        }
        (_, Content::Scalar(_)) => start_of(node),
    }
}

fn start_of(node: &Node) -> usize {
    node.span.as_ref().map_or(0, |span| span.start)
}

/// The offset behind the colon of the key at a place.
pub(super) fn colon_after(text: &str, place: Place) -> usize {
    let start = offset_of(text, place);
    let bytes = text.as_bytes();
    let mut at = start;
    match bytes.get(start) {
        Some(b'"') => {
            at += 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
        }
        Some(b'\'') => {
            at += 1;
            while at < bytes.len() && (bytes[at] != b'\'' || bytes.get(at + 1) == Some(&b'\'')) {
                at += if bytes[at] == b'\'' { 2 } else { 1 };
            }
        }
        _ => {}
    }
    let quoted = at > start;
    let ends = |at: usize| bytes.get(at + 1).is_none_or(|next| b" \t\r\n,[]{}".contains(next));
    while at < bytes.len() && (bytes[at] != b':' || !(quoted || ends(at))) {
        at += 1;
    }
    (at + 1).min(text.len())
}
