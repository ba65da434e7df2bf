//! One value inside a [`Tree`].

use std::fmt;
use std::ops::Range;

use super::tree::{NONE, Tree};
use super::{encoded, escape_token};

/// The kinds of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        })
    }
}

/// A string token: where it stands with its quotes, and, if it has escapes, where its decoded text stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Range in the tree's arena; `NONE..NONE` if the raw bytes are the text.
    pub(super) decoded: (u32, u32),
}

impl Token {
    pub(super) const ABSENT: Self = Self { start: 0, end: 0, decoded: (NONE, NONE) };

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) parent: u32,
    pub(super) next: u32,
    pub(super) first: u32,
    /// Position among its parent's children.
    pub(super) position: u32,
    pub(super) key: Token,
    /// The value; `decoded` counts for strings.
    pub(super) value: Token,
}

/// A value of a [`Tree`], by reference. Cheap to copy.
#[derive(Clone, Copy)]
pub struct NodeRef<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) id: u32,
}

impl fmt::Debug for NodeRef<'_> {
    /// Kind and place only: values never reach a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind(), encoded(&self.pointer()))
    }
}

impl<'t> NodeRef<'t> {
    fn node(self) -> &'t Node {
        &self.tree.nodes[self.id as usize]
    }

    /// What kind of value this is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Range of the value in the original bytes; a string's includes its quotes.
    #[must_use]
    pub fn raw(self) -> Range<usize> {
        self.node().value.range()
    }

    /// The value as it stands in the original.
    #[must_use]
    pub fn raw_str(self) -> &'t str {
        &self.tree.source[self.raw()]
    }

    /// The decoded key, if this is a member of an object.
    #[must_use]
    pub fn key(self) -> Option<&'t str> {
        self.key_raw().map(|_| self.tree.token_text(self.node().key))
    }

    /// Range of the key in the original bytes, with its quotes.
    #[must_use]
    pub fn key_raw(self) -> Option<Range<usize>> {
        let key = self.node().key;
        (key.end > key.start).then(|| key.range())
    }

    /// Range of all that stands between the commas: the value, or key and value.
    #[must_use]
    pub fn slot(self) -> Range<usize> {
        let value = self.raw();
        self.key_raw().map_or(value.start, |key| key.start)..value.end
    }

    /// The decoded text, if this is a string.
    #[must_use]
    pub fn text(self) -> Option<&'t str> {
        (self.kind() == Kind::String).then(|| self.tree.token_text(self.node().value))
    }

    /// The value, if this is a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.raw_str() == "true")
    }

    /// The value, if this is a number written as a plain non-negative integer that fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        (self.kind() == Kind::Number).then(|| self.raw_str().parse().ok()).flatten()
    }

    /// The value that contains this one.
    #[must_use]
    pub fn parent(self) -> Option<NodeRef<'t>> {
        let parent = self.node().parent;
        (parent != NONE).then_some(NodeRef { tree: self.tree, id: parent })
    }

    /// Position among the parent's children, from zero.
    #[must_use]
    pub fn position(self) -> usize {
        self.node().position as usize
    }

    /// Elements or members, in order; empty for scalars.
    #[must_use]
    pub fn children(self) -> Children<'t> {
        Children { tree: self.tree, next: self.node().first }
    }

    /// The member named `key`; linear in the number of members.
    #[must_use]
    pub fn get(self, key: &str) -> Option<NodeRef<'t>> {
        if self.kind() != Kind::Object {
            return None;
        }
        self.children().find(|child| child.key() == Some(key))
    }

    /// RFC 6901 pointer from the root.
    #[must_use]
    pub fn pointer(self) -> String {
        let mut path = Vec::new();
        let mut at = Some(self);
        while let Some(node) = at {
            path.push(node);
            at = node.parent();
        }
        let mut out = String::new();
        // The last one is the root, whose pointer is the empty string.
        for node in path.iter().rev().skip(1) {
            match node.key() {
                Some(key) => escape_token(key, &mut out),
                None => escape_token(&node.position().to_string(), &mut out),
            }
        }
        out
    }
}

/// The children of a container, in order.
#[derive(Clone)]
pub struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = NodeRef<'t>;

    fn next(&mut self) -> Option<NodeRef<'t>> {
        if self.next == NONE {
            return None;
        }
        let node = NodeRef { tree: self.tree, id: self.next };
        self.next = node.node().next;
        Some(node)
    }
}
