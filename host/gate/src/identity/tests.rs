#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use hyper::header::{HeaderName, HeaderValue};

use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn keys(text: &str) -> KnownClients {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    KnownClients::load(file.path()).unwrap()
}

/// Over a connection without a certificate.
fn caller(clients: Option<&KnownClients>, headers: &HeaderMap) -> Result<Caller, NotTaken> {
    super::caller(clients, headers, None)
}

fn hash_of(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn what_an_unknown_caller_states_is_not_proven() {
    let caller = caller(None, &headers(&[("x-commit-owner", "human:jo"), ("x-caller-clearance", "TS")])).unwrap();
    assert_eq!(caller.owner.unwrap(), Claim { value: "human:jo".into(), proven: false });
    assert!(!caller.clearance.unwrap().proven);
    assert!(!caller.principal.proven);
}

#[test]
fn a_known_key_proves_and_headers_cannot_raise_it() {
    let keys = keys(&format!("# clients\nbilling {} clearance=CUI owner=team:billing\n", hash_of("sk-test")));
    let asked = headers(&[
        ("authorization", "Bearer sk-test"),
        ("x-caller-clearance", "TS_SCI"),
        ("x-commit-owner", "human:mallory"),
    ]);
    let caller = caller(Some(&keys), &asked).unwrap();
    assert_eq!(caller.principal, Claim { value: "billing".into(), proven: true });
    assert_eq!(caller.clearance.unwrap(), Claim { value: "CUI".into(), proven: true });
    assert_eq!(caller.owner.unwrap(), Claim { value: "team:billing".into(), proven: true });
}

#[test]
fn a_client_without_a_clearance_has_none_whatever_it_says() {
    let keys = keys(&format!("billing {}\n", hash_of("sk-test")));
    let asked = headers(&[("authorization", "Bearer sk-test"), ("x-caller-clearance", "TS_SCI")]);
    assert!(caller(Some(&keys), &asked).unwrap().clearance.is_none());
}

#[test]
fn a_line_that_is_none_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for wrong in [
        "billing",
        "billing xyz",
        &format!("billing {} colour=red", hash_of("a")),
        &format!("a {0}\nb {0}", hash_of("a")),
        "a certificate\na certificate clearance=CUI",
    ] {
        std::fs::write(file.path(), format!("# clients\n{wrong}\n")).unwrap();
        let error = KnownClients::load(file.path()).unwrap_err().to_string();
        assert!(error.starts_with("line "), "{wrong}: {error}");
    }
}

#[test]
fn an_unknown_key_is_not_taken() {
    let keys = keys(&format!("billing {}\n", hash_of("sk-known")));
    for asked in
        [headers(&[]), headers(&[("authorization", "Bearer sk-other")]), headers(&[("authorization", "Basic x")])]
    {
        assert_eq!(caller(Some(&keys), &asked).unwrap_err(), NotTaken::UnknownKey);
    }
}

#[test]
fn a_header_that_is_there_twice_is_not_taken() {
    let twice = headers(&[("x-classification", "UNCLASS"), ("x-classification", "SECRET")]);
    assert_eq!(caller(None, &twice).unwrap_err(), NotTaken::Header("x-classification"));
    let long = "x".repeat(VALUE_BYTES + 1);
    assert_eq!(caller(None, &headers(&[("x-intent", &long)])).unwrap_err(), NotTaken::Header("x-intent"));
}

#[test]
fn what_an_exchange_belongs_to_is_taken_as_it_is_or_not_at_all() {
    let ids = caller(None, &headers(&[("x-witgate-thread-id", "t/1"), ("x-witgate-parent-turn-id", "0")])).unwrap().ids;
    assert_eq!((ids.thread.as_deref(), ids.turn, ids.parent_turn.as_deref()), (Some("t/1"), None, Some("0")));
    let long = "x".repeat(129);
    for value in ["", "a b", "\u{e9}", &long] {
        for header in THREAD {
            assert_eq!(caller(None, &headers(&[(header, value)])).unwrap_err(), NotTaken::Id(header), "{value}");
        }
    }
    let twice = headers(&[("x-witgate-turn-id", "1"), ("x-witgate-turn-id", "1")]);
    assert_eq!(caller(None, &twice).unwrap_err(), NotTaken::Id("x-witgate-turn-id"));
}

#[test]
fn a_certificate_proves_where_no_key_does() {
    let some = keys(&format!("billing {}\nledger certificate clearance=CUI owner=team:ledger\n", hash_of("sk-known")));
    let all = KnownClients::by_certificate();
    let named = |name: &str| Peer { name: Some(name.into()) };
    let of = |clients, headers: &HeaderMap, peer: &Peer| super::caller(Some(clients), headers, Some(peer));
    let claims = headers(&[("x-caller-clearance", "TS_SCI"), ("x-commit-owner", "human:mallory")]);

    let ledger = of(&some, &claims, &named("ledger")).unwrap();
    assert_eq!(ledger.principal, Claim { value: "ledger".into(), proven: true });
    assert_eq!(ledger.clearance, Some(Claim { value: "CUI".into(), proven: true }));
    assert_eq!(ledger.owner, Some(Claim { value: "team:ledger".into(), proven: true }));
    // Of one nobody wrote anything about, nothing but its name is known.
    let anyone = of(&all, &claims, &named("anyone")).unwrap();
    assert!(anyone.principal.proven && anyone.clearance.is_none());
    assert_eq!(anyone.owner, Some(Claim { value: "human:mallory".into(), proven: false }));

    let key = headers(&[("authorization", "Bearer sk-known")]);
    assert_eq!(
        of(&some, &key, &named("ledger")).unwrap().principal.value,
        "billing",
        "a key tells more than a connection"
    );
    // Libraries send some key always.
    let dummy = headers(&[("authorization", "Bearer none")]);
    assert_eq!(of(&some, &dummy, &named("ledger")).unwrap().principal.value, "ledger");

    // The name of a key is not that of a certificate.
    assert_eq!(of(&some, &dummy, &named("billing")).unwrap_err(), NotTaken::UnknownCertificate);
    assert_eq!(of(&some, &dummy, &named("Ledger")).unwrap_err(), NotTaken::UnknownCertificate);
    for clients in [&some, &all] {
        assert_eq!(of(clients, &dummy, &Peer { name: None }).unwrap_err(), NotTaken::NamelessCertificate);
        assert_eq!(super::caller(Some(clients), &dummy, None).unwrap_err(), NotTaken::UnknownKey);
    }
}
