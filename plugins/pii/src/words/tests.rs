use super::{Lexicon, Topic, WORDS};
use crate::view::View;

fn said(text: &str) -> (Topic, usize) {
    let said = Lexicon::new().before(View::new(text, true), text.len());
    (said.topic, said.gap)
}

#[test]
fn the_nearest_topic_counts() {
    for (text, topic, gap) in [
        ("call me at ", Topic::Phone, 0),
        ("phone: 1, order no. ", Topic::Other, 0),
        ("customerPhone=", Topic::Phone, 0),
        ("customer_phone_number\": \"", Topic::Phone, 0),
        ("my driver's license is ", Topic::Licence, 0),
        ("Sort code ", Topic::SortCode, 0),
        ("postal code ", Topic::Other, 0),
        ("Телефон: ", Topic::Phone, 0),
        ("我的电话是", Topic::Phone, 0),
        ("phone of Jane Doe: ", Topic::Phone, 2),
    ] {
        assert_eq!(said(text), (topic, gap), "{text:?}");
    }
    assert_eq!(said("nothing is said of ").0, Topic::Filler);
}

#[test]
fn words_far_away_and_parts_of_words_do_not_count() {
    assert_eq!(said(&format!("call {}", "word ".repeat(14))).0, Topic::Filler);
    for text in ["recall ", "hotel ", "intel ", "automobile ", "faxes "] {
        assert_ne!(said(text).0, Topic::Phone, "{text:?}");
    }
}

#[test]
fn every_word_is_found() {
    let lexicon = Lexicon::new();
    for (topic, words) in WORDS {
        for word in words.split(' ') {
            assert!(!word.is_empty() && word == word.to_lowercase(), "{word:?}");
            assert!(lexicon.topic(word.trim_end_matches('*')).is_some(), "{word} of {topic:?}");
        }
    }
}
