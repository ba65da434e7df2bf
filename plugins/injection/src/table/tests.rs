#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::{BTreeMap, BTreeSet};

use super::{Table, hash, hash_plain, write};
use crate::lexicon::CLASSES;
use crate::plain::Plain;
use crate::program::{cut, words_of};
use crate::rules::rules;

fn table(pairs: Vec<(u32, u16)>) -> Table {
    let mut bytes = vec![];
    write(pairs, &mut bytes).unwrap();
    let (table, rest) = Table::read(bytes.leak()).unwrap();
    assert!(rest.is_empty());
    table
}

fn states(table: Table, hash: u32) -> Vec<u16> {
    table.by_hash(hash).first.collect()
}

/// All words of the rules.
fn known() -> BTreeSet<String> {
    rules()
        .iter()
        .flat_map(|s| &s.slots)
        .flat_map(|(_, slot)| words_of(slot, CLASSES))
        .map(|w| cut(w).to_owned())
        .collect()
}

#[test]
fn no_two_words_of_rules_have_the_same_hash() {
    let known = known();
    let hashes: BTreeSet<_> = known.iter().map(|w| hash(w.as_bytes())).collect();
    assert_eq!(hashes.len(), known.len());
}

#[test]
fn words_find_their_states_and_others_none() {
    let (known, mut pairs, mut expected) = (known(), vec![], BTreeMap::<&str, Vec<u16>>::new());
    for (state, word) in known.iter().chain(known.iter().skip(7).step_by(3)).enumerate() {
        let state = u16::try_from(state).unwrap();
        pairs.extend([(hash(word.as_bytes()), state); 2]);
        expected.entry(word).or_default().insert(0, state);
    }
    let table = table(pairs);
    let others = ["the quick", "zz", "instructiom", "ignorex", "abcdefghijklmnopqrstuvwx", "", "x"];
    for word in known.iter().map(String::as_str).chain(others) {
        let expected = expected.get(word).map_or(&[][..], Vec::as_slice);
        assert_eq!(states(table, hash(word.as_bytes())), expected, "{word}");
        if word.len() > 1 && word.bytes().all(|b| b.is_ascii_alphabetic()) {
            for written in [word.to_owned(), word.to_uppercase()] {
                assert_eq!(
                    states(table, hash_plain(Plain::read(written.as_bytes()).unwrap().0)),
                    expected,
                    "{written}"
                );
            }
        }
    }
}

#[test]
fn a_long_word_is_cut() {
    let word = "abcdefghijklmnopqrstuvwxyzabcdef";
    let table = table(vec![(hash(cut(word).as_bytes()), 5)]);
    assert_eq!(states(table, hash_plain(Plain::read(word.as_bytes()).unwrap().0)), [5]);
}

#[test]
fn an_empty_table_knows_nothing() {
    assert!(table(vec![]).word(b"word").is_empty());
    assert!(Table::default().word(b"word").is_empty());
}
