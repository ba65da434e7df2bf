use super::*;

fn find(words: &Words, text: &str) -> Option<u16> {
    let mut node = ROOT;
    for symbol in text.bytes() {
        node = words.step(node, symbol)?;
    }
    words.value(node)
}

#[test]
fn words_are_found_whole() {
    let mut words = Words::new();
    for (i, word) in ["TS", "TS/SCI", "TOP SECRET", "SECRET", "S"].iter().enumerate() {
        assert!(words.insert(word.as_bytes(), u16::try_from(i).unwrap_or_default()));
    }
    assert_eq!(find(&words, "TS"), Some(0));
    assert_eq!(find(&words, "TS/SCI"), Some(1));
    assert_eq!(find(&words, "S"), Some(4));
    assert_eq!(find(&words, "SECRE"), None);
    assert_eq!(find(&words, "SECRETS"), None);
    assert_eq!(find(&words, "X"), None);
}

#[test]
fn of_equal_words_the_later_counts() {
    let mut words = Words::new();
    assert!(words.insert(b"NATO SECRET", 1) && words.insert(b"NATO SECRET", 2));
    assert_eq!(find(&words, "NATO SECRET"), Some(2));
}
