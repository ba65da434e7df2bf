use fearless_simd::Level;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::*;

fn plain(domain: Option<u8>, text: &[u8]) -> [u8; 32] {
    let mut state = Sha256::new();
    state.update(domain.as_slice());
    state.update(text);
    state.finalize().into()
}

fn told(count: usize, hash: impl FnOnce(&mut dyn FnMut(usize, [u8; 32]))) -> Vec<[u8; 32]> {
    let mut told = vec![None; count];
    hash(&mut |number, digest| assert_eq!(told[number].replace(digest), None, "told once"));
    told.into_iter().flatten().collect()
}

/// However they are hashed: as is best here, each alone, in the widest lanes there are, in the narrowest.
fn check(messages: &[Message<'_>], expected: &[[u8; 32]]) {
    let count = messages.len();
    assert_eq!(told(count, |tell| hash_all(messages, tell)), expected);
    assert_eq!(messages.iter().map(Message::hash).collect::<Vec<_>>(), expected);
    for level in [Level::new(), Level::baseline()] {
        assert_eq!(told(count, |tell| lanes::hash_all(level, messages, tell)), expected);
    }
}

#[test]
fn every_length_around_a_block_is_hashed_as_by_the_library() {
    let texts: Vec<Vec<u8>> = (0_u8..200).map(|length| (0..length).collect()).collect();
    for domain in [None, Some(1)] {
        let messages: Vec<_> = texts.iter().map(|text| Message { domain, ..Message::of(0, text) }).collect();
        let expected: Vec<_> = texts.iter().map(|text| plain(domain, text)).collect();
        check(&messages, &expected);
    }
}

#[test]
fn none_and_few_are_hashed_too() {
    for count in 0..9 {
        let texts = vec![b"text".as_slice(); count];
        let messages: Vec<_> = texts.iter().map(|text| Message::of(7, text)).collect();
        check(&messages, &vec![plain(Some(7), b"text"); count]);
    }
}

proptest! {
    /// With some blocks hashed before, as in a MAC.
    #[test]
    fn any_messages_are_hashed_as_by_the_library(
        texts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..700), any::<Option<u8>>(), any::<[u8; BLOCK]>()), 0..40),
    ) {
        let states: Vec<_> = texts.iter().map(|(_, _, block)| {
            let mut state = BEGIN;
            compress256(&mut state, &[*block]);
            state
        }).collect();
        let messages: Vec<_> = texts.iter().zip(&states)
            .map(|((text, domain, _), state)| Message { state, before: BLOCK as u64, domain: *domain, text })
            .collect();
        let expected: Vec<_> = texts.iter()
            .map(|(text, domain, block)| plain(None, &[block, domain.as_slice(), text].concat()))
            .collect();
        check(&messages, &expected);
    }
}
