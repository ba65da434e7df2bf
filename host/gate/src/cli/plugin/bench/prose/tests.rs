use super::*;

#[test]
fn it_is_of_the_wanted_length_and_says_nothing_twice() {
    let text = prose(10_000);
    assert_eq!(text.len(), 10_000);
    assert!(text.is_ascii());
    let mut sentences: Vec<&str> = text.split(". ").collect();
    let all = sentences.len();
    sentences.sort_unstable();
    sentences.dedup();
    assert!(all > 100 && sentences.len() == all, "{all} sentences");
    assert!(prose(500) == text[..500], "always the same");
}
