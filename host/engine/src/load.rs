//! From bytes to a [`Plugin`]. Nothing here runs while a request waits.

use std::sync::Arc;

use wasmtime::component::{Component, InstancePre};

use crate::contract::exports::witgate::policy::lifecycle;
use crate::engine::{Engine, Inner};
use crate::health::Health;
use crate::host::HostState;
use crate::plugin::{Digest, Exports, Inspection, Plugin, PluginInner, Start};
use crate::shelf::Shelf;
use crate::snapshot::{self, NoSnapshot};
use crate::stats::Counters;
use crate::trusted::{Function, Signature, interface};
use crate::{Anatomy, Grants, Limits, LoadError, Manifest, artifact, wasi};

/// What is to be loaded.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// The name under which the configuration lists it: its state, metrics and labels carry this name.
    pub id: &'a str,
    /// A component, or a core module with a component type.
    pub bytes: &'a [u8],
    /// Its configuration, as JSON that already met the manifest's schema.
    pub config: &'a str,
    /// Bounds for its instances.
    pub limits: Limits,
    /// What it may do.
    pub grants: Grants,
}

/// Part of the cache key: what this crate does between bytes and compiled code.
const PIPELINE: &str = "2";

impl Engine {
    /// Checks, configures, snapshots and compiles a plugin, or takes the compiled code from the cache.
    ///
    /// # Errors
    /// [`LoadError`], with a stable code: the plugin cannot serve.
    pub fn load(&self, source: &Source<'_>) -> Result<Plugin, LoadError> {
        let counters = &self.inner.counters;
        let loaded = self.try_load(source).and_then(|plugin| plugin.self_test().map(|()| plugin));
        Counters::add(match &loaded {
            Ok(plugin) if plugin.was_cached() => &counters.loaded_from_cache,
            Ok(_) => &counters.compiled,
            Err(_) => &counters.refused,
        });
        loaded
    }

    fn try_load(&self, source: &Source<'_>) -> Result<Plugin, LoadError> {
        if source.limits.memory > Limits::MAX_MEMORY {
            return Err(LoadError::MemoryLimit(source.limits.memory));
        }
        let manifest = Manifest::read(source.bytes)?;
        let digest = Digest::of(source.bytes);
        let inner = &*self.inner;
        let id: Arc<str> = source.id.into();
        let grants = Arc::new(source.grants.clone());
        let state = || {
            let (store, metrics) = (Arc::clone(&inner.store), Arc::clone(&inner.metrics));
            HostState::new(Arc::clone(&id), Arc::clone(&grants), source.limits, store, metrics)
        };
        let (compiled, start, cached) = compiled(inner, source, digest, &state)?;
        let pre = link(inner, &compiled)?;
        let exports = exports(&pre)?;
        let imports_wasi = compiled.component_type().imports(&inner.wasmtime).any(|(name, _)| wasi::is_linked(name));
        let plugin = Plugin {
            inner: Arc::new(PluginInner {
                engine: self.clone(),
                id,
                manifest,
                digest,
                config: source.config.to_owned(),
                limits: source.limits,
                grants,
                start,
                cached,
                pre,
                exports,
                health: Health::default(),
                shelf: Shelf::default(),
                may_block: imports_wasi || start == Start::Configure,
            }),
        };
        if start == Start::Configure {
            inner.filler.order(Arc::downgrade(&plugin.inner));
        }
        Ok(plugin)
    }
}

/// Imports must be what the contract has and the operator granted.
fn covered(anatomy: &Anatomy, grants: &Grants) -> Result<(), LoadError> {
    let lacking = anatomy.needs()?.into_iter().filter(|(_, grant)| !grants.has(*grant));
    let mut lacking = lacking.map(|(import, grant)| (import.to_owned(), grant.name()));
    match lacking.next() {
        Some((import, grant)) => Err(LoadError::MissingGrant { import, grant, more: lacking.collect() }),
        None => Ok(()),
    }
}

/// Compiled code, from the cache or from bytes that nothing in this process looks into deeper than their sections. What is
/// in the cache was checked against the same grants when it was made.
fn compiled(
    inner: &Inner,
    source: &Source<'_>,
    digest: Digest,
    state: &dyn Fn() -> HostState,
) -> Result<(Component, Start, bool), LoadError> {
    let refuse = |e: wasmtime::Error| LoadError::Compile(format!("{e:#}"));
    let key = |start: Start| cache_key(inner, digest, source, start);
    for start in [Start::Snapshot, Start::Configure] {
        if let Some(component) = inner.cache.get(&inner.wasmtime, &key(start)) {
            return Ok((component, start, true));
        }
    }
    if let Some(loader) = &inner.loader {
        let (code, start) = loader.load(source)?;
        let component = inner.cache.take(&inner.wasmtime, &key(start), &code).map_err(refuse)?;
        return Ok((component, start, false));
    }
    let (compiled, start) = prepare(inner, source, state)?;
    inner.cache.put(&key(start), &compiled.serialize().map_err(refuse)?);
    Ok((compiled, start, false))
}

/// Makes a component of the bytes, checks what it imports, configures and compiles it, in this process.
pub(crate) fn prepare(
    inner: &Inner,
    source: &Source<'_>,
    state: &dyn Fn() -> HostState,
) -> Result<(Component, Start), LoadError> {
    let component = artifact::componentize(source.bytes)?;
    covered(&Anatomy::read(&component)?, &source.grants)?;
    let (bytes, start) = match snapshot::take(inner, &component, source.config, state()) {
        Ok(snapshot) => (snapshot, Start::Snapshot),
        Err(NoSnapshot::Refused(why)) => return Err(why),
        Err(NoSnapshot::Unsupported(why)) => {
            tracing::warn!(plugin = source.id, %why, "no snapshot: each instance is configured anew, which is slower");
            (component, Start::Configure)
        }
    };
    let compiled = Component::new(&inner.wasmtime, &bytes).map_err(|e| LoadError::Compile(format!("{e:#}")))?;
    if start == Start::Configure {
        // A configuration that is refused must be refused now, not at the first exchange.
        snapshot::configured(inner, &compiled, source.config, state())?;
    }
    Ok((compiled, start))
}

/// Names compiled code by all that it depends on.
fn cache_key(inner: &Inner, digest: Digest, source: &Source<'_>, start: Start) -> String {
    use std::hash::{Hash as _, Hasher as _};
    // wasmtime's own hash of version, target and settings; not cryptographic, and need not be: it separates builds.
    let mut engine = std::hash::DefaultHasher::new();
    inner.wasmtime.precompile_compatibility_hash().hash(&mut engine);
    let text = format!(
        "{PIPELINE}\n{digest}\n{:016x}\n{}\n{}\n{}\n{}",
        engine.finish(),
        start.name(),
        source.limits.memory,
        source.grants.names().join(","),
        source.config,
    );
    Digest::of(text.as_bytes()).to_string()
}

fn link(inner: &Inner, component: &Component) -> Result<InstancePre<HostState>, LoadError> {
    inner.linker.instantiate_pre(component).map_err(|e| LoadError::Contract(format!("{e:#}")))
}

/// Which stages are there. An export that is there in another shape is an error, not an absence.
fn exports(pre: &InstancePre<HostState>) -> Result<Exports, LoadError> {
    let component = pre.component();
    let has = |stage: &str| component.get_export_index(None, interface(stage)).is_some();
    let inspection =
        || Ok(Inspection { open: function(component)?, push: function(component)?, finish: function(component)? });
    let exports = Exports {
        lifecycle: lifecycle::GuestIndices::new(pre).map_err(|e| LoadError::Contract(format!("{e:#}")))?,
        admission: has("admission").then(|| function(component)).transpose()?,
        inspection: has("inspection").then(inspection).transpose()?,
        commitment: has("commitment").then(|| function(component)).transpose()?,
        recording: has("recording").then(|| function(component)).transpose()?,
    };
    let none = exports.admission.is_none()
        && exports.inspection.is_none()
        && exports.commitment.is_none()
        && exports.recording.is_none();
    if none { Err(LoadError::NoStage) } else { Ok(exports) }
}

fn function<S: Signature>(component: &Component) -> Result<Function<S>, LoadError> {
    let lacking = || LoadError::Contract(format!("`{}` has no function `{}`", interface(S::INTERFACE), S::NAME));
    Function::find(component).ok_or_else(lacking)
}
