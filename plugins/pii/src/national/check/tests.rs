//! Published examples: those of the issuing states' own documents where they have one, else of Wikipedia's articles and of
//! python-stdnum's documentation.

use super::*;

fn digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect()
}

type Check = fn(&[u8]) -> bool;

const EXAMPLES: &[(Check, &str)] = &[
    (itin, "912-90-3456"),
    (idnr, "36 574 261 809"),
    (idnr, "86 095 742 719"),
    (nir, "2 95 10 99 126 111 93"),
    (pesel, "44051401359"),
    (cnp, "1630615123457"),
    (bsn, "111222333"),
    (rijksregister, "85.07.30-033.28"),
    (rodne_cislo, "710319/2745"),
    (personnummer, "811218-9876"),
    (nif, "501964843"),
    (afm, "094259216"),
    (amka, "01013099997"),
];

#[test]
fn published_examples_hold() {
    for (check, text) in EXAMPLES {
        assert!(check(&digits(text)), "{text}");
        assert!(any(&digits(text)), "{text}");
    }
    assert!(before_1954(&digits("150515/475")));
}

#[test]
fn a_wrong_last_digit_does_not() {
    for (check, text) in EXAMPLES.iter().skip(1) {
        let mut wrong = digits(text);
        if let Some(last) = wrong.last_mut() {
            *last = (*last + 1) % 10;
        }
        assert!(!check(&wrong), "{text}");
    }
    for text in ["911-49-3456", "911-66-3456", "911-89-3456", "911-93-3456"] {
        assert!(!itin(&digits(text)), "{text}");
    }
}

#[test]
fn impossible_dates_do_not() {
    assert!(!pesel(&digits("44991401359")));
    assert!(!rodne_cislo(&digits("711319/2745")));
    assert!(!personnummer(&digits("811318-9876")));
}
