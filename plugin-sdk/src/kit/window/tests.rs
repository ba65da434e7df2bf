use super::Window;
use crate::kit::Scan;

fn found(scan: &impl Scan<Kind = ()>, text: &str, complete: bool) -> (Vec<(usize, usize)>, usize) {
    let mut hits = vec![];
    let decided = scan.scan(text, 0, complete, &mut |hit| hits.push((hit.at.start, hit.at.end)));
    (hits, decided)
}

fn word(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    text.get(from..)?.find("heron").map(|at| from + at..from + at + 5)
}

#[test]
fn the_end_of_an_open_text_is_held() {
    let scan = Window::new(5, word);
    assert_eq!(found(&scan, "a heron and no", false), (vec![(2, 7)], 7));
    assert_eq!(found(&scan, "nothing at all", false), (vec![], 6));
    assert_eq!(found(&scan, "a heron", false), (vec![], 0));
    assert_eq!(found(&scan, "a heron", true), (vec![(2, 7)], 7));
}

#[test]
fn a_place_to_begin_is_known_by_its_beginning() {
    let scan = Window::new(5, word).beginning(|tail| tail.len() < 5 && "heron".starts_with(tail));
    assert_eq!(found(&scan, "a heron and he", false), (vec![(2, 7)], 12));
    assert_eq!(found(&scan, "a heron", false), (vec![(2, 7)], 7));
}

#[test]
fn a_match_above_the_longest_is_passed_over() {
    assert_eq!(found(&Window::new(4, word), "heron", true), (vec![], 5));
}
