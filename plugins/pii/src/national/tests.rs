#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{lettered, national};
use crate::run::Run;
use crate::view::View;
use crate::words::Lexicon;

fn find<'a>(before: &str, number: &'a str) -> Option<&'a str> {
    let text = format!("{before}{number}");
    let (view, lexicon, start) = (View::new(&text, true), Lexicon::new(), before.len());
    let end = match number.starts_with(|c: char| c.is_ascii_digit()) {
        true => {
            let run = Run::read(view, start).unwrap().unwrap();
            national(view, start, &run, lexicon.before(view, start)).unwrap()
        }
        false => lettered(view, start, &lexicon).unwrap(),
    };
    end.map(|end| &number[..end - start])
}

#[test]
fn shapes_of_their_own_need_no_words() {
    for number in [
        "912-90-3456",
        "2 95 10 99 126 111 93",
        "295109912611193",
        "85.07.30-033.28",
        "710319/2745",
        "811218-9876",
        "19811218-9876",
        "54362315K",
        "54362315-K",
        "X2482300W",
        "X-2482300-W",
        "RCCMNL83S18D969H",
        "AB123456C",
        "AB 12 34 56 C",
        "AB 123456 C",
    ] {
        assert_eq!(find("it is ", number), Some(number), "{number}");
        assert_eq!(find("order no. ", number), None, "{number}");
    }
}

#[test]
fn bare_digits_need_words() {
    for (words, number) in [
        ("Steuer-ID: ", "36574261809"),
        ("IdNr. ", "36 574 261 809"),
        ("PESEL ", "44051401359"),
        ("CNP: ", "1630615123457"),
        ("BSN ", "111222333"),
        ("rijksregisternummer ", "85073003328"),
        ("personnummer ", "8112189876"),
        ("NIF ", "501964843"),
        ("AMKA ", "01013099997"),
        ("national insurance no. ", "ZZ 123456 T"),
    ] {
        assert_eq!(find(words, number), Some(number), "{words}{number}");
        assert_eq!(find("it is ", number), None, "{number}");
    }
}

#[test]
fn wrong_check_digits_and_parts_of_names_are_not_found() {
    for number in [
        "PESEL 44051401358",
        "54362315L",
        "X2482300X",
        "RCCMNL83S18D969I",
        "GB123456C",
        "QQ123456C",
        "AB123456E",
        "AB1234567C",
        "295109912611194",
    ] {
        assert_eq!(find("", number), None, "{number}");
    }
    assert_eq!(find("BSN card_", "111222333"), None);
}
