#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::name;
use crate::view::View;

fn find<'a>(before: &str, text: &'a str) -> Option<&'a str> {
    let whole = format!("{before}{text}");
    name(View::new(&whole, true), before.len()).unwrap().map(|end| &text[..end - before.len()])
}

#[test]
fn names_behind_titles_and_introductions() {
    for (before, text, expected) in [
        ("Ask Mr. ", "John Smith about", "John Smith"),
        ("Frau ", "Müller-Lüdenscheidt,", "Müller-Lüdenscheidt"),
        ("my name is ", "Jan van der Berg.", "Jan van der Berg"),
        ("Regards,\n", "Zoë O'Brien", "Zoë O'Brien"),
        ("Dear ", "Ana", "Ana"),
    ] {
        assert_eq!(find(before, text), Some(expected), "{before}{text}");
    }
    for (before, text) in [("", "John Smith"), ("Mr. ", "smith"), ("Dear ", "Sir or Madam"), ("this is ", "The end")] {
        assert_eq!(find(before, text), None, "{before}{text}");
    }
}
