use super::*;

#[test]
fn weights_have_their_size() {
    assert_eq!(WEIGHTS.len(), HEADER + BUCKETS * HEADS);
}

#[test]
fn each_bucket_is_told_once_and_texts_do_not_mix() {
    let mut features = Features::default();
    let first = features.of("abc abc abc abc", &mut vec![]).to_vec();
    let mut unique = first.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), first.len());
    features.of("' or 1=1--", &mut vec![]);
    assert_eq!(features.of("abc abc abc abc", &mut vec![]), first);
}

#[test]
fn payloads_score_above_prose() {
    let mut features = Features::default();
    let mut score = |text: &str, head: usize| scores(features.of(text, &mut vec![]))[head];
    assert!(score("-1 union select 1,2,version()--", 0) > 512);
    assert!(score("<img src=x onerror=alert(1)>", 1) > 512);
    assert!(score("The train leaves at nine and gets there at noon.", 0) < -512);
}
