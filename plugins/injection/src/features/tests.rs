use super::{Features, Seen};
use crate::plain::Plain;

fn of(words: &[(&str, u32)]) -> Vec<Vec<u32>> {
    let mut features = Features::new();
    let mut each = |(word, classes): &(&str, u32)| {
        let mut found = vec![];
        features.word(Seen::word(word.as_bytes()), *classes, |feature| found.push(feature));
        found
    };
    words.iter().map(&mut each).collect()
}

#[test]
fn a_plain_word_is_seen_as_any() {
    for word in ["ignore", "previously", "do", "abcdefghijklm"] {
        let Some((plain, _)) = Plain::read(word.as_bytes()) else { continue };
        let (plain, any) = (Seen::plain(plain), Seen::word(word.as_bytes()));
        assert_eq!((plain.hash, plain.stem), (any.hash, any.stem), "{word}");
    }
    let capital = |word: &str| Plain::read(word.as_bytes()).map(|(plain, _)| Seen::plain(plain).capital);
    assert_eq!((capital("Write"), capital("write"), capital("WRITE")), (Some(true), Some(false), Some(false)));
}

#[test]
fn the_same_words_have_the_same_features() {
    let (a, b) = (of(&[("ignore", 1), ("all", 2)]), of(&[("ignore", 1), ("all", 2)]));
    assert_eq!(a, b);
    assert_ne!(of(&[("all", 2), ("ignore", 1)]), a, "order counts");
}

#[test]
fn classes_far_apart_are_no_pair() {
    let filler = [("x", 0); 20];
    let near = of(&[("a", 1), ("b", 2)]);
    let mut far = vec![("a", 1)];
    far.extend(filler);
    far.push(("b", 2));
    let last = |all: Vec<Vec<u32>>| all.last().map_or(0, Vec::len);
    assert!(last(near) > last(of(&far)));
}

#[test]
fn a_sign_begins_a_sentence() {
    let mut features = Features::new();
    let word = |features: &mut Features| {
        let mut found = 0;
        features.word(Seen::word(b"go"), 0, |_| found += 1);
        found
    };
    let first = word(&mut features);
    word(&mut features);
    let later = word(&mut features);
    features.sign('.', |_| {});
    assert_eq!(word(&mut features), first);
    assert!(later < first);
}
