//! A trie of byte strings in three flat tables.

/// A place in the trie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(u16);

impl Node {
    pub(super) const ROOT: Self = Self(0);
}

/// No pattern ends here.
const NONE: u16 = u16::MAX;
/// A byte that a pattern begins with.
const FIRST: u8 = 1;
/// A byte that comes second in a pattern.
const SECOND: u8 = 2;

/// Nodes are numbered breadth first, so that the edge in place `i` of `labels` leads to node `i + 1`, and the edges of a
/// node stand together: no pointers are kept.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    /// The byte of each edge.
    labels: Box<[u8]>,
    /// Where each node's edges begin in `labels`; one more at the end.
    edges: Box<[u16]>,
    /// The pattern that ends at each node.
    patterns: Box<[u16]>,
    /// Which bytes patterns begin with, and which come second, in both cases where case is ignored. Of its own, so that the
    /// pass over a text needs one look a byte.
    places: [u8; 256],
}

impl Trie {
    /// Of patterns in order, each once, of at most 65,535 bytes together.
    pub(super) fn new(sorted: &[(Vec<u8>, u16)], ignore_case: bool) -> Self {
        let (mut labels, mut edges, mut patterns) = (vec![], vec![], vec![]);
        // Each node is a range of `sorted` with a common beginning, of this depth.
        let mut nodes = std::collections::VecDeque::from([(0..sorted.len(), 0_usize)]);
        while let Some((range, depth)) = nodes.pop_front() {
            edges.push(u16::try_from(labels.len()).unwrap_or(u16::MAX));
            let mut at = range.start;
            let mut under = sorted.get(range).unwrap_or_default();
            let ends = under.first().filter(|(bytes, _)| bytes.len() == depth);
            patterns.push(ends.map_or(NONE, |(_, pattern)| *pattern));
            if ends.is_some() {
                (under, at) = (under.get(1..).unwrap_or_default(), at + 1);
            }
            while let Some(byte) = under.first().and_then(|(bytes, _)| bytes.get(depth)) {
                let len = under.partition_point(|(bytes, _)| bytes.get(depth) == Some(byte));
                labels.push(*byte);
                nodes.push_back((at..at + len, depth + 1));
                (under, at) = (under.get(len..).unwrap_or_default(), at + len);
            }
        }
        edges.push(u16::try_from(labels.len()).unwrap_or(u16::MAX));
        let mut places = [0; 256];
        for (byte, place) in (0..=u8::MAX).zip(&mut places) {
            let folded = if ignore_case { byte.to_ascii_lowercase() } else { byte };
            for (bytes, _) in sorted {
                if bytes.first() == Some(&folded) {
                    *place |= FIRST;
                }
                // After a pattern of one byte anything may come.
                if bytes.get(1).is_none_or(|second| *second == folded) {
                    *place |= SECOND;
                }
            }
        }
        Self { labels: labels.into(), edges: edges.into(), patterns: patterns.into(), places }
    }

    /// The first place in a text where its bytes may begin a pattern.
    #[inline]
    pub(super) fn candidate(&self, text: &[u8]) -> Option<usize> {
        let is = |byte: u8, what: u8| self.places.get(usize::from(byte)).is_some_and(|place| place & what != 0);
        let mut at = 0;
        loop {
            at += text.get(at..)?.iter().position(|byte| is(*byte, FIRST))?;
            match text.get(at + 1) {
                Some(second) if !is(*second, SECOND) => at += 1,
                _ => return Some(at),
            }
        }
    }

    /// The pattern that ends here.
    #[inline]
    pub(super) fn pattern(&self, node: Node) -> Option<usize> {
        self.patterns.get(usize::from(node.0)).filter(|p| **p != NONE).map(|p| usize::from(*p))
    }

    /// Whether there are longer patterns.
    #[inline]
    pub(super) fn goes_on(&self, node: Node) -> bool {
        !self.labels_of(node).1.is_empty()
    }

    /// One byte further.
    #[inline]
    pub(super) fn next(&self, node: Node, byte: u8) -> Option<Node> {
        let (first, labels) = self.labels_of(node);
        let place = labels.iter().position(|label| *label == byte)?;
        u16::try_from(first + place + 1).ok().map(Node)
    }

    #[inline]
    fn labels_of(&self, node: Node) -> (usize, &[u8]) {
        let edge = |place: usize| self.edges.get(place).copied().map_or(0, usize::from);
        let (first, end) = (edge(usize::from(node.0)), edge(usize::from(node.0) + 1));
        (first, self.labels.get(first..end).unwrap_or_default())
    }
}
