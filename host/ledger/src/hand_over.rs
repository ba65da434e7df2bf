//! Hands a file over: into a folder, to a program, or both.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::chore::Stop;
use crate::keeping::HandOver;

/// So much of what a program says on its standard error is told.
const SAID: u64 = 512;
/// How often a program that runs is looked at.
const LOOK: Duration = Duration::from_millis(20);
const CHUNK: usize = 1 << 20;

impl HandOver {
    /// Hands the file over under its name. Done twice, it does nothing the second time.
    pub(crate) fn file(&self, path: &Path, stop: &Stop) -> Result<(), String> {
        let name = path.file_name().ok_or("it has no name")?;
        if let Some(folder) = &self.folder {
            let to = folder.join(name);
            let copied = copy(path, &to, stop).and_then(|()| File::open(folder)?.sync_all());
            copied.map_err(|error| format!("{}: {error}", to.display()))?;
        }
        if self.command.is_empty() { Ok(()) } else { self.call(path, stop) }
    }

    /// Runs the program with the file's path as the last argument.
    fn call(&self, path: &Path, stop: &Stop) -> Result<(), String> {
        let (program, arguments) = self.command.split_first().ok_or("no program is named")?;
        let named = |what: &dyn std::fmt::Display| format!("{program}: {what}");
        let mut child = Command::new(program)
            .args(arguments)
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| named(&error))?;
        // Read on, so that it never waits for us; what it started may hold the pipe open, so nobody waits for the end of it.
        let (sender, said) = std::sync::mpsc::sync_channel(1);
        if let Some(mut pipe) = child.stderr.take() {
            thread::spawn(move || {
                let mut text = Vec::new();
                let _ = (&mut pipe).take(SAID).read_to_end(&mut text);
                let _ = sender.send(String::from_utf8_lossy(&text).trim().to_owned());
                let _ = io::copy(&mut pipe, &mut io::sink());
            });
        }
        let begun = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    let said = said.recv_timeout(LOOK * 10).unwrap_or_default();
                    let said = said.replace(|c: char| c.is_control(), " ");
                    return Err(named(&format!("{status}{}{said}", if said.is_empty() { "" } else { ": " })));
                }
                Ok(None) => {}
                Err(error) => return Err(named(&error)),
            }
            let late = begun.elapsed() >= self.timeout;
            if late || stop.wait(LOOK) {
                if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    let _ = kill_process_group(group, Signal::KILL);
                }
                let _ = child.wait();
                return Err(named(&if late {
                    "it took too long and was killed"
                } else {
                    "killed, because the gate ends"
                }));
            }
        }
    }
}

/// Copies durably, and under its name only when it is whole. A file that is there already must be the same.
fn copy(from: &Path, to: &Path, stop: &Stop) -> io::Result<()> {
    let mut source = File::open(from)?;
    if let Ok(there) = File::open(to) {
        return if same(&mut source, there)? {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::AlreadyExists, "another file of this name is there; it is not replaced"))
        };
    }
    let mut temporary = to.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut target = File::options().write(true).create_new(true).mode(0o600).open(temporary)?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        target.write_all(buffer.get(..read).unwrap_or_default())?;
        if stop.is_set() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the gate ends"));
        }
    }
    target.sync_all()?;
    fs::rename(temporary, to)
}

fn same(one: &mut File, mut other: File) -> io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut here, mut there) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let read = one.read(&mut here)?;
        let (here, there) = (here.get(..read).unwrap_or_default(), there.get_mut(..read).unwrap_or_default());
        other.read_exact(there)?;
        if here != there {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests;
