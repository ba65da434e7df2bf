//! What a decoder must keep of a stream, by the words of the standard: the stream at once, line by line.

/// The lines of a stream.
pub(crate) struct Lines {
    /// Bytes of all lines that clients read, and of the blank ones that end a frame of such lines.
    pub(crate) kept: Vec<u8>,
    /// How many bytes of `kept` stand up to the end of the last complete frame.
    pub(crate) complete: usize,
    /// How many complete lines were left out.
    pub(crate) dropped: u64,
}

impl Lines {
    pub(crate) fn of(stream: &[u8]) -> Self {
        let mut rest = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
        let mut lines = Self { kept: Vec::new(), complete: 0, dropped: 0 };
        let mut dropped_here = false;
        while let Some(end) = rest.iter().position(|b| matches!(b, b'\r' | b'\n')) {
            let next = if rest[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 };
            let line = &rest[..end];
            let blank_of_dropped = line.is_empty() && dropped_here && lines.kept.len() == lines.complete;
            if read_by_clients(line) && !blank_of_dropped {
                lines.kept.extend_from_slice(&rest[..next]);
            }
            if line.is_empty() {
                lines.complete = lines.kept.len();
                dropped_here = false;
            } else if !read_by_clients(line) {
                lines.dropped += 1;
                dropped_here = true;
                // A bare CR before it must not meet an LF after it: they would be one line end.
                let inside = lines.kept.len() > lines.complete;
                if let Some(end) = lines.kept.last_mut().filter(|end| inside && **end == b'\r') {
                    *end = b'\n';
                }
            }
            rest = &rest[next..];
        }
        lines
    }
}

fn read_by_clients(line: &[u8]) -> bool {
    let (name, value) = match line.iter().position(|&b| b == b':') {
        Some(colon) => (&line[..colon], line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..])),
        None => (line, &line[line.len()..]),
    };
    match name {
        b"data" | b"event" | b"id" => true,
        b"retry" => !value.is_empty() && value.iter().all(u8::is_ascii_digit),
        _ => line.is_empty(),
    }
}
