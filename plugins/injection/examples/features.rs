//! What the scorer sees of each row of a labelled file, for `train/train.py`: a line a row; words divided by spaces, their
//! features by commas; before them, divided by tabs, the points that the rules give, and after which words they have half.
#![expect(clippy::print_stdout, reason = "the trainer reads it")]

use std::error::Error;

use witgate_plugin_injection::{Config, Injection};
use witgate_sdk::Plugin;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a file of labelled lines")?;
    let plugin = Injection::configure(Config::default()).map_err(|issues| format!("{issues:?}"))?;
    for line in std::fs::read_to_string(path)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().unwrap_or_default();
        let (kind, role) = match row["channel"].as_str() {
            Some("tool_result") => ("tool-result", "tool"),
            Some("system") => ("text", "system"),
            _ => ("text", "user"),
        };
        let points = plugin.score(text, kind, role).points;
        let words = plugin.features(text);
        let words = words.iter().map(|word| word.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
        let halves = plugin.halves(text, kind, role);
        let halves = halves.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        println!("{points}\t{halves}\t{}", words.collect::<Vec<_>>().join(" "));
    }
    Ok(())
}
