#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::*;
use crate::testing::{execution, intent};
use crate::{BodyHasher, Decision, Draft, Durability, Execution, Intent, Ledger, Options, ReceiptHeader, Salt, find};

const EXCHANGE: &str = "0190f3a0-0000-7000-8000-000000000001";

fn key() -> ReceiptKey {
    ReceiptKey::from_seed(&[0; 32])
}

fn facts() -> ReceiptFacts {
    let hash = |body: &[u8]| {
        let mut hasher = BodyHasher::with_salt(Salt([5; 16]));
        hasher.update(body);
        hasher.finish()
    };
    ReceiptFacts {
        ledger: LedgerId([1; 16]),
        exchange: EXCHANGE.into(),
        seq: 2,
        time_ms: 1_700_000_000_123,
        policy_set: Digest([2; 32]),
        verdict: Verdict::Allow,
        request: Some(hash(b"question")),
        response: Some(hash(b"answer")),
        reason: None,
    }
}

fn denied() -> ReceiptFacts {
    let findings = vec!["card".to_owned(), "email".to_owned()];
    let reason = ReceiptReason { plugin: "pii".to_owned(), code: "pii_card".to_owned(), findings };
    ReceiptFacts { verdict: Verdict::Deny, reason: Some(reason), ..facts() }
}

/// The text that docs/ledger-format.md shows.
#[test]
fn a_denial_says_who_and_why_in_a_text_of_its_own() {
    let text = denied().reason.unwrap().canonical(&denied(), key().id()).unwrap();
    assert_eq!(
        text,
        "witgate-receipt-reason/1\n\
         ledger: 01010101010101010101010101010101\n\
         key: 139e3940e64b5491\n\
         exchange: 0190f3a0-0000-7000-8000-000000000001\n\
         seq: 2\n\
         verdict: deny\n\
         reason: pii pii_card\n\
         finding: card\n\
         finding: email\n"
    );
    let receipt = Receipt::sign(denied(), &key()).unwrap();
    let read: Receipt = serde_json::from_str(&serde_json::to_string(&receipt).unwrap()).unwrap();
    read.verify(&key().public()).unwrap();
    // Who does not know of reasons checks what was always signed.
    let older = Receipt::sign(ReceiptFacts { reason: None, ..denied() }, &key()).unwrap();
    assert_eq!(older.sig, receipt.sig);
}

#[test]
fn a_changed_reason_is_found() {
    let receipt = Receipt::sign(denied(), &key()).unwrap();
    let changed = |change: fn(&mut Receipt)| {
        let mut receipt = receipt.clone();
        change(&mut receipt);
        receipt.verify(&key().public()).unwrap_err()
    };
    assert_eq!(changed(|r| r.facts.reason.as_mut().unwrap().plugin = "other".into()), ReceiptError::Signature);
    assert_eq!(changed(|r| r.facts.reason.as_mut().unwrap().code.push('x')), ReceiptError::Signature);
    assert_eq!(changed(|r| drop(r.facts.reason.as_mut().unwrap().findings.pop())), ReceiptError::Signature);
    assert_eq!(changed(|r| r.reason_sig = Some(r.sig.clone())), ReceiptError::Signature);
    assert_eq!(changed(|r| r.reason_sig = None), ReceiptError::Field("reason_sig"));
    assert_eq!(changed(|r| r.facts.reason = None), ReceiptError::Field("reason_sig"));
    let mut forged = receipt.clone();
    forged.facts.reason.as_mut().unwrap().code = "a\nfinding: b".into();
    assert_eq!(forged.verify(&key().public()).unwrap_err(), ReceiptError::Field("reason"));
}

#[test]
fn the_reason_is_the_one_of_the_decision() {
    let found = |code: &str| crate::Finding { code: code.into(), ..crate::Finding::default() };
    let part = |plugin: &str, codes: &[&str]| crate::PluginResult {
        plugin: plugin.into(),
        findings: codes.iter().map(|code| found(code)).collect(),
        ..crate::PluginResult::default()
    };
    let reason = crate::Reason { plugin: "pii".into(), code: "pii_card".into() };
    let plugins = vec![part("injection", &["override"]), part("pii", &["card", "email"])];
    let mut decision = Decision { verdict: Verdict::Deny, reason: Some(reason), plugins, ..Decision::default() };
    assert_eq!(ReceiptReason::of(&decision), denied().reason);
    // A name that could not stand in a receipt must not cost the receipt.
    decision.plugins[1].findings.push(found("two words"));
    assert_eq!(ReceiptReason::of(&decision), None);
    decision.verdict = Verdict::Allow;
    assert_eq!(ReceiptReason::of(&decision), None);
}

#[test]
fn a_receipt_survives_json_and_verifies() {
    let receipt = Receipt::sign(facts(), &key()).unwrap();
    let json = serde_json::to_string(&receipt).unwrap();
    let read: Receipt = serde_json::from_str(&json).unwrap();
    assert_eq!(read, receipt);
    read.verify(&key().public()).unwrap();
    assert!(read.facts.request.unwrap().matches(b"question") && !read.facts.request.unwrap().matches(b"Question"));
    let unfinished = Receipt::sign(ReceiptFacts { response: None, ..facts() }, &key()).unwrap();
    assert!(!serde_json::to_string(&unfinished).unwrap().contains("response"));
    unfinished.verify(&key().public()).unwrap();
}

/// The text that docs/ledger-format.md shows.
#[test]
fn the_documented_text_stays() {
    let text = facts().canonical(key().id()).unwrap();
    assert_eq!(
        text,
        "witgate-receipt/1\n\
         ledger: 01010101010101010101010101010101\n\
         key: 139e3940e64b5491\n\
         exchange: 0190f3a0-0000-7000-8000-000000000001\n\
         seq: 2\n\
         time_ms: 1700000000123\n\
         policy_set: 0202020202020202020202020202020202020202020202020202020202020202\n\
         verdict: allow\n\
         request: 3eb581824abf3de0b650ad5c78ffbff8ae1b5ff43d38f3e88cd55869db48564d 05050505050505050505050505050505 8\n\
         response: 50c7c4ebc9695504beac35c7d4793fc42b35cd9ef00f2b3c5e4b07fb3a6ff22c 05050505050505050505050505050505 6\n"
    );
    assert_eq!(
        Receipt::sign(facts(), &key()).unwrap().sig,
        "Kk4viE6t7nnu-xVip-hSas3ldf5Riv7Gh9kuvtI1crIdF9InmF7Jsf2AVComGtXrk9zoszVEwUpz5KUdsXWkAQ"
    );
}

#[test]
fn any_changed_fact_is_found() {
    let receipt = Receipt::sign(facts(), &key()).unwrap();
    let other = || Some(crate::BodyHash { hash: Digest([8; 32]), ..facts().request.unwrap() });
    let changes: [fn(&mut ReceiptFacts); 6] = [
        |f| f.ledger.0[0] ^= 1,
        |f| f.exchange.push('0'),
        |f| f.seq += 1,
        |f| f.time_ms += 1,
        |f| f.policy_set.0[31] ^= 1,
        |f| f.verdict = Verdict::Deny,
    ];
    for change in changes {
        let mut changed = receipt.clone();
        change(&mut changed.facts);
        assert_eq!(changed.verify(&key().public()), Err(ReceiptError::Signature));
    }
    for (request, response) in [
        (None, facts().response),
        (other(), facts().response),
        (facts().request, None),
        (facts().response, facts().request),
    ] {
        let facts = ReceiptFacts { request, response, ..facts() };
        assert_eq!(Receipt { facts, ..receipt.clone() }.verify(&key().public()), Err(ReceiptError::Signature));
    }
    assert_eq!(Receipt { v: 2, ..receipt.clone() }.verify(&key().public()), Err(ReceiptError::Version(2)));
    assert_eq!(Receipt { sig: "!".into(), ..receipt.clone() }.verify(&key().public()), Err(ReceiptError::Field("sig")));
    let stranger = ReceiptKey::from_seed(&[9; 32]).public();
    assert_eq!(receipt.verify(&stranger).unwrap_err().code(), "receipt_wrong_key");
    let claimed = Receipt { key: stranger.id(), ..receipt };
    assert_eq!(claimed.verify(&stranger), Err(ReceiptError::Signature));
}

#[test]
fn no_field_can_smuggle_a_line() {
    let sign = |facts| Receipt::sign(facts, &key()).unwrap_err();
    assert_eq!(sign(ReceiptFacts { exchange: "a\nseq: 9".into(), ..facts() }), ReceiptError::Field("exchange"));
    assert_eq!(sign(ReceiptFacts { exchange: String::new(), ..facts() }), ReceiptError::Field("exchange"));
    assert_eq!(
        sign(ReceiptFacts { verdict: Verdict::Other("allow\nx".into()), ..facts() }),
        ReceiptError::Field("verdict")
    );
}

#[test]
fn the_facts_come_from_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &crate::testing::key(), Options::default()).unwrap();
    let append = |draft: Draft| ledger.append_wait(draft, Durability::Durable).unwrap();
    append(intent("other"));
    append(Draft::new(EXCHANGE, Intent { request: facts().request, ..Intent::default() }));
    let decided = append(Draft::new(
        EXCHANGE,
        Decision { verdict: Verdict::Deny, policy_set: Digest([2; 32]), ..Decision::default() },
    ));
    append(execution("other"));
    assert_eq!(
        ReceiptFacts::from_records(ledger.id(), &find(dir.path(), None, "other").unwrap()),
        Err(ReceiptError::NoDecision)
    );
    let now = || ReceiptFacts::from_records(ledger.id(), &find(dir.path(), None, EXCHANGE).unwrap()).unwrap();
    assert_eq!(
        (now().seq, now().time_ms, now().verdict, now().response),
        (decided.seq, decided.time_ms, Verdict::Deny, None)
    );
    append(Draft::new(EXCHANGE, Execution { response: facts().response, ..Execution::default() }));
    assert_eq!((now().request, now().response, now().policy_set), (facts().request, facts().response, Digest([2; 32])));
}

#[test]
fn the_header_is_written_read_and_verified() {
    let header = ReceiptHeader::sign(EXCHANGE, 2, Digest([2; 32]), &key()).unwrap();
    let text = header.to_string();
    assert!(text.starts_with("v=1; exchange=0190f3a0-0000-7000-8000-000000000001; seq=2; set=0202"), "{text}");
    let read: ReceiptHeader = text.parse().unwrap();
    assert_eq!(read, header);
    read.verify(&key().public()).unwrap();
    ReceiptHeader { seq: 3, ..read.clone() }.verify(&key().public()).unwrap_err();
    ReceiptHeader { set: Digest([3; 32]), ..read.clone() }.verify(&key().public()).unwrap_err();
    assert_eq!(read.sig, "TYhOECIih12i2QRamZi-bjilecIe1iTPD5f13WajLvGCWiSTIHNzOmXZfGLvXsgWhSUvOFvRUa-fvAKWqNeaAg");
    // Order and additions do not matter; a field given twice does.
    let mut fields: Vec<_> = text.split("; ").collect();
    fields.reverse();
    fields.push("later=x");
    assert_eq!(fields.join(";").parse::<ReceiptHeader>().unwrap(), header);
    assert_eq!(format!("{text}; seq=2").parse::<ReceiptHeader>(), Err(ReceiptError::Field("seq")));
    assert_eq!("v=2; exchange=e".parse::<ReceiptHeader>(), Err(ReceiptError::Version(2)));
    // The two kinds of signature do not stand for each other.
    let full = Receipt::sign(facts(), &key()).unwrap();
    assert_eq!(ReceiptHeader { sig: full.sig, ..header }.verify(&key().public()), Err(ReceiptError::Signature));
}

proptest! {
    #[test]
    fn hostile_headers_never_panic(text in ".{0,300}") {
        let _ = text.parse::<ReceiptHeader>();
    }

    #[test]
    fn any_changed_letter_of_the_header_is_found(at in any::<prop::sample::Index>(), with in "[0-9a-zA-Z_=; -]") {
        let text = ReceiptHeader::sign(EXCHANGE, 2, Digest([2; 32]), &key()).unwrap().to_string();
        let at = at.index(text.len());
        let changed = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        // Separators and the case of hexadecimal may change; what is stated does not change with them.
        if let Ok(header) = changed.parse::<ReceiptHeader>() && header.verify(&key().public()).is_ok() {
            prop_assert_eq!(header, text.parse::<ReceiptHeader>().unwrap());
        }
    }
}
