#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::path::PathBuf;

use super::*;

/// Made with `openssl ts` 3.0: two authorities of one root, RSA and ECDSA P-256, stamped the file `stamped`; one refused.
const RSA: &[u8] = include_bytes!("tests/rsa.tsr");
const EC: &[u8] = include_bytes!("tests/ec.tsr");
const REFUSED: &[u8] = include_bytes!("tests/refused.tsr");
const STAMPED: &[u8] = include_bytes!("tests/stamped");

fn trusted(name: &str) -> Vec<rustls::pki_types::TrustAnchor<'static>> {
    anchors(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tsp/tests").join(name)).unwrap()
}

#[test]
fn a_token_of_a_real_authority_is_checked() {
    for answer in [RSA, EC] {
        let stamp = Token::read(answer).unwrap().stamp(STAMPED, &trusted("ca.pem")).unwrap();
        // 2026-11-21 18:04:13 UTC.
        assert_eq!(stamp.time_ms / 10_000, 1_795_284_253_154 / 10_000);
    }
}

#[test]
fn a_token_holds_for_what_it_is_over_and_for_whom_its_root_is_trusted() {
    let token = Token::read(RSA).unwrap();
    let wrong = |bytes: &[u8], ca| token.stamp(bytes, &trusted(ca)).unwrap_err().code();
    assert_eq!(wrong(b"another thing\n", "ca.pem"), "timestamp_of_another");
    assert_eq!(wrong(STAMPED, "other.pem"), "timestamp_certificate");
    assert_eq!(token.stamp(STAMPED, &[]).unwrap_err().code(), "timestamp_certificate");
}

#[test]
fn no_changed_byte_passes_unseen() {
    let trusted = trusted("ca.pem");
    for (answer, name) in [(RSA, "rsa"), (EC, "ec")] {
        let whole = Token::read(answer).unwrap();
        for at in 0..answer.len() {
            let mut changed = answer.to_vec();
            changed[at] ^= 1;
            let Ok(token) = Token::read(&changed) else { continue };
            if let Ok(stamp) = token.stamp(STAMPED, &trusted) {
                // What no signature covers may change: who is named as the signer, versions; never the statement.
                let unchanged = whole.stamp(STAMPED, &trusted).unwrap();
                assert_eq!(stamp, unchanged, "{name} {at}");
            }
        }
        for cut in 0..answer.len() {
            Token::read(&answer[..cut]).unwrap_err();
        }
    }
}

#[test]
fn an_answer_is_that_to_the_question() {
    let question = Request::over(STAMPED).unwrap();
    let token = Token::read(RSA).unwrap();
    assert_eq!(token.answers(&question).unwrap_err().code(), "timestamp_of_another", "an earlier answer");
    assert_eq!(token.answers(&Request::over(b"x").unwrap()).unwrap_err().code(), "timestamp_of_another");
    let answered = Request { nonce: [0; 8], ..question };
    assert!(answered.der().starts_with(&[0x30, 0x43, 0x02, 0x01, 0x01]) && answered.der().len() == 0x45);
    assert_ne!(Request::over(STAMPED).unwrap().der(), Request::over(STAMPED).unwrap().der());
}

#[test]
fn a_refusal_is_told_with_what_the_authority_says() {
    let refused = Token::read(REFUSED).unwrap_err();
    let TspError::Refused { status: 2, told } = &refused else { panic!("{refused}") };
    assert!(told.contains("algorithm is not supported"), "{told}");
    for nothing in [&b""[..], b"<html>", &[0x30, 0x80, 0, 0], &[0x30, 0x03, 0x02, 0x01, 0x00]] {
        assert_eq!(Token::read(nothing).unwrap_err().code(), "timestamp_malformed");
    }
}

#[test]
fn times_are_read_as_they_are_written() {
    use super::token::time;
    assert_eq!(time(b"19700101000000Z"), Some(0));
    assert_eq!(time(b"20000229235959.5Z"), Some(951_868_799_500));
    assert_eq!(time(b"20261121180413.154Z"), Some(1_795_284_253_154));
    for bad in ["20261121180413", "20261321180413Z", "2026112118041Z", "20261121180413.1x4Z", "19691231235959Z", ""] {
        assert_eq!(time(bad.as_bytes()), None, "{bad}");
    }
}
