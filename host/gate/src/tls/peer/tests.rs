#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use rustls::pki_types::pem::PemObject as _;

use super::*;

mod certificates;

use certificates::{ODD, ONE, SEVERAL};

fn name(pem: &str, from: NameFrom) -> Option<String> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    Peer::of(&certificate, from).name.map(|name| name.as_ref().to_owned())
}

#[test]
fn a_name_of_each_kind() {
    for (from, expected) in [
        (NameFrom::CommonName, "billing"),
        (NameFrom::Uri, "spiffe://example.org/billing"),
        (NameFrom::Dns, "billing.example.org"),
        (NameFrom::Email, "billing@example.org"),
    ] {
        assert_eq!(name(ONE, from).as_deref(), Some(expected));
    }
}

#[test]
fn two_names_are_none() {
    assert_eq!(name(SEVERAL, NameFrom::CommonName), None);
    assert_eq!(name(SEVERAL, NameFrom::Dns), None);
    assert_eq!(name(SEVERAL, NameFrom::Email), None);
    assert_eq!(name(SEVERAL, NameFrom::Uri).as_deref(), Some("spiffe://example.org/a"));
}

#[test]
fn what_is_no_plain_name_is_none() {
    for from in [NameFrom::CommonName, NameFrom::Uri, NameFrom::Dns, NameFrom::Email] {
        assert_eq!(name(ODD, from), None);
    }
    assert_eq!(Peer::of(&CertificateDer::from(vec![0x30, 0]), NameFrom::CommonName).name, None);
    assert!(is_plain("Jo Smith") && is_plain(&"a".repeat(256)));
    assert!(!is_plain("") && !is_plain(" a") && !is_plain("a\u{0}") && !is_plain(&"a".repeat(257)));
}
