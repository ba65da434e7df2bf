//! Frames and comments that the gate writes itself.

/// A frame with `data`, one `data` line for each of its lines, and an event name if given.
#[must_use]
pub fn frame(event: Option<&str>, data: &str) -> Vec<u8> {
    let mut out = String::with_capacity(data.len() + 16);
    if let Some(event) = event {
        line("event", event, &mut out);
    }
    let lines = data.replace("\r\n", "\n");
    for part in lines.split(['\n', '\r']) {
        line("data", part, &mut out);
    }
    out.push('\n');
    out.into_bytes()
}

/// A comment, which clients skip: a keep-alive, or a receipt after the last event. Line ends in `text` become spaces.
#[must_use]
pub fn comment(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 4);
    line("", text, &mut out);
    out.push('\n');
    out.into_bytes()
}

/// One field; a line end inside `value` would start another field, so it becomes a space.
fn line(name: &str, value: &str, out: &mut String) {
    out.push_str(name);
    out.push_str(": ");
    out.extend(value.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
    out.push('\n');
}
