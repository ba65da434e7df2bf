//! What the tests of this crate share: records, ledgers, and disks that fail.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::storage::{Disk, ReadAt, SegmentFile, Storage};
use crate::{
    ChainKey, Decision, Draft, Execution, Health, Intent, Ledger, Options, PluginResult, Reader, Record, Verdict,
    VerifyReport, verify,
};

pub(crate) fn key() -> ChainKey {
    ChainKey::from_bytes([7; 32])
}

/// An exchange id that is a UUIDv7 of about now.
pub(crate) fn exchange(n: u64) -> String {
    let ms = crate::now_ms();
    format!("{:08x}-{:04x}-7000-8000-{n:012x}", ms >> 16, ms & 0xffff)
}

pub(crate) fn intent(id: &str) -> Draft {
    Draft::new(id, Intent { tenant: "default".into(), dialect: "openai-chat".into(), ..Intent::default() })
}

pub(crate) fn decision(id: &str) -> Draft {
    let plugin = PluginResult { plugin: "pii".into(), verdict: Some(Verdict::Allow), ..PluginResult::default() };
    Draft::new(id, Decision { enforced: true, plugins: vec![plugin], ..Decision::default() })
}

pub(crate) fn execution(id: &str) -> Draft {
    Draft::new(id, Execution { status: Some(200), ..Execution::default() })
}

pub(crate) fn small() -> Options {
    let (flush_after, retry_after) = (Duration::from_millis(20), Duration::from_millis(10));
    Options { segment_bytes: 4096, flush_after, retry_after, ..Options::default() }
}

/// A ledger of whole exchanges, closed cleanly; `n` records, each durable.
pub(crate) fn written(dir: &Path, n: u64, options: Options) -> Vec<crate::Appended> {
    use crate::Durability::Durable;
    let (ledger, _) = Ledger::open(dir, &key(), options).unwrap();
    let record = |i: u64| {
        let id = format!("e-{}", i / 3);
        match i % 3 {
            0 => intent(&id),
            1 => decision(&id),
            _ => execution(&id),
        }
    };
    (0..n).map(|i| ledger.append_wait(record(i), Durable).unwrap()).collect()
}

pub(crate) fn records(dir: &Path) -> Vec<Record> {
    Reader::open(dir, Some(&key())).unwrap().map(|found| found.unwrap().record).collect()
}

pub(crate) fn check(dir: &Path, head: Option<crate::Head>) -> VerifyReport {
    verify(dir, &crate::Check { expect_head: head, ..crate::Check::with_chain(&key()) }, |_, _| {}).unwrap()
}

pub(crate) fn assert_ok(dir: &Path) -> VerifyReport {
    let report = check(dir, None);
    assert!(report.is_ok(), "{report:?}");
    report
}

/// The segments, in order.
pub(crate) fn segments(dir: &Path) -> Vec<PathBuf> {
    crate::directory::list(dir).unwrap().segments.into_iter().map(|name| name.path).collect()
}

/// Where the entries of a segment stand.
pub(crate) fn entries(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut at = 128;
    let mut found = Vec::new();
    while let Some(length) = bytes.get(at..at + 4).map(|b| u32::from_be_bytes(b.try_into().unwrap()) as usize) {
        if length == 0 {
            break;
        }
        found.push(at..at + length + 44);
        at += length + 44;
    }
    found
}

/// A copy of a ledger's segments in a directory of its own.
pub(crate) fn copy(dir: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for path in segments(dir) {
        fs::copy(&path, to.path().join(path.file_name().unwrap())).unwrap();
    }
    to
}

pub(crate) fn until(mut what: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn code(health: &Health) -> &'static str {
    match health {
        Health::Healthy => "healthy",
        Health::Unhealthy { code, .. } => code,
    }
}

pub(crate) mod builder;

/// What a disk does wrong, while it does.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Each write writes so much and fails.
    pub(crate) write: Option<(usize, io::ErrorKind)>,
    pub(crate) sync: Option<io::ErrorKind>,
    pub(crate) create: Option<io::ErrorKind>,
    pub(crate) truncate: Option<io::ErrorKind>,
    /// Making a packed segment fails.
    pub(crate) pack: Option<io::ErrorKind>,
    pub(crate) cannot_reserve: bool,
    /// A sync waits until this is false again.
    pub(crate) stuck: bool,
    pub(crate) sync_takes: Duration,
    /// Files whose name holds this are read as follows.
    pub(crate) of: String,
    /// This byte cannot be read, nor any behind it.
    pub(crate) unreadable: Option<u64>,
    /// So many bytes come at once, at most.
    pub(crate) at_once: Option<usize>,
}

/// A disk that fails when it is told to.
#[derive(Debug, Default, Clone)]
pub(crate) struct FaultyDisk(pub(crate) Arc<Mutex<Faults>>);

struct FaultyFile(Box<dyn SegmentFile>, Arc<Mutex<Faults>>);

/// A file that is read from a faulty disk, and its name.
struct FaultyReads(File, String, Arc<Mutex<Faults>>);

impl ReadAt for FaultyReads {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let faults = self.2.lock().unwrap();
        if !self.1.contains(&faults.of) {
            return ReadAt::read_at(&self.0, buffer, offset);
        }
        let mut most = faults.at_once.unwrap_or(usize::MAX).min(buffer.len());
        if let Some(bad) = faults.unreadable {
            match usize::try_from(bad.saturating_sub(offset)).unwrap() {
                0 => return Err(io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())),
                good => most = most.min(good),
            }
        }
        ReadAt::read_at(&self.0, &mut buffer[..most], offset)
    }
}

impl FaultyDisk {
    pub(crate) fn options(&self) -> Options {
        Options { storage: Arc::new(self.clone()), ..small() }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.0.lock().unwrap());
    }
}

fn fails(kind: Option<io::ErrorKind>) -> io::Result<()> {
    kind.map_or(Ok(()), |kind| Err(kind.into()))
}

impl Storage for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        fails(self.0.lock().unwrap().create)?;
        if path.to_string_lossy().ends_with(".zst.tmp") {
            fails(self.0.lock().unwrap().pack)?;
        }
        Ok(Box::new(FaultyFile(Disk.create(path)?, Arc::clone(&self.0))))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(FaultyFile(Disk.open(path)?, Arc::clone(&self.0))))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        Disk.sync_dir(path)
    }
    fn reading(&self, path: &Path, file: File) -> Box<dyn ReadAt> {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Box::new(FaultyReads(file, name, Arc::clone(&self.0)))
    }
}

impl SegmentFile for FaultyFile {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let fault = self.1.lock().unwrap().write;
        if let Some((part, kind)) = fault {
            self.0.write_all_at(&bytes[..part.min(bytes.len())], offset)?;
            return Err(kind.into());
        }
        self.0.write_all_at(bytes, offset)
    }
    fn sync_data(&mut self) -> io::Result<()> {
        until(|| !self.1.lock().unwrap().stuck);
        let (fault, takes) = {
            let faults = self.1.lock().unwrap();
            (faults.sync, faults.sync_takes)
        };
        std::thread::sleep(takes);
        fails(fault)?;
        self.0.sync_data()
    }
    fn reserve(&mut self, length: u64) -> io::Result<bool> {
        if self.1.lock().unwrap().cannot_reserve { Ok(false) } else { self.0.reserve(length) }
    }
    fn truncate(&mut self, length: u64) -> io::Result<()> {
        fails(self.1.lock().unwrap().truncate)?;
        self.0.truncate(length)
    }
}

/// Writes that were not synced, in order: which file, where, what.
type Pending = Vec<(u64, Arc<File>, u64, Vec<u8>)>;

/// A disk that keeps nothing of what was not synced, until the power is cut; then it keeps any part.
#[derive(Debug, Default, Clone)]
pub(crate) struct VolatileDisk(Arc<Mutex<VolatileState>>);

#[derive(Debug, Default)]
struct VolatileState {
    pending: Pending,
    next_file: u64,
    /// Operations until the power is cut.
    left: u64,
}

struct VolatileFile(u64, Arc<File>, Arc<Mutex<VolatileState>>);

const SECTOR: usize = 64;

impl VolatileDisk {
    pub(crate) fn with_operations(left: u64) -> Self {
        Self(Arc::new(Mutex::new(VolatileState { left, ..VolatileState::default() })))
    }

    /// The power is cut: each piece of a write that was not synced reaches the disk or does not, as `keeps` says.
    pub(crate) fn settle(&self, mut keeps: impl FnMut() -> bool) {
        for (_, file, offset, bytes) in self.0.lock().unwrap().pending.drain(..) {
            for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                if keeps() {
                    file.write_all_at(sector, offset + (index * SECTOR) as u64).unwrap();
                }
            }
        }
    }

    fn step(&self) -> io::Result<()> {
        step(&self.0)
    }

    fn adopt(&self, file: File) -> Box<dyn SegmentFile> {
        let mut state = self.0.lock().unwrap();
        state.next_file += 1;
        Box::new(VolatileFile(state.next_file, Arc::new(file), Arc::clone(&self.0)))
    }
}

fn step(state: &Mutex<VolatileState>) -> io::Result<()> {
    let mut state = state.lock().unwrap();
    state.left = state.left.saturating_sub(1);
    if state.left == 0 { Err(io::Error::other("no power")) } else { Ok(()) }
}

impl Storage for VolatileDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.step()?;
        let mut options = File::options();
        std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
        Ok(self.adopt(options.open(path)?))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.step()?;
        Ok(self.adopt(File::options().write(true).open(path)?))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        Disk.remove(path)
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.step()
    }
}

impl SegmentFile for VolatileFile {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        // A write that the power cut interrupts may have begun.
        self.2.lock().unwrap().pending.push((self.0, Arc::clone(&self.1), offset, bytes.to_vec()));
        step(&self.2)
    }
    fn sync_data(&mut self) -> io::Result<()> {
        step(&self.2)?;
        let mut state = self.2.lock().unwrap();
        let (mine, others) = std::mem::take(&mut state.pending).into_iter().partition(|(id, ..)| *id == self.0);
        state.pending = others;
        let mine: Pending = mine;
        mine.iter().try_for_each(|(_, file, offset, bytes)| file.write_all_at(bytes, *offset))
    }
    fn reserve(&mut self, length: u64) -> io::Result<bool> {
        step(&self.2)?;
        self.1.set_len(length)?;
        Ok(true)
    }
    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.sync_data()?;
        self.1.set_len(length)
    }
}
