//! Every key and string, or scalar, in document order.

use super::{Kind, NodeRef, Tree};

/// A key or a value.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'t> {
    /// The key of this member.
    Key(NodeRef<'t>),
    /// This string; or scalar, where all are asked for.
    Value(NodeRef<'t>),
}

impl<'t> Leaf<'t> {
    /// The value, or the member that the key is of.
    #[must_use]
    pub fn node(self) -> NodeRef<'t> {
        match self {
            Self::Key(node) | Self::Value(node) => node,
        }
    }

    /// As segments name it: `key` or `value`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Value(_) => "value",
        }
    }

    /// The decoded text of a key or string; of another value, what is written.
    #[must_use]
    pub fn text(self) -> &'t str {
        match self {
            Self::Key(node) => node.key().unwrap_or_default(),
            Self::Value(node) => node.text().unwrap_or(node.raw_str()),
        }
    }
}

/// See [`Tree::leaves`].
#[derive(Clone)]
pub struct Leaves<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    value_due: bool,
}

impl<'t> Leaves<'t> {
    pub(super) fn of(tree: &'t Tree<'t>) -> Self {
        Self { tree, next: 0, value_due: false }
    }
}

impl<'t> Iterator for Leaves<'t> {
    type Item = Leaf<'t>;

    fn next(&mut self) -> Option<Leaf<'t>> {
        // Nodes are numbered in document order.
        while (self.next as usize) < self.tree.nodes.len() {
            let node = NodeRef { tree: self.tree, id: self.next };
            if !self.value_due && node.key().is_some() {
                self.value_due = true;
                return Some(Leaf::Key(node));
            }
            self.value_due = false;
            self.next += 1;
            if node.kind() == Kind::String {
                return Some(Leaf::Value(node));
            }
        }
        None
    }
}

/// Visits every key and scalar below `node`; `null` says nothing. The depth was bounded when the JSON was read.
pub(crate) fn each_scalar<'t, E>(
    node: NodeRef<'t>,
    visit: &mut impl FnMut(Leaf<'t>) -> Result<(), E>,
) -> Result<(), E> {
    match node.kind() {
        Kind::Null => Ok(()),
        Kind::Bool | Kind::Number | Kind::String => visit(Leaf::Value(node)),
        Kind::Array | Kind::Object => node.children().try_for_each(|child| {
            if child.key().is_some() {
                visit(Leaf::Key(child))?;
            }
            each_scalar(child, visit)
        }),
    }
}
