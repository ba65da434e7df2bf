use super::*;

#[test]
fn names_are_normal_whatever_their_joints() {
    for word in ["TS_SCI", "ts sci", " TS--SCI ", "Ts\t_sci"] {
        assert_eq!(normal(word), "TS SCI", "{word:?}");
    }
    assert_eq!(normal("TS // SCI"), "TS//SCI");
    assert_eq!(normal(""), "");
}

#[test]
fn a_ladder_names_its_levels_in_order() {
    let mut issues = vec![];
    let ladder = Ladder::new(&[], None, &mut issues);
    assert!(issues.is_empty());
    assert_eq!(ladder.names(), "UNCLASS, CUI, SECRET, TS, TS_SCI");
    assert_eq!((ladder.top(), ladder.name(4), ladder.name(5)), (4, "TS_SCI", ""));
}

#[test]
fn no_word_of_a_built_in_ladder_stands_twice() {
    for scheme in [Scheme::Us, Scheme::Nato, Scheme::Eu, Scheme::Uk, Scheme::Corporate] {
        let all = schemes::levels(scheme).iter().flat_map(|(n, a)| std::iter::once(n).chain(*a));
        let mut words: Vec<String> = all.map(|w| normal(w)).collect();
        assert!(words.iter().all(|word| word.len() <= MAX_NAME), "{scheme:?}");
        let count = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), count, "{scheme:?}");
    }
}
