//! Reading, configuring and compiling in a child process: a file that overflows a parser's stack, makes the snapshotter
//! panic, the compiler crawl or memory run out costs one failed load, and what compiling needs of memory is given back with the process.
//!
//! The two halves speak over pipes: a header as one line of JSON, then bytes. The child is this same program, so both always
//! agree on versions; it gets no environment, and ends itself when it has used up what it may.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use serde::{Deserialize, Serialize};

use crate::contract::Issue;
use crate::engine::{Engine, EngineOptions};
use crate::host::HostState;
use crate::load::{self, Source};
use crate::plugin::Start;
use crate::{Grant, Limits, LoadError};

/// How the child is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loader {
    /// The program: this one.
    pub program: PathBuf,
    /// The arguments with which it calls [`serve`].
    pub args: Vec<String>,
}

/// Processor time that one load may use: compiling an interpreter takes a minute of it.
const CPU: Duration = Duration::from_secs(300);
/// Time by the wall.
const WALL: Duration = Duration::from_secs(600);
/// Private memory that it may write.
const MEMORY: u64 = 2 << 30;
/// Compiled code of one component.
const CODE: u64 = 512 << 20;
/// How far it steps back behind the gate's own work.
const NICE: i32 = 10;
/// A header.
const HEADER: u64 = 4 << 20;

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    id: String,
    config: String,
    memory: usize,
    deadline_us: u64,
    grants: Vec<String>,
    bytes: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Loaded { snapshot: bool, bytes: u64 },
    NotAComponent(String),
    UnknownImport(String),
    MissingGrant(Vec<(String, String)>),
    Contract(String),
    Configure(Vec<(String, String)>),
    ConfigureFault(String),
    Compile(String),
}

impl Loader {
    /// Has a component configured and compiled. Blocks for as long as it takes.
    pub(crate) fn load(&self, source: &Source<'_>) -> Result<(Vec<u8>, Start), LoadError> {
        let failed = |why: String| LoadError::Loader(why);
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a plugin logs while it is configured comes this way.
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|e| failed(format!("the loader does not start: {e}")))?;
        let request = Request {
            id: source.id.to_owned(),
            config: source.config.to_owned(),
            memory: source.limits.memory,
            deadline_us: u64::try_from(source.limits.deadline.as_micros()).unwrap_or(u64::MAX),
            grants: source.grants.names().into_iter().map(str::to_owned).collect(),
            bytes: source.bytes.len(),
        };
        let sent = child.stdin.take().map_or(Ok(()), |stdin| send(stdin, &request, source.bytes));
        let answer = match child.stdout.take() {
            Some(out) => receive(out),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let status = child.wait().map_err(|e| failed(e.to_string()))?;
        match (answer, sent) {
            (Ok(answer), Ok(())) => answer,
            // It ended before it had read or said everything; how it ended says why.
            _ => Err(failed(ended(status))),
        }
    }
}

/// What the end of a child says.
fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    const BY_TIME: [i32; 2] = [Signal::XCPU.as_raw(), Signal::KILL.as_raw()];
    const BY_MEMORY: i32 = Signal::ABORT.as_raw();
    match (status.signal(), status.code()) {
        (Some(signal), _) if BY_TIME.contains(&signal) => {
            format!("it took more than {} s of a processor", CPU.as_secs())
        }
        (Some(BY_MEMORY), _) => format!("it needed more than {} MiB, or the compiler gave up", MEMORY >> 20),
        (Some(signal), _) => format!("the loader was ended by signal {signal}"),
        (None, Some(code)) if code == i32::from(TOO_LONG) => format!("it took more than {} s", WALL.as_secs()),
        (None, Some(code)) => format!("the loader ended with {code}"),
        (None, None) => "the loader ended".into(),
    }
}

/// The child's exit code when its time by the wall is over.
const TOO_LONG: u8 = 124;

/// The child's half: reads one request from `input`, answers on `output`. Limits this process first; it is of no use for
/// anything else afterwards.
///
/// # Errors
/// When the other half went away, or spoke otherwise than it should.
pub fn serve(input: impl Read, output: impl Write) -> io::Result<()> {
    restrain()?;
    answer(input, output)
}

fn answer(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let request: Request = header(&mut input)?;
    let mut component = Vec::new();
    input.take(request.bytes as u64).read_to_end(&mut component)?;
    let engine = Engine::new(&EngineOptions { cache_dir: None, loader: None, sandboxes: 0 })?;
    let grants = request.grants.iter().map(|name| name.parse::<Grant>()).collect::<Result<_, _>>();
    let grants = grants.map_err(io::Error::other)?;
    let limits = Limits { memory: request.memory, deadline: Duration::from_micros(request.deadline_us) };
    let source = Source { id: &request.id, bytes: &component, config: &request.config, limits, grants };
    let inner = &*engine.inner;
    let (id, grants): (Arc<str>, _) = (source.id.into(), Arc::new(source.grants.clone()));
    let state = || {
        let (store, metrics) = (Arc::clone(&inner.store), Arc::clone(&inner.metrics));
        HostState::new(Arc::clone(&id), Arc::clone(&grants), limits, store, metrics)
    };
    let loaded = load::prepare(inner, &source, &state).and_then(|(compiled, start)| {
        let code = compiled.serialize().map_err(|e| LoadError::Compile(format!("{e:#}")))?;
        Ok((code, start))
    });
    let (reply, code) = match loaded {
        Ok((code, start)) => {
            (Reply::Loaded { snapshot: start == Start::Snapshot, bytes: code.len() as u64 }, Some(code))
        }
        Err(LoadError::Configure(issues)) => {
            (Reply::Configure(issues.into_iter().map(|i| (i.pointer, i.message)).collect()), None)
        }
        Err(LoadError::NotAComponent(why)) => (Reply::NotAComponent(why), None),
        Err(LoadError::UnknownImport(import)) => (Reply::UnknownImport(import), None),
        Err(LoadError::MissingGrant { import, grant, more }) => {
            let all = std::iter::once((import, grant)).chain(more);
            (Reply::MissingGrant(all.map(|(import, grant)| (import, grant.to_owned())).collect()), None)
        }
        Err(LoadError::Contract(why)) => (Reply::Contract(why), None),
        Err(LoadError::ConfigureFault(why)) => (Reply::ConfigureFault(why), None),
        Err(LoadError::Compile(why)) => (Reply::Compile(why), None),
        Err(other) => (Reply::Compile(other.to_string()), None),
    };
    send_line(&mut output, &reply)?;
    output.write_all(&code.unwrap_or_default())?;
    output.flush()
}

/// Bounds of this process.
fn restrain() -> io::Result<()> {
    let bound = |resource, most: u64| {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(io::Error::from)
    };
    bound(Resource::Cpu, CPU.as_secs())?;
    bound(Resource::Data, MEMORY)?;
    bound(Resource::Core, 0)?;
    // Exchanges are waited for, loads are not.
    let _ = rustix::process::nice(NICE);
    std::thread::Builder::new().name("patience".into()).spawn(|| {
        std::thread::sleep(WALL);
        std::process::exit(TOO_LONG.into());
    })?;
    Ok(())
}

fn send(mut to: impl Write, header: &Request, bytes: &[u8]) -> io::Result<()> {
    send_line(&mut to, header)?;
    to.write_all(bytes)?;
    to.flush()
}

fn send_line<T: Serialize>(to: &mut impl Write, header: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(header).map_err(io::Error::other)?;
    line.push(b'\n');
    to.write_all(&line)
}

fn header<T: for<'a> Deserialize<'a>>(from: &mut BufReader<impl Read>) -> io::Result<T> {
    let mut line = Vec::new();
    from.take(HEADER).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(&line).map_err(io::Error::other)
}

fn receive(from: impl Read) -> io::Result<Result<(Vec<u8>, Start), LoadError>> {
    let mut from = BufReader::new(from);
    Ok(match header(&mut from)? {
        Reply::Loaded { snapshot, bytes } => {
            let mut code = Vec::new();
            from.take(bytes.min(CODE)).read_to_end(&mut code)?;
            if code.len() as u64 != bytes {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok((code, if snapshot { Start::Snapshot } else { Start::Configure }))
        }
        Reply::NotAComponent(why) => Err(LoadError::NotAComponent(why)),
        Reply::UnknownImport(import) => Err(LoadError::UnknownImport(import)),
        Reply::MissingGrant(all) => {
            let named = |(import, grant): (String, String)| Ok((import, grant.parse::<Grant>()?.name()));
            let all = all.into_iter().map(named).collect::<Result<Vec<_>, crate::host::UnknownGrant>>();
            let mut all = all.map_err(io::Error::other)?.into_iter();
            let (import, grant) = all.next().ok_or(io::ErrorKind::InvalidData)?;
            Err(LoadError::MissingGrant { import, grant, more: all.collect() })
        }
        Reply::Contract(why) => Err(LoadError::Contract(why)),
        Reply::Configure(issues) => {
            Err(LoadError::Configure(issues.into_iter().map(|(pointer, message)| Issue { pointer, message }).collect()))
        }
        Reply::ConfigureFault(why) => Err(LoadError::ConfigureFault(why)),
        Reply::Compile(why) => Err(LoadError::Compile(why)),
    })
}

#[cfg(test)]
mod tests;
