//! Exchanges that wait for the disk, and the same bytes without a ledger.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use witgate_ledger::{ChainKey, Checkpoints, Durability, Ledger, Options, ReceiptKey};

use super::records::Exchange;
use crate::engine::{own, used};
use crate::stats::percentile;

/// One kind in one round.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    pub(super) records_per_second: f64,
    pub(super) syncs_per_second: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
    pub(super) cpu_us: f64,
}

impl Slice {
    fn new(records: usize, syncs: u64, mut waits: Vec<u32>, took: Duration, cpu_us: f64) -> Self {
        waits.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "numbers of a benchmark")]
        let (records, syncs) = (records as f64, syncs as f64);
        Self {
            records_per_second: records / took.as_secs_f64(),
            syncs_per_second: syncs / took.as_secs_f64(),
            p50_us: percentile(&waits, 0.5),
            p99_us: percentile(&waits, 0.99),
            cpu_us: cpu_us / records,
        }
    }
}

pub(super) fn chain_key() -> ChainKey {
    ChainKey::from_bytes([1; 32])
}

pub(super) fn signer() -> ReceiptKey {
    ReceiptKey::from_seed(&[2; 32])
}

/// As a gate keeps it.
pub(super) fn open(dir: &Path) -> anyhow::Result<Ledger> {
    let options = Options { checkpoints: Some(Checkpoints::new(signer())), ..Options::default() };
    Ok(Ledger::open(dir, &chain_key(), options)?.0)
}

fn us(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Bytes that one exchange takes in the ledger.
pub(super) fn exchange_bytes(place: &Path) -> anyhow::Result<f64> {
    const EXCHANGES: u32 = 200;
    let dir = place.join("bytes");
    let ledger = open(&dir)?;
    let before = ledger.stats().bytes;
    for number in 0..EXCHANGES {
        one(&ledger, u64::from(number))?;
    }
    ledger.flush()?;
    let bytes = ledger.stats().bytes - before;
    drop(ledger);
    fs::remove_dir_all(dir)?;
    #[expect(clippy::cast_precision_loss, reason = "numbers of a benchmark")]
    let bytes = bytes as f64;
    Ok((bytes / f64::from(EXCHANGES)).round())
}

/// An exchange; how long it waited for the disk.
fn one(ledger: &Ledger, number: u64) -> anyhow::Result<Duration> {
    let exchange = Exchange::new(number)?;
    let (told, fate) = sync_channel(1);
    let begun = Instant::now();
    ledger.append_after(&[exchange.intent], &exchange.admission, Durability::Durable, move |result| {
        // Whoever waits is below.
        let _ = told.send(result);
    });
    fate.recv().context("the ledger told nothing")??;
    let waited = begun.elapsed();
    let (told, fate) = sync_channel(1);
    ledger.append_after(&[exchange.inspection], &exchange.execution, Durability::Buffered, move |result| {
        let _ = told.send(result.err());
    });
    // It is refused at once, or not at all while the disk works.
    match fate.try_recv() {
        Ok(Some(error)) => Err(error.into()),
        _ => Ok(waited),
    }
}

/// `count` exchanges, so many at once.
pub(super) fn exchanges(place: &Path, concurrent: usize, count: usize) -> anyhow::Result<Slice> {
    let dir = place.join("durable");
    let ledger = open(&dir)?;
    let syncs = ledger.stats().syncs;
    let next = AtomicU64::new(0);
    let (cpu, begun) = (used()?, Instant::now());
    let ended = std::thread::scope(|scope| {
        let run = || -> anyhow::Result<(Vec<u32>, f64)> {
            let mut waits = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if usize::try_from(number).unwrap_or(usize::MAX) >= count {
                    return Ok((waits, own()?));
                }
                waits.push(us(one(&ledger, number)?));
            }
        };
        let running: Vec<_> = (0..concurrent).map(|_| scope.spawn(run)).collect();
        let ended = running.into_iter().map(|thread| thread.join());
        ended
            .map(|ended| ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    ledger.flush()?;
    let (took, cpu) = (begun.elapsed(), used()? - cpu);
    let cpu = ended.iter().map(|(_, cpu)| cpu).fold(cpu, |sum, cpu| sum + cpu);
    let waits: Vec<u32> = ended.into_iter().flat_map(|(waits, _)| waits).collect();
    let syncs = ledger.stats().syncs - syncs;
    drop(ledger);
    fs::remove_dir_all(dir)?;
    Ok(Slice::new(count * Exchange::RECORDS, syncs, waits, took, cpu))
}

/// The bytes of `count` exchanges, each with a write and a sync of its own.
pub(super) fn bare(place: &Path, exchange_bytes: f64, count: usize) -> anyhow::Result<Slice> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some kilobytes")]
    let length = exchange_bytes as usize;
    let path = place.join("bare");
    let file = File::create(&path)?;
    file.write_all_at(&vec![0; length * count], 0)?;
    file.sync_all()?;
    let bytes = vec![1; length];
    let mut waits = Vec::new();
    let (cpu, begun) = (used()?, Instant::now());
    for at in (0_u64..).step_by(length).take(count) {
        let begun = Instant::now();
        file.write_all_at(&bytes, at)?;
        file.sync_data()?;
        waits.push(us(begun.elapsed()));
    }
    let (took, cpu) = (begun.elapsed(), used()? - cpu);
    fs::remove_file(path)?;
    Ok(Slice::new(count * Exchange::RECORDS, count as u64, waits, took, cpu))
}
