//! How many texts of a labelled file are refused: `cargo run --release -p witgate-plugin-classification --example measure_classification --
//! LADDER FILE...`, each file of one JSON object a line with `text` (or `text_b64`, which is passed over) and `source`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers: it prints, and may stop")]

use std::collections::BTreeMap;

use witgate_plugin_classification::Classification;
use witgate_sdk::testing::{context, document};
use witgate_sdk::{Admission, Plugin, Verdict};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let ladder = arguments.next().unwrap_or_else(|| "us".into());
    let config = serde_json::from_value(serde_json::json!({ "ladder": ladder })).unwrap();
    let policy = Classification::configure(config).unwrap();
    let (mut rows, mut bytes) = (0, 0);
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in arguments {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let Some(text) = row["text"].as_str() else { continue };
            (rows, bytes) = (rows + 1, bytes + text.len());
            let decision = policy.admit(&context(), &document(&[("user", "text", text)])).unwrap();
            if !matches!(decision.verdict, Verdict::Allow) {
                let at =
                    decision.findings.first().and_then(|finding| finding.at).map(|at| at.range()).unwrap_or_default();
                let marking = text.get(at).unwrap_or_default().to_owned();
                refused.entry(row["source"].as_str().unwrap_or("?").into()).or_default().push(marking);
            }
        }
    }
    println!("{rows} rows, {bytes} bytes, {} refused", refused.values().map(Vec::len).sum::<usize>());
    for (source, markings) in refused {
        println!("{source}: {markings:?}");
    }
}
