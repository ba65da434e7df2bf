//! The gate's own numbers, as Prometheus text.

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use witgate_policy::engine::Breaker;
use witgate_policy::{Opinion, PolicySet};

use crate::gate::Gate;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    /// `completed`, `denied`, `refused`, `aborted`, `upstream_error`, `client_gone`.
    pub(crate) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct At {
    pub(crate) stage: &'static str,
    pub(crate) plugin: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Said {
    pub(crate) plugin: String,
    pub(crate) verdict: String,
    pub(crate) mode: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Fault {
    pub(crate) plugin: String,
    pub(crate) code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Code {
    pub(crate) code: String,
}

/// Counters and histograms. Label values come from the configuration and from closed sets, never from traffic, so their
/// number is bounded.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) exchanges: Family<Outcome, Counter>,
    pub(crate) refusals: Family<Code, Counter>,
    pub(crate) in_flight: Gauge,
    pub(crate) verdicts: Family<Said, Counter>,
    pub(crate) faults: Family<Fault, Counter>,
    pub(crate) plugin_seconds: Family<At, Histogram>,
    pub(crate) added_seconds: Histogram,
    pub(crate) held_seconds: Histogram,
    pub(crate) withheld: Counter,
    pub(crate) reloads: Family<Code, Counter>,
    pub(crate) unrecorded: Counter,
    pub(crate) bodies_not_kept: Counter,
    pub(crate) bodies_erased: Counter,
    generation: Gauge<u64, AtomicU64>,
    ledger_healthy: Gauge,
    ledger_records: Gauge<u64, AtomicU64>,
    ledger_syncs: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("witgate");
        let micro = || Histogram::new(exponential_buckets(1e-6, 2.0, 20));
        let metrics = Self {
            exchanges: Family::default(),
            refusals: Family::default(),
            in_flight: Gauge::default(),
            verdicts: Family::default(),
            faults: Family::default(),
            plugin_seconds: Family::new_with_constructor(micro),
            added_seconds: Histogram::new(exponential_buckets(1e-5, 2.0, 20)),
            held_seconds: Histogram::new(exponential_buckets(1e-3, 2.0, 20)),
            withheld: Counter::default(),
            reloads: Family::default(),
            unrecorded: Counter::default(),
            bodies_not_kept: Counter::default(),
            bodies_erased: Counter::default(),
            generation: Gauge::default(),
            ledger_healthy: Gauge::default(),
            ledger_records: Gauge::default(),
            ledger_syncs: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("exchanges", "Exchanges that are over, by outcome", metrics.exchanges.clone());
        registry.register("refusals", "Answers that were the gate's own, by code", metrics.refusals.clone());
        registry.register("exchanges_in_flight", "Exchanges that are not over", metrics.in_flight.clone());
        registry.register("verdicts", "What plugins said, by mode", metrics.verdicts.clone());
        registry.register("faults", "Plugins that could not decide, by class", metrics.faults.clone());
        registry.register(
            "plugin_seconds",
            "Time of one plugin in one stage of one exchange",
            metrics.plugin_seconds.clone(),
        );
        registry.register(
            "added_seconds",
            "Time an exchange spent in the gate and not in the upstream",
            metrics.added_seconds.clone(),
        );
        registry.register(
            "held_seconds",
            "For how long text of one stream was held back until it was decided, at most",
            metrics.held_seconds.clone(),
        );
        registry.register("withheld_calls", "Tool calls withheld", metrics.withheld.clone());
        registry.register("reloads", "Policy sets built after the start, by result", metrics.reloads.clone());
        registry.register(
            "unrecorded_refusals",
            "Refused requests beyond the rate that the ledger takes",
            metrics.unrecorded.clone(),
        );
        registry.register(
            "bodies_not_kept",
            "Exchanges whose body could not be written, so that they cannot be replayed",
            metrics.bodies_not_kept.clone(),
        );
        registry.register(
            "bodies_erased",
            "Files of kept bodies that were erased because they were old enough",
            metrics.bodies_erased.clone(),
        );
        registry.register("policy_generation", "The policy set in force", metrics.generation.clone());
        registry.register("ledger_healthy", "1 while the ledger can be written", metrics.ledger_healthy.clone());
        registry.register("ledger_records", "Records written since the start", metrics.ledger_records.clone());
        registry.register(
            "ledger_syncs",
            "Syncs since the start; many records share one",
            metrics.ledger_syncs.clone(),
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts what plugins said at a stage.
    pub(crate) fn note(&self, stage: &'static str, set: &PolicySet, opinions: &[Opinion]) {
        for opinion in opinions {
            let Some(member) = set.members().get(opinion.member) else { continue };
            let plugin = || member.plugin.id().to_owned();
            let said = Said { plugin: plugin(), verdict: opinion.verdict.to_owned(), mode: member.mode.name() };
            self.verdicts.get_or_create(&said).inc();
            if let Some(code) = opinion.fault {
                self.faults.get_or_create(&Fault { plugin: plugin(), code }).inc();
            }
            #[expect(clippy::cast_precision_loss, reason = "nanoseconds of one exchange")]
            let seconds = opinion.elapsed_ns as f64 / 1e9;
            self.plugin_seconds.get_or_create(&At { stage, plugin: plugin() }).observe(seconds);
        }
    }

    /// Everything as text, version 1.0.0 of OpenMetrics, which Prometheus reads.
    pub(crate) fn text(&self, gate: &Gate) -> String {
        self.generation.set(gate.policies.current().generation());
        self.ledger_healthy.set(i64::from(gate.ledger.health().is_healthy()));
        let stats = gate.ledger.stats();
        self.ledger_records.set(stats.records);
        self.ledger_syncs.set(stats.syncs);
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut out, &self.registry);
        let end = out.trim_end_matches("# EOF\n").len();
        out.truncate(end);
        chores(&mut out, gate);
        engine(&mut out, gate);
        tokens(&mut out, gate);
        let plugins = gate.policies.engine().plugin_metrics().snapshot();
        if !plugins.is_empty() {
            out.push_str("# TYPE witgate_plugin_count counter\n# TYPE witgate_plugin_sum gauge\n");
        }
        for (plugin, name, count, sum) in plugins {
            let _ = writeln!(out, "witgate_plugin_count_total{{plugin=\"{plugin}\",name=\"{name}\"}} {count}");
            let _ = writeln!(out, "witgate_plugin_sum{{plugin=\"{plugin}\",name=\"{name}\"}} {sum}");
        }
        out.push_str("# EOF\n");
        out
    }
}

/// What became of the ledger's finished segments and of its checkpoints.
fn chores(out: &mut String, gate: &Gate) {
    let stats = gate.ledger.stats();
    let counters = [
        ("ledger_segments_packed", "Finished segments compressed", stats.packed),
        ("ledger_segments_shipped", "Finished segments shipped", stats.shipped),
        ("ledger_segments_let_go", "Segments removed as the rule says", stats.let_go),
        ("ledger_checkpoints_witnessed", "Checkpoints handed to the witness", stats.witnessed),
        ("ledger_checkpoints_cosigned", "Checkpoints that the witness cosigned", stats.cosigned.done),
        ("ledger_timestamps", "Time-stamp tokens over checkpoints", stats.timestamps.done),
    ];
    for (name, help, value) in counters {
        let _ =
            writeln!(out, "# HELP witgate_{name} {help}.\n# TYPE witgate_{name} counter\nwitgate_{name}_total {value}");
    }
    let gauges = [
        ("ledger_segments_unshipped", "Finished segments that wait to be shipped", stats.unshipped),
        ("ledger_records_cosigned", "Records that the newest cosigned checkpoint covers", stats.cosigned.records),
        ("ledger_records_timestamped", "Records that the newest time-stamp token covers", stats.timestamps.records),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(out, "# HELP witgate_{name} {help}.\n# TYPE witgate_{name} gauge\nwitgate_{name} {value}");
    }
    out.push_str("# HELP witgate_ledger_chore_failures Times one of these failed; each is tried again.\n");
    out.push_str("# TYPE witgate_ledger_chore_failures counter\n");
    let failures = [
        ("pack", stats.pack_failures),
        ("ship", stats.ship_failures),
        ("retain", stats.retain_failures),
        ("witness", stats.witness_failures),
        ("cosign", stats.cosigned.failed),
        ("timestamp", stats.timestamps.failed),
    ];
    for (task, count) in failures {
        let _ = writeln!(out, "witgate_ledger_chore_failures_total{{task=\"{task}\"}} {count}");
    }
}

/// What the vaults hold, and what came of their bounds.
fn tokens(out: &mut String, gate: &Gate) {
    let stats = gate.vaults.stats();
    let gauges = [
        ("token_sessions", "Sessions whose tokens are kept", stats.sessions),
        ("token_entries", "Values kept for tokens", stats.entries),
        ("token_bytes", "Bytes of those values", stats.bytes),
    ];
    for (name, help, value) in gauges {
        let _ = writeln!(out, "# HELP witgate_{name} {help}.\n# TYPE witgate_{name} gauge\nwitgate_{name} {value}");
    }
    out.push_str("# HELP witgate_token_evictions Sessions that ended, by why.\n");
    out.push_str("# TYPE witgate_token_evictions counter\n");
    for (reason, count) in stats.evicted {
        let _ = writeln!(out, "witgate_token_evictions_total{{reason=\"{reason}\"}} {count}");
    }
    out.push_str("# HELP witgate_tokens_degraded Exchanges with a mask for a token or a token for a value, by why.\n");
    out.push_str("# TYPE witgate_tokens_degraded counter\n");
    for (reason, count) in stats.degraded {
        let _ = writeln!(out, "witgate_tokens_degraded_total{{reason=\"{reason}\"}} {count}");
    }
}

/// The engine's numbers, and how each plugin in force fares.
fn engine(out: &mut String, gate: &Gate) {
    let engine = gate.policies.engine();
    let stats = engine.stats();
    let one = |out: &mut String, name: &str, kind: &str, help: &str, value: u64| {
        let total = if kind == "counter" { "_total" } else { "" };
        let _ =
            writeln!(out, "# HELP witgate_{name} {help}.\n# TYPE witgate_{name} {kind}\nwitgate_{name}{total} {value}");
    };
    one(out, "sandboxes_opened", "counter", "Sandboxes opened", stats.opened);
    one(out, "sandboxes_not_opened", "counter", "Sandboxes that could not be opened", stats.not_opened);
    one(out, "sandboxes_open", "gauge", "Sandboxes that are open", stats.open);
    one(out, "sandboxes_most", "gauge", "Sandboxes that may be open at once", engine.sandboxes().into());
    one(out, "plugins_compiled", "counter", "Plugins configured and compiled", stats.compiled);
    one(out, "plugins_from_cache", "counter", "Plugins whose compiled code was cached", stats.loaded_from_cache);
    one(out, "plugins_refused", "counter", "Plugins that could not be loaded", stats.refused);
    one(out, "lane_free", "gauge", "Free places for calls of plugins on probation", gate.lanes.free() as u64);
    out.push_str("# HELP witgate_plugin_breaker_open 1 while a plugin that faulted too often is not asked.\n");
    out.push_str("# TYPE witgate_plugin_breaker_open gauge\n");
    let set = gate.policies.current();
    for member in set.members() {
        let open = u8::from(member.plugin.breaker() == Breaker::Open);
        let _ = writeln!(out, "witgate_plugin_breaker_open{{plugin=\"{}\"}} {open}", member.plugin.id());
    }
    out.push_str("# HELP witgate_plugin_on_probation 1 while a plugin is called in the lane.\n");
    out.push_str("# TYPE witgate_plugin_on_probation gauge\n");
    for member in set.members() {
        let lane = u8::from(member.plugin.needs_lane());
        let _ = writeln!(out, "witgate_plugin_on_probation{{plugin=\"{}\"}} {lane}", member.plugin.id());
    }
}
