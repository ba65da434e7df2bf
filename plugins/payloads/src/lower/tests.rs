use proptest::prelude::*;

use super::Lower;

proptest! {
    #[test]
    fn it_has_what_the_text_has(text in "[a-d.é/ ]{0,12}", what in "[a-d.é/ ]{0,3}") {
        prop_assert_eq!(Lower::new(&text).has(&what), text.contains(&what));
    }

    #[test]
    fn every_part_may_be_there(text in "\\PC{0,20}", from in 0_usize..20, len in 0_usize..20) {
        let lower = Lower::new(&text);
        let part: String = lower.chars().skip(from).take(len).collect();
        prop_assert!(lower.has(&part));
    }
}

#[test]
fn what_is_not_there_is_known_by_its_pairs() {
    let lower = Lower::new("The meeting is on Tuesday, and lunch is at noon.");
    for what in ["/dev/tcp/", "${ifs}", "document.cookie", "base64 -d"] {
        assert!(!lower.may(what), "{what}");
    }
}
