#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{phone, plan};
use crate::run::Run;
use crate::view::View;
use crate::words::Lexicon;

/// The number at the first digit, plus or parenthesis.
fn find(text: &str) -> Option<&str> {
    let view = View::new(text, true);
    let start = text.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '(')).unwrap();
    let run = Run::read(view, start).unwrap().unwrap();
    let said = Lexicon::new().before(view, start);
    phone(view, start, &run, said).unwrap().map(|end| &text[start..end])
}

/// Numbers kept free for fiction (Ofcom, ACMA, the North American 555-01xx, Sweden's PTS), and made-up ones.
#[test]
fn shapes_of_their_own_need_no_words() {
    for text in [
        "+44 20 7946 0018",
        "+44(0)20 7946 0018",
        "+1-202-555-0143",
        "+1 (202) 555-0143",
        "+46 (0)8 465 004 04",
        "+61 491 570 156",
        "+(370) 61234567",
        "(+44) 20 7946 0018",
        "0044 20 7946 0018",
        "001-202-555-0143",
        "202-555-0143",
        "(202) 555-0143",
        "202.555.0143x123",
        "1-202-555-0143 ext. 12",
        "020 7946 0018",
        "(0161) 496 0000",
        "01 99 00 12 34",
        "030/901820-12",
        "(11) 2345-6789",
    ] {
        assert_eq!(find(text), Some(text), "{text}");
        let inside = format!("so {text}, yes");
        assert_eq!(find(&inside), Some(text), "{inside}");
    }
}

#[test]
fn other_numbers_need_words() {
    for number in ["9656 5159", "2132912747", "13 2771-5087", "501 036 896", "035179031487", "162-4318", "00094139467"]
    {
        assert_eq!(find(&format!("it is {number} then")), None, "{number}");
        for text in ["call me on ", "\"phone\":\"", "Tél. ", "mobile no: ", "Desk: ", "whatsapp "] {
            assert_eq!(find(&format!("{text}{number} then")), Some(number), "{text}{number}");
        }
        assert_eq!(find(&format!("{number} office")), Some(number));
        assert_eq!(find(&format!("{number}-Fax")), Some(number));
    }
}

#[test]
fn other_things_have_numbers_too() {
    for text in [
        "call about order 2132912747",
        "call on 2023-11-05 at noon",
        "call 2023-11-05 14:33:21",
        "phone costs $2132912747",
        "epoch 1745023102",
        "INV-12044517",
        "case no. 775-20-1415",
        "lat 48.256033",
        "1 000 000 000",
        "4111 + 1111 * 1111",
        "+1 234",
        "+12345",
        "ISBN 0-306-40615-2",
        "ISBN 978-0-306-40615-7",
        "0.5772156649",
        "10 12 14 16 18 20",
        "192.168.100.200",
        "tel 123456",
        "2020-2021 1234",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn an_extension_belongs_to_the_number() {
    for (text, number) in [
        ("202-555-0143 x12", "202-555-0143 x12"),
        ("202-555-0143 extension 12.", "202-555-0143 extension 12"),
        ("202-555-0143 extra", "202-555-0143"),
        ("202-555-0143 xylophones", "202-555-0143"),
        ("202-555-0143 exact 5", "202-555-0143"),
    ] {
        assert_eq!(find(text), Some(number), "{text}");
    }
}

#[test]
fn country_codes_have_lengths() {
    assert_eq!(plan::country(&[4, 4, 2, 0]), Some((2, 9, 10)));
    assert_eq!(plan::country(&[1, 2, 0, 2]), Some((1, 10, 10)));
    assert_eq!(plan::country(&[3, 5, 1, 9]), Some((3, 9, 9)));
    assert_eq!(plan::country(&[2, 1, 0, 9]), None, "not assigned");
    assert_eq!(plan::country(&[9, 9, 9, 9]), None, "not assigned");
}
