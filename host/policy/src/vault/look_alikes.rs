//! Texts of a request that look like tokens.

use std::collections::HashSet;

use super::{SUFFIX_BYTES, TOKEN_BYTES};

/// Look-alikes kept of one request: 64 KiB of tokens. Nobody writes as many by accident.
const MOST: usize = 4096;

/// What stands in a request already. Kept as it stands: clean bytes are not rewritten, they are told apart.
#[derive(Debug, Default)]
pub(super) struct LookAlikes {
    found: HashSet<String>,
    crowded: bool,
}

impl LookAlikes {
    /// Takes note of every text of the form of a token, in linear time.
    pub(super) fn note(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('[') {
            rest = rest.get(at..).unwrap_or_default();
            if let Some(token) = look_alike(rest) {
                if self.found.len() >= MOST && !self.found.contains(token) {
                    self.crowded = true;
                    return;
                }
                self.found.insert(token.to_owned());
            }
            rest = rest.get(1..).unwrap_or_default();
        }
    }

    /// Whether there are more than are kept, so that no token is known to be the gate's own.
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded
    }

    pub(super) fn contains(&self, token: &str) -> bool {
        self.found.contains(token)
    }
}

/// The text of the form of a token that `text` begins with.
fn look_alike(text: &str) -> Option<&str> {
    let close = text.bytes().take(TOKEN_BYTES).position(|b| b == b']')?;
    let token = text.get(..=close)?;
    let inside = token.get(1..close)?;
    let (kind, suffix) = inside.split_at_checked(inside.len().checked_sub(SUFFIX_BYTES - 1)?)?;
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let is_kind = !kind.is_empty() && kind.bytes().all(|b| plain(b) || b == b'-');
    let is_suffix = suffix.strip_prefix('_').is_some_and(|s| s.bytes().all(plain));
    (is_kind && is_suffix).then_some(token)
}

#[cfg(test)]
mod tests;
