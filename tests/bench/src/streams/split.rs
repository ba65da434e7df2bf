//! The first byte comes with the model's, and a value that comes in pieces is caught all the same.
//!
//! Whoever waits for the whole answer catches the value and is late; whoever passes each piece as it comes is early and does
//! not.

use std::io::Write as _;

use anyhow::ensure;
use serde::Serialize;

use super::client;
use super::pace::Trio;
use crate::arm::Arm;
use crate::load::connect;
use crate::prose;
use crate::stats::median;

/// What the model answers with a value in pieces.
pub(super) const ASK: &str = "Whom do I write to?";
/// Bytes of an event: the value comes in ten.
pub(super) const CHUNK: usize = 3;
/// The value. A name of nobody, at a domain that is reserved (RFC 2606).
const VALUE: &str = "marit.holm@harbour.example.org";

/// Medians over the rounds, in microseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Split {
    pub(crate) value_bytes: usize,
    pub(crate) pieces: usize,
    /// From the question to the model's first byte, asked directly.
    pub(crate) first_us: f64,
    /// To the gate's: how much later.
    pub(crate) added_first_us: f64,
    /// To the end, directly.
    pub(crate) whole_us: f64,
    /// Answers in which a piece of the value of eight bytes or more reached the client.
    pub(crate) leaked: usize,
    pub(crate) asked: usize,
}

/// The model's answer.
pub(super) fn answer() -> String {
    format!("{} Write to {VALUE}, she answers on weekdays. {}", prose::text(3, 60), prose::text(4, 60))
}

/// Asked directly and through the four policies, in turn.
pub(super) async fn measure(trio: &Trio, rounds: usize) -> anyhow::Result<Split> {
    let _ = writeln!(std::io::stderr(), "measuring: a value in pieces");
    let (mut firsts, mut added, mut wholes, mut leaked) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        let mut both = [0.0; 2];
        for (arm, first) in [Arm::Direct, Arm::Full].into_iter().zip(&mut both) {
            let mut sender = connect(trio.at(arm)).await?;
            let seen = client::read(&mut sender, client::body(ASK)).await?;
            ensure!(seen.complete, "a stream ended without its end");
            *first = f64::from(seen.first_us());
            let text = said(&seen.body);
            match arm {
                Arm::Direct => {
                    ensure!(text.contains(VALUE), "the model did not say the value");
                    wholes.push(f64::from(seen.gaps_us().sum::<u32>()) + *first);
                }
                Arm::Bare | Arm::Full => leaked += usize::from(holds_a_piece(&text)),
            }
        }
        firsts.push(both[0]);
        added.push(both[1] - both[0]);
    }
    Ok(Split {
        value_bytes: VALUE.len(),
        pieces: VALUE.len().div_ceil(CHUNK),
        first_us: median(firsts),
        added_first_us: median(added),
        whole_us: median(wholes),
        leaked,
        asked: rounds,
    })
}

/// The text of a stream, joined.
fn said(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let events =
        body.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line.strip_prefix("data: ")?).ok());
    events.filter_map(|e| Some(e.pointer("/choices/0/delta/content")?.as_str()?.to_owned())).collect()
}

fn holds_a_piece(text: &str) -> bool {
    VALUE.as_bytes().windows(8).filter_map(|w| std::str::from_utf8(w).ok()).any(|piece| text.contains(piece))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_stream_is_joined_and_a_piece_is_found() {
        let event = |text| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
        let body = [event("to marit.ho"), event("lm@"), "data: [DONE]\n\n".to_owned()].concat();
        assert_eq!(super::said(body.as_bytes()), "to marit.holm@");
        assert!(super::holds_a_piece("to marit.holm@"));
        assert!(!super::holds_a_piece("to marit.h"));
    }
}
