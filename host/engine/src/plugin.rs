//! A plugin that is ready to serve.

use std::fmt;
use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::contract::exports::witgate::policy::lifecycle;
use crate::engine::Engine;
use crate::health::Health;
use crate::host::HostState;
use crate::load::Source;
use crate::shelf::Shelf;
use crate::trusted::{Admit, Commit, Finish, Function, Observe, Open, Push};
use crate::{Breaker, Grants, Limits, LoadError, Manifest, snapshot};

/// A sha256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a plugin is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Before anything leaves.
    Admission,
    /// Text as it streams.
    Inspection,
    /// Before an effect.
    Commitment,
    /// Afterwards.
    Recording,
}

impl Stage {
    /// The stage's name, as everywhere in documents and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Inspection => "inspection",
            Self::Commitment => "commitment",
            Self::Recording => "recording",
        }
    }
}

/// The stages a component exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stages {
    /// Exports admission.
    pub admission: bool,
    /// Exports inspection.
    pub inspection: bool,
    /// Exports commitment.
    pub commitment: bool,
    /// Exports recording.
    pub recording: bool,
}

impl Stages {
    /// The names, in the order in which they are asked.
    pub fn names(self) -> Vec<&'static str> {
        let all = [Stage::Admission, Stage::Inspection, Stage::Commitment, Stage::Recording];
        all.into_iter().filter(|stage| self.has(*stage)).map(Stage::name).collect()
    }

    /// Whether one of them is there.
    pub fn has(self, stage: Stage) -> bool {
        match stage {
            Stage::Admission => self.admission,
            Stage::Inspection => self.inspection,
            Stage::Commitment => self.commitment,
            Stage::Recording => self.recording,
        }
    }
}

/// What a fresh instance begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The memory that `configure` left, snapshotted: the usual way.
    Snapshot,
    /// Nothing: `configure` runs in each instance, because the snapshotter does not know this kind of component. A few instances
    /// are made beforehand.
    Configure,
}

impl Start {
    /// A word for people and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Configure => "configure",
        }
    }
}

/// Where each stage's functions are.
pub(crate) struct Exports {
    pub(crate) lifecycle: lifecycle::GuestIndices,
    pub(crate) admission: Option<Function<Admit>>,
    pub(crate) inspection: Option<Inspection>,
    pub(crate) commitment: Option<Function<Commit>>,
    pub(crate) recording: Option<Function<Observe>>,
}

/// The functions of a session.
pub(crate) struct Inspection {
    pub(crate) open: Function<Open>,
    pub(crate) push: Function<Push>,
    pub(crate) finish: Function<Finish>,
}

/// A plugin, checked, configured and compiled. Cheap to clone; immutable.
#[derive(Clone)]
pub struct Plugin {
    pub(crate) inner: Arc<PluginInner>,
}

pub(crate) struct PluginInner {
    pub(crate) engine: Engine,
    pub(crate) id: Arc<str>,
    pub(crate) manifest: Manifest,
    pub(crate) digest: Digest,
    pub(crate) config: String,
    pub(crate) limits: Limits,
    pub(crate) grants: Arc<Grants>,
    pub(crate) start: Start,
    pub(crate) cached: bool,
    pub(crate) pre: InstancePre<HostState>,
    pub(crate) exports: Exports,
    pub(crate) health: Health,
    pub(crate) shelf: Shelf,
    /// Whether it must be called where a thread may block, whatever its record.
    pub(crate) may_block: bool,
}

impl PluginInner {
    /// The data of a new instance's store.
    pub(crate) fn state(&self) -> HostState {
        let engine = &*self.engine.inner;
        let (store, metrics) = (Arc::clone(&engine.store), Arc::clone(&engine.metrics));
        HostState::new(Arc::clone(&self.id), Arc::clone(&self.grants), self.limits, store, metrics)
    }

    /// A new instance, configured.
    pub(crate) fn configured(&self) -> Result<(Store<HostState>, Instance), LoadError> {
        snapshot::configure(&self.engine.inner, &self.pre, &self.exports.lifecycle, &self.config, self.state())
    }
}

impl Plugin {
    /// The name under which the configuration lists it.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// sha256 of the file as it was read.
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// The configuration in force, as JSON.
    pub fn config(&self) -> &str {
        &self.inner.config
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Whether this is the plugin that loading `source` would give.
    pub fn is(&self, source: &Source<'_>) -> bool {
        let inner = &*self.inner;
        (&*inner.id, inner.config.as_str(), inner.limits, &*inner.grants)
            == (source.id, source.config, source.limits, &source.grants)
            && inner.digest == Digest::of(source.bytes)
    }

    /// What the operator granted.
    pub fn grants(&self) -> &Grants {
        &self.inner.grants
    }

    /// The stages it exports.
    pub fn stages(&self) -> Stages {
        let exports = &self.inner.exports;
        Stages {
            admission: exports.admission.is_some(),
            inspection: exports.inspection.is_some(),
            commitment: exports.commitment.is_some(),
            recording: exports.recording.is_some(),
        }
    }

    /// Whether its admission is asked about a document with segments of these kinds and roles: its manifest may say what it
    /// reads.
    pub fn reads<'a>(&self, segments: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        let Some(reads) = &self.inner.manifest.admission_reads else { return true };
        segments.into_iter().any(|(kind, role)| reads.iter().any(|reads| reads.fits(kind, role)))
    }

    /// What its fresh instances begin with.
    pub fn start(&self) -> Start {
        self.inner.start
    }

    /// Whether it is asked at present.
    pub fn breaker(&self) -> Breaker {
        self.inner.health.breaker()
    }

    /// Whether its calls belong into a lane of their own, on threads that may block, so that they hold up nobody else: it
    /// imports WASI, is configured in each instance, is new, has just faulted, or is slow.
    pub fn needs_lane(&self) -> bool {
        self.inner.may_block || self.inner.health.is_on_probation()
    }

    /// Whether its compiled code came from the cache.
    pub fn was_cached(&self) -> bool {
        self.inner.cached
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("id", &self.inner.id).field("digest", &self.inner.digest).finish_non_exhaustive()
    }
}
