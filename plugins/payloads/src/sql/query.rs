//! Arguments that are SQL by declaration: what kind of statement, and whether it says more than it should.

use super::rules::Reading;
use super::token::{Kind, Token, read};

/// What is wrong with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// More than one.
    Several,
    /// Its first word is not among those allowed.
    NotAllowed,
    /// A condition that is always true, a comment that hides something, a function that probes: as the rules see it.
    Payload(u8),
}

impl Fault {
    /// How sure it is.
    pub(crate) fn confidence(self) -> u8 {
        match self {
            Self::Several | Self::NotAllowed => 90,
            Self::Payload(sure) => sure,
        }
    }
}

/// What is wrong with a statement, where it may begin with one of `allowed` (in lower case).
pub(crate) fn statement(text: &str, allowed: &[String], tokens: &mut Vec<Token>) -> Option<Fault> {
    read(text, None, tokens);
    let reading = Reading { text, tokens, quote: None };
    let mut start = true;
    let mut statements = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::End => start = true,
            Kind::Comment | Kind::Left if start => {}
            _ if start => {
                start = false;
                statements += 1;
                let first = reading.word(at);
                if !allowed.iter().any(|a| a.eq_ignore_ascii_case(first)) {
                    return Some(Fault::NotAllowed);
                }
            }
            _ => {}
        }
    }
    if statements > 1 {
        return Some(Fault::Several);
    }
    tautology(&reading).or_else(|| commented(&reading)).or_else(|| probes(&reading))
}

/// `or 1=1`, `or 'a'='a'`, `or true`, `or x=x`.
fn tautology(reading: &Reading<'_>) -> Option<Fault> {
    let constant = |at: usize| matches!(reading.kind(at), Some(Kind::Number | Kind::Text));
    (0..reading.tokens.len())
        .filter(|at| reading.kind(*at) == Some(Kind::Logic) && !reading.word(*at).eq_ignore_ascii_case("and"))
        .find_map(|at| {
            let left = reading.skip(at + 1, &[Kind::Left, Kind::Not]);
            let compares = reading.kind(left + 1) == Some(Kind::Compare);
            let same = compares && constant(left) && constant(left + 2);
            let itself =
                compares && reading.word(left) == reading.word(left + 2) && reading.kind(left + 3) != Some(Kind::Dot);
            let bare = reading.kind(left) == Some(Kind::Number)
                && matches!(reading.kind(left + 1), None | Some(Kind::Comment | Kind::Right | Kind::Logic | Kind::End));
            (same || itself || bare).then_some(Fault::Payload(90))
        })
}

/// A comment that is run, one within a word's place, or one that cuts off the end.
fn commented(reading: &Reading<'_>) -> Option<Fault> {
    (1..reading.tokens.len()).find_map(|at| match reading.kind(at)? {
        Kind::Hint => Some(Fault::Payload(90)),
        Kind::Comment if reading.word(at).starts_with("/*") => {
            // `drop/**/table`; a comment with words in it is a comment.
            (reading.word(at).trim_matches(['/', '*', ' ']).is_empty()).then_some(Fault::Payload(85))
        }
        Kind::Comment if at + 1 == reading.tokens.len() && reading.word(at).trim_end().len() <= 2 => {
            Some(Fault::Payload(80))
        }
        _ => None,
    })
}

fn probes(reading: &Reading<'_>) -> Option<Fault> {
    let probe = |t: &Token| t.kind == Kind::Probe;
    let file = |t: &Token| {
        t.kind == Kind::Into
            && reading
                .text
                .get(t.start..t.end)
                .is_some_and(|w| w.eq_ignore_ascii_case("outfile") || w.eq_ignore_ascii_case("dumpfile"))
    };
    reading.tokens.iter().any(|t| probe(t) || file(t)).then_some(Fault::Payload(88))
}

#[cfg(test)]
mod tests;
