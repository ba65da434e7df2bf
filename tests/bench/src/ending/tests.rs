use super::*;

const STREAM: &[u8] = b"data: {}\n\ndata: [DONE]\n\n: receipt\n\n";

#[test]
fn the_end_is_found_however_it_is_cut() {
    for size in 1..STREAM.len() {
        let mut ending = Ending::default();
        STREAM.chunks(size).for_each(|piece| ending.read(piece));
        assert!(ending.came(), "pieces of {size}");
    }
}

#[test]
fn an_end_that_is_not_whole_is_none() {
    let mut ending = Ending::default();
    ending.read(b"data: {}\n\ndata: [DO");
    ending.read(b"NE]\n");
    assert!(!ending.came());
}
