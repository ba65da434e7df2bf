#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{COUNTRIES, iban, parts};
use crate::view::View;

fn whole(text: &str) -> bool {
    iban(View::new(text, true), 0).unwrap() == Some(text.len())
}

/// Examples of SWIFT's IBAN Registry.
#[test]
fn the_registrys_examples_are_found() {
    for text in [
        "AD1200012030200359100100",
        "AT611904300234573201",
        "BE68539007547034",
        "CH9300762011623852957",
        "CZ6508000000192000145399",
        "DE89370400440532013000",
        "DK5000400440116243",
        "ES9121000418450200051332",
        "FI2112345600000785",
        "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",
        "GR1601101250000000012300695",
        "IE29AIBK93115212345678",
        "IT60X0542811101000000123456",
        "LU280019400644750000",
        "MT84MALT011000012345MTLCAST001S",
        "NL91ABNA0417164300",
        "NO9386011117947",
        "PL61109010140000071219812874",
        "PT50000201231234567890154",
        "RO49AAAA1B31007593840000",
        "SA0380000000608010167519",
        "SE4550000000058398257466",
        "TR330006100519786457841326",
        "GB29 NWBK 6016 1331 9268 19",
        "de89 3704 0044 0532 0130 00",
        "NL91-ABNA-0417-1643-00",
    ] {
        assert!(whole(text), "{text}");
    }
}

#[test]
fn what_only_resembles_one_is_not() {
    for text in [
        "DE88370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130000",
        "DE89 3704-0044 0532 0130 00",
        "XX89370400440532013000",
        "AB12CDEFGHIJKLMNOPQR",
        "DE89",
    ] {
        assert!(!whole(text), "{text}");
    }
}

#[test]
fn structures_are_read_and_bounded() {
    assert_eq!(parts("a1n10c12").collect::<Vec<_>>(), [('a', 1), ('n', 10), ('c', 12)]);
    for (country, structure) in COUNTRIES {
        let len: usize = parts(structure).map(|(_, n)| n).sum();
        assert!((11..=30).contains(&len), "{country}");
    }
    assert!(COUNTRIES.windows(2).all(|w| w[0].0 < w[1].0));
}
