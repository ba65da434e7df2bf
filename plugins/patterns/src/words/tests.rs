use super::*;

fn words(all: &[&str]) -> Words {
    Words::new(all.iter().enumerate().map(|(i, word)| (canonical(word), 1 << i)))
}

/// The words found, each as its number and its place; and how far all is decided.
fn found(words: &Words, text: &str, complete: bool) -> (Vec<(Mask, usize, usize)>, usize) {
    let mut all = vec![];
    let decided = words.scan(text, 0, complete, Mask::MAX, &mut |mask, start, end| all.push((mask, start, end)));
    (all, decided)
}

#[test]
fn no_pattern_hides_another() {
    let words = words(&["heron", "blue heron", "blue", "HERON"]);
    let (all, _) = found(&words, "A Blue  Heron!", true);
    assert_eq!(all, [(2, 2, 13), (4, 2, 6), (9, 8, 13)]);
}

#[test]
fn words_are_whole() {
    let words = words(&["cat", "état", "#tag", "c++", "日本"]);
    for text in ["concat", "category", "cat_5", "étatique", "#tagged"] {
        assert_eq!(found(&words, text, true).0, [], "{text}");
    }
    for text in ["cat", "(Cat)", "état,", "a#tag", "c++11", "在日本的"] {
        assert_eq!(found(&words, text, true).0.len(), 1, "{text}");
    }
}

#[test]
fn a_gap_is_bounded() {
    let words = words(&["a  b"]);
    for (text, hits) in
        [("a b", 1), ("a\r\n  b", 1), (&format!("a{}b", " ".repeat(8)), 1), (&format!("a{}b", " ".repeat(9)), 0)]
    {
        assert_eq!(found(&words, text, true).0.len(), hits, "{text:?}");
    }
}

#[test]
fn only_the_beginning_of_a_word_is_open() {
    let words = words(&["blue heron"]);
    for (text, decided) in
        [("so blue", 3), ("so blue ", 3), ("so blue heron", 3), ("so blue heron.", 14), ("so blues", 8), ("so b", 3)]
    {
        assert_eq!(found(&words, text, false).1, decided, "{text:?}");
        assert_eq!(found(&words, text, true).1, text.len(), "{text:?}");
    }
}
