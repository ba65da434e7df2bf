#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs;

use super::{Bounds, Reader, find, uuid7_ms};
use crate::testing::*;
use crate::{Durability, Filter, Kind, Ledger, When};

#[test]
fn one_exchange_is_found_over_segments() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let ids: Vec<_> = (0..30).map(exchange).collect();
    for draft in [intent as fn(&str) -> _, decision, execution] {
        for id in &ids {
            ledger.append_wait(draft(id), Durability::Buffered).unwrap();
        }
    }
    assert!(segments(dir.path()).len() > 4);
    for id in [&ids[0], &ids[15], &ids[29]] {
        for key in [None, Some(&key())] {
            let found = find(dir.path(), key, id).unwrap();
            assert_eq!(
                found.iter().map(|record| record.kind.as_str()).collect::<Vec<_>>(),
                ["INTENT", "DECISION", "EXECUTION"]
            );
        }
    }
    assert!(find(dir.path(), None, "unknown").unwrap().is_empty());
    assert!(find(tempfile::tempdir().unwrap().path(), None, &ids[0]).unwrap().is_empty());
}

/// Says of a segment when it was begun. Without the chain key nobody minds.
fn begin_at(path: &std::path::Path, time_ms: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[80..88].copy_from_slice(&time_ms.to_be_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_search_for_what_is_not_there_ends_and_a_late_end_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let ids: Vec<_> = (0..80).map(exchange).collect();
    ledger.append_wait(intent(&ids[0]), Durability::Buffered).unwrap();
    for id in &ids[1..] {
        ledger.append_wait(decision(id), Durability::Buffered).unwrap();
    }
    ledger.append_wait(execution(&ids[0]), Durability::Buffered).unwrap();
    drop(ledger);
    let paths = segments(dir.path());
    assert!(paths.len() > 4);
    let hour = 60 * 60 * 1000;
    paths[2..].iter().for_each(|path| begin_at(path, crate::now_ms() + 2 * hour));
    let found = find(dir.path(), None, &ids[0]).unwrap();
    assert_eq!(found.iter().map(|record| record.kind.as_str()).collect::<Vec<_>>(), ["INTENT", "EXECUTION"]);
    // What stands in the later ones cannot be read, and need not be.
    let bytes = fs::read(&paths[3]).unwrap();
    fs::write(&paths[3], &bytes[..bytes.len() - 3]).unwrap();
    assert!(find(dir.path(), None, &exchange(81)).unwrap().is_empty());
    assert_eq!(find(dir.path(), None, "unknown").unwrap_err().code(), "ledger_corrupt", "that one tells no time");
    assert_eq!(find(dir.path(), None, &ids[0]).unwrap_err().code(), "ledger_corrupt");
}

#[test]
fn the_segment_of_a_time_is_the_last_that_was_begun_before_it() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 200, small());
    let hour = 60 * 60 * 1000;
    let all = super::segments(dir.path()).unwrap();
    (1..).zip(&all).for_each(|(hours, name)| begin_at(&name.path, hours * hour));
    assert_eq!(super::begun_before(&all, hour), None, "clocks may be apart");
    for (hours, name) in (1..).zip(&all) {
        assert_eq!(super::begun_before(&all, hours * hour + hour / 2), Some(name));
    }
}

#[test]
fn reading_can_begin_anywhere_and_go_on() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    for from in [0, 1, 17, 59, 60] {
        let first = Reader::from_seq(dir.path(), Some(&key()), from).unwrap().next().unwrap().unwrap();
        assert_eq!(first.record.seq, from.max(1));
    }
    let mut reader = Reader::from_seq(dir.path(), None, 61).unwrap();
    assert!(reader.next().is_none());
    written(dir.path(), 60, small());
    assert_eq!(reader.map(|found| found.unwrap().record.seq).collect::<Vec<_>>(), (61..=120).collect::<Vec<_>>());
}

#[test]
fn it_stops_at_a_record_in_the_making_and_names_a_broken_one() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    let paths = segments(dir.path());
    let last = paths.last().unwrap();
    let bytes = fs::read(last).unwrap();
    let end = entries(&bytes).pop().unwrap();
    for cut in [end.start + 2, end.start + 30, end.end - 1, end.end - 32] {
        for room in [0, 500] {
            // Zeros in place of zeros are a whole record: one MAC in 256 ends so.
            if room > 0 && bytes[cut..end.end].iter().all(|b| *b == 0) {
                continue;
            }
            let mut torn = bytes[..cut].to_vec();
            torn.resize(cut + room, 0);
            fs::write(last, torn).unwrap();
            let chain = key();
            let key = Some(&chain).filter(|_| cut == end.end - 1);
            let read: Result<Vec<_>, _> = Reader::open(dir.path(), key).unwrap().collect();
            assert_eq!(read.unwrap().len(), 59);
        }
    }
    fs::write(last, &bytes).unwrap();
    let second = fs::read(&paths[1]).unwrap();
    fs::write(&paths[1], &second[..second.len() - 3]).unwrap();
    let error = Reader::open(dir.path(), None).unwrap().find_map(Result::err).unwrap();
    assert_eq!(error.code(), "ledger_corrupt");
}

#[test]
fn the_time_of_an_exchange_is_in_its_id() {
    assert_eq!(uuid7_ms("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), Some(0x017f_22e2_79b0));
    assert_eq!(uuid7_ms("017f22e2-79b0-4cc3-98c4-dc0c0c07398f"), None);
    assert_eq!(uuid7_ms("e-1"), None);
}

#[test]
fn pages_over_a_growing_ledger_miss_and_repeat_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let filter = Filter { kinds: vec![Kind::Decision, Kind::Execution], ..Filter::default() };
    let (mut seen, mut at, mut written) = (Vec::new(), (1, 0), 0u64);
    loop {
        if written < 90 {
            for n in written..written + 7 {
                let draft = [intent, decision, execution][usize::try_from(n % 3).unwrap()](&format!("e-{}", n / 3));
                ledger.append_wait(draft, Durability::Durable).unwrap();
            }
            written += 7;
        }
        let mut reader = Reader::from_place(dir.path(), at.0, at.1).unwrap();
        let mut bounds = Bounds { last: ledger.head().seq, looks: 5 };
        let before = seen.len();
        while let Some(found) = reader.next_match(&filter, &mut bounds).unwrap() {
            seen.push(found.record.seq);
        }
        assert!(seen.len() - before <= 5);
        at = (reader.next_position(), reader.offset());
        if at.0 > ledger.head().seq && written >= 90 {
            break;
        }
    }
    let all = records(dir.path());
    let wanted: Vec<u64> =
        all.iter().filter(|record| filter.kinds.contains(&record.kind)).map(|record| record.seq).collect();
    assert_eq!(seen, wanted);
}

#[test]
fn a_wrong_place_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    for offset in [0, 1, 127, 128, 129, 500, 4095, 4096, 1 << 40, u64::MAX] {
        let mut reader = Reader::from_place(dir.path(), 17, offset).unwrap();
        let next = reader.next_match(&Filter::default(), &mut Bounds { last: 60, looks: 1 }).unwrap().unwrap();
        assert_eq!((next.record.seq, reader.next_position()), (17, 18), "{offset}");
    }
}

#[test]
fn a_reader_that_waits_sees_what_is_written_later() {
    let dir = tempfile::tempdir().unwrap();
    let (ledger, _) = Ledger::open(dir.path(), &key(), small()).unwrap();
    let mut reader = Reader::from_seq(dir.path(), None, 1).unwrap();
    let mut seen = 0;
    for n in 0..40 {
        ledger.append_wait(decision(&format!("e-{n}")), Durability::Durable).unwrap();
        let mut bounds = Bounds { last: ledger.head().seq, looks: u64::MAX };
        while let Some(found) = reader.next_match(&Filter::default(), &mut bounds).unwrap() {
            seen += 1;
            assert_eq!(found.record.seq, seen);
        }
        assert_eq!(seen, ledger.head().seq);
    }
}

#[test]
fn reading_begins_near_a_time() {
    let dir = tempfile::tempdir().unwrap();
    written(dir.path(), 60, small());
    let now = crate::now_ms();
    let first = |when| {
        let mut reader = Reader::since(dir.path(), None, Some(when)).unwrap();
        let filter = Filter { since: Some(when), ..Filter::default() };
        let mut bounds = Bounds::NONE;
        reader.next_match(&filter, &mut bounds).unwrap().map(|found| found.record.seq)
    };
    assert_eq!(first(When::Position(40)), Some(40));
    assert_eq!(first(When::Time(now - 3_600_000)), Some(1));
    assert_eq!(first(When::Time(now + 3_600_000)), None);
}
