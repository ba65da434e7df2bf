//! Ordinary prose, of words in no order that a processor could learn.
//!
//! One sentence said again and again takes a policy a fraction of the time that a real text takes: after the first few every branch is
//! foreseen.

use std::fmt::Write as _;

/// What sentences are made of. Nothing in them says anything to a policy.
const WORDS: &str = "a about after all along among an and another at autumn barley beans before bench between board boat bread bridge \
    brown built by candle chair chapter clay cloth cloud coast cold corner could dark days door down dry early east evening every \
    ferry few field fire first for found from garden gate glass grain green grew had half harbour harvest have hedge high hill \
    hour house in into island kitchen known lake lamp late leaves left letters light little long made many market meadow might \
    mill more morning most narrow near never new no north nobody not oats of old on once one orchard other our out over painted \
    paper path people piano place plain planted price quay quiet rain read report returned river road roof room round salt school \
    sea second seldom several shade shelf ship shore short should side small snow so some south spring stairs station stones \
    stood storm story street summer table tall than that the their then there these they thin third those three through tide \
    to together told took town train tree twice two under until upper valley very village visit waited walked wall warm was \
    water weather west what wheat when where which white who wide wind window winter with without wood would wrote year yet";

/// So many bytes of it, always the same.
pub(super) fn prose(bytes: usize) -> String {
    let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
    // Knuth's generator for MMIX; its upper bits are the better ones.
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % n
    };
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        let length = 5 + below(12);
        for at in 0..length {
            let word = words.get(below(words.len())).copied().unwrap_or_default();
            let (first, rest) = word.split_at(1);
            let _ = match at {
                0 => write!(text, "{}{rest}", first.to_ascii_uppercase()),
                _ => write!(text, " {word}"),
            };
        }
        text.push_str(". ");
    }
    text.truncate(bytes);
    text
}

#[cfg(test)]
mod tests;
