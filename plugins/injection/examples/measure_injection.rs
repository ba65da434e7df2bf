//! Prints what the policy refuses of a labelled file: `cargo run --release -p witgate-plugin-injection --example measure_injection -- FILE`.
//! With `--rows LABEL` also the rows that it judged wrongly of that label.
//!
//! One JSON object a line: `text`, `label` (`attack` or not), `source`, and `channel` (`tool_result`, `system`, else a user).
#![expect(clippy::print_stdout, reason = "a table for people")]

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use witgate_plugin_injection::{Config, Injection};
use witgate_sdk::Plugin;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a file of labelled lines")?;
    let wrong = std::env::args().skip_while(|arg| arg != "--rows").nth(1);
    let plugin = Injection::configure(Config::default()).map_err(|issues| format!("{issues:?}"))?;
    let file = std::fs::read_to_string(path)?;
    let rows = file.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>()?;
    let field = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();

    // How many were refused, how many only noticed, of how many.
    let mut groups: BTreeMap<(String, String), (u32, u32, u32)> = BTreeMap::new();
    let (mut bytes, mut seconds) = (0.0, 0.0);
    for row in &rows {
        let (kind, role) = match row["channel"].as_str() {
            Some("tool_result") => ("tool-result", "tool"),
            Some("system") => ("text", "system"),
            _ => ("text", "user"),
        };
        let text = field(row, "text");
        let began = Instant::now();
        let score = plugin.score(&text, kind, role);
        seconds += began.elapsed().as_secs_f64();
        bytes += f64::from(u32::try_from(text.len())?);
        let (refused, noticed) = (plugin.refuses(score), plugin.suspects(score));
        let label = field(row, "label");
        if wrong.as_ref() == Some(&label) && refused != (label == "attack") {
            let start: String = text.chars().take(160).collect();
            println!("{} {score:?} {start:?}", field(row, "source"));
        }
        for source in [field(row, "source"), String::from("all")] {
            let group = groups.entry((label.clone(), source)).or_default();
            group.0 += u32::from(refused);
            group.1 += u32::from(noticed && !refused);
            group.2 += 1;
        }
    }
    for ((label, source), (refused, noticed, of)) in groups {
        let share = 100.0 * f64::from(refused) / f64::from(of);
        println!("{label:7} {source:50} {refused:5} of {of:5}  {share:5.1} %  and {noticed:4} noticed");
    }
    println!("{:.1} µs a KB", seconds * 1e6 / (bytes / 1024.0));
    Ok(())
}
