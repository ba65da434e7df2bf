//! The ledger's directory: its names, its lock, and who may write in it.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::error::OpenError;

const PREFIX: &str = "ledger-";
const SUFFIX: &str = ".wgl";
const PACKED: &str = ".zst";
const TEMPORARY: [&str; 2] = [".wgl.tmp", ".wgl.zst.tmp"];
const LOCK: &str = "lock";
/// Digits of the first record's position in a segment's name.
const DIGITS: usize = 16;

/// A segment's name and the position in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentName {
    pub(crate) first_seq: u64,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Whether it is compressed.
    pub(crate) packed: bool,
}

/// What is in a ledger's directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// By position.
    pub(crate) segments: Vec<SegmentName>,
    /// Segments that were being made when the writer ended.
    pub(crate) temporary: Vec<PathBuf>,
    /// Packed segments that stand beside the same one as it was written, which counts: packing was interrupted.
    pub(crate) twins: Vec<PathBuf>,
    /// A file that looks like a segment and is not named like one.
    pub(crate) misnamed: Option<String>,
}

pub(crate) fn segment_name(first_seq: u64) -> String {
    format!("{PREFIX}{first_seq:0DIGITS$}{SUFFIX}")
}

/// The segment that begins with a record, as it was written or packed.
pub(crate) fn segment_at(dir: &Path, first_seq: u64) -> Option<SegmentName> {
    let name = segment_name(first_seq);
    let path = dir.join(&name);
    if path.exists() {
        return Some(SegmentName { first_seq, name, path, packed: false });
    }
    let (name, path) = (name + PACKED, packed_path(&path));
    path.exists().then_some(SegmentName { first_seq, name, path, packed: true })
}

/// The path of a segment once it is packed.
pub(crate) fn packed_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(PACKED);
    name.into()
}

pub(crate) fn list(dir: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with(PREFIX) {
            continue;
        }
        if TEMPORARY.iter().any(|ending| name.ends_with(ending)) {
            listing.temporary.push(entry.path());
            continue;
        }
        let (plain, packed) = name.strip_suffix(PACKED).map_or((name.as_str(), false), |plain| (plain, true));
        let first_seq = plain
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix(SUFFIX))
            .and_then(|digits| digits.parse().ok());
        match first_seq {
            Some(first_seq) if segment_name(first_seq) == plain => {
                listing.segments.push(SegmentName { first_seq, name, path: entry.path(), packed });
            }
            _ => listing.misnamed = Some(name),
        }
    }
    // As it was written comes first.
    listing.segments.sort();
    let twins = &mut listing.twins;
    listing.segments.dedup_by(|later, earlier| {
        let same = later.first_seq == earlier.first_seq;
        if same {
            twins.push(later.path.clone());
        }
        same
    });
    Ok(listing)
}

/// Makes the directory when it is missing (0700), durably, and refuses one that others could change.
pub(crate) fn prepare(dir: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { path: dir.to_owned(), source };
    match fs::symlink_metadata(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let missing = dir.ancestors().take_while(|path| path.parent().is_some() && !path.exists());
            let missing: Vec<&Path> = missing.collect();
            DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io)?;
            // A power cut that takes the folder takes all that was durable in it.
            missing.into_iter().try_for_each(sync_name).map_err(io)?;
        }
        Err(error) => return Err(io(error)),
        Ok(_) => {}
    }
    let stat = fs::symlink_metadata(dir).map_err(io)?;
    if !stat.is_dir() {
        return Err(OpenError::Unsafe {
            path: dir.to_owned(),
            what: "the ledger must be a directory, not a link or a file",
        });
    }
    check(dir, &stat)
}

/// Makes the name of a new directory durable. One that may be made in and not read cannot be synced, and need not be readable.
fn sync_name(made: &Path) -> io::Result<()> {
    let parent = made.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(parent) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        parent => parent?.sync_all(),
    }
}

/// Opens a segment for reading; refuses links, other kinds of file, and files others could change.
pub(crate) fn open_checked(path: &Path) -> Result<File, OpenError> {
    let file = match rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK,
        Mode::empty(),
    ) {
        Ok(file) => File::from(file),
        Err(Errno::LOOP) => {
            return Err(OpenError::Unsafe { path: path.to_owned(), what: "it is a symbolic link" });
        }
        Err(error) => {
            return Err(OpenError::Io { path: path.to_owned(), source: error.into() });
        }
    };
    let stat = file.metadata().map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    if !stat.is_file() {
        return Err(OpenError::Unsafe { path: path.to_owned(), what: "it is not a file" });
    }
    check(path, &stat)?;
    Ok(file)
}

/// Whether a writer may have the ledger now: where there is no lock there is none, as in a copy of the segments.
pub(crate) fn may_be_written(dir: &Path) -> bool {
    fs::symlink_metadata(dir.join(LOCK)).is_ok()
}

fn check(path: &Path, stat: &Metadata) -> Result<(), OpenError> {
    let refused = |what| Err(OpenError::Unsafe { path: path.to_owned(), what });
    if stat.mode() & 0o022 != 0 {
        return refused("others may write it; take that right away (chmod go-w)");
    }
    if stat.uid() != 0 && stat.uid() != rustix::process::geteuid().as_raw() {
        return refused("it belongs to another user");
    }
    Ok(())
}

/// Held as long as the writer lives; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// To close the file is not enough: a program that another thread starts just now has it open, too, until it runs.
    fn drop(&mut self) {
        // Where this fails, it is let go with the last of them.
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
}

impl Lock {
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(LOCK);
        let io = |error: Errno| OpenError::Io { path: path.clone(), source: error.into() };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match rustix::fs::open(&path, flags, Mode::from_raw_mode(0o600)) {
            Err(Errno::LOOP) => {
                return Err(OpenError::Unsafe { path, what: "it is a symbolic link" });
            }
            opened => opened.map_err(io)?,
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { file: File::from(file) }),
            Err(Errno::WOULDBLOCK) => Err(OpenError::Locked { dir: dir.to_owned() }),
            Err(error) => Err(io(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

    use super::*;

    #[test]
    fn a_lock_that_a_program_just_started_has_open_is_let_go_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap();
        let inherited = lock.file.try_clone().unwrap();
        assert_eq!(Lock::take(dir.path()).unwrap_err().code(), "ledger_locked");
        drop(lock);
        Lock::take(dir.path()).unwrap();
        drop(inherited);
    }
}
