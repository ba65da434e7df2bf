//! What it was measured on: nothing that names the machine or its folders.

use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::stats::percentile;

/// Syncs of the disk that are timed.
const SYNCS: usize = 200;
/// About two records of a ledger.
const WRITE: [u8; 1024] = [7; 1024];

/// The machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    pub(crate) filesystem: String,
    /// What the block layer says: `true` of a disk that turns; none where it says nothing.
    pub(crate) rotational: Option<bool>,
    /// One write of 1 KiB over written blocks, and a sync of its data, in microseconds.
    pub(crate) sync_p50_us: f64,
    pub(crate) sync_p99_us: f64,
    /// Processes that were runnable in the minute before, as the system averages them.
    pub(crate) load_before: f64,
}

impl Machine {
    /// Looks at the machine, and at the disk below `work`.
    pub(crate) fn look(work: &Path) -> anyhow::Result<Self> {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo")?;
        let cpu = value(&cpuinfo, "model name").unwrap_or("unknown").to_owned();
        let meminfo = std::fs::read_to_string("/proc/meminfo")?;
        let memory = value(&meminfo, "MemTotal").and_then(|v| v.trim_end_matches("kB").trim().parse::<u64>().ok());
        let device = std::fs::metadata(work)?.dev();
        let device = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
        let (sync_p50_us, sync_p99_us) = syncs(work)?;
        let load = std::fs::read_to_string("/proc/loadavg")?;
        Ok(Self {
            cpu,
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: memory.unwrap_or_default() / 1024,
            kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            filesystem: filesystem(&device)?,
            rotational: rotational(&device),
            sync_p50_us,
            sync_p99_us,
            load_before: load.split(' ').next().and_then(|v| v.parse().ok()).unwrap_or_default(),
        })
    }

    /// The disk, in words.
    pub(crate) fn disk(&self) -> String {
        let kind = match (self.filesystem.as_str(), self.rotational) {
            ("tmpfs", _) => "memory, not a disk: nothing here is durable",
            (_, Some(true)) => "a disk that says it turns",
            (_, Some(false)) => "a disk that says it does not turn",
            (_, None) => "a disk of unknown kind",
        };
        format!("{} on {kind}", self.filesystem)
    }
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_once(':')?.1.trim())
}

/// The kind of file system on a device, of proc(5)'s mountinfo.
fn filesystem(device: &str) -> anyhow::Result<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo")?;
    let of = |line: &str| {
        let (mount, kind) = line.split_once(" - ")?;
        let own = mount.split(' ').nth(2)? == device;
        own.then(|| kind.split(' ').next().unwrap_or_default().to_owned())
    };
    Ok(mounts.lines().find_map(of).unwrap_or_else(|| "unknown".to_owned()))
}

fn rotational(device: &str) -> Option<bool> {
    // A partition has its queue one folder up.
    let places = ["queue/rotational", "../queue/rotational"];
    let read = |place| std::fs::read_to_string(format!("/sys/dev/block/{device}/{place}")).ok();
    places.into_iter().find_map(read).map(|text| text.trim() == "1")
}

/// Times what a ledger's group commit does: data over blocks that were written before.
fn syncs(work: &Path) -> anyhow::Result<(f64, f64)> {
    let path = work.join("sync");
    let file = OpenOptions::new().create(true).write(true).truncate(true).open(&path)?;
    file.write_all_at(&vec![0; SYNCS * WRITE.len()], 0)?;
    file.sync_all()?;
    let mut times = Vec::new();
    for at in (0..).step_by(WRITE.len()).take(SYNCS) {
        let begun = Instant::now();
        file.write_all_at(&WRITE, at)?;
        file.sync_data()?;
        times.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    std::fs::remove_file(path)?;
    times.sort_unstable();
    Ok((percentile(&times, 0.5), percentile(&times, 0.99)))
}
