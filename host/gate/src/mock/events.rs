//! Server-sent events, and the pieces they carry.

use serde_json::Value;

/// An answer as events, each whole with its blank line.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// All that is said.
    pub(super) content: Vec<Vec<u8>>,
    /// What tells that it is over: an answer that breaks off lacks it.
    pub(super) closing: Vec<Vec<u8>>,
}

impl Stream {
    pub(super) fn all(self) -> Vec<Vec<u8>> {
        let mut events = self.content;
        events.extend(self.closing);
        events
    }
}

/// The end of OpenAI's older streams.
pub(super) fn done() -> Vec<u8> {
    b"data: [DONE]\n\n".to_vec()
}

/// An event without a name.
pub(super) fn framed(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// An event named as its data's `type`.
pub(super) fn named(data: &Value) -> Vec<u8> {
    let name = data["type"].as_str().unwrap_or("message");
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

/// The fields of both, those of the second behind those of the first.
pub(super) fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (first, _) => first,
    }
}

/// One after the other, or in turns, one of each.
pub(super) fn woven<T>(lists: Vec<Vec<T>>, in_turns: bool) -> Vec<T> {
    if !in_turns {
        return lists.into_iter().flatten().collect();
    }
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut woven = Vec::new();
    loop {
        let before = woven.len();
        woven.extend(lists.iter_mut().filter_map(Iterator::next));
        if woven.len() == before {
            return woven;
        }
    }
}

/// Pieces of at most `size` bytes, but of one character at least.
pub(super) fn pieces(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let floor = rest.floor_char_boundary(size);
        let end = if floor == 0 { rest.ceil_char_boundary(1) } else { floor };
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests;
