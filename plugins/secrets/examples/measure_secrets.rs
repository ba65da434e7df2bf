//! Prints what the policy finds in labelled files: `cargo run --release -p witgate-plugin-secrets --example measure_secrets -- [--show] FILE...`.
//!
//! One JSON object a line: `text` or `text_b64`, `label` (`secret` is one, all else is benign), `kind`, `source`. With
//! `--show`, each row that is wrong.
#![expect(clippy::print_stdout, reason = "a table for people")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use witgate_plugin_secrets::{Config, Secrets};
use witgate_sdk::Plugin;

fn main() -> Result<(), Box<dyn Error>> {
    let plugin = Secrets::configure(Config::default()).map_err(|issues| format!("{issues:?}"))?;
    let show = std::env::args().any(|a| a == "--show");
    for path in std::env::args().skip(1).filter(|a| a != "--show") {
        measure(&plugin, &path, show)?;
    }
    Ok(())
}

fn measure(plugin: &Secrets, path: &str, show: bool) -> Result<(), Box<dyn Error>> {
    let file = std::fs::read_to_string(path)?;
    let mut groups: BTreeMap<(bool, String), (u32, u32)> = BTreeMap::new();
    let (mut bytes, mut seconds) = (0.0, 0.0);
    for line in file.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let text = match row["text_b64"].as_str() {
            Some(encoded) => String::from_utf8(base64(encoded))?,
            None => field("text"),
        };
        let is_secret = field("label") == "secret";
        let began = Instant::now();
        let hits = plugin.find(&text);
        seconds += began.elapsed().as_secs_f64();
        bytes += f64::from(u32::try_from(text.len())?);
        for source in [field("source"), field("kind"), String::from("all")] {
            let group = groups.entry((is_secret, source)).or_default();
            group.0 += u32::from(!hits.is_empty());
            group.1 += 1;
        }
        if show && is_secret == hits.is_empty() {
            let told: Vec<_> = hits.iter().map(|(h, p)| (h.kind.kind.name(), *p, text.get(h.at.clone()))).collect();
            println!("{} {} {:?} {told:?}", if is_secret { "MISS" } else { "FALSE" }, field("source"), text);
        }
    }
    println!("{path}");
    for ((is_secret, source), (hit, of)) in groups {
        let label = if is_secret { "secret" } else { "benign" };
        println!("{label:7} {source:50} {hit:5} of {of:5}  {:5.1} %", 100.0 * f64::from(hit) / f64::from(of));
    }
    println!("{:.1} µs a KB", seconds * 1e6 / (bytes / 1024.0));
    Ok(())
}

fn base64(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut out) = (0u32, 0, vec![]);
    for b in text.bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = (bits << 6 | u32::from(six)) & 0x3fff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.extend((bits >> held).to_le_bytes().first());
        }
    }
    out
}
