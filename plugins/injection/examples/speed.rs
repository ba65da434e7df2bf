//! Judges the same prose many times over, for `perf stat -e instructions:u` and `perf record`: `cargo run --release -p
//! witgate-plugin-injection --example speed -- KIB TIMES [FILE]`. Two runs with different TIMES tell what one judgement takes;
//! FILE is a text to take the place of the built-in one.
#![expect(clippy::print_stdout, reason = "a figure for people")]

use std::error::Error;

use witgate_plugin_injection::{Config, Injection};
use witgate_sdk::Plugin;

/// A few plain sentences of a chat; they are repeated.
const PROSE: &str = "Thanks for the notes from Tuesday. I read them on the train and mostly agree, though the second \
    chapter could use a shorter introduction, and I would like to see the numbers for the northern region before we \
    publish anything. Could you ask Maria whether the harbour office has sent the forms yet? We talked about it last \
    week, but nobody wrote it down. My sister is visiting in October, so the flat will be crowded; if the weather \
    holds we want to walk along the old railway and have lunch by the lake. What would you cook for six people when \
    two of them eat no meat? I was thinking of a soup with beans and bread from the bakery around the corner. ";

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let kib: usize = args.next().ok_or("how many KiB?")?.parse()?;
    let times: u32 = args.next().ok_or("how many times?")?.parse()?;
    let prose = args.next().map_or_else(|| Ok(PROSE.to_owned()), std::fs::read_to_string)?;
    let text: String = prose.chars().cycle().take(kib * 1024).collect();
    let plugin = Injection::configure(Config::default()).map_err(|issues| format!("{issues:?}"))?;
    let mut points = 0_u64;
    for _ in 0..times {
        points += u64::from(plugin.score(std::hint::black_box(&text), "text", "user").points);
    }
    println!("{points}");
    Ok(())
}
