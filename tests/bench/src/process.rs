//! A process that this program started, and what the system says of it.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};

/// A process that was asked to end and does not is killed after this.
const PATIENCE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(2);
/// The unit of times in /proc: the kernel tells user space of a hundred ticks a second, whatever it counts in itself.
const TICK_MS: f64 = 10.0;

/// Ends with its guard, whatever happens.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

/// Memory as the system counts it, in KiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: u64,
    /// Resident at most since the start.
    pub(crate) peak: u64,
}

impl Process {
    /// Starts a program; what it says goes to a file.
    pub(crate) fn start(program: &Path, args: &[&str], directory: &Path, said: &Path) -> anyhow::Result<Self> {
        let out = File::create(said)?;
        let child = Command::new(program)
            .args(args)
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        Ok(Self { child })
    }

    /// Whether it is over already.
    pub(crate) fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// CPU time so far, of all its threads, in milliseconds: utime and stime of proc(5).
    pub(crate) fn cpu_ms(&self) -> anyhow::Result<f64> {
        cpu_ms(&self.child.id().to_string())
    }

    /// Its memory.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .with_context(|| format!("no {name} in a status"))?;
            line.trim().trim_end_matches("kB").trim().parse::<u64>().with_context(|| format!("{name} is no number"))
        };
        Ok(Memory { resident: field("VmRSS:")?, peak: field("VmHWM:")? })
    }

    /// Its threads.
    pub(crate) fn threads(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/task", self.child.id()))?.count())
    }

    /// Its open files.
    pub(crate) fn files(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// How many it may have: the soft limit of getrlimit(2).
    pub(crate) fn files_most(&self) -> anyhow::Result<u64> {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id()))?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let soft = line.and_then(|line| line.split_whitespace().next());
        soft.and_then(|soft| soft.parse().ok()).context("no limit of open files in /proc")
    }

    /// Asks it to end, waits a while, then makes it.
    pub(crate) async fn stop(mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid
            && !self.is_over()
            && kill_process(pid, Signal::TERM).is_ok()
        {
            let asked = Instant::now();
            while !self.is_over() && asked.elapsed() < PATIENCE {
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_over() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// CPU time of this program, in milliseconds.
pub(crate) fn own_cpu_ms() -> anyhow::Result<f64> {
    cpu_ms("self")
}

fn cpu_ms(pid: &str) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; fields 14 and 15 are counted behind it.
    let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    let ticks = times.sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) * TICK_MS)
}
