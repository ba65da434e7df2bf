//! What a reader can make of the bytes that arrived: as they are, with escapes resolved, and each text joined over its events.

use std::collections::HashMap;

use serde_json::Value;

/// How a stream or a body ended, by what it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// With an error, or withheld for its content.
    pub(crate) cut: bool,
    /// With the dialect's last event; a body always.
    pub(crate) complete: bool,
}

/// All ways to read them.
#[derive(Debug, Default)]
pub(crate) struct Views {
    pub(crate) texts: Vec<Vec<u8>>,
    pub(crate) ending: Ending,
}

impl Views {
    /// Of an answer's or a request's bytes; heads, too, may stand before them.
    pub(crate) fn of(head: &[u8], body: &[u8]) -> Self {
        let mut joined = Joined::default();
        if let Ok(whole) = serde_json::from_slice::<Value>(body) {
            joined.event(&whole);
            joined.ending.complete = true;
        } else {
            for data in events(body) {
                if data.trim_ascii() == b"[DONE]" {
                    joined.ending.complete = true;
                } else if let Ok(event) = serde_json::from_slice::<Value>(&data) {
                    joined.event(&event);
                }
            }
        }
        let mut texts = vec![head.to_vec(), body.to_vec()];
        texts.extend(joined.texts.into_values());
        let resolved: Vec<Vec<u8>> = texts
            .iter()
            .filter(|text| text.contains(&b'\\') || text.contains(&b'%'))
            .map(|text| resolve(text))
            .collect();
        texts.extend(resolved);
        Self { texts, ending: joined.ending }
    }

    /// And some more bytes, as they are and with escapes resolved.
    pub(crate) fn with(mut self, bytes: &[u8]) -> Self {
        self.texts.push(bytes.to_vec());
        self.texts.push(resolve(bytes));
        self
    }
}

/// The data of each event; whatever ends its lines.
fn events(body: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut data: Option<Vec<u8>> = None;
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let (line, after) = rest.split_at(at);
        lines.push(line);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.get(1..)).unwrap_or_default();
    }
    lines.push(rest);
    for line in lines {
        if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => data = Some(value.to_vec()),
            }
        } else if line.is_empty() {
            out.extend(data.take());
        }
    }
    // An event that was not finished was seen nevertheless.
    out.extend(data);
    out
}

#[derive(Debug, Default)]
struct Joined {
    texts: HashMap<String, Vec<u8>>,
    ending: Ending,
}

impl Joined {
    fn event(&mut self, event: &Value) {
        self.look(event);
        let mut path = String::new();
        for name in ["type", "output_index", "content_index", "summary_index", "index", "item_id"] {
            if let Some(value) = event.get(name) {
                path.push_str(&format!("{value}/"));
            }
        }
        self.walk(event, &path);
    }

    fn look(&mut self, event: &Value) {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        let error = event.get("error").is_some_and(|error| !error.is_null());
        let stopped = |value: &Value| {
            let reason = ["finish_reason", "stop_reason"].iter().find_map(|name| value.get(name)?.as_str());
            matches!(reason, Some("content_filter" | "refusal"))
        };
        let choices = event.get("choices").and_then(Value::as_array);
        let filtered = choices.is_some_and(|choices| choices.iter().any(stopped))
            || stopped(event)
            || event.get("delta").is_some_and(stopped)
            || matches!(event.get("status").and_then(Value::as_str), Some("failed" | "incomplete"));
        self.ending.cut |= error || filtered || matches!(kind, "error" | "response.failed" | "response.incomplete");
        self.ending.complete |= matches!(kind, "response.completed" | "message_stop");
    }

    fn walk(&mut self, value: &Value, path: &str) {
        match value {
            Value::String(text) => self.add(path, text.as_bytes()),
            Value::Number(number) => self.add(&format!("{path}#"), format!("{number} ").as_bytes()),
            Value::Object(members) => {
                for (name, value) in members {
                    self.add(&format!("{path}?"), format!("{name}\n").as_bytes());
                    self.walk(value, &format!("{path}.{name}"));
                }
            }
            Value::Array(items) => {
                let bytes: Option<Vec<u8>> =
                    items.iter().map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
                if let Some(bytes) = bytes {
                    self.add(&format!("{path}&"), &bytes);
                }
                for item in items {
                    let index = item.get("index").map_or_else(|| "*".to_owned(), Value::to_string);
                    self.walk(item, &format!("{path}[{index}]"));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn add(&mut self, path: &str, bytes: &[u8]) {
        if let Some(text) = self.texts.get_mut(path) {
            text.extend_from_slice(bytes);
        } else {
            self.texts.insert(path.to_owned(), bytes.to_vec());
        }
    }
}

/// JSON's and URLs' escapes of single bytes resolved, wherever they stand.
fn resolve(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let hex = |digits: Option<&[u8]>| {
            let digits = std::str::from_utf8(digits?).ok()?;
            u8::from_str_radix(digits, 16).ok()
        };
        match (first, after.first()) {
            (b'\\', Some(b'u')) if after.get(1..3) == Some(b"00") => {
                if let Some(byte) = hex(after.get(3..5)) {
                    out.push(byte);
                    rest = after.get(5..).unwrap_or_default();
                }
            }
            (b'\\', Some(next)) => {
                // Twice escaped, `\\u0034`, is read as well.
                if *next != b'\\' {
                    out.push(*next);
                    rest = after.get(1..).unwrap_or_default();
                }
            }
            (b'%', Some(_)) if hex(after.get(..2)).is_some() => {
                out.extend(hex(after.get(..2)));
                rest = after.get(2..).unwrap_or_default();
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests;
