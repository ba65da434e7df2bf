//! The index itself: one pass, no recursion, spans only.

use jiter::{Jiter, JiterError, Peek};

use super::node::{Node, Token};
use super::{JsonError, JsonErrorKind, Kind, Leaves, NodeRef, pointer};

pub(super) const NONE: u32 = u32::MAX;

/// An object with more members than this has its keys sorted to find equal ones; below, comparing pairs is quicker.
const PAIRWISE: usize = 12;

/// Bounds on what [`Tree::parse`] accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Containers inside each other. A scalar at the root has depth 0.
    pub max_depth: usize,
    /// Values of any kind, containers included.
    pub max_nodes: usize,
    /// Bytes of one number as written.
    pub max_number_bytes: usize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { max_depth: 64, max_nodes: 262_144, max_number_bytes: 64 }
    }
}

/// An index over one JSON text. Borrows the bytes, and holds about 56 bytes for each value.
#[derive(Debug)]
pub struct Tree<'b> {
    pub(super) source: &'b str,
    pub(super) nodes: Vec<Node>,
    /// Decoded text of the strings that have escapes.
    arena: String,
}

impl<'b> Tree<'b> {
    /// Indexes `bytes`, which must be exactly one value of RFC 8259 JSON in UTF-8, with white space around it at most.
    ///
    /// # Errors
    /// [`JsonError`] for whatever RFC 8259 forbids, for byte order marks, lone surrogates, keys that are equal after
    /// unescaping, and for what exceeds `limits`.
    pub fn parse(bytes: &'b [u8], limits: &JsonLimits) -> Result<Self, JsonError> {
        let bare = |kind, offset| JsonError { kind, pointer: None, offset };
        if u32::try_from(bytes.len()).is_err() {
            return Err(bare(JsonErrorKind::TooLarge, 0));
        }
        if bytes.starts_with("\u{feff}".as_bytes()) {
            return Err(bare(JsonErrorKind::ByteOrderMark, 0));
        }
        let source = std::str::from_utf8(bytes).map_err(|e| bare(JsonErrorKind::InvalidUtf8, e.valid_up_to()))?;
        let mut indexer = Indexer {
            tree: Tree { source, nodes: Vec::with_capacity((source.len() / 16).min(1024) + 4), arena: String::new() },
            open: Vec::new(),
            limits,
        };
        match indexer.run() {
            Ok(()) => Ok(indexer.tree),
            Err(fail) => Err(JsonError { kind: fail.kind, offset: fail.offset, pointer: indexer.place(fail.node) }),
        }
    }

    /// The one value.
    #[must_use]
    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { tree: self, id: 0 }
    }

    /// The value at an RFC 6901 `pointer`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<NodeRef<'_>> {
        let mut node = self.root();
        for token in pointer::tokens(pointer)? {
            node = match node.kind() {
                Kind::Object => node.get(&token)?,
                Kind::Array if token == "0" || !token.starts_with(['0', '+']) => {
                    node.children().nth(token.parse().ok()?)?
                }
                _ => return None,
            };
        }
        Some(node)
    }

    /// Every key and every string, in document order.
    #[must_use]
    pub fn leaves(&self) -> Leaves<'_> {
        Leaves::of(self)
    }

    /// Keeps decoded text that is not simply a part of the source, and answers where.
    fn keep(&mut self, text: &str) -> (u32, u32) {
        if self.source.as_bytes().as_ptr_range().contains(&text.as_ptr()) {
            return (NONE, NONE);
        }
        let start = self.arena.len();
        self.arena.push_str(text);
        (narrow(start), narrow(self.arena.len()))
    }

    pub(super) fn token_text(&self, token: Token) -> &str {
        match token.decoded {
            (NONE, NONE) => &self.source[token.start as usize + 1..token.end as usize - 1],
            (start, end) => &self.arena[start as usize..end as usize],
        }
    }
}

struct Fail {
    kind: JsonErrorKind,
    offset: usize,
    node: Option<u32>,
}

impl From<JiterError> for Fail {
    fn from(error: JiterError) -> Self {
        Self { kind: JsonErrorKind::of(&error), offset: error.index, node: None }
    }
}

/// A container that is being read, and its latest child.
struct Open {
    id: u32,
    last: u32,
    count: u32,
}

struct Indexer<'b, 'l> {
    tree: Tree<'b>,
    open: Vec<Open>,
    limits: &'l JsonLimits,
}

impl Indexer<'_, '_> {
    fn run(&mut self) -> Result<(), Fail> {
        let mut jiter = Jiter::new(self.tree.source.as_bytes());
        let mut due = Some((jiter.peek()?, Token::ABSENT));
        loop {
            if let Some((peek, key)) = due.take() {
                due = self.value(&mut jiter, peek, key)?;
            } else if let Some(top) = self.open.last() {
                due = match self.tree.nodes[top.id as usize].kind {
                    Kind::Array => jiter.array_step()?.map(|peek| (peek, Token::ABSENT)),
                    _ => self.key(&mut jiter, false)?,
                };
                if due.is_none() {
                    self.close(jiter.current_index())?;
                }
            } else {
                return Ok(jiter.finish()?);
            }
        }
    }

    /// Reads one value, or the opening of one; answers the first child of a container that has any.
    fn value(&mut self, jiter: &mut Jiter<'_>, peek: Peek, key: Token) -> Result<Option<(Peek, Token)>, Fail> {
        let start = jiter.current_index();
        let kind = match peek {
            Peek::Null => Kind::Null,
            Peek::True | Peek::False => Kind::Bool,
            Peek::String => Kind::String,
            Peek::Array => Kind::Array,
            Peek::Object => Kind::Object,
            other if matches!(other.into_inner(), b'-' | b'0'..=b'9') => Kind::Number,
            _ => {
                return Err(Fail { kind: JsonErrorKind::Syntax, offset: start, node: None });
            }
        };
        let id = self.add(kind, key, start)?;
        let mut value = Token { start: narrow(start), end: 0, decoded: (NONE, NONE) };
        match kind {
            Kind::Null => jiter.known_null()?,
            Kind::Bool => {
                jiter.known_bool(peek)?;
            }
            Kind::Number => {
                let number = jiter.known_number_bytes(peek)?;
                if let Some(kind) = refused_number(number, self.limits.max_number_bytes) {
                    return Err(Fail { kind, offset: start, node: Some(id) });
                }
            }
            Kind::String => {
                value.decoded = self.tree.keep(jiter.known_str()?);
            }
            Kind::Array | Kind::Object => {
                if self.open.len() >= self.limits.max_depth {
                    return Err(Fail { kind: JsonErrorKind::TooDeep, offset: start, node: Some(id) });
                }
                self.open.push(Open { id, last: NONE, count: 0 });
                let first = match kind {
                    Kind::Array => jiter.known_array()?.map(|peek| (peek, Token::ABSENT)),
                    _ => self.key(jiter, true)?,
                };
                if first.is_none() {
                    self.close(jiter.current_index())?;
                }
                return Ok(first);
            }
        }
        value.end = narrow(jiter.current_index());
        self.tree.nodes[id as usize].value = value;
        Ok(None)
    }

    fn key(&mut self, jiter: &mut Jiter<'_>, first: bool) -> Result<Option<(Peek, Token)>, Fail> {
        let from = jiter.current_index();
        let found = if first { jiter.known_object()? } else { jiter.next_key()? };
        let Some(text) = found else { return Ok(None) };
        let decoded = self.tree.keep(text);
        // Before the key stand a brace or comma and white space; after it white space and the colon.
        let read = &self.tree.source.as_bytes()[from..jiter.current_index()];
        let open = read.iter().position(|&b| b == b'"').unwrap_or(0);
        let close = read.iter().rposition(|&b| b == b'"').unwrap_or(0);
        let key = Token { start: narrow(from + open), end: narrow(from + close + 1), decoded };
        Ok(Some((jiter.peek()?, key)))
    }

    fn add(&mut self, kind: Kind, key: Token, offset: usize) -> Result<u32, Fail> {
        let id = narrow(self.tree.nodes.len());
        if self.tree.nodes.len() >= self.limits.max_nodes.min(NONE as usize - 1) {
            return Err(Fail { kind: JsonErrorKind::TooManyNodes, offset, node: None });
        }
        let (mut parent, mut position) = (NONE, 0);
        if let Some(open) = self.open.last_mut() {
            (parent, position) = (open.id, open.count);
            open.count += 1;
            match open.last {
                NONE => self.tree.nodes[parent as usize].first = id,
                last => self.tree.nodes[last as usize].next = id,
            }
            open.last = id;
        }
        let value = Token { start: narrow(offset), end: narrow(offset), decoded: (NONE, NONE) };
        self.tree.nodes.push(Node { kind, parent, next: NONE, first: NONE, position, key, value });
        Ok(id)
    }

    fn close(&mut self, end: usize) -> Result<(), Fail> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        self.tree.nodes[open.id as usize].value.end = narrow(end);
        if self.tree.nodes[open.id as usize].kind == Kind::Object && open.count > 1 {
            self.refuse_equal_keys(open.id)?;
        }
        Ok(())
    }

    fn refuse_equal_keys(&self, object: u32) -> Result<(), Fail> {
        let members = NodeRef { tree: &self.tree, id: object }.children();
        let twice = |node: NodeRef<'_>| Fail {
            kind: JsonErrorKind::DuplicateKey,
            offset: node.slot().start,
            node: Some(node.id),
        };
        if self.open_count(object) <= PAIRWISE {
            let mut rest = members;
            while let Some(member) = rest.next() {
                if let Some(same) = rest.clone().find(|other| other.key() == member.key()) {
                    return Err(twice(same));
                }
            }
            return Ok(());
        }
        let mut sorted: Vec<NodeRef<'_>> = members.collect();
        sorted.sort_by_key(|member| member.key());
        match sorted.windows(2).find(|pair| pair[0].key() == pair[1].key()) {
            Some(pair) => Err(twice(pair[1])),
            None => Ok(()),
        }
    }

    fn open_count(&self, object: u32) -> usize {
        NodeRef { tree: &self.tree, id: object }.children().take(PAIRWISE + 1).count()
    }

    fn place(&self, node: Option<u32>) -> Option<String> {
        let id = node.or_else(|| self.open.last().map(|open| if open.last == NONE { open.id } else { open.last }))?;
        let mut pointer = NodeRef { tree: &self.tree, id }.pointer();
        if pointer.len() > 256 {
            pointer.truncate(pointer.floor_char_boundary(256));
        }
        Some(pointer)
    }
}

/// Readers differ on numbers that are very long or larger than a double (an error, infinity, the largest double).
fn refused_number(number: &[u8], max_bytes: usize) -> Option<JsonErrorKind> {
    if number.len() > max_bytes {
        return Some(JsonErrorKind::NumberTooLong);
    }
    // Without an exponent it takes more than 300 digits.
    if number.len() <= 300 && !number.iter().any(|b| matches!(b, b'e' | b'E')) {
        return None;
    }
    let value: Option<f64> = std::str::from_utf8(number).ok().and_then(|text| text.parse().ok());
    (!value.is_some_and(f64::is_finite)).then_some(JsonErrorKind::NumberOutOfRange)
}

/// Offsets fit: the length of the input was checked, and nothing decoded is longer than it was.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(NONE)
}

#[cfg(test)]
pub(crate) mod tests;
