#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use http_body_util::BodyExt as _;

use super::*;

fn stream(pieces: Vec<Piece>) -> Body {
    let (sender, receiver) = mpsc::channel(8);
    pieces.into_iter().for_each(|piece| sender.try_send(piece).unwrap());
    Body::Stream(receiver)
}

#[tokio::test]
async fn a_body_ends_with_its_last_piece() {
    for last in ["", "c"] {
        let more = |text: &'static str| Piece::More(Bytes::from(text));
        let body = stream(vec![more("a"), more("b"), Piece::Last(Bytes::from(last))]);
        assert_eq!(body.collect().await.unwrap().to_bytes(), format!("ab{last}"));
    }
}

#[tokio::test]
async fn without_one_it_breaks_off() {
    let mut body = stream(vec![Piece::More(Bytes::from("a"))]);
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a");
    assert!(body.frame().await.unwrap().is_err());
}
