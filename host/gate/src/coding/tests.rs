#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use hyper::header::HeaderValue;
use proptest::prelude::*;

use super::*;

const WIDE: Bounds = Bounds { bytes: u64::MAX, ratio: 10_000 };
/// `hello ` and `hello`, flushed between, by Google's encoder at quality 5. More: `tests/e2e/test_compression.py`.
const BROTLI: &[u8] =
    &[0x8b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', b' ', 0x41, 0x00, 0x00, 0x40, 0x02, 0x20, 0x06, 0x89, 0x03];

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn raw(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstd(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; zstd_safe::compress_bound(data.len())];
    let wrote = zstd_safe::compress(&mut out[..], data, 3).unwrap();
    out.truncate(wrote);
    out
}

fn forms(data: &[u8]) -> [(Coding, Vec<u8>); 4] {
    [
        (Coding::Gzip, gzip(data)),
        (Coding::Deflate, zlib(data)),
        (Coding::Deflate, raw(data)),
        (Coding::Zstd, zstd(data)),
    ]
}

/// Decodes `input`, that comes in pieces of `size` bytes.
fn decode(coding: Coding, input: &[u8], size: usize, bounds: Bounds) -> Result<Vec<u8>, CodingError> {
    let mut decoder = Decoder::new(coding, bounds)?;
    let mut out = Vec::new();
    for mut part in input.chunks(size) {
        loop {
            let piece = decoder.piece(&mut part)?;
            if piece.is_empty() {
                break;
            }
            out.extend_from_slice(&piece);
        }
        assert!(part.is_empty(), "what is not read is lost");
    }
    decoder.end()?;
    Ok(out)
}

#[test]
fn every_coding_gives_back_what_was_compressed_wherever_reads_end() {
    let text = "data: {\"delta\":\"hello there\"}\n\n".repeat(5000);
    for (coding, body) in forms(text.as_bytes()) {
        for size in [1, 7, 1000, usize::MAX] {
            assert_eq!(decode(coding, &body, size, WIDE).unwrap(), text.as_bytes(), "{coding:?} by {size}");
        }
    }
    assert_eq!(decode(Coding::Brotli, BROTLI, 1, WIDE).unwrap(), b"hello hello");
}

#[test]
fn what_is_flushed_comes_out_at_once() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let mut decoder = Decoder::new(Coding::Gzip, WIDE).unwrap();
    for number in 0..100 {
        let event = format!("data: {{\"n\":{number}}}\n\n");
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        let sent = std::mem::take(encoder.get_mut());
        assert_eq!(decoder.piece(&mut &sent[..]).unwrap(), event.as_bytes());
    }
}

#[test]
fn a_body_that_expands_too_far_is_left_at_the_bound() {
    let zeros = vec![0; 64 << 20];
    for (coding, body) in forms(&zeros) {
        let bounds = Bounds { bytes: u64::MAX, ratio: 100 };
        let mut decoder = Decoder::new(coding, bounds).unwrap();
        let (mut input, mut got) = (&body[..], 0_u64);
        let error = loop {
            match decoder.piece(&mut input) {
                Ok(piece) => got += piece.len() as u64,
                Err(error) => break error,
            }
        };
        assert_eq!(error, CodingError::Expansion(100));
        // Within a piece of the bound: of what was read, and of what is free.
        assert!(got <= (body.len() as u64 * 100).max(FREE), "{coding:?}: {got} bytes came out");
        let small = Bounds { bytes: 4000, ratio: 10_000 };
        assert_eq!(decode(coding, &body, usize::MAX, small), Err(CodingError::TooLarge(4000)));
        // What repeats itself but is small passes.
        let few = forms(&zeros[..1 << 20]).into_iter().find(|(other, _)| *other == coding).unwrap().1;
        assert_eq!(decode(coding, &few, usize::MAX, bounds).unwrap().len(), 1 << 20);
    }
}

#[test]
fn what_is_cut_or_goes_on_or_is_something_else_is_told() {
    let text = "hello there ".repeat(100);
    for (coding, body) in forms(text.as_bytes()) {
        for end in 0..body.len() {
            let cut = decode(coding, &body[..end], usize::MAX, WIDE);
            assert_eq!(cut, Err(CodingError::Truncated), "{coding:?} cut at {end}");
        }
        let more = [body.as_slice(), b"more"].concat();
        assert!(decode(coding, &more, usize::MAX, WIDE).is_err(), "{coding:?} with more after it");
        assert!(decode(coding, b"{\"model\":\"m\"}", usize::MAX, WIDE).is_err(), "{coding:?}");
    }
    assert_eq!(decode(Coding::Brotli, &BROTLI[..9], usize::MAX, WIDE), Err(CodingError::Truncated));
}

#[test]
fn a_changed_byte_of_gzip_is_found() {
    let mut body = gzip(b"hello there");
    let last = body.len() - 6;
    body[last] ^= 1;
    assert_eq!(decode(Coding::Gzip, &body, usize::MAX, WIDE), Err(CodingError::Broken));
}

#[test]
fn members_in_a_row_are_one_body_up_to_a_bound() {
    let two = [gzip(b"hello "), gzip(b"there")].concat();
    assert_eq!(decode(Coding::Gzip, &two, 3, WIDE).unwrap(), b"hello there");
    let frames = [zstd(b"hello "), zstd(b"there")].concat();
    assert_eq!(decode(Coding::Zstd, &frames, 3, WIDE).unwrap(), b"hello there");
    assert_eq!(decode(Coding::Gzip, &gzip(b"x").repeat(65), 9, WIDE), Err(CodingError::Broken));
    assert_eq!(decode(Coding::Zstd, &zstd(b"x").repeat(65), 9, WIDE), Err(CodingError::Broken));
}

#[test]
fn a_window_of_zstd_beyond_eight_mebibytes_is_refused() {
    // Magic, a descriptor without content size, a window of 2^(10 + 14): 16 MiB; one raw block of one byte.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 14 << 3, 0x09, 0x00, 0x00, b'x'];
    assert_eq!(decode(Coding::Zstd, &frame, usize::MAX, WIDE), Err(CodingError::Broken));
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3, 0x09, 0x00, 0x00, b'x'];
    assert_eq!(decode(Coding::Zstd, &frame, usize::MAX, WIDE).unwrap(), b"x");
}

#[test]
fn the_header_names_one_coding() {
    let of = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(value));
        Coding::of(&headers)
    };
    assert_eq!(of("GZIP"), Ok(Some(Coding::Gzip)));
    assert_eq!(of(" br ,"), Ok(Some(Coding::Brotli)));
    assert_eq!(of("identity"), Ok(None));
    assert_eq!(of("gzip, gzip"), Err(CodingError::Several));
    assert_eq!(of("snappy"), Err(CodingError::Unknown("snappy".into())));
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces(data in proptest::collection::vec(any::<u8>(), 0..5000), size in 1_usize..300) {
        for (coding, body) in forms(&data) {
            prop_assert_eq!(decode(coding, &body, size, WIDE).unwrap(), data.clone());
        }
    }

    /// What strangers send ends, within its bounds, and never panics.
    #[test]
    fn any_bytes_as_any_coding(data in proptest::collection::vec(any::<u8>(), 0..2000), size in 1_usize..300) {
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd] {
            let _ = decode(coding, &data, size, Bounds { bytes: 1 << 20, ratio: 100 });
            for (coding, mut body) in forms(&data) {
                if let Some(byte) = body.get_mut(size) {
                    *byte ^= 0x55;
                }
                let _ = decode(coding, &body, size, Bounds { bytes: 1 << 20, ratio: 100 });
            }
        }
    }
}
