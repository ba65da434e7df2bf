//! Colours, where `out` is a terminal.

/// Paints or leaves as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// What stands out in a line that is red already.
    pub(super) fn red_mark(self, text: &str) -> String {
        self.with("1;4;31", text)
    }

    /// What stands out in a line that is green already.
    pub(super) fn green_mark(self, text: &str) -> String {
        self.with("1;4;32", text)
    }

    /// What a finding points at.
    pub(super) fn found(self, text: &str) -> String {
        self.with("1;4;33", text)
    }
}

/// Text as it may stand on a terminal: what would act on it, or could not be seen, is written out.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
