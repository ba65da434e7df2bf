//! A set of words and phrases as a trie over folded symbols, walked one symbol at a time.

/// A place in the trie.
pub(crate) type Node = u16;
/// Where every walk begins.
pub(crate) const ROOT: Node = 0;

/// The trie. `value` is the index that [`Words::insert`] was given.
#[derive(Debug)]
pub(crate) struct Words {
    /// Children of a node are a linked list: compact, and short below the root.
    nodes: Vec<Entry>,
    /// The root's children by symbol: its list would be long.
    roots: [Node; 128],
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    symbol: u8,
    value: Option<u16>,
    child: Node,
    sibling: Node,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Entry::default()], roots: [0; 128] }
    }

    /// Adds a word; of two equal words the later one counts. Answers whether there was room: the trie holds 65,535 nodes.
    pub(crate) fn insert(&mut self, word: &[u8], value: u16) -> bool {
        let mut node = ROOT;
        for &symbol in word {
            node = match self.step(node, symbol) {
                Some(next) => next,
                None => match self.grow(node, symbol) {
                    Some(next) => next,
                    None => return false,
                },
            };
        }
        if let Some(entry) = self.nodes.get_mut(usize::from(node)) {
            entry.value = Some(value);
        }
        true
    }

    fn grow(&mut self, parent: Node, symbol: u8) -> Option<Node> {
        let new = Node::try_from(self.nodes.len()).ok()?;
        if parent == ROOT
            && let Some(root) = self.roots.get_mut(usize::from(symbol))
        {
            *root = new;
        }
        let parent = self.nodes.get_mut(usize::from(parent))?;
        let sibling = std::mem::replace(&mut parent.child, new);
        self.nodes.push(Entry { symbol, value: None, child: 0, sibling });
        Some(new)
    }

    /// The node after `symbol`. No node but the root has number 0, so 0 ends a list.
    pub(crate) fn step(&self, node: Node, symbol: u8) -> Option<Node> {
        if node == ROOT {
            return self.roots.get(usize::from(symbol)).copied().filter(|n| *n != 0);
        }
        let mut at = self.nodes.get(usize::from(node))?.child;
        while at != 0 {
            let entry = self.nodes.get(usize::from(at))?;
            if entry.symbol == symbol {
                return Some(at);
            }
            at = entry.sibling;
        }
        None
    }

    /// What ends here.
    pub(crate) fn value(&self, node: Node) -> Option<u16> {
        self.nodes.get(usize::from(node))?.value
    }

    /// Whether longer words go through here.
    pub(crate) fn continues(&self, node: Node) -> bool {
        self.nodes.get(usize::from(node)).is_some_and(|e| e.child != 0)
    }
}

#[cfg(test)]
mod tests;
