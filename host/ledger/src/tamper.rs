//! Every kind of single edit at every record of a ledger of a thousand is found, located and named: with the chain key to
//! the record, without it to the records of one checkpoint.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use crate::testing::builder::Builder;
use crate::testing::entries;
use crate::vectors::{chain_key, signer, thousand, thousand_with};
use crate::{Check, Draft, Execution, Failure, verify};

type Files = BTreeMap<String, Vec<u8>>;

static LEDGER: OnceLock<Builder> = OnceLock::new();

fn ledger() -> &'static Builder {
    LEDGER.get_or_init(|| thousand(3, 1))
}

/// In which file record `seq` stands, and where.
fn places(files: &Files) -> Vec<(String, Range<usize>)> {
    let segments = files.iter().filter(|(name, _)| name.ends_with(".wgl"));
    segments.flat_map(|(name, bytes)| entries(bytes).into_iter().map(move |at| (name.clone(), at))).collect()
}

/// Writes the files that differ from the ledger as it was, checks, and puts them back.
fn found(dir: &Path, files: &Files, check: &Check) -> Failure {
    let whole = &ledger().files;
    let touched = |one: &&String| whole.get(*one) != files.get(*one);
    let names: Vec<&String> = whole.keys().filter(touched).collect();
    for name in &names {
        match files.get(*name) {
            Some(bytes) => fs::write(dir.join(name), bytes).unwrap(),
            None => fs::remove_file(dir.join(name)).unwrap(),
        }
    }
    let report = verify(dir, check, |_, _| {});
    names.iter().for_each(|name| fs::write(dir.join(name), &whole[*name]).unwrap());
    report.unwrap().failure.expect("it should have been found")
}

fn with_chain() -> Check {
    Check { keys: vec![signer(1).public()], ..Check::with_chain(&chain_key()) }
}

fn outsider() -> Check {
    Check::with_key(signer(1).public())
}

/// Makes one edit at each record in turn, and looks that it is found there, with one of these codes.
fn at_every_record(
    edit: impl Fn(&mut Files, &[(String, Range<usize>)], usize) -> bool + Sync,
    codes: &[&str],
    located: &[&str],
) {
    let places = places(&ledger().files);
    assert_eq!(places.len(), 1000);
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (places, edit) = (&places, &edit);
            scope.spawn(move || {
                let dir = tempfile::tempdir().unwrap();
                ledger().write(dir.path());
                for index in (half..1000).step_by(2) {
                    let mut files = ledger().files.clone();
                    if !edit(&mut files, places, index) {
                        continue;
                    }
                    let seq = index as u64 + 1;
                    let exact = found(dir.path(), &files, &with_chain());
                    assert!(located.contains(&exact.code), "record {seq}: {exact:?}");
                    assert_eq!((exact.seq, exact.through), (seq, seq), "{exact:?}");
                    let within = found(dir.path(), &files, &outsider());
                    assert!(codes.contains(&within.code), "record {seq}: {within:?}");
                    assert!((within.seq..=within.through).contains(&seq), "record {seq}: {within:?}");
                    assert!(within.through - within.seq <= 100, "record {seq}: {within:?}");
                }
            });
        }
    });
}

const SHAPE: [&str; 15] = [
    "decision_without_intent",
    "tree_differs",
    "checkpoint_differs",
    "entry_seq",
    "entry_undecodable",
    "entry_length",
    "entry_truncated",
    "trailing_garbage",
    "segment_unlinked",
    "records_missing",
    "intent_repeated",
    "checkpoint_unreadable",
    "checkpoint_signature",
    "checkpoint_foreign",
    "checkpoint_tree",
];

#[test]
fn a_flipped_bit_at_every_record() {
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            // Length, synced, payload and MAC all have their turn.
            let byte = at.start + (index * 7919) % at.len();
            files.get_mut(name).unwrap()[byte] ^= 1 << (index % 8);
            true
        },
        &SHAPE,
        &["entry_mac", "entry_length", "entry_truncated", "trailing_garbage"],
    );
}

#[test]
fn a_deleted_record() {
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            drop(files.get_mut(name).unwrap().drain(at.clone()));
            true
        },
        &["entry_seq", "records_missing", "tail_cut"],
        &["entry_mac", "records_missing", "tail_cut"],
    );
}

#[test]
fn an_inserted_record() {
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            let (other, copied) = &places[(index * 31 + 5) % 1000];
            let copied = ledger().files[other][copied.clone()].to_vec();
            // A record in front of itself is the same record, and then comes a second one.
            if (index * 31 + 5) % 1000 == index {
                return false;
            }
            drop(files.get_mut(name).unwrap().splice(at.start..at.start, copied));
            true
        },
        &["entry_seq"],
        &["entry_mac"],
    );
}

#[test]
fn two_records_swapped() {
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            let Some((_, next)) = places.get(index + 1).filter(|(other, _)| other == name) else { return false };
            let bytes = files.get_mut(name).unwrap();
            bytes[at.start..next.end].rotate_left(at.len());
            true
        },
        &["entry_seq"],
        &["entry_mac"],
    );
}

#[test]
fn a_tail_cut() {
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            files.get_mut(name).unwrap().truncate(at.start);
            files.retain(|other, _| !other.ends_with(".wgl") || other <= name);
            true
        },
        &["tail_cut"],
        &["tail_cut"],
    );
}

/// A record of another ledger with the same keys, at the same place.
#[test]
fn two_ledgers_spliced() {
    let other = thousand(4, 1);
    let theirs = places(&other.files);
    at_every_record(
        |files, places, index| {
            let (name, at) = &places[index];
            let (their_name, their_at) = &theirs[index];
            let record = other.files[their_name][their_at.clone()].to_vec();
            drop(files.get_mut(name).unwrap().splice(at.clone(), record));
            true
        },
        &SHAPE,
        // At the first position, nothing before it says which ledger this is.
        &["entry_mac", "checkpoint_foreign"],
    );
}

#[test]
fn a_segment_replayed_or_of_another_ledger() {
    let other = thousand(4, 1);
    let dir = tempfile::tempdir().unwrap();
    ledger().write(dir.path());
    let names: Vec<&String> = ledger().files.keys().filter(|name| name.ends_with(".wgl")).collect();
    for check in [with_chain(), outsider()] {
        for (index, name) in names.iter().enumerate() {
            let first = index as u64 * 100 + 1;
            for (earlier, from) in names[..index].iter().enumerate() {
                let mut files = ledger().files.clone();
                files.insert((*name).clone(), ledger().files[*from].clone());
                let failure = found(dir.path(), &files, &check);
                assert_eq!(failure.code, "segment_misnamed", "{earlier} as {index}");
                assert!((failure.seq..=failure.through).contains(&first), "{failure:?}");
            }
            let mut files = ledger().files.clone();
            files.insert((*name).clone(), other.files[*name].clone());
            let failure = found(dir.path(), &files, &check);
            // Where the first is another ledger's, the second is foreign to it.
            let at = first.max(if index == 0 { 101 } else { 1 });
            assert_eq!(failure.code, "segment_foreign", "{index}");
            assert!((failure.seq..=failure.through).contains(&at), "{failure:?}");
        }
    }
}

/// Whoever has the chain key and not the signing key writes the ledger anew, or from a record on, and signs with their own.
#[test]
fn signed_again_with_another_key() {
    let dir = tempfile::tempdir().unwrap();
    let kept: crate::SignedCheckpoint = ledger().published().parse().unwrap();
    for changed in (2..1000).step_by(38) {
        for made in [thousand_with(3, 2, 2, changed), thousand_with(3, 1, 2, changed)] {
            made.write(dir.path());
            for check in [with_chain(), outsider()] {
                let failure = verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap();
                assert_eq!(failure.code, "checkpoint_wrong_key", "{changed}: {failure:?}");
            }
            // Against a checkpoint kept elsewhere it is a fork, whoever signed it.
            let check = Check { checkpoints: vec![kept.clone()], ..Check::with_chain(&chain_key()) };
            let failure = verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap();
            assert_eq!(failure.code, "checkpoint_differs", "{changed}: {failure:?}");
        }
    }
}

/// Whoever got hold of a key after another took over from it cuts behind the last CHECKPOINT record, appends, and signs the file anew.
#[test]
fn signed_with_a_key_that_was_retired() {
    let dir = tempfile::tempdir().unwrap();
    let mut made = Builder::new(6, &chain_key(), signer(1));
    made.record(&Draft::new("before", Execution::default()));
    let kept: crate::SignedCheckpoint = made.published().parse().unwrap();
    made.checkpoint(Some(signer(2)));
    made.next_segment();
    made.clone().finished().write(dir.path());
    let of = |seeds: &[u8]| Check {
        keys: seeds.iter().map(|seed| signer(*seed).public()).collect(),
        checkpoints: vec![kept.clone()],
        ..Check::default()
    };
    for keys in [&[1][..], &[1, 2], &[2, 1]] {
        let report = verify(dir.path(), &of(keys), |_, _| {}).unwrap();
        assert!(report.is_ok(), "{keys:?}: {report:?}");
        assert_eq!(
            report.signed.unwrap().records,
            made.head.seq,
            "what the first key signed while it counted still does"
        );
    }
    made.signer = signer(1);
    made.record(&Draft::new("made-up", Execution::default()));
    made.clone().finished().write(dir.path());
    for keys in [&[1][..], &[2], &[1, 2], &[2, 1]] {
        let failure = verify(dir.path(), &of(keys), |_, _| {}).unwrap().failure.unwrap();
        assert_eq!(failure.code, "checkpoint_wrong_key", "{keys:?}: {failure:?}");
    }
    // Nor in a record.
    made.checkpoint(None);
    made.finished().write(dir.path());
    for keys in [&[1][..], &[1, 2], &[2, 1]] {
        let failure = verify(dir.path(), &of(keys), |_, _| {}).unwrap().failure.unwrap();
        assert_eq!(failure.code, "checkpoint_wrong_key", "{keys:?}: {failure:?}");
    }
}

#[test]
fn a_fork_with_the_right_keys_shows_against_a_checkpoint_kept_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let kept: crate::SignedCheckpoint = ledger().published().parse().unwrap();
    thousand_with(3, 1, 1, 778).write(dir.path());
    assert!(verify(dir.path(), &with_chain(), |_, _| {}).unwrap().is_ok(), "without one nobody can tell");
    let check = Check { checkpoints: vec![kept], ..outsider() };
    assert_eq!(verify(dir.path(), &check, |_, _| {}).unwrap().failure.unwrap().code, "checkpoint_differs");
}

/// Every byte of the first header, and of one in the middle, to whoever has the public key alone.
#[test]
fn a_changed_header_is_found_without_the_chain_key() {
    let dir = tempfile::tempdir().unwrap();
    ledger().write(dir.path());
    let names: Vec<&String> = ledger().files.keys().filter(|name| name.ends_with(".wgl")).collect();
    for name in [names[0], names[5], names[names.len() - 1]] {
        for byte in 0..128 {
            let mut bytes = ledger().files[name].clone();
            bytes[byte] ^= 1;
            fs::write(dir.path().join(name), &bytes).unwrap();
            if let Ok(report) = verify(dir.path(), &outsider(), |_, _| {}) {
                assert!(report.failure.is_some(), "{name}, byte {byte}");
            }
        }
        fs::write(dir.path().join(name), &ledger().files[name]).unwrap();
    }
}
