#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::document;
use crate::kind::Kind;
use crate::view::View;
use crate::words::Lexicon;

fn find(before: &str, number: &str) -> Option<(Kind, usize)> {
    let text = format!("{before}{number} now");
    let found = document(View::new(&text, true), before.len(), &Lexicon::new()).unwrap();
    found.map(|(kind, end)| (kind, end - before.len()))
}

#[test]
fn numbers_beside_their_words_are_found() {
    for (words, number, kind) in [
        ("passport no. ", "C01X00T47", Some(Kind::Passport)),
        ("passport number ", "123456789", Some(Kind::Passport)),
        ("Reisepass ", "L01234567", Some(Kind::Passport)),
        ("my driver's license is ", "E5732790", Some(Kind::Licence)),
        ("driving licence: ", "MORGA657054SM9IJ", Some(Kind::Licence)),
        ("Führerschein ", "B072RRE2I55", Some(Kind::Licence)),
        ("licence key ", "E5732790", None),
        ("passport ", "123", None),
        ("", "E5732790", None),
    ] {
        assert_eq!(find(words, number), kind.map(|kind| (kind, number.len())), "{words}{number}");
    }
}
