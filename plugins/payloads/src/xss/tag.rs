//! Tags, read leniently: what a browser makes a tag of, with whatever stands between its attributes.

use std::ops::Range;

use super::script;

/// Most bytes of one tag.
const MAX_TAG: usize = 1024;
/// Most attributes of one tag.
const MAX_ATTRIBUTES: usize = 64;

/// The tags of a text, the unfinished last one too.
pub(crate) struct Tags<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tags<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

/// A tag and what is in it.
pub(crate) struct Tag<'a> {
    /// Its name, without what browsers pass over.
    name: &'a str,
    /// `/`, `!`, `?`, `%` or a letter.
    sort: u8,
    /// What stands between the name and the end.
    inside: &'a str,
    /// Whether blanks or the like stand before the name.
    padded: bool,
    /// Where it stands.
    pub(crate) at: Range<usize>,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let rest = self.text.get(self.at..)?;
            let start = self.at + rest.find('<')?;
            self.at = start + 1;
            let bytes = self.text.as_bytes();
            let skipped = bytes.iter().skip(start + 1).take(16).take_while(|b| **b <= b' ' || **b == b'<').count();
            let mut name_at = start + 1 + skipped;
            let first = *bytes.get(name_at)?;
            let sort = match first {
                b'/' | b'!' | b'?' | b'%' | b'[' => {
                    name_at += 1;
                    first
                }
                b if b.is_ascii_alphabetic() => b'a',
                _ => continue,
            };
            let name_len = bytes
                .iter()
                .skip(name_at)
                .take(40)
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(**b, b'-' | b':' | b'_'))
                .count();
            let inside_at = name_at + name_len;
            let limit = (start + MAX_TAG).min(bytes.len());
            // A `>` in quotes does not end a tag, but what never closes its quotes ends at the first one.
            let end = ends(bytes.get(inside_at..limit).unwrap_or_default()).map_or(limit, |n| inside_at + n);
            let end = self.text.floor_char_boundary(end);
            let (Some(name), Some(inside)) = (self.text.get(name_at..inside_at), self.text.get(inside_at..end)) else {
                continue;
            };
            // The next one may begin within: a broken tag hides another.
            self.at = inside_at.max(start + 1);
            return Some(Tag { name, sort, inside, padded: skipped > 0, at: start..end.max(start + 1) });
        }
    }
}

fn ends(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut first = None;
    let mut last = b'=';
    for (at, &b) in bytes.iter().enumerate() {
        match (quote, b) {
            (Some(q), b) if b == q => quote = None,
            (Some(_), b'>') => first = first.or(Some(at)),
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'' | b'`') if last == b'=' => quote = Some(b),
            _ => {}
        }
        if b > b' ' {
            last = b;
        }
    }
    first
}

/// Elements that run, load or restyle something by being there.
const ACTIVE: [&str; 26] = [
    "script",
    "iframe",
    "object",
    "embed",
    "applet",
    "frameset",
    "frame",
    "layer",
    "ilayer",
    "bgsound",
    "base",
    "meta",
    "isindex",
    "vmlframe",
    "xml",
    "import",
    "noscript",
    "animate",
    "set",
    "foreignobject",
    "math",
    "maction",
    "xss",
    "xmp",
    "plaintext",
    "portal",
];
/// Elements that only count with something in them.
const QUIET: [&str; 10] = ["link", "style", "svg", "form", "input", "button", "body", "video", "audio", "source"];

impl Tag<'_> {
    /// How sure it is that this tag runs something.
    pub(crate) fn confidence(&self) -> u8 {
        let name = self.name.to_ascii_lowercase();
        match self.sort {
            b'!' => return self.declaration(&name),
            b'?' => {
                return if matches!(name.as_str(), "import" | "xml-stylesheet") {
                    85
                } else if matches!(name.as_str(), "php" | "xml") {
                    60
                } else {
                    0
                };
            }
            b'%' => return 60,
            b'[' => return 0,
            _ => {}
        }
        let active = ACTIVE.contains(&name.as_str());
        if self.sort == b'/' {
            return match name.as_str() {
                "script" => 75,
                "textarea" | "title" | "style" | "noscript" | "xmp" if self.at.start < 8 && self.inside.is_empty() => {
                    60
                }
                _ => 0,
            };
        }
        let attributes = self.attributes();
        let element = match name.as_str() {
            "script" => 95,
            _ if name.starts_with("script") && name.len() < 12 => 85,
            "meta" => match self.has("http-equiv") {
                true => 88,
                false => 0,
            },
            "base" if !self.has("href") => 0,
            "base" => 85,
            "xml" | "set" | "import" if !self.inside.contains('=') => 0,
            "xml" | "set" | "import" => 80,
            "iframe" | "frame" => {
                if self.inside.trim().is_empty() {
                    70
                } else {
                    88
                }
            }
            _ if active => 85,
            "link" if self.has("stylesheet") || self.has("import") || self.has("href") => 75,
            "style" => 75,
            "svg" | "form" | "video" | "audio" | "input" if self.has("xmlns") || self.has("action") => 60,
            _ if name.contains(':') && self.has("xlink") => 70,
            _ => 0,
        };
        let strange = self.padded && (active || QUIET.contains(&name.as_str()));
        element.max(attributes).max(if strange && attributes > 0 { 80 } else { 0 })
    }

    fn declaration(&self, name: &str) -> u8 {
        let inside = self.inside.to_ascii_lowercase();
        match name {
            "entity" => 92,
            "doctype" if inside.contains('[') || inside.contains("system") => 85,
            "" if inside.starts_with("[cdata") => 70,
            "" | "--" if inside.contains("#exec") || inside.contains("#include") => 92,
            "--" if inside.contains("[if") => 80,
            _ if name.starts_with("--")
                && (inside.contains("#exec") || inside.contains("#include") || inside.contains("#echo")) =>
            {
                92
            }
            _ if name.starts_with("--") && inside.trim_start().starts_with("[if") => 80,
            _ => 0,
        }
    }

    fn has(&self, word: &str) -> bool {
        let inside = self.inside.as_bytes();
        inside.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// The attributes: handlers, addresses that are scripts, styles.
    fn attributes(&self) -> u8 {
        let bytes = self.inside.as_bytes();
        let mut best = 0;
        for (count, (at, _)) in self.inside.match_indices('=').enumerate() {
            if count >= MAX_ATTRIBUTES {
                break;
            }
            let head = bytes.get(..at).unwrap_or_default();
            let trimmed = head.iter().rposition(|b| *b > b' ').map_or(0, |n| n + 1);
            let len = head.get(..trimmed).unwrap_or_default().iter().rev().take(40);
            let len = len.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.')).count();
            let Some(name) = self.inside.get(trimmed - len..trimmed) else { continue };
            let value = self.inside.get(at + 1..).unwrap_or_default();
            let value = value.trim_start_matches(|c: char| c <= ' ' || matches!(c, '"' | '\'' | '`' | '\u{a0}'));
            let name = name.to_ascii_lowercase();
            best = best.max(match name.rsplit(':').next().unwrap_or(&name) {
                local if is_handler(local) => 93,
                "srcdoc" | "formaction" | "behavior" | "dynsrc" | "lowsrc" | "datasrc" | "xmlns" if name != "xmlns" => {
                    80
                }
                "handler" if self.has("event") => 80,
                "style" if script::style(value) > 0 => 90,
                "href" | "src" | "action" | "data" | "code" | "background" | "poster" | "values" | "to" | "from"
                | "content" | "folder" | "base" | "value" | "url" | "target" | "dynsrc" | "lowsrc"
                    if script::is_script_url(value) =>
                {
                    93
                }
                _ if script::is_script_url(value) => 85,
                _ => 0,
            });
        }
        best
    }
}

/// Whether an attribute's name is that of an event: `on` and a word.
pub(crate) fn is_handler(name: &str) -> bool {
    let name = name.as_bytes();
    (5..=48).contains(&name.len())
        && name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case(b"on"))
        && name.iter().all(u8::is_ascii_alphabetic)
        && !NO_HANDLERS.iter().any(|word| word.as_bytes().eq_ignore_ascii_case(name))
}

/// Words that begin so and are none.
const NO_HANDLERS: [&str; 8] = ["online", "only", "onboarding", "ongoing", "onion", "onset", "onsite", "ontology"];
