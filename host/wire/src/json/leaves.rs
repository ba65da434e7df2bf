//! Every key and string of a tree, in document order.

use super::{Kind, NodeRef, Tree};

/// A key or a string value.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'t> {
    /// The key of this member.
    Key(NodeRef<'t>),
    /// This string.
    Value(NodeRef<'t>),
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
