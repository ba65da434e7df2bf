//! Words and phrases of all patterns in one trie. Unlike the kit's matcher it tells every pattern that has a word at a place,
//! so that one pattern's word never hides another's.

use witgate_sdk::kit::is_word;

/// Spaces in a row that are one in a phrase; a longer gap ends it.
const MAX_GAP: usize = 8;

/// Patterns, one bit each.
pub(crate) type Mask = u64;

/// The trie. Nodes are numbered breadth first: the edge in place `i` of `labels` leads to node `i + 1`.
#[derive(Debug)]
pub(crate) struct Words {
    labels: Box<[u8]>,
    /// Where each node's edges begin in `labels`; one more at the end.
    edges: Box<[u32]>,
    /// The patterns that have a word which ends at each node.
    ends: Box<[Mask]>,
    /// Which bytes words begin with (bit 0) and which come second (bit 1), in both cases.
    places: Box<[u8; 256]>,
}

/// What begins at a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// What was told.
    Decided,
    /// More text must tell.
    Open,
}

/// A word as it is looked for: lower case, one space for each gap.
pub(crate) fn canonical(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for part in word.split_ascii_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    out.make_ascii_lowercase();
    out
}

impl Words {
    /// Of canonical words, each with its patterns.
    pub(crate) fn new(words: impl IntoIterator<Item = (String, Mask)>) -> Self {
        let mut sorted: Vec<(Vec<u8>, Mask)> =
            words.into_iter().map(|(word, mask)| (word.into_bytes(), mask)).collect();
        sorted.retain(|(word, _)| !word.is_empty());
        sorted.sort_unstable();
        sorted.dedup_by(|next, before| {
            let same = next.0 == before.0;
            if same {
                before.1 |= next.1;
            }
            same
        });
        let (mut labels, mut edges, mut ends) = (vec![], vec![], vec![]);
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut nodes = std::collections::VecDeque::from([(0..sorted.len(), 0_usize)]);
        while let Some((range, depth)) = nodes.pop_front() {
            edges.push(narrow(labels.len()));
            let mut at = range.start;
            let mut under = sorted.get(range).unwrap_or_default();
            let end = under.first().filter(|(word, _)| word.len() == depth).map_or(0, |(_, mask)| *mask);
            ends.push(end);
            if end != 0 {
                (under, at) = (under.get(1..).unwrap_or_default(), at + 1);
            }
            while let Some(byte) = under.first().and_then(|(word, _)| word.get(depth)) {
                let len = under.partition_point(|(word, _)| word.get(depth) == Some(byte));
                labels.push(*byte);
                nodes.push_back((at..at + len, depth + 1));
                (under, at) = (under.get(len..).unwrap_or_default(), at + len);
            }
        }
        edges.push(narrow(labels.len()));
        let mut places = Box::new([0; 256]);
        let mut mark = |byte: u8, bit: u8| {
            for byte in [byte, byte.to_ascii_uppercase()] {
                if let Some(place) = places.get_mut(usize::from(byte)) {
                    *place |= bit;
                }
            }
        };
        for (word, _) in &sorted {
            word.first().into_iter().for_each(|b| mark(*b, 1));
            match word.get(1) {
                Some(b' ') => b" \t\r\n".iter().for_each(|b| mark(*b, 2)),
                Some(b) => mark(*b, 2),
                None => (0..=u8::MAX).for_each(|b| mark(b, 2)),
            }
        }
        Self { labels: labels.into(), edges: edges.into(), ends: ends.into(), places }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Tells the words of `active` patterns that begin at or after `from`, for each place and pattern the longest. Answers
    /// how far that is decided.
    pub(crate) fn scan(
        &self,
        text: &str,
        from: usize,
        complete: bool,
        active: Mask,
        found: &mut dyn FnMut(Mask, usize, usize),
    ) -> usize {
        if self.is_empty() {
            return text.len();
        }
        let mut at = from;
        let mut ends = vec![];
        while let Some(place) = self.candidate(text.as_bytes(), at) {
            at = place;
            ends.clear();
            if self.at(text, at, complete, active, &mut ends) == Begins::Open {
                return at;
            }
            let mut seen = 0;
            for (mask, end) in ends.iter().rev() {
                if mask & !seen != 0 {
                    found(mask & !seen, at, *end);
                }
                seen |= mask;
            }
            at += 1;
        }
        text.len()
    }

    /// The first place from `at` on where a word may begin.
    fn candidate(&self, text: &[u8], at: usize) -> Option<usize> {
        let is = |byte: u8, bit: u8| self.places.get(usize::from(byte)).is_some_and(|place| place & bit != 0);
        let mut at = at;
        loop {
            at += text.get(at..)?.iter().position(|byte| is(*byte, 1))?;
            match text.get(at + 1) {
                Some(second) if !is(*second, 2) => at += 1,
                _ => return Some(at),
            }
        }
    }

    fn at(&self, text: &str, start: usize, complete: bool, active: Mask, ends: &mut Vec<(Mask, usize)>) -> Begins {
        if word_before(text, start) && word_at(text, start) == Some(true) {
            return Begins::Decided;
        }
        let (mut node, mut at) = (0, start);
        loop {
            let mask = self.ends.get(node).copied().unwrap_or(0) & active;
            if mask != 0 {
                match word_at(text, at) {
                    _ if !word_before(text, at) => ends.push((mask, at)),
                    None if !complete => return Begins::Open,
                    None | Some(false) => ends.push((mask, at)),
                    Some(true) => {}
                }
            }
            let (first, labels) = self.labels_of(node);
            if labels.is_empty() {
                return Begins::Decided;
            }
            let Some(byte) = text.as_bytes().get(at) else {
                return if complete { Begins::Decided } else { Begins::Open };
            };
            let gap = byte.is_ascii_whitespace();
            let byte = if gap { b' ' } else { byte.to_ascii_lowercase() };
            let Some(edge) = labels.iter().position(|label| *label == byte) else {
                return Begins::Decided;
            };
            node = first + edge + 1;
            at += 1;
            if gap {
                let rest = text.as_bytes().get(at..).unwrap_or_default();
                let more = rest.iter().take(MAX_GAP).take_while(|b| b.is_ascii_whitespace()).count();
                if more == MAX_GAP {
                    return Begins::Decided;
                }
                at += more;
            }
        }
    }

    fn labels_of(&self, node: usize) -> (usize, &[u8]) {
        let edge = |place: usize| self.edges.get(place).map_or(0, |edge| *edge as usize);
        let (first, end) = (edge(node), edge(node + 1));
        (first, self.labels.get(first..end).unwrap_or_default())
    }
}

/// Whether a word goes on before `at`.
fn word_before(text: &str, at: usize) -> bool {
    match at.checked_sub(1).and_then(|last| text.as_bytes().get(last)) {
        None => false,
        Some(b) if b.is_ascii() => is_word(char::from(*b)),
        Some(_) => text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_word),
    }
}

/// Whether a word goes on at `at`; none at the end of the text.
fn word_at(text: &str, at: usize) -> Option<bool> {
    match text.as_bytes().get(at) {
        None => None,
        Some(b) if b.is_ascii() => Some(is_word(char::from(*b))),
        Some(_) => text.get(at..).and_then(|after| after.chars().next()).map(is_word),
    }
}

#[cfg(test)]
mod tests;
