//! Asks one built-in policy about a text again and again, natively, for `perf stat -e instructions:u` and `perf record`:
//! `cargo run --release -p witgate-fuzz --example judge -- POLICY user|answer|tool-argument FILE TIMES`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = |what: &'static str| args.next().ok_or(what);
    let (policy, stage, file) = (next("which policy?")?, next("which stage?")?, next("which file?")?);
    let times: u32 = next("how many times?")?.parse()?;
    let text = std::fs::read_to_string(file)?;
    for _ in 0..times {
        witgate_fuzz::policies::ask(&policy, &stage, std::hint::black_box(&text)).ok_or("no such policy or stage")?;
    }
    Ok(())
}
