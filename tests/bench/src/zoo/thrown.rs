//! Modules that must not load, thrown at a gate that serves.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde::Serialize;
use serde_json::Value;

use super::module::{Trick, handmade, padded};
use super::{Neighbours, Row, policy};
use crate::gates::Gate;

/// For a set to come into force, or not to. A load may take five seconds to configure; compiling on a busy machine is longer.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);
/// A slice is not shorter, however soon a module is refused.
const SHORTEST: Duration = Duration::from_millis(1000);
const LARGE: usize = 50 << 20;
/// KiB of code: some seconds of compiling.
const MUCH_CODE: usize = 1024;

/// How the neighbours fared while one was tried.
#[derive(Debug, Serialize)]
pub(crate) struct Thrown {
    pub(crate) what: &'static str,
    /// What the gate said: a code, or that it is in force.
    pub(crate) told: String,
    /// Until it was told, in milliseconds.
    pub(crate) took_ms: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// To that of the neighbours alone.
    pub(crate) p99_ratio: f64,
    pub(crate) asked: usize,
    pub(crate) failed: usize,
}

/// Throws one after the other. The set in force must be the same before and after those that are refused.
pub(crate) async fn measure(
    gate: &Gate,
    dir: &Path,
    noop: &[u8],
    hostile: &[u8],
    neighbours: &Neighbours<'_>,
    rows: &[Row],
) -> anyhow::Result<Vec<Thrown>> {
    let alone = rows.first().map_or(f64::NAN, |row| row.p99_us);
    let mut out = Vec::new();
    for (what, module, refused) in modules(noop, hostile) {
        let _ = writeln!(std::io::stderr(), "measuring: the zoo, {what}");
        let digest = field(&policy(gate).await?, "digest");
        let mut said = (String::new(), Duration::ZERO);
        let throw = async {
            let begun = Instant::now();
            said = (throw(gate, dir, &module).await?, begun.elapsed());
            tokio::time::sleep(SHORTEST.saturating_sub(begun.elapsed())).await;
            anyhow::Ok(1)
        };
        let (slice, _) = neighbours.beside(Duration::from_millis(100), throw).await?;
        let is_same = field(&policy(gate).await?, "digest") == digest;
        ensure!(is_same == refused, "{what}: it was told {}, and the set in force is not what it should be", said.0);
        out.push(Thrown {
            what,
            told: said.0,
            took_ms: said.1.as_secs_f64() * 1000.0,
            p50_us: slice.p50_us,
            p99_us: slice.p99_us,
            p99_ratio: slice.p99_us / alone,
            asked: slice.asked(),
            failed: slice.failed,
        });
    }
    Ok(out)
}

/// Each with whether it is refused.
fn modules(noop: &[u8], hostile: &[u8]) -> Vec<(&'static str, Vec<u8>, bool)> {
    let half = noop.get(..noop.len() / 2).unwrap_or_default().to_vec();
    let mut flipped = noop.to_vec();
    flipped.iter_mut().skip(1000).step_by(2048).for_each(|byte| *byte ^= 0x10);
    vec![
        ("a trap at the start", handmade(noop, Trick::TrapAtStart), true),
        ("truncated", half, true),
        ("bits flipped", flipped, true),
        ("another world", replaced(noop, b"@0.1.0", b"@0.9.0"), true),
        (
            "imports that are not granted",
            replaced(hostile, b"\"required\": [\"at\", \"do\"]", b"\"required\": []          "),
            true,
        ),
        ("never configured", handmade(noop, Trick::NeverConfigured), true),
        ("50 MB that mean nothing", padded(noop, LARGE), false),
        ("1 MB of code", handmade(noop, Trick::Code(MUCH_CODE)), false),
        ("a good one", noop.to_vec(), false),
    ]
}

/// The same bytes with `this` for `that`, which is as long.
fn replaced(bytes: &[u8], this: &[u8], that: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let places: Vec<usize> =
        bytes.windows(this.len()).enumerate().filter(|(_, w)| *w == this).map(|(at, _)| at).collect();
    for at in places {
        if let Some(place) = out.get_mut(at..at + this.len()) {
            place.copy_from_slice(that);
        }
    }
    out
}

/// Puts a module in its place and waits until it is in force.
pub(crate) async fn accepted(gate: &Gate, dir: &Path, module: &[u8]) -> anyhow::Result<()> {
    let said = throw(gate, dir, module).await?;
    ensure!(said == IN_FORCE, "a module that should load is refused: {said}");
    Ok(())
}

const IN_FORCE: &str = "in force";

/// Puts a module in its place, and waits for what the gate says to it.
async fn throw(gate: &Gate, dir: &Path, module: &[u8]) -> anyhow::Result<String> {
    let before = policy(gate).await?;
    let (part, place) = (dir.join("policies/.visitor.part"), dir.join("policies/visitor.wasm"));
    std::fs::write(&part, module)?;
    std::fs::rename(part, place)?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(POLL).await;
        let now = policy(gate).await?;
        if field(&now, "generation") != field(&before, "generation") {
            return Ok(IN_FORCE.to_owned());
        }
        let failed = now.get("last_failed_reload");
        if failed != before.get("last_failed_reload") {
            let code = failed.and_then(|f| f.get("code")).and_then(Value::as_str);
            return Ok(code.unwrap_or_default().to_owned());
        }
    }
    bail!("the gate says nothing to a module for {} s", PATIENCE.as_secs())
}

fn field(value: &Value, name: &str) -> Value {
    value.get(name).cloned().unwrap_or_default()
}
