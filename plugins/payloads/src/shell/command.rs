//! Arguments that are commands by declaration: which programs they run, and what else they make a shell do.

use super::unquote;

/// What is wrong with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A program that is not on the operator's list.
    NotAllowed,
    /// A substitution, or a redirection, where programs are listed.
    Expansion,
    /// What no command needs: see `DANGERS`; or words in disguise.
    Payload(u8),
}

impl Fault {
    /// How sure it is.
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::Expansion | Self::NotAllowed => 90,
            Self::Payload(sure) => sure,
        }
    }
}

/// What is wrong with a command; `allowed` are the programs it may run, all where it is empty.
pub(crate) fn command(text: &str, allowed: &[String]) -> Option<Fault> {
    let danger = super::dangers(&crate::lower::Lower::new(text));
    if danger >= 70 {
        return Some(Fault::Payload(danger));
    }
    let disguised = unquote::bare(text).is_some_and(|bare| {
        let (bare, first) = (super::first_word(&bare).to_owned(), super::first_word(text));
        bare != first && super::is_command(&bare) && !super::is_command(first)
    });
    if disguised {
        return Some(Fault::Payload(85));
    }
    if allowed.is_empty() {
        return None;
    }
    if text.contains('`') || text.contains("$(") || text.contains("<(") || text.contains(">(") || text.contains("${") {
        return Some(Fault::Expansion);
    }
    let plain = unquoted(text);
    if plain.contains(['>', '<']) {
        return Some(Fault::Expansion);
    }
    let not_allowed =
        plain.split([';', '|', '&', '\n', '(', ')', '{', '}']).map(str::trim).filter(|part| !part.is_empty()).any(
            |part| {
                let word = part.split_whitespace().find(|word| !is_assignment(word)).unwrap_or_default();
                !allowed.iter().any(|a| a == word)
            },
        );
    not_allowed.then_some(Fault::NotAllowed)
}

/// `NAME=value` before a command.
fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// The text with quoted parts blanked out, but for a quoted first word.
fn unquoted(text: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    text.chars()
        .map(|c| {
            let hidden = quote.is_some() || escaped;
            match (quote, c) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = true,
                (Some(q), c) if c == q => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                _ => {}
            }
            if hidden && matches!(c, ';' | '|' | '&' | '\n' | '(' | ')' | '{' | '}' | '<' | '>') { '_' } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests;
