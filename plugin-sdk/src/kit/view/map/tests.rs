use super::Maker;

#[test]
fn copies_that_go_on_are_one_piece() {
    let mut maker = Maker::new(1000);
    maker.copy("ab", 0);
    maker.copy("c", 2);
    maker.copy("d", 9);
    let (text, map, _) = maker.done();
    assert_eq!((text.as_str(), map.0.len()), ("abcd", 2));
    assert_eq!((map.back(0..3), map.back(2..4), map.back(3..4)), (0..3, 2..10, 9..10));
}

#[test]
fn escapes_in_a_row_are_one_piece() {
    let mut maker = Maker::new(1000);
    for (c, from) in [('a', 5), ('b', 8), ('c', 11)] {
        maker.push(c, from, 3);
    }
    let (_, map, _) = maker.done();
    assert_eq!(map.0.len(), 1);
    assert_eq!((map.back(0..1), map.back(1..3)), (5..8, 8..14));
}

#[test]
fn backwards_is_one_piece() {
    let mut maker = Maker::new(1000);
    for (c, from) in [('c', 2), ('b', 1), ('a', 0)] {
        maker.step(c, from, -1);
    }
    let (_, map, _) = maker.done();
    assert_eq!(map.0.len(), 1);
    assert_eq!((map.back(0..2), map.back(2..3), map.back(0..3)), (1..3, 0..1, 0..3));
}

#[test]
fn a_range_over_pieces_that_cross_is_all_they_come_from() {
    let mut maker = Maker::new(1000);
    maker.copy("ab", 10);
    maker.copy("cd", 0);
    maker.copy("ef", 5);
    let (_, map, _) = maker.done();
    assert_eq!((map.back(1..5), map.back(4..6), map.back(2..2)), (0..12, 5..7, 0..0));
}
