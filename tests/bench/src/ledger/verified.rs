//! How fast a whole ledger is verified.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::ensure;
use witgate_ledger::{Check, Durability, Reader, verify};

use super::records::Exchange;
use super::{Plan, Verified, durable};
use crate::engine::used;
use crate::stats::median;

/// So many exchanges wait for the writer at most.
const WAITING: usize = 500;

/// How many records, bytes of a record, and how fast.
pub(super) fn measure(place: &Path, plan: Plan) -> anyhow::Result<(u64, f64, Vec<Verified>)> {
    let dir = place.join("verified");
    write(&dir, plan.verified)?;
    let (chain, public) = (durable::chain_key(), durable::signer().public());
    let both = Check { keys: vec![public], ..Check::with_chain(&chain) };
    let checks = [("verify with both keys", both), ("verify with the public key alone", Check::with_key(public))];
    let mut times: [Vec<f64>; 3] = Default::default();
    let (mut records, mut bytes) = (0, 0);
    for _ in 0..plan.rounds {
        for ((_, check), times) in checks.iter().zip(&mut times) {
            let before = used()?;
            let report = verify(&dir, check, |_, _| {})?;
            times.push(used()? - before);
            ensure!(report.is_ok(), "{:?}", report.failure);
            (records, bytes) = (report.records, report.bytes);
        }
        let before = used()?;
        for found in Reader::open(&dir, None)? {
            found?;
        }
        times[2].push(used()? - before);
    }
    fs::remove_dir_all(dir)?;
    #[expect(clippy::cast_precision_loss, reason = "numbers of a benchmark")]
    let (each, all) = (records as f64, bytes as f64);
    let names = checks.map(|(name, _)| name).into_iter().chain(["read and decode, checking nothing"]);
    let rates = names.zip(times).map(|(what, times)| {
        let us = median(times);
        Verified { what, records_per_second: each / us * 1e6, megabytes_per_second: all / us }
    });
    Ok((records, all / each, rates.collect()))
}

/// A ledger of so many exchanges.
fn write(dir: &Path, exchanges: usize) -> anyhow::Result<()> {
    let ledger = durable::open(dir)?;
    let done = Arc::new(AtomicUsize::new(0));
    for (index, number) in (0..exchanges).zip(0..) {
        while index - done.load(Ordering::Acquire) > WAITING {
            std::thread::sleep(Duration::from_micros(200));
        }
        let Exchange { intent, admission, inspection, execution } = Exchange::new(number)?;
        let done = Arc::clone(&done);
        ledger.append_after(&[intent, admission, inspection], &execution, Durability::Buffered, move |_| {
            done.fetch_add(1, Ordering::Release);
        });
    }
    ledger.flush()?;
    Ok(())
}
