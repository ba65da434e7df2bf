//! Reads the files in `fields/`: one block for each field that can carry text.
//!
//! `=== stream|unary|request` begins a part, `== NAME [tool] [own] [odd] [nohead]` a block, `macro <x> text` a text for `<x>`.
//! A line of a block is an event (in `unary` and `request`: the body), `* …` an event for each piece of the planted text,
//! `!…` bytes as they stand with `\n`, `\r` and `\u{feff}`, `+header N: V`, `+status N`, `+type T`, `+query Q` what is said
//! around it. `@head` and `@tail` are put around a block's lines unless it says `[nohead]`, has `@tail` itself, or `@end`.
//! Planted are `<text>` (in a JSON string), `<first>` and `<second>` (its halves), `<args>` and `<args-key>` (in a tool
//! call's arguments, themselves JSON in a string), `<bytes>` (an array's numbers), `<number>`, `<raw>`, `<query>`; further
//! `<tool>`, `<seq>`, `<ff>` (a byte that is not UTF-8), and in requests `<model>`.
//! `[tool]`: a tool call of the model's, where a forbidden call is tried, too. `[own]`: written by whoever runs the
//! agent, where an injection is none. `[odd]`: no model answers so, or only one that fails; a proxy may refuse it.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::dialect::Dialect;

/// Which way, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// An answer in events.
    Stream,
    /// An answer in one body.
    Unary,
    /// What the model is asked.
    Request,
}

impl Form {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Unary => "unary",
            Self::Request => "request",
        }
    }
}

/// One line of a block.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// One event for each piece of the planted text.
    pub(crate) repeated: bool,
    /// Bytes as they stand, not an event's data.
    pub(crate) verbatim: bool,
    pub(crate) text: String,
}

/// One field in one form.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) dialect: Dialect,
    pub(crate) form: Form,
    pub(crate) name: String,
    pub(crate) tool: bool,
    pub(crate) own: bool,
    pub(crate) odd: bool,
    pub(crate) lines: Vec<Line>,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Option<String>,
}

impl Block {
    pub(crate) fn is_incremental(&self) -> bool {
        self.lines.iter().any(|line| line.repeated)
    }

    /// Whether a placeholder is planted anywhere in it.
    pub(crate) fn has(&self, placeholder: &str) -> bool {
        self.lines.iter().any(|line| line.text.contains(placeholder))
    }
}

/// All fields of a dialect, and its clean unary answer.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) blocks: Vec<Block>,
    pub(crate) answer: String,
}

/// Reads a dialect's file.
///
/// # Errors
///
/// When the file is not of the form described above.
pub(crate) fn read(dialect: Dialect) -> anyhow::Result<Fields> {
    let mut macros: Vec<(&str, String)> = Vec::new();
    let mut parts: BTreeMap<Form, Vec<(&str, Vec<String>)>> = BTreeMap::new();
    let mut form = Form::Stream;
    for line in dialect.file().lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(rest) = line.strip_prefix("macro ") {
            let (name, text) = rest.split_once(' ').context("a macro without a text")?;
            macros.push((name, expand(text, &macros)));
        } else if let Some(name) = line.strip_prefix("=== ") {
            form = [Form::Stream, Form::Unary, Form::Request]
                .into_iter()
                .find(|form| form.name() == name)
                .with_context(|| format!("no form {name}"))?;
        } else if let Some(name) = line.strip_prefix("== ") {
            parts.entry(form).or_default().push((name, Vec::new()));
        } else {
            let (_, lines) = parts.entry(form).or_default().last_mut().context("a line before the first block")?;
            lines.push(expand(line, &macros));
        }
    }
    let special = |form: Form, name: &str| {
        let found = parts.get(&form).and_then(|blocks| blocks.iter().find(|(n, _)| *n == name));
        found.map(|(_, lines)| lines.clone()).unwrap_or_default()
    };
    let (head, tail, tools) =
        (special(Form::Stream, "@head"), special(Form::Stream, "@tail"), special(Form::Stream, "@tool-tail"));
    let mut blocks = Vec::new();
    for (form, named) in &parts {
        for (title, lines) in named.iter().filter(|(title, _)| !title.starts_with('@')) {
            let tail = if title.contains("[tool]") && !tools.is_empty() { &tools } else { &tail };
            let around = if *form == Form::Stream { Some((&head, tail)) } else { None };
            blocks.push(block(dialect, *form, title, lines, around).with_context(|| (*title).to_owned())?);
        }
    }
    let answer = special(Form::Request, "@answer").pop().context("no @answer")?;
    Ok(Fields { blocks, answer })
}

fn expand(text: &str, macros: &[(&str, String)]) -> String {
    macros.iter().fold(text.to_owned(), |text, (name, means)| text.replace(name, means))
}

fn block(
    dialect: Dialect,
    form: Form,
    title: &str,
    lines: &[String],
    around: Option<(&Vec<String>, &Vec<String>)>,
) -> anyhow::Result<Block> {
    let tags = [" [tool]", " [own]", " [odd]", " [nohead]"];
    let name = tags.iter().fold(title.to_owned(), |name, tag| name.replace(tag, ""));
    let mut block = Block {
        dialect,
        form,
        name,
        tool: title.contains("[tool]"),
        own: title.contains("[own]"),
        odd: title.contains("[odd]"),
        lines: Vec::new(),
        status: 200,
        content_type: None,
        headers: Vec::new(),
        query: None,
    };
    let mut all: Vec<&String> = Vec::new();
    let (head, tail) = around.map_or((None, None), |(head, tail)| (Some(head), Some(tail)));
    if !title.contains("[nohead]") {
        all.extend(head.into_iter().flatten());
    }
    let mut ended = false;
    for line in lines {
        match line.as_str() {
            "@head" => all.extend(head.into_iter().flatten()),
            "@tail" => {
                all.extend(tail.into_iter().flatten());
                ended = true;
            }
            "@end" => ended = true,
            _ => all.push(line),
        }
    }
    if !ended {
        all.extend(tail.into_iter().flatten());
    }
    for line in all {
        if let Some(said) = line.strip_prefix('+') {
            let (what, value) = said.split_once(' ').context("nothing said")?;
            match what {
                "status" => block.status = value.parse()?,
                "type" => block.content_type = Some(value.to_owned()),
                "query" => block.query = Some(value.to_owned()),
                "header" => {
                    let (name, value) = value.split_once(": ").context("a header without a value")?;
                    block.headers.push((name.to_owned(), value.to_owned()));
                }
                _ => bail!("nothing is called +{what}"),
            }
            continue;
        }
        let (repeated, line) = line.strip_prefix("* ").map_or((false, line.as_str()), |line| (true, line));
        let (verbatim, text) = line.strip_prefix('!').map_or((false, line), |line| (true, line));
        block.lines.push(Line { repeated, verbatim, text: text.to_owned() });
    }
    Ok(block)
}

#[cfg(test)]
mod tests;
