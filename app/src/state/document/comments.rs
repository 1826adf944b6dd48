//! What is left of lines whose values go: their comments.

use super::places::{colon_after, line_end};
use protocol::language::document::{Content, Node};
use std::ops::Range;

/// The comments of a range of whole lines in which `nodes` stand, each on a line of its own.
pub(super) fn only_comments(text: &str, range: Range<usize>, nodes: &[&Node]) -> String {
    let mut pieces = Vec::new();
    nodes.iter().for_each(|node| collect(text, node, &mut pieces));
    let mut left = String::new();
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        let end = line_end(text, at);
        // A number sign within a value begins no comment.
        let touching = pieces.iter().filter(|piece| piece.start < end && piece.end > at).map(|piece| piece.end);
        let from = touching.max().unwrap_or(at).min(end);
        if let Some(comment) = comment_in(&text[from..end], from == at) {
            let indent: String = line.chars().take_while(|each| *each == ' ').collect();
            left.push_str(&indent);
            left.push_str(comment);
            left.push_str(&line[end - at..]);
        }
        at += line.len();
    }
    left
}

/// The bytes of everything that is no comment.
fn collect(text: &str, node: &Node, pieces: &mut Vec<Range<usize>>) {
    if let Some(span) = node.span.as_ref().filter(|span| !span.is_empty()) {
        pieces.push(span.start..span.start + text[span.clone()].trim_end().len());
        return;
    }
    match &node.content {
        Content::Sequence(items) => items.iter().for_each(|item| collect(text, item, pieces)),
        Content::Mapping(entries) => entries.iter().for_each(|(_, place, value)| {
            let colon = colon_after(text, *place);
            pieces.push(super::offset_of(text, *place)..colon);
            collect(text, value, pieces);
        }),
        Content::Scalar(_) => {}
    }
}

/// The comment of a line's rest; `whole` where that is the whole line.
fn comment_in(rest: &str, whole: bool) -> Option<&str> {
    let mut before = if whole { Some(' ') } else { None };
    for (at, each) in rest.char_indices() {
        if each == '#' && before.is_some_and(char::is_whitespace) {
            return Some(&rest[at..]);
        }
        before = Some(each);
    }
    None
}
