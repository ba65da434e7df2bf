//! Keys and values of a tool's arguments.

use std::borrow::Cow;

use crate::{Document, Segment, Span};

/// The keys and values of a document made of JSON: the arguments of an [`Action`](crate::Action), or the "key" and "value"
/// segments of a request.
///
/// ```
/// use witgate_sdk::kit::Arguments;
/// use witgate_sdk::{Document, Segment, Span};
///
/// // As the host tells {"to": ["jo", "al"], "amount": 12}.
/// # let segment = |kind: &str, pointer: &str, at| Segment {
/// #     role: "assistant".into(), kind: kind.into(), name: None, pointer: pointer.into(), at: Span::from_range(at) };
/// # let document = Document { text: "to\njo\nal\namount\n12".into(), segments: vec![
/// #     segment("key", "/to", 0..2), segment("value", "/to/0", 3..5), segment("value", "/to/1", 6..8),
/// #     segment("key", "/amount", 9..15), segment("value", "/amount", 16..18)] };
/// let arguments = Arguments::of(&document);
/// assert_eq!(arguments.value("/amount").and_then(|a| a.text.parse::<u32>().ok()), Some(12));
/// let to: Vec<_> = arguments.matching("/to/*").map(|a| a.text).collect();
/// assert_eq!(to, ["jo", "al"]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    document: &'a Document,
}

/// One key or value.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'a> {
    /// Whether it is the key of a member, not a value.
    pub is_key: bool,
    /// RFC 6901: where it stands. A key has its member's pointer.
    pub pointer: &'a str,
    /// The text, decoded; of a number or boolean as it was written. `"5"` and `5` are the same text.
    pub text: &'a str,
    /// Where the text stands in the document, for edits and findings.
    pub at: Span,
}

impl<'a> Arguments<'a> {
    /// Those of a document. Segments of other kinds are left out.
    #[must_use]
    pub fn of(document: &'a Document) -> Self {
        Self { document }
    }

    /// Keys and values in the order they were written, a key before what it names.
    pub fn all(self) -> impl Iterator<Item = Argument<'a>> {
        self.document.segments.iter().filter_map(move |segment| Argument::of(segment, self.document))
    }

    /// The values.
    pub fn values(self) -> impl Iterator<Item = Argument<'a>> {
        self.all().filter(|argument| !argument.is_key)
    }

    /// The keys.
    pub fn keys(self) -> impl Iterator<Item = Argument<'a>> {
        self.all().filter(|argument| argument.is_key)
    }

    /// The value at a pointer. None where there is a list, a mapping, `null` or nothing.
    #[must_use]
    pub fn value(self, pointer: &str) -> Option<Argument<'a>> {
        self.values().find(|argument| argument.pointer == pointer)
    }

    /// The values whose pointer is like `pattern`: a pointer in which the token `*` stands for any one token, and `**` at
    /// the end for one or more.
    pub fn matching(self, pattern: &'a str) -> impl Iterator<Item = Argument<'a>> {
        self.values().filter(move |argument| is_like(argument.pointer, pattern))
    }
}

impl<'a> Argument<'a> {
    fn of(segment: &'a Segment, document: &'a Document) -> Option<Self> {
        let is_key = match segment.kind.as_str() {
            "key" => true,
            "value" => false,
            _ => return None,
        };
        Some(Self { is_key, pointer: &segment.pointer, text: segment.text(document), at: segment.at })
    }

    /// The tokens of the pointer, from the root down, decoded.
    pub fn path(self) -> impl DoubleEndedIterator<Item = Cow<'a, str>> {
        tokens(self.pointer).map(|token| match token.contains('~') {
            true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
            false => Cow::Borrowed(token),
        })
    }

    /// The name of the member that it stands in, passing over places in lists: of `/to/0` it is `to`. None at the root, and
    /// in a list at the root.
    #[must_use]
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.path().rev().find(|token| !token.bytes().all(|b| b.is_ascii_digit()))
    }
}

fn tokens(pointer: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut tokens = pointer.split('/');
    // What stands before the first `/` is nothing.
    tokens.next();
    tokens
}

fn is_like(pointer: &str, pattern: &str) -> bool {
    let (pattern, deeper) = match pattern.strip_suffix("/**") {
        Some(above) => (above, true),
        None => (pattern, false),
    };
    let (mut have, mut want) = (tokens(pointer), tokens(pattern));
    loop {
        match (have.next(), want.next()) {
            (Some(_), Some("*")) => {}
            (Some(a), Some(b)) if a == b => {}
            (have, None) => return have.is_some() == deeper,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests;
