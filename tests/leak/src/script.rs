//! A field with a value in it: what is sent, byte for byte.

use bytes::Bytes;

use crate::cut::Cut;
use crate::fields::{Block, Form, Line};
use crate::kind::Kind;
use crate::style::{Style, escapes, quoted};

/// Pairs of event boundaries are tried up to so many events.
const PAIRED: usize = 64;

/// All that the cases of one field, kind and style share.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) block: Block,
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    /// What must not arrive.
    pub(crate) value: &'static str,
    /// The answer's body; of a request its body, with `<model>` still in it.
    pub(crate) body: Bytes,
    /// Where events end, without the last.
    pub(crate) bounds: Vec<usize>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: String,
    /// Of a request: how far from its end the value begins and ends.
    region: (usize, usize),
}

impl Script {
    /// `None` where the kind cannot stand in the field.
    pub(crate) fn new(block: &Block, kind: Kind, style: Style) -> Option<Self> {
        let value = if block.has("<number>") { kind.number()? } else { kind.value() };
        let mut script = Self::fill(block, kind, style, value);
        if block.form == Form::Request {
            let other = Self::fill(block, kind, style, "\u{1}").body;
            let same = |a: &mut dyn Iterator<Item = (&u8, &u8)>| a.take_while(|(a, b)| a == b).count();
            let front = same(&mut script.body.iter().zip(other.iter()));
            let back = same(&mut script.body.iter().rev().zip(other.iter().rev()));
            script.region = (script.body.len().saturating_sub(front), back);
        }
        Some(script)
    }

    fn fill(block: &Block, kind: Kind, style: Style, value: &'static str) -> Self {
        let mut filler = Filler { kind, style, value, sequence: 0 };
        let mut body = String::new();
        let mut bounds = Vec::new();
        let stream = block.form == Form::Stream;
        for line in &block.lines {
            for filled in filler.line(line) {
                if line.verbatim || !stream {
                    body.push_str(&filled);
                } else {
                    if block.dialect.names_events() {
                        let kind = filled.strip_prefix(r#"{"type":""#).and_then(|rest| rest.split('"').next());
                        body.push_str(&format!("event: {}\n", kind.unwrap_or("message")));
                    }
                    body.push_str(&format!("data: {filled}\n\n"));
                }
                bounds.push(body.len());
            }
        }
        bounds.pop();
        let around = |text: &String| filler.once(text);
        let headers = block.headers.iter().map(|(name, value)| (name.clone(), around(value))).collect();
        let query = block.query.as_ref().map(around).unwrap_or_default();
        let mut body = body.into_bytes();
        while let Some(at) = body.windows(FF.len()).position(|window| window == FF.as_bytes()) {
            body.splice(at..at + FF.len(), [0xff]);
        }
        let body = body.into();
        Self { block: block.clone(), kind, style, value, body, bounds, headers, query, region: (0, 0) }
    }

    /// Whether the two are sent alike.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.body == other.body && self.headers == other.headers && self.query == other.query
    }

    pub(crate) fn name(&self) -> String {
        let block = &self.block;
        let (dialect, form, style) = (block.dialect.name(), block.form.name(), self.style.name());
        format!("{dialect}/{form}/{}/{}/{style}", block.name, self.kind.name())
    }

    /// All ways in which it is cut, the special ones first.
    pub(crate) fn cuts(&self) -> Vec<Cut> {
        let length = self.body.len();
        let mut cuts = vec![Cut::Whole];
        if self.block.form == Form::Request {
            if self.kind != Kind::Control && self.region.0 > self.region.1 {
                let (from, to) = (self.region.0 + 1, self.region.1.saturating_sub(1).max(1));
                cuts.extend((to..=from.min(length.saturating_sub(1))).map(Cut::FromEnd));
            }
            return cuts;
        }
        if self.block.form == Form::Stream {
            cuts.push(Cut::Events);
        }
        if self.kind == Kind::Control || matches!(self.style, Style::Split(_)) {
            return cuts;
        }
        cuts.push(Cut::Bytes);
        cuts.extend((1..length).map(Cut::At));
        if self.block.form == Form::Stream && self.bounds.len() <= PAIRED {
            for (number, first) in self.bounds.iter().enumerate() {
                cuts.extend(self.bounds.iter().skip(number + 1).map(|second| Cut::Pair(*first, *second)));
            }
        }
        cuts
    }
}

/// Stands for the byte 0xff while the rest is text.
const FF: &str = "\u{e0ff}";

struct Filler {
    kind: Kind,
    style: Style,
    value: &'static str,
    sequence: usize,
}

impl Filler {
    /// One text, or one for each piece.
    fn line(&mut self, line: &Line) -> Vec<String> {
        let mut template = line.text.clone();
        if line.verbatim {
            template = template.replace("\\n", "\n").replace("\\r", "\r").replace("\\u{feff}", "\u{feff}");
        }
        if !line.repeated {
            let filled = self.once(&template);
            return vec![self.numbered(filled)];
        }
        let name = ["<args-key>", "<args>", "<text>"].into_iter().find(|name| template.contains(name));
        let name = name.unwrap_or("<text>");
        let (whole, start, end) = self.text(name);
        let mut out = Vec::new();
        for piece in self.style.pieces(&whole, start, end) {
            let filled = template.replace(name, &self.in_string(piece)).replace("<bytes>", &numbers(piece));
            let filled = self.once(&filled);
            out.push(self.numbered(filled));
        }
        out
    }

    fn numbered(&mut self, text: String) -> String {
        let number = self.sequence.to_string();
        self.sequence += usize::from(text.contains("<seq>"));
        text.replace("<seq>", &number)
    }

    /// The whole text for a placeholder, and where the value lies in it.
    fn text(&self, name: &str) -> (String, usize, usize) {
        let (before, after) = self.style.around();
        let inner = name != "<text>" && matches!(self.style, Style::Inner | Style::InnerChars);
        let value = if inner { escapes(self.value) } else { self.value.to_owned() };
        let (before, after) = match name {
            "<args>" => (format!("{{\"city\":\"{before}"), format!("{after}\"}}")),
            "<args-key>" => (format!("{{\"{before}"), format!("{after}\":\"x\"}}")),
            _ => (before.to_owned(), after.to_owned()),
        };
        let (start, end) = (before.len(), before.len() + value.len());
        (format!("{before}{value}{after}"), start, end)
    }

    fn in_string(&self, text: &str) -> String {
        if self.style == Style::Escaped {
            return escapes(text);
        }
        quoted(text)
    }

    /// Everything but numbers of events.
    fn once(&self, template: &str) -> String {
        let (text, start, end) = self.text("<text>");
        let (first, second) = text.split_at(start.midpoint(end));
        let number = self.kind.number().unwrap_or_default();
        let mut out = template.to_owned();
        for name in ["<text>", "<args>", "<args-key>"] {
            if out.contains(name) {
                out = out.replace(name, &self.in_string(&self.text(name).0));
            }
        }
        out.replace("<first>", &self.in_string(first))
            .replace("<second>", &self.in_string(second))
            .replace("<bytes>", &numbers(&text))
            .replace("<number>", number)
            .replace("<raw>", &text)
            .replace("<query>", &text.replace(' ', "%20").replace('/', "%2F"))
            .replace("<tool>", self.kind.tool())
            .replace("<ff>", FF)
    }
}

fn numbers(text: &str) -> String {
    text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
