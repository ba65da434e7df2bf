//! Globs over ASCII names: `*` is any number of characters, `?` is one.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<u8>);

impl Glob {
    /// Runs of `*` are one.
    pub(crate) fn new(pattern: &str) -> Self {
        let mut bytes = pattern.as_bytes().to_vec();
        bytes.dedup_by(|a, b| (*a, *b) == (b'*', b'*'));
        Self(bytes)
    }

    /// Whether a name is a pattern at all.
    pub(crate) fn is_glob(name: &str) -> bool {
        name.contains(['*', '?'])
    }

    /// Characters that must stand as they are: of two globs the one with more is the more specific.
    pub(crate) fn literals(&self) -> usize {
        self.0.iter().filter(|b| !matches!(b, b'*' | b'?')).count()
    }

    /// Whether the whole name fits. After a mismatch only the last `*` is reconsidered, so the work is at most the
    /// name's length times that of the longest stretch between two `*`; both are bounded by the registry.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let (pattern, name) = (self.0.as_slice(), name.as_bytes());
        let (mut p, mut n) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while let Some(&byte) = name.get(n) {
            match pattern.get(p) {
                Some(b'*') => {
                    star = Some((p + 1, n));
                    p += 1;
                }
                Some(&b) if b == b'?' || b == byte => {
                    p += 1;
                    n += 1;
                }
                _ => {
                    let Some((after, from)) = star else {
                        return false;
                    };
                    star = Some((after, from + 1));
                    p = after;
                    n = from + 1;
                }
            }
        }
        pattern.get(p..).is_some_and(|rest| rest.iter().all(|b| *b == b'*'))
    }
}

#[cfg(test)]
mod tests;
