#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use proptest::prelude::*;

use super::*;

const JO: &str = "jo@example.org";

pub(super) fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.at.range().expect("a range"), &edit.text);
    }
    out
}

pub(super) fn back(vault: &mut Vault, text: &str) -> String {
    let (edits, _) = vault.restore(text, 0);
    apply(text, &edits)
}

fn codes(vault: &Vault) -> Vec<&'static str> {
    vault.degraded().iter().map(|why| why.code()).collect()
}

fn vaults() -> Arc<Vaults> {
    Vaults::new(TokenLimits::default()).unwrap()
}

#[test]
fn a_value_comes_back_and_keeps_its_token() {
    let mut vault = Vault::default();
    let token = vault.token("email", JO);
    assert_eq!(token, vault.token("email", JO));
    assert!(token.starts_with("[EMAIL_") && token.len() <= TOKEN_BYTES, "{token}");
    let text = format!("write to {token} and {token}!");
    let (edits, open) = vault.restore(&text, 0);
    assert_eq!(apply(&text, &edits), format!("write to {JO} and {JO}!"));
    assert_eq!(open, text.len() as u64);
    assert_eq!(codes(&vault), [""; 0]);
}

#[test]
fn tokens_of_another_exchange_and_typed_ones_stay_as_they_are() {
    let (mut one, mut other) = (Vault::default(), Vault::default());
    let foreign = other.token("email", JO);
    let own = one.token("email", JO);
    assert_ne!(own, foreign, "each exchange has a key of its own");
    let (edits, _) = one.restore(&format!("{foreign} [EMAIL_AAAAAAAA] [EMAIL_1] ["), 0);
    assert_eq!(edits, []);
}

#[test]
fn a_token_cut_anywhere_is_held_from_its_bracket() {
    let mut vault = Vault::default();
    let token = vault.token("card", "4111111111111111");
    for cut in 1..token.len() {
        let text = format!("no {}", &token[..cut]);
        let (edits, open) = vault.restore(&text, 100);
        assert_eq!((edits.len(), open), (0, 103), "cut after {cut} of {token}");
    }
    let (_, open) = vault.restore("an array[12 and [EMA", 0);
    assert_eq!(open, 20, "what is no beginning of a token of this vault is not held");
}

#[test]
fn a_session_keeps_its_tokens_over_exchanges_and_no_other_has_them() {
    let vaults = vaults();
    let token = vaults.of_session("t", "jo", "s").token("email", JO);
    let mut later = vaults.of_session("t", "jo", "s");
    assert_eq!(back(&mut later, &token), JO);
    assert_eq!(later.token("email", JO), token);
    // Lengths are part of what a scope is called: no two of these run into each other.
    for (tenant, principal, session) in
        [("t", "jo", "s2"), ("t", "al", "s"), ("u", "jo", "s"), ("tj", "o", "s"), ("t", "jos", "")]
    {
        let mut other = vaults.of_session(tenant, principal, session);
        assert_eq!(back(&mut other, &token), token, "{tenant} {principal} {session}");
        assert_ne!(other.token("email", JO), token);
        assert_eq!(back(&mut other, &token), token, "not even while it holds the same value");
    }
    let mut alone = vaults.of_exchange("s");
    alone.token("email", JO);
    assert_eq!(back(&mut alone, &token), token);
}

/// What a caller types is not known to be the gate's: it stays as it is, a real token of the same session included.
#[test]
fn what_stands_in_the_request_is_neither_put_back_nor_made() {
    let vaults = vaults();
    let first = vaults.of_session("t", "jo", "s").token("email", JO);
    let mut vault = vaults.of_session("t", "jo", "s");
    vault.note_request(&format!("what is {first}? [[CARD_AAAAAAAA]"));
    let second = vault.token("email", JO);
    assert_ne!(second, first);
    assert_eq!(back(&mut vault, &format!("{first} {second} [CARD_AAAAAAAA]")), format!("{first} {JO} [CARD_AAAAAAAA]"));
    // Another exchange of the session, at the same time or later, knows both.
    let mut beside = vaults.of_session("t", "jo", "s");
    assert_eq!(back(&mut beside, &format!("{first} {second}")), format!("{JO} {JO}"));
    assert_eq!(beside.token("email", JO), first);
    let mut third = vaults.of_session("t", "jo", "s");
    third.note_request(&format!("{second} and {first}"));
    assert!(![&first, &second].contains(&&third.token("email", JO)));
}

#[test]
fn a_request_full_of_look_alikes_gets_masks() {
    let mut vault = Vault::default();
    let token = vault.token("email", JO);
    let crowd: String = (0..5000).map(|i| format!("[EMAIL_{i:08}]")).collect();
    vault.note_request(&crowd);
    assert_eq!(vault.token("email", JO), "[EMAIL]");
    assert_eq!(back(&mut vault, &token), token);
    assert_eq!(codes(&vault), ["look_alikes"]);
}

/// What a policy hides from the client does not come back to it, however long the session.
#[test]
fn a_value_of_an_answer_never_comes_back() {
    let vaults = vaults();
    let mut vault = vaults.of_session("t", "jo", "s");
    let hidden = vault.one_way("email", JO);
    assert_eq!(hidden, vault.one_way("email", JO));
    assert_eq!(back(&mut vaults.of_session("t", "jo", "s"), &hidden), hidden);
    // Nor can it be found by trying: a caller that sends the value gets another token for it.
    let sent = vault.token("email", JO);
    assert_ne!(sent, hidden);
    assert_eq!(back(&mut vault, &format!("{hidden}{sent}")), format!("{hidden}{JO}"));
}

#[test]
fn a_full_vault_masks() {
    let limits = TokenLimits { entries: 16, ..TokenLimits::default() };
    let vaults = Vaults::new(limits).unwrap();
    let mut vault = vaults.of_session("t", "jo", "s");
    for i in 0..16 {
        assert!(vault.token("n", &i.to_string()).contains('_'));
    }
    assert_eq!(vault.token("n", "one more"), "[N]");
    assert!(vault.token("n", "3").contains('_'), "what is there keeps its token");
    assert_eq!(codes(&vault), ["entries"]);
    assert_eq!(vault.token("n", &"x".repeat(VALUE_BYTES + 1)), "[N]");
    assert_eq!(codes(&vault), ["value_bytes", "entries"]);
    assert!(vaults.stats().degraded.contains(&("entries", 1)) && vaults.stats().degraded.contains(&("value_bytes", 1)));
    assert_eq!(vaults.stats().entries, 16);
}

#[test]
fn only_so_many_bytes_come_back() {
    let mut vault = Vault::default();
    let long = "x".repeat(VALUE_BYTES);
    let token = vault.token("n", &long);
    let many = token.repeat(1024);
    let mut whole = 0;
    for _ in 0..20 {
        let (edits, _) = vault.restore(&many, 0);
        whole += edits.len();
        vault.gone_out(edits.iter().map(|e| e.text.len()).sum());
    }
    assert_eq!(whole, RESTORED_BYTES / VALUE_BYTES);
    assert_eq!(codes(&vault), ["restored_bytes"]);
}

#[test]
fn only_kinds_that_are_asked_for_come_back() {
    let mut vault = Vault::default();
    let (email, card) = (vault.token("email", JO), vault.token("card", "4111111111111111"));
    let mut restores = Restores::default();
    restores.add("send_email", ["email"]);
    let text = format!("{email}, {card}");
    assert_eq!(vault.restored(&text, |kind| restores.allows("send_email", kind)).unwrap(), format!("{JO}, {card}"));
    assert_eq!(vault.restored(&text, |kind| restores.allows("send_emails", kind)), None);
    assert_eq!(vault.restored(&card, |kind| restores.allows("send_email", kind)), None);
    assert!(restores.names("send_email") && !restores.names("Send_email"));
}

#[test]
fn a_value_cannot_be_read_without_the_scopes_keys() {
    let vaults = vaults();
    let (one, other) = (vaults.keys(b"one"), vaults.keys(b"other"));
    let sealed = one.seal("[A_1]", JO).unwrap();
    assert!(!format!("{sealed:?}").contains("example"));
    assert_eq!(one.open("[A_1]", &sealed).unwrap().as_str(), JO);
    assert!(one.open("[A_2]", &sealed).is_none(), "moved to another token");
    assert!(other.open("[A_1]", &sealed).is_none(), "of another scope");
    assert!(self::vaults().keys(b"one").open("[A_1]", &sealed).is_none(), "of another process");
}

#[test]
fn exchanges_of_one_session_at_the_same_time() {
    let vaults = vaults();
    let tokens: Vec<Vec<String>> = std::thread::scope(|scope| {
        let run = |_| {
            scope.spawn(|| {
                let mut vault = vaults.of_session("t", "jo", "s");
                (0..200).map(|i| vault.token("n", &format!("value {i}"))).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..4).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|some| some == &tokens[0]), "the same value has the same token");
    assert_eq!(vaults.stats().entries, 200);
    let mut vault = vaults.of_session("t", "jo", "s");
    assert_eq!(back(&mut vault, &tokens[0][7]), "value 7");
}

proptest! {
    /// Whatever stands in a request, of what looks like a token nothing is put back, and every value comes back.
    #[test]
    fn what_was_typed_stays_and_what_was_sent_comes_back(
        typed in prop::collection::vec((0_usize..6, "[ a-zA-Z0-9\\[\\]_]{0,12}"), 0..12),
        values in prop::collection::vec(0_usize..6, 1..12),
    ) {
        let vaults = vaults();
        let value = |i: usize| format!("v{i}@example.org");
        let known: Vec<String> = (0..6).map(|i| vaults.of_session("t", "jo", "s").token("email", &value(i))).collect();
        let request: String = typed.iter().map(|(i, noise)| format!("{noise}{}", known[*i])).collect();
        let mut vault = vaults.of_session("t", "jo", "s");
        vault.note_request(&request);
        prop_assert_eq!(back(&mut vault, &request), request.clone());
        for i in values {
            let token = vault.token("email", &value(i));
            prop_assert!(!request.contains(&token));
            prop_assert_eq!(back(&mut vault, &token), value(i));
            let was_typed = typed.iter().any(|(t, _)| *t == i);
            prop_assert_eq!(token != known[i], was_typed);
        }
    }
}
