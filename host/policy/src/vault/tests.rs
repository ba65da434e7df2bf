use super::*;

fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.at.range().expect("a range"), &edit.text);
    }
    out
}

#[test]
fn a_value_comes_back_and_keeps_its_token() {
    let mut vault = Vault::new();
    let token = vault.token("email", "jo@example.org", "");
    assert_eq!(token, vault.token("email", "jo@example.org", ""));
    assert!(token.starts_with("[EMAIL_") && token.len() <= TOKEN_BYTES, "{token}");
    let text = format!("write to {token} and {token}!");
    let (edits, open) = vault.restore(&text, 0);
    assert_eq!(apply(&text, &edits), "write to jo@example.org and jo@example.org!");
    assert_eq!(open, text.len() as u64);
}

#[test]
fn tokens_of_another_exchange_and_typed_ones_stay_as_they_are() {
    let (mut one, mut other) = (Vault::new(), Vault::new());
    let foreign = other.token("email", "jo@example.org", "");
    let own = one.token("email", "jo@example.org", "");
    assert_ne!(own, foreign, "each exchange has a key of its own");
    let (edits, _) = one.restore(&format!("{foreign} [EMAIL_AAAAAAAA] [EMAIL_1] ["), 0);
    assert_eq!(edits, []);
}

#[test]
fn a_token_cut_anywhere_is_held_from_its_bracket() {
    let mut vault = Vault::new();
    let token = vault.token("card", "4111111111111111", "");
    for cut in 1..token.len() {
        let text = format!("no {}", &token[..cut]);
        let (edits, open) = vault.restore(&text, 100);
        assert_eq!((edits.len(), open), (0, 103), "cut after {cut} of {token}");
    }
    let (_, open) = vault.restore("an array[12 and [EMA", 0);
    assert_eq!(open, 20, "what is no beginning of a token of this vault is not held");
}

#[test]
fn a_look_alike_in_the_prompt_makes_the_token_change() {
    let mut vault = Vault::new();
    let first = Vault { key: vault.key(), values: BTreeMap::new() }.token("email", "a@b.example", "");
    let second = vault.token("email", "a@b.example", &format!("already {first} here"));
    assert_ne!(first, second);
}

#[test]
fn a_full_vault_masks() {
    let mut vault = Vault::new();
    for i in 0..ENTRIES {
        assert!(vault.token("n", &i.to_string(), "").contains('_'));
    }
    assert_eq!(vault.token("n", "one more", ""), "[N]");
    assert_eq!(vault.token("n", &"x".repeat(VALUE_BYTES + 1), ""), "[N]");
}
