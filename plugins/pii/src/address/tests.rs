#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{number_first, street_first};
use crate::view::View;

fn find(text: &str) -> Option<&str> {
    let view = View::new(text, true);
    let end = match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => number_first(view, 0),
        false => street_first(view, 0),
    };
    end.unwrap().map(|end| &text[..end])
}

#[test]
fn streets_with_numbers_up_to_the_postcode() {
    for (text, expected) in [
        ("12 High Street, Leeds LS1 4AB, please", "12 High Street, Leeds LS1 4AB"),
        ("221b Baker Street and more", "221b Baker Street"),
        ("14 rue de la Paix\n75002 Paris\nFrance", "14 rue de la Paix\n75002 Paris"),
        ("Hauptstraße 12, 10115 Berlin ist", "Hauptstraße 12, 10115 Berlin"),
        ("Via Roma, 3 a Torino", "Via Roma, 3"),
    ] {
        assert_eq!(find(text), Some(expected), "{text}");
    }
    for text in
        ["12 apples", "12 Monkeys", "3 Days in May", "Via email", "Hauptstraße", "Street 12", "1234567 High Street"]
    {
        assert_eq!(find(text), None, "{text}");
    }
}
