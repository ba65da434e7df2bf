//! One pattern, checked.

use witgate_sdk::kit::{Fold, Normal};
use witgate_sdk::{Issue, Replacement};

use crate::config::{Action, Direction, Entry, Role};
use crate::regex::Regex;
use crate::syntax;
use crate::words::{Words, canonical};

/// Words of one pattern, exceptions of one, bytes of a word and of all.
pub(crate) const MAX_WORDS: usize = 10_000;
const MAX_EXCEPTIONS: usize = 256;
const MAX_WORD: usize = 200;
/// Bytes of a regex, and of the longest match that is always found.
const MAX_REGEX: usize = 1000;
const MAX_BYTES: std::ops::RangeInclusive<usize> = 1..=1024;
/// Bytes beside a match in which an exception may stand.
const MAX_WITHIN: usize = 256;
/// Bytes of a replacement or message, and labels.
const MAX_TEXT: usize = 1000;
const MAX_LABELS: usize = 8;

/// What a pattern's match leads to, and where it is looked for.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) name: String,
    pub(crate) fold: bool,
    pub(crate) confidence: u8,
    directions: Vec<Direction>,
    /// Empty: all.
    roles: Vec<Role>,
    action: Action,
    text: String,
    pub(crate) labels: Vec<(String, String)>,
    message: Option<String>,
    pub(crate) except: Option<Except>,
}

/// Words beside a match that make it fine.
#[derive(Debug)]
pub(crate) struct Except {
    pub(crate) words: Words,
    pub(crate) within: usize,
}

/// What a pattern looks for.
#[derive(Debug)]
pub(crate) enum Wanted {
    Words(Vec<String>),
    Regex(Box<Regex>),
}

impl Pattern {
    /// Checks an entry. What is wrong goes to `issues`, with pointers below `pointer`.
    pub(crate) fn new(entry: Entry, pointer: &str, issues: &mut Vec<Issue>) -> Option<(Self, Wanted)> {
        let before = issues.len();
        let mut wrong =
            |below: &str, message: String| issues.push(Issue { pointer: format!("{pointer}{below}"), message });
        if !legal(&entry.name) {
            wrong("/name", "a name is 1 to 64 printable ASCII characters without spaces".into());
        }
        if entry.words.is_empty() == entry.regex.is_none() {
            wrong("", "a pattern has either `words` or a `regex`".into());
        }
        let fold = entry.fold.unwrap_or(entry.regex.is_none());
        if entry.directions.is_empty() {
            wrong("/directions", "at least one of request, answer, arguments".into());
        }
        if (entry.action == Action::Replace) != entry.text.is_some() {
            wrong(
                "/text",
                "`text` is what `action: replace` puts there; it belongs to that action and no other".into(),
            );
        }
        for (member, text) in [("/text", &entry.text), ("/message", &entry.message)] {
            if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
                wrong(member, format!("at most {MAX_TEXT} bytes"));
            }
        }
        if entry.labels.len() > MAX_LABELS {
            wrong("/labels", format!("at most {MAX_LABELS}"));
        }
        for (key, value) in &entry.labels {
            if !legal(key) || value.len() > MAX_TEXT {
                let message = format!(
                    "a label is 1 to 64 printable ASCII characters without spaces, its value at most {MAX_TEXT} bytes"
                );
                wrong(&format!("/labels/{}", key.replace('~', "~0").replace('/', "~1")), message);
            }
        }
        if entry.within > MAX_WITHIN {
            wrong("/within", format!("at most {MAX_WITHIN}"));
        }
        let exceptions = words(&entry.exceptions, fold, MAX_EXCEPTIONS, "/except", &mut wrong);
        let except = (!exceptions.is_empty())
            .then(|| Except { words: Words::new(exceptions.into_iter().map(|word| (word, 1))), within: entry.within });
        let wanted = match &entry.regex {
            None => Some(Wanted::Words(words(&entry.words, fold, MAX_WORDS, "/words", &mut wrong))),
            Some(regex) => match compile(regex, fold, entry.max_bytes) {
                Ok(regex) => Some(Wanted::Regex(Box::new(regex))),
                Err((below, message)) => {
                    wrong(below, message);
                    None
                }
            },
        };
        let pattern = Self {
            fold,
            confidence: entry.severity.confidence(),
            directions: entry.directions,
            roles: entry.roles,
            action: entry.action,
            text: entry.text.unwrap_or_else(|| format!("[{}]", entry.name)),
            name: entry.name,
            labels: entry.labels.into_iter().collect(),
            message: entry.message,
            except,
        };
        wanted.filter(|_| issues.len() == before).map(|wanted| (pattern, wanted))
    }

    /// What stands there afterwards; none where the text stays or the exchange is refused.
    pub(crate) fn replacement(&self) -> Option<Replacement> {
        match self.action {
            Action::Mask | Action::Replace => Some(Replacement::Text(self.text.clone())),
            Action::Token => Some(Replacement::Token(crate::TOKEN.into())),
            Action::Block | Action::Label => None,
        }
    }

    /// Whether a match is refused.
    pub(crate) fn blocks(&self) -> bool {
        self.action == Action::Block
    }

    /// Whether it is looked for there.
    pub(crate) fn reads(&self, direction: Direction, role: Option<Role>) -> bool {
        self.directions.contains(&direction)
            && role.is_none_or(|role| self.roles.is_empty() || self.roles.contains(&role))
    }

    /// What a caller is told. It never quotes the text.
    pub(crate) fn told(&self, direction: Direction) -> String {
        let own = self.message.clone();
        own.unwrap_or_else(|| {
            format!("The {} contains what the pattern `{}` does not allow.", direction.noun(), self.name)
        })
    }
}

fn legal(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic())
}

fn words(
    words: &[String],
    fold: bool,
    most: usize,
    pointer: &str,
    wrong: &mut impl FnMut(&str, String),
) -> Vec<String> {
    if words.len() > most {
        wrong(pointer, format!("at most {most}"));
        return vec![];
    }
    let mut all = vec![];
    for (i, word) in words.iter().enumerate() {
        let word = if fold { canonical(Normal::new(word, Fold::default()).text()) } else { canonical(word) };
        if word.is_empty() || word.len() > MAX_WORD {
            wrong(&format!("{pointer}/{i}"), format!("a word has 1 to {MAX_WORD} bytes that are seen"));
        }
        all.push(word);
    }
    all
}

fn compile(regex: &str, fold: bool, max_bytes: usize) -> Result<Regex, (&'static str, String)> {
    if !MAX_BYTES.contains(&max_bytes) {
        return Err(("/max_bytes", format!("{} to {}", MAX_BYTES.start(), MAX_BYTES.end())));
    }
    if regex.len() > MAX_REGEX {
        return Err(("/regex", format!("at most {MAX_REGEX} bytes")));
    }
    let hir = syntax::parse(regex, fold).map_err(|message| ("/regex", message))?;
    if hir.properties().minimum_len().is_some_and(|least| least > max_bytes) {
        return Err(("/max_bytes", "the shortest match is longer than this".into()));
    }
    Regex::new(&hir, max_bytes).map_err(|message| ("/regex", message))
}
