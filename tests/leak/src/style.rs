//! How the value is written, before any of it is cut into writes.

/// What stands around a value where there is room for it.
pub(crate) const BEFORE: &str = "Noted: ";
pub(crate) const AFTER: &str = " (end)";

/// One way to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// In one piece, with text around it.
    Whole,
    /// In one piece, alone.
    Bare,
    /// A character an event.
    Chars,
    /// Five characters an event.
    Fives,
    /// In two events, the first with so many characters of the value.
    Split(usize),
    /// In one piece, each character as a JSON escape.
    Escaped,
    /// In one piece, each character as an escape of the JSON in a tool's arguments.
    Inner,
    /// As [`Style::Inner`], a character of the escapes an event.
    InnerChars,
}

impl Style {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Whole => "whole".into(),
            Self::Bare => "bare".into(),
            Self::Chars => "chars".into(),
            Self::Fives => "fives".into(),
            Self::Split(at) => format!("split{at}"),
            Self::Escaped => "escaped".into(),
            Self::Inner => "inner".into(),
            Self::InnerChars => "innerchars".into(),
        }
    }

    /// The styles that make sense for a field.
    pub(crate) fn of(incremental: bool, arguments: bool, value: &str) -> Vec<Self> {
        let mut styles = vec![Self::Whole, Self::Bare, Self::Escaped];
        if arguments {
            styles.push(Self::Inner);
        }
        if incremental {
            styles.extend([Self::Chars, Self::Fives]);
            styles.extend((1..value.len()).map(Self::Split));
            if arguments {
                styles.push(Self::InnerChars);
            }
        }
        styles
    }

    /// Text before and after the value.
    pub(crate) fn around(self) -> (&'static str, &'static str) {
        if self == Self::Bare { ("", "") } else { (BEFORE, AFTER) }
    }

    /// Cuts a text into pieces; `start..end` is where in it the value lies. All of it is ASCII.
    pub(crate) fn pieces(self, text: &str, start: usize, end: usize) -> Vec<&str> {
        let cuts: Vec<usize> = match self {
            Self::Whole | Self::Bare | Self::Escaped | Self::Inner => Vec::new(),
            Self::Chars | Self::InnerChars => (start..=end).collect(),
            Self::Fives => (start..end).step_by(5).chain([end]).collect(),
            Self::Split(at) => vec![start + at],
        };
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            if let Some(piece) = text.get(from..cut).filter(|piece| !piece.is_empty()) {
                pieces.push(piece);
            }
            from = cut;
        }
        pieces
    }
}

/// Each byte as `\u00XX`.
pub(crate) fn escapes(text: &str) -> String {
    text.bytes().map(|byte| format!("\\u{byte:04x}")).collect()
}

/// The inside of a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let whole = serde_json::Value::from(text).to_string();
    whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
