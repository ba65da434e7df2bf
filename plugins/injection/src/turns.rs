//! What a user wrote over several messages: an order may be cut in two.

use witgate_sdk::Segment;

use crate::judge::Origin;

/// A message up to this long is read together with the end of the messages before it, as much again.
const SHORT: usize = 256;

/// The end of a user's earlier messages.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    tail: String,
}

impl Turns {
    /// The end of the messages before and this one, where it is short and there are any.
    pub(crate) fn with(&mut self, segment: &Segment, origin: Origin, text: &str) -> Option<String> {
        if origin != Origin::User || segment.kind != "text" {
            return None;
        }
        let both = (!self.tail.is_empty() && text.len() <= SHORT).then(|| format!("{} {text}", self.tail));
        if !self.tail.is_empty() {
            self.tail.push(' ');
        }
        self.tail.push_str(text.get(text.ceil_char_boundary(text.len().saturating_sub(SHORT))..).unwrap_or_default());
        let over = self.tail.ceil_char_boundary(self.tail.len().saturating_sub(SHORT));
        self.tail.drain(..over);
        both
    }
}
