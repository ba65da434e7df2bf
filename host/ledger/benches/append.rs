//! How fast a ledger is: durable appends by 1 and 16 threads beside a bare write-and-sync loop on the same disk, and verification.
//!
//! `cargo bench -p witgate-ledger`; `TMPDIR` names the disk.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and stops at what goes wrong"
)]

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use witgate_ledger::{
    BodyHash, ChainKey, Check, Checkpoints, Decision, Draft, Durability, Finding, GuestCall, Intent, Ledger, Options,
    PluginResult, Reader, ReceiptKey, Verdict, verify,
};

const EXCHANGE: &str = "0190f3a0-0000-7000-8000-000000000001";

/// A DECISION as four policies on a clean request make it.
fn draft() -> Draft {
    let plugin = |name: &str| PluginResult {
        plugin: name.into(),
        version: "0.1.0".into(),
        verdict: Some(Verdict::Allow),
        findings: vec![Finding { code: "email".into(), confidence: 90, ..Finding::default() }],
        calls: vec![GuestCall { function: "evaluate".into(), input_bytes: 10_240, ..GuestCall::default() }],
        elapsed_ns: 9_000,
        ..PluginResult::default()
    };
    let plugins = ["pii", "injection", "classification", "tool-tiers"].map(plugin).to_vec();
    Draft::new(EXCHANGE, Decision { enforced: true, plugins, ..Decision::default() })
}

fn report(name: &str, mut each: Vec<Duration>, whole: Duration, note: &str) {
    each.sort();
    let at = |part: usize| each[(each.len() * part / 100).min(each.len() - 1)].as_micros();
    let rate = each.len() as f64 / whole.as_secs_f64();
    println!("{name:<34} {rate:>9.0} /s   p50 {:>6} µs   p99 {:>6} µs   {note}", at(50), at(99));
}

/// Time this thread was on a core: what others do on the machine does not count.
fn cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

fn bare(dir: &Path, length: usize, count: usize) {
    let file = File::create(dir.join("bare")).unwrap();
    file.write_all_at(&vec![0; length * (count + 1)], 0).unwrap();
    file.sync_all().unwrap();
    let bytes = vec![1; length];
    let begun = Instant::now();
    let each = (0..count)
        .map(|index| {
            let begun = Instant::now();
            file.write_all_at(&bytes, (index * length) as u64).unwrap();
            file.sync_data().unwrap();
            begun.elapsed()
        })
        .collect();
    report("bare write + fdatasync", each, begun.elapsed(), "");
}

fn signer() -> ReceiptKey {
    ReceiptKey::from_seed(&[2; 32])
}

/// `signed` is after how many records a checkpoint is made; `None` for a ledger without a tree.
fn durable(threads: usize, count: usize, segment_bytes: u64, signed: Option<u64>) {
    let dir = tempfile::tempdir().unwrap();
    let checkpoints = signed.map(|records| Checkpoints { records, ..Checkpoints::new(signer()) });
    let options = Options { segment_bytes, checkpoints, ..Options::default() };
    let (ledger, _) = Ledger::open(dir.path(), &ChainKey::from_bytes([1; 32]), options).unwrap();
    let syncs = ledger.stats().syncs;
    let begun = Instant::now();
    let each = thread::scope(|scope| {
        let run = || {
            let one = || {
                let begun = Instant::now();
                ledger.append_wait(draft(), Durability::Durable).unwrap();
                begun.elapsed()
            };
            (0..count / threads).map(|_| one()).collect::<Vec<_>>()
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let whole = begun.elapsed();
    let syncs = ledger.stats().syncs - syncs;
    let made = ledger.stats().checkpoints;
    let tree = signed.map_or("no tree".to_owned(), |records| format!("{made} checkpoints, every {records} records"));
    report(&format!("durable append, {threads} threads"), each, whole, &format!("{syncs} syncs, {tree}"));
}

fn verification(count: usize) {
    let dir = tempfile::tempdir().unwrap();
    let key = ChainKey::from_bytes([1; 32]);
    let options = || Options { checkpoints: Some(Checkpoints::new(signer())), ..Options::default() };
    let (ledger, _) = Ledger::open(dir.path(), &key, options()).unwrap();
    ledger.append_wait(Draft::new(EXCHANGE, Intent::default()), Durability::Buffered).unwrap();
    let begun = Instant::now();
    let done = Arc::new(AtomicUsize::new(0));
    for index in 0..count {
        while index - done.load(Ordering::Acquire) > 2000 {
            thread::sleep(Duration::from_micros(200));
        }
        let done = Arc::clone(&done);
        ledger.append(draft(), Durability::Buffered, move |result| {
            result.unwrap();
            done.fetch_add(1, Ordering::Release);
        });
    }
    drop(ledger);
    let written = begun.elapsed();
    println!("{:<34} {:>9.0} /s", "buffered append, 1 thread", count as f64 / written.as_secs_f64());
    let public = signer().public();
    for (name, check) in [
        ("verify, one core, both keys", Check { keys: vec![public], ..Check::with_chain(&key) }),
        ("verify, one core, public key alone", Check::with_key(public)),
    ] {
        let begun = cpu();
        let report = verify(dir.path(), &check, |_, _| {}).unwrap();
        let took = cpu() - begun;
        assert!(report.is_ok(), "{report:?}");
        let (records, bytes) = (report.records as f64, report.bytes as f64);
        let (rate, speed) = (records / took.as_secs_f64(), bytes / took.as_secs_f64() / 1e6);
        println!("{name:<34} {rate:>9.0} /s   {speed:.0} MB/s, {:.0} bytes a record", bytes / records);
    }
    let begun = Instant::now();
    drop(Ledger::open(dir.path(), &key, options()).unwrap());
    println!("{:<34} {:>9.0} ms", "open, two segments looked through", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let read = Reader::open(dir.path(), None).unwrap().map(Result::unwrap).count();
    println!("{:<34} {:>9.0} /s", "read and decode, one core", read as f64 / begun.elapsed().as_secs_f64());
    let body = vec![b'x'; 10 << 20];
    let begun = Instant::now();
    BodyHash::of(&body).unwrap();
    println!("{:<34} {:>9.0} MB/s", "body hash", body.len() as f64 / begun.elapsed().as_secs_f64() / 1e6);
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    bare(dir.path(), 1500, 4000);
    for (threads, count, segment_bytes) in
        [(1, 4000, 64 << 20), (16, 40_000, 64 << 20), (256, 60_000, 64 << 20), (16, 40_000, 4 << 20)]
    {
        // Without, as usual, and far more often than that; in turn, so that the disk's moods are shared.
        for signed in [None, Some(1 << 16), Some(1000)].into_iter().cycle().take(6) {
            durable(threads, count / 2, segment_bytes, signed);
        }
    }
    verification(200_000);
}
