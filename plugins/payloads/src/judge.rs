//! What all families say of one text.

use std::ops::Range;

use crate::decode;
use crate::family::Family;
use crate::lower::Lower;
use crate::scorer::{Features, HEADS, scores};
use crate::sql::token::Token;
use crate::target;
use crate::{marks, path, shell, sql, xss};

/// A payload that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of which family.
    pub family: Family,
    /// How sure it is, 0 to 100: its severity.
    pub confidence: u8,
    /// Where it stands in the text.
    pub at: Range<usize>,
}

/// Room to work in, kept from text to text.
#[derive(Debug, Default)]
pub struct Judge {
    tokens: Vec<Token>,
    features: Features,
}

/// From which score on (in 1/256) a text counts as a payload, a head each.
const THRESHOLDS: [i32; HEADS] = [128, 256, -128, 128];

impl Judge {
    /// Room for tokens.
    pub(crate) fn tokens(&mut self) -> &mut Vec<Token> {
        &mut self.tokens
    }

    /// How sure each family is of a whole value, by its rules alone; in the order of [`Family::ALL`].
    pub fn rules(&mut self, text: &str, trusted: &[String]) -> [u8; 9] {
        let plain = decode::plain(text);
        let mut sure = self.reading(text, &plain.text, plain.layers, trusted);
        let form = decode::form(&plain.text).map(|t| (t, plain.layers));
        let inner = decode::base64(text).map(|t| (t, 1));
        for (other, layers) in [form, inner].into_iter().flatten() {
            for (a, b) in sure.iter_mut().zip(self.reading(&other, &other, layers, trusted)) {
                *a = (*a).max(b);
            }
        }
        sure
    }

    fn reading(&mut self, raw: &str, plain: &str, layers: usize, trusted: &[String]) -> [u8; 9] {
        let lower = Lower::new(plain);
        [
            sql::confidence(plain, &mut self.tokens),
            xss::confidence(plain, &lower).0.max(xss::hidden(raw)),
            shell::confidence(plain, &lower),
            path::confidence(raw, plain, layers),
            marks::ldap(plain),
            marks::nosql(plain, &lower),
            marks::header(raw, plain),
            marks::template(plain, &lower),
            target::target(plain, trusted).map_or(0, |t| t.confidence(false)),
        ]
    }

    /// The buckets of a value's features, for training.
    pub fn features(&mut self, text: &str) -> Vec<u16> {
        let plain = decode::plain(text);
        let form = decode::form(&plain.text);
        self.features.of(form.as_deref().unwrap_or(&plain.text), &mut self.tokens).to_vec()
    }

    /// The scores of a value, a head each, in 1/256.
    pub fn scores(&mut self, text: &str) -> [i32; HEADS] {
        scores(&self.features(text))
    }
}

/// The scores from which on a text counts as a payload, a head each: less where the rules say something, more where
/// there are only words, and none will do for a single one.
pub fn needed(text: &str, rules: &[u8; 9]) -> [i32; HEADS] {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b',' | b'.' | b'?' | b'!');
    let more = match text.bytes().all(plain) {
        true if text.bytes().all(|b| b.is_ascii_alphanumeric()) => return [i32::MAX; HEADS],
        true => 512,
        false => 0,
    };
    let mut needed = THRESHOLDS;
    // A whole query has all the words of SQL; whether it says more than it should is for the rules.
    let head = text.trim_start().as_bytes();
    if [&b"select "[..], b"insert ", b"update ", b"delete ", b"with "]
        .iter()
        .any(|w| head.get(..w.len()).is_some_and(|h| h.eq_ignore_ascii_case(w)))
    {
        needed[0] += 768;
    }
    for (needed, sure) in needed.iter_mut().zip(rules) {
        *needed = if *sure >= HALF_SURE { (*needed).min(0) } else { *needed + more };
    }
    needed
}

/// Longest value that is judged at once.
const VALUE: usize = 4096;
/// How much of one stretch of a long value is judged again with the next.
const OVERLAP: usize = 256;
/// How sure the rules must be to be told of.
const TOLD: u8 = 50;
/// How sure they must be for half a score to be enough.
const HALF_SURE: u8 = 40;

impl Judge {
    /// The payloads of an argument's value, each family once, where it is surest.
    pub fn value(&mut self, text: &str, trusted: &[String], found: &mut Vec<Found>) {
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| start == 0 || rest.len() > OVERLAP) {
            let end = rest.floor_char_boundary(VALUE);
            let part = rest.get(..end).unwrap_or_default();
            for (family, confidence) in self.sure(part, trusted) {
                let at = start..start + end;
                match found.iter_mut().find(|f| f.family == family) {
                    Some(other) if other.confidence < confidence => *other = Found { family, confidence, at },
                    Some(_) => {}
                    None => found.push(Found { family, confidence, at }),
                }
            }
            if end == rest.len() {
                break;
            }
            start = text.floor_char_boundary(start + end - OVERLAP);
        }
        // What is surest names the refusal.
        found.sort_by_key(|f| std::cmp::Reverse(f.confidence));
    }

    /// Rules and scores together.
    fn sure(&mut self, text: &str, trusted: &[String]) -> impl Iterator<Item = (Family, u8)> + use<> {
        let mut sure = self.rules(text, trusted);
        let needed = needed(text, &sure);
        let scores = self.scores(text);
        for (sure, (score, needed)) in sure.iter_mut().zip(scores.into_iter().zip(needed)) {
            if score >= needed {
                // 72 at the threshold, five more for each power of e.
                let more = (score - needed) / 51;
                *sure = (*sure).max(u8::try_from((72 + more).min(95)).unwrap_or(95));
            }
        }
        Family::ALL.into_iter().zip(sure).filter(|(_, sure)| *sure >= TOLD)
    }
}
