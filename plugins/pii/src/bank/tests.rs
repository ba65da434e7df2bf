#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::bank;
use crate::run::Run;
use crate::view::View;
use crate::words::Lexicon;

fn find(text: &str) -> Option<&str> {
    let view = View::new(text, true);
    let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
    let run = Run::read(view, start).unwrap().unwrap();
    let said = Lexicon::new().before(view, start);
    bank(view, start, &run, said).unwrap().map(|end| &text[start..end])
}

/// 111000025 is the example of python-stdnum and of the American Bankers Association's routing number of a large bank.
#[test]
fn numbers_beside_their_words_are_found() {
    for (text, number) in [
        ("routing number 111000025", "111000025"),
        ("ABA: 021000021.", "021000021"),
        ("sort code 20-00-00", "20-00-00"),
        ("Sort code: 200000", "200000"),
        ("account number 55779911,", "55779911"),
        ("Kontonummer: 1234567890", "1234567890"),
        ("acct. no. 1234 5678 9012", "1234 5678 9012"),
    ] {
        assert_eq!(find(text), Some(number), "{text}");
    }
}

#[test]
fn others_are_not() {
    for text in [
        "routing number 111000026",
        "routing number 991000025",
        "account 12345",
        "account id 12345678",
        "my account has grown by 12345678",
        "account_12345678",
        "12345678",
        "account opened 2023-11-05",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}
