//! Prints what the policy says of a labelled file: `cargo run --release -p witgate-plugin-payloads --example measure_payloads -- FILE [WORST]`.
//!
//! One JSON object a line: `text`, `label` (`attack` or not), `kind`, `source`.
#![expect(clippy::print_stdout, reason = "a table for people")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use witgate_plugin_payloads::Judge;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a file of labelled lines")?;
    let list = std::env::args().nth(2).unwrap_or_default();
    let file = std::fs::read_to_string(path)?;
    let rows = file.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>()?;
    let mut judge = Judge::default();
    let mut found = vec![];
    let mut groups: BTreeMap<(String, String, String), (u32, u32)> = BTreeMap::new();
    let (mut bytes, mut seconds) = (0.0, 0.0);
    for row in &rows {
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let text = field("text");
        let began = Instant::now();
        found.clear();
        judge.value(&text, &[], &mut found);
        seconds += began.elapsed().as_secs_f64();
        bytes += f64::from(u32::try_from(text.len())?);
        let hit = found.iter().any(|f| f.confidence >= 70);
        for source in [field("source"), String::from("all")] {
            let group = groups.entry((field("label"), field("kind"), source)).or_default();
            group.0 += u32::from(hit);
            group.1 += 1;
        }
        let wrong = hit != (field("label") == "attack");
        if wrong && list == field("kind") || wrong && list == "benign" && field("label") == "benign" {
            let names: Vec<_> = found.iter().map(|f| format!("{}={}", f.family.code(), f.confidence)).collect();
            println!("{:?} {} {}", text.chars().take(160).collect::<String>(), field("kind"), names.join(" "));
        }
    }
    for ((label, kind, source), (refused, of)) in groups {
        println!(
            "{label:7} {kind:18} {source:44} {refused:5} of {of:5}  {:5.1} %",
            100.0 * f64::from(refused) / f64::from(of)
        );
    }
    println!("{:.1} µs a KB", seconds * 1e6 / (bytes / 1024.0));
    Ok(())
}
