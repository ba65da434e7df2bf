//! How much memory stays with the process.

use std::fs;
use std::io;
use std::path::Path;

use rustix::mm::{Advice, madvise};

/// Heaps that glibc may make for each processor. It makes eight, and what is free in one serves no thread of another. Threads that
/// run at the same time are little more than processors.
#[cfg(target_env = "gnu")]
const HEAPS: usize = 2;

/// Lets the allocator make fewer heaps. To be called before there are threads; a heap that is there stays.
pub fn bound_heaps() {
    #[cfg(target_env = "gnu")]
    {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let heaps = std::ffi::c_int::try_from(HEAPS * processors).unwrap_or(std::ffi::c_int::MAX);
        // SAFETY: sets a number (mallopt(3)). One that is refused changes nothing.
        unsafe {
            libc::mallopt(libc::M_ARENA_MAX, heaps);
        }
    }
}

/// Gives back what only the start needed: the pages of the program's file that read the command line, configuration and schemas,
/// and what the allocator kept of memory that is free. Pages that are needed again are mapped again, as a rule from the page
/// cache. Answers how many bytes of the program were resident.
///
/// # Errors
/// The system does not tell of its mappings, as outside Linux.
pub fn give_back_start() -> io::Result<usize> {
    let program = fs::read_link("/proc/self/exe")?;
    let smaps = fs::read_to_string("/proc/self/smaps")?;
    #[cfg(target_env = "gnu")]
    // SAFETY: nothing is asked of the caller (malloc_trim(3)); glibc holds its own locks.
    unsafe {
        libc::malloc_trim(0);
    }
    let mut freed = 0;
    for mapping in of_program(&smaps, &program) {
        let pages = std::ptr::without_provenance_mut(mapping.from);
        // SAFETY: the mapping is of a file, private, and can be written by nobody. No page of it differs from the file, and the
        // system lets nobody write to the file of a program that runs. So whoever reads there finds the same bytes again.
        unsafe { madvise(pages, mapping.bytes, Advice::LinuxDontNeed) }?;
        freed += mapping.resident;
    }
    Ok(freed)
}

/// Memory that shows a part of the program's file, unchanged.
#[derive(Debug, PartialEq, Eq)]
struct Mapping {
    from: usize,
    bytes: usize,
    resident: usize,
}

/// The mappings of `program` that cannot be written and have not been, from text as of proc_pid_smaps(5).
fn of_program(smaps: &str, program: &Path) -> Vec<Mapping> {
    let mut found = Vec::new();
    let mut lines = smaps.lines().peekable();
    while let Some(head) = lines.next() {
        let (mut resident, mut changed) = (None, None);
        // The lines of a mapping name what they tell; its first line begins with an address.
        while let Some(line) = lines.next_if(|line| line.starts_with(|c: char| c.is_ascii_uppercase())) {
            let kib = |rest: &str| rest.trim().strip_suffix(" kB")?.parse::<usize>().ok();
            match line.split_once(':') {
                Some(("Rss", rest)) => resident = kib(rest),
                Some(("Anonymous", rest)) => changed = kib(rest),
                _ => {}
            }
        }
        if let (Some((from, bytes)), Some(resident), Some(0)) = (place(head, program), resident, changed) {
            found.push(Mapping { from, bytes, resident: resident << 10 });
        }
    }
    found
}

/// Where a mapping is, if it is one of the program that can be read alone.
fn place(head: &str, program: &Path) -> Option<(usize, usize)> {
    let mut fields = head.splitn(6, ' ');
    let (from, to) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?;
    let path = fields.nth(3)?.trim_start();
    let ours = Path::new(path) == program && matches!(permissions, "r--p" | "r-xp");
    let address = |text| usize::from_str_radix(text, 16).ok();
    let (from, to) = (address(from)?, address(to)?);
    ours.then_some((from, to.checked_sub(from)?))
}

#[cfg(test)]
mod tests;
