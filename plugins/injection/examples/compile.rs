//! Writes `src/rules.bin` anew, after a change to rules or classes: `cargo run --release -p witgate-plugin-injection --example
//! compile -- FILE`. A test says when it is due.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("which file?")?;
    let bytes = witgate_plugin_injection::compiled_rules().ok_or("too many rules")?;
    Ok(std::fs::write(file, bytes)?)
}
