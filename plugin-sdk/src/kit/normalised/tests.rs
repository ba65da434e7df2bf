#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Normalised;
use crate::kit::{Fold, Matcher};

#[test]
fn spans_are_those_of_the_original() {
    let scan = Normalised::new(Matcher::words(["geheim", "secret"]).unwrap(), Fold::default());
    let text = "Streng gehe\u{200b}im, ＳＥＣＲＥＴ, secrets";
    let found: Vec<_> = scan.find(text).into_iter().map(|hit| &text[hit.at]).collect();
    assert_eq!(found, ["gehe\u{200b}im", "ＳＥＣＲＥＴ"]);
}
