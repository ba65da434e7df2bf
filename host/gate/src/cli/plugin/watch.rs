//! `witgate plugin watch`: builds and tests again whenever a file is saved.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use serde_json::{Value, json};

use super::error::PluginError;
use super::paint::Paint;
use super::runner::Runner;
use super::splits::Splits;
use super::target::{Found, Target};
use super::{FAILED, Format, OK, build, plain, test};

/// Editors write a file in several steps, and people save several files at once: this long after the last of it.
const QUIET: Duration = Duration::from_millis(150);
/// Files that are watched. A project that has more is not one of these.
const MOST: usize = 5000;
/// What a build writes itself, or nobody edits by hand.
const LEFT_OUT: [&str; 7] = ["target", "node_modules", "__pycache__", "build", "dist", "venv", "Cargo.lock"];

/// What came of one round.
struct Round {
    /// Cases that are met, and the names of those that are not.
    cases: Result<(usize, Vec<String>), PluginError>,
    built: Duration,
    tested: Duration,
}

/// Builds and tests the project in `dir`, then again after each change. Ends after `rounds`, where that many are wanted, with
/// what the last one came to.
pub(super) fn run(
    dir: &Path,
    rounds: Option<u32>,
    format: Format,
    paint: Paint,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, PluginError> {
    let (sender, changes) = sync_channel(1);
    let fail = |error: notify::Error| PluginError::Watch(error.to_string());
    // Only that something happened is of interest: what it was, the files themselves tell.
    let mut watcher = notify::recommended_watcher(move |_| {
        let _ = sender.try_send(());
    })
    .map_err(fail)?;
    let mut seen = Files::of(dir)?;
    seen.watch(&mut watcher).map_err(fail)?;
    let mut number = 0_u32;
    loop {
        number = number.saturating_add(1);
        let round = round(dir);
        match format {
            Format::Json => writeln!(out, "{}", round.json(number))?,
            Format::Human => writeln!(out, "{}", round.human(number, paint))?,
        }
        out.flush()?;
        if let (Err(error), Format::Human) = (&round.cases, format) {
            writeln!(err, "{}", error.rendered())?;
        }
        if rounds.is_some_and(|rounds| number >= rounds) {
            return Ok(round.code());
        }
        // What was saved while the last round ran is seen at once: the files are held against what that round began with.
        loop {
            let now = Files::of(dir)?;
            if now != seen {
                now.watch(&mut watcher).map_err(fail)?;
                seen = now;
                break;
            }
            if changes.recv().is_err() {
                return Err(PluginError::Watch("the watcher ended".to_owned()));
            }
            while !matches!(
                changes.recv_timeout(QUIET),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)
            ) {}
        }
    }
}

fn round(dir: &Path) -> Round {
    let began = Instant::now();
    let built = build::component(dir);
    let (built, took) = (built.map(|built| built.bytes), began.elapsed());
    let began = Instant::now();
    let cases = built.and_then(|bytes| tested(dir, bytes));
    Round { cases, built: took, tested: began.elapsed() }
}

fn tested(dir: &Path, bytes: Vec<u8>) -> Result<(usize, Vec<String>), PluginError> {
    let target = Target::Path(dir.to_owned());
    let name = target.to_string();
    let found = Found { bytes: bytes.into(), beside: Some(dir.to_owned()) };
    let mut runner = Runner::new(&name, &found.bytes, Splits::Every)?;
    let (file, text) = test::find(&target, None, &found)?;
    let cases = test::cases(&name, &file, &text, &runner.manifest, None)?;
    let mut failed = Vec::new();
    for case in &cases {
        let ran = runner.run(case).map_err(|error| PluginError::Load { name: name.clone(), error })?;
        if !ran.differences.is_empty() {
            failed.push(case.name.clone());
        }
    }
    Ok((cases.len() - failed.len(), failed))
}

impl Round {
    fn code(&self) -> u8 {
        match &self.cases {
            Ok((_, failed)) if failed.is_empty() => OK,
            Ok(_) => FAILED,
            Err(error) => error.exit(),
        }
    }

    fn human(&self, number: u32, paint: Paint) -> String {
        let took = format!("built in {:.1} s, tested in {:.1} s", self.built.as_secs_f64(), self.tested.as_secs_f64());
        let said = match &self.cases {
            Ok((passed, failed)) if failed.is_empty() => format!("{} {passed} cases", paint.green("✓")),
            Ok((passed, failed)) => {
                format!(
                    "{} {} of {} cases: {}",
                    paint.red("✗"),
                    failed.len(),
                    passed + failed.len(),
                    plain(&failed.join("; "))
                )
            }
            Err(error) => format!("{} {}", paint.red("✗"), error.code()),
        };
        format!("{number:>3}  {said}  {}", paint.faint(&took))
    }

    fn json(&self, number: u32) -> Value {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (passed, failed, error) = match &self.cases {
            Ok((passed, failed)) => (Some(*passed), failed.as_slice(), Value::Null),
            Err(error) => (None, [].as_slice(), json!({"code": error.code(), "message": error.to_string()})),
        };
        json!({"round": number, "exit": self.code(), "passed": passed, "failed": failed, "error": error,
            "built_ms": millis(self.built), "tested_ms": millis(self.tested)})
    }
}

/// The files of a project that people edit, with what tells a saved one; and the folders they lie in.
#[derive(Debug, PartialEq, Eq)]
struct Files {
    files: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
    folders: Vec<PathBuf>,
}

impl Files {
    fn of(dir: &Path) -> Result<Self, PluginError> {
        let mut found = Self { files: BTreeMap::new(), folders: vec![] };
        let mut open = vec![dir.to_owned()];
        while let Some(folder) = open.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                // One that was removed while this looked.
                Err(_) if folder != dir => continue,
                Err(source) => return Err(PluginError::Unreadable { path: folder, source }),
            };
            for entry in entries.flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                let made = name.ends_with(".wasm") || name.ends_with('~') || name.ends_with(".swp");
                if name.starts_with('.') || made || LEFT_OUT.contains(&name.as_ref()) || found.files.len() >= MOST {
                    continue;
                }
                match entry.metadata() {
                    Ok(kind) if kind.is_dir() => open.push(path),
                    Ok(file) => {
                        found.files.insert(path, (file.len(), file.modified().ok()));
                    }
                    Err(_) => {}
                }
            }
            found.folders.push(folder);
        }
        found.folders.sort();
        Ok(found)
    }

    /// Each folder for itself, so that what a build writes beside them wakes nobody.
    fn watch(&self, watcher: &mut RecommendedWatcher) -> Result<(), notify::Error> {
        for folder in &self.folders {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                // Removed since.
                Err(_) if !folder.exists() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
