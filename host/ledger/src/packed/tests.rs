#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::io::{ErrorKind, Write as _};

use std::os::unix::fs::FileExt as _;

use super::*;

fn packed(pieces: &[&[u8]]) -> (tempfile::NamedTempFile, Vec<u8>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| pack(piece).unwrap()).collect();
    file.write_all(&bytes).unwrap();
    (file, bytes)
}

fn all(file: &tempfile::NamedTempFile) -> io::Result<Vec<u8>> {
    let mut unpacker = Unpacker::new(Box::new(file.reopen().unwrap()));
    let mut out = Vec::new();
    let mut buffer = vec![0; 300_001];
    loop {
        match unpacker.read_at(&mut buffer, out.len() as u64)? {
            0 => return Ok(out),
            read => out.extend_from_slice(&buffer[..read]),
        }
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0] & 0x3f
        })
        .collect()
}

#[test]
fn what_was_packed_comes_out_from_any_place() {
    let bytes = noise(2 * PIECE + 1234);
    let pieces: Vec<&[u8]> = bytes.chunks(PIECE).collect();
    let (file, packed) = packed(&pieces);
    assert!(packed.len() < bytes.len());
    assert!(all(&file).unwrap() == bytes);
    let mut unpacker = Unpacker::new(Box::new(file.reopen().unwrap()));
    let mut buffer = [0; 100];
    for at in [0, 2 * PIECE + 1200, 5, PIECE - 50, PIECE, 2 * PIECE, 1, 2 * PIECE + 1234] {
        let read = unpacker.read_at(&mut buffer, at as u64).unwrap();
        assert_eq!(buffer[..read], bytes[at..at + read]);
        assert_eq!(read == 0, at == bytes.len());
    }
}

#[test]
fn other_zstd_files_are_refused_and_never_grow() {
    let short = packed(&[b"short", b"more"]).0;
    assert_eq!(all(&short).unwrap_err().kind(), ErrorKind::InvalidData);
    let (file, bytes) = packed(&[&noise(5000)]);
    for cut in 1..bytes.len() {
        file.as_file().set_len(cut as u64).unwrap();
        assert_eq!(all(&file).unwrap_err().kind(), ErrorKind::InvalidData, "{cut}");
    }
    // One frame of 8 MiB of zeros: it says so, and is not unpacked.
    let mut large = tempfile::NamedTempFile::new().unwrap();
    large.write_all(&pack(&vec![0; 8 << 20]).unwrap()).unwrap();
    assert_eq!(all(&large).unwrap_err().kind(), ErrorKind::InvalidData);
    // A thousand and twenty-five full ones: more than a segment holds.
    let mut many = tempfile::NamedTempFile::new().unwrap();
    let full = pack(&vec![0; PIECE]).unwrap();
    (0..=MAX_PIECES).for_each(|_| many.write_all(&full).unwrap());
    let mut unpacker = Unpacker::new(Box::new(many.reopen().unwrap()));
    unpacker.read_at(&mut [0; 8], (MAX_PIECES * PIECE) as u64 - 1).unwrap();
    assert_eq!(unpacker.read_at(&mut [0; 8], (MAX_PIECES * PIECE) as u64).unwrap_err().kind(), ErrorKind::InvalidData);
}

#[test]
fn a_changed_byte_is_found_or_changes_nothing() {
    let bytes = noise(3000);
    let (file, packed) = packed(&[&bytes]);
    for at in 0..packed.len() {
        let mut changed = packed.clone();
        changed[at] ^= 0x10;
        file.as_file().write_all_at(&changed, 0).unwrap();
        match all(&file) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidData),
            Ok(out) => assert!(out == bytes, "byte {at}"),
        }
    }
}
