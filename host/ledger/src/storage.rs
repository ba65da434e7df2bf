//! The few things the writer asks of a disk, as a trait, so that tests can give it a disk that fails.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rustix::fs::{FallocateFlags, Mode, OFlags};

/// A disk. Every method may block.
pub trait Storage: Send + Sync + std::fmt::Debug {
    /// Creates a new file, 0600; fails when the name exists.
    ///
    /// # Errors
    /// As the disk says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
    /// Opens a file for writing; does not follow a link.
    ///
    /// # Errors
    /// As the disk says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
    /// Gives a file its final name, in the same directory.
    ///
    /// # Errors
    /// As the disk says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As the disk says.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes names in a directory durable.
    ///
    /// # Errors
    /// As the disk says.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// How a file that was opened for reading is read.
    fn reading(&self, path: &Path, file: File) -> Box<dyn ReadAt> {
        let _ = path;
        Box::new(file)
    }
}

/// A file being read.
pub trait ReadAt: Send {
    /// Reads some bytes from `offset` on; none only where the file ends.
    ///
    /// # Errors
    /// As the disk says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ReadAt for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, offset)
    }
}

/// Reads until the buffer is full or the file ends, however little comes at once. An error tells where.
pub(crate) fn fill(file: &dyn ReadAt, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        let at = offset.saturating_add(filled as u64);
        match file.read_at(room, at) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // That one is kept for what was read and makes no sense.
                let kind = Some(error.kind()).filter(|kind| *kind != io::ErrorKind::InvalidData);
                let kind = kind.unwrap_or(io::ErrorKind::Other);
                return Err(io::Error::new(kind, format!("reading at offset {at}: {error}")));
            }
        }
    }
    Ok(filled)
}

/// A file being written.
pub trait SegmentFile: Send {
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// As the disk says; then any part may have been written.
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Makes the data durable, and of the metadata what is needed to read it back.
    ///
    /// # Errors
    /// As the disk says; then nothing written since the last success can be relied on.
    fn sync_data(&mut self) -> io::Result<()>;
    /// Reserves blocks up to `length`, reading as zeros. False when the file system cannot.
    ///
    /// # Errors
    /// As the disk says, above all when it is full.
    fn reserve(&mut self, length: u64) -> io::Result<bool>;
    /// Cuts the file, and makes that durable.
    ///
    /// # Errors
    /// As the disk says.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Storage for Disk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Box::new(File::from(rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Box::new(File::from(rustix::fs::open(path, flags, Mode::empty())?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

impl SegmentFile for File {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(self, bytes, offset)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn reserve(&mut self, length: u64) -> io::Result<bool> {
        match rustix::fs::fallocate(&*self, FallocateFlags::empty(), 0, length) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}
