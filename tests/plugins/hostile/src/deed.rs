//! The misdeeds themselves.

use std::hint::black_box;

use witgate_sdk::host::{self, Level, Scope};
use witgate_sdk::{Decision, Fault, Replacement, Span};

use crate::config::{Config, Deed};

/// The one code of everything that is said here.
pub(crate) const CODE: &str = "hostile";
/// More than any host should take: bytes of a message, number of findings.
const HUGE_BYTES: usize = 4 << 20;
const HUGE_COUNT: usize = 20_000;
/// Keys that one call fills; a few less than the host answers in one exchange.
const KEYS: usize = 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Lines and their length.
const FLOOD: usize = 10_000;
const LINE: usize = 4096;

/// Does it, and answers what is to be said of `text`, which begins at `base` in its channel.
pub(crate) fn act(deed: Deed, config: Config, text: &str, base: u64) -> Result<Decision, Fault> {
    let length = text.len() as u64;
    let edit = |start: u64, end: u64| {
        let at = Span { start: base + start, end: base + end };
        Decision::allow().with_edit(at, Replacement::Text("#".into()))
    };
    Ok(match deed {
        Deed::Trap => std::process::abort(),
        Deed::Panic => panic!("as configured"),
        Deed::Loop => spin(u64::MAX),
        Deed::Memory => devour(),
        Deed::Fault => return Err(Fault::new(CODE, "as configured")),
        Deed::SpanOutOfRange => edit(0, length + 64),
        Deed::SpanOffBoundary => match text.char_indices().find(|(_, c)| !c.is_ascii()) {
            Some((at, _)) => edit(0, at as u64 + 1),
            None => Decision::allow(),
        },
        Deed::OverlappingEdits => {
            let replacement = Replacement::Text("#".into());
            edit(0, 2).with_edit(Span { start: base + 1, end: base + 3 }, replacement)
        }
        Deed::HugeOutput => {
            let decision = Decision::deny(CODE, "x".repeat(HUGE_BYTES));
            (0..HUGE_COUNT).fold(decision, |decision, _| decision.with_finding(CODE, None, 100))
        }
        Deed::SlowButOk => spin(config.spins),
        Deed::LogFlood => {
            let line = "x".repeat(LINE);
            (0..FLOOD).for_each(|_| host::log(Level::Error, &line));
            Decision::allow()
        }
        Deed::Deny => Decision::deny(CODE, "as configured").with_finding(CODE, None, 100),
        Deed::Escalate => Decision::escalate("test", CODE, "as configured").with_finding(CODE, None, 100),
        Deed::Edit => edit(0, text.chars().next().map_or(0, |c| c.len_utf8() as u64)),
        Deed::ReadClock => Decision::allow().with_label("unix_ms", host::unix_ms().to_string()),
        Deed::StateAdd => {
            let label = match host::add(Scope::Principal, "calls", 1, 60_000) {
                Ok(value) => value.to_string(),
                Err(error) => format!("{error:?}"),
            };
            Decision::allow().with_label("calls", label)
        }
        Deed::StateFlood => flood(config.value_bytes),
        Deed::Recurse => match deeper(0) {
            0 => Decision::deny(CODE, "the stack has no end"),
            _ => Decision::allow(),
        },
        // What a session says beside its decision, or what is done elsewhere.
        Deed::SettleBack | Deed::SettleBeyond | Deed::TrapAtNth | Deed::AsTold => Decision::allow(),
    })
}

/// Fills keys that nobody used before, as large as it may. What the host answers does not matter.
fn flood(bytes: u16) -> Decision {
    let (now, value) = (host::unix_ms(), vec![1; bytes.into()]);
    for key in 0..KEYS {
        let _ = host::set(Scope::Tenant, &format!("{now}-{key}"), &value, DAY_MS);
    }
    Decision::allow()
}

/// Calls itself for longer than any stack is deep.
fn deeper(depth: u64) -> u64 {
    match black_box(depth) {
        u64::MAX => 0,
        depth => black_box(deeper(depth + 1)) | 1,
    }
}

fn spin(rounds: u64) -> Decision {
    let mut round = 0_u64;
    while round < rounds {
        round = black_box(round) + 1;
    }
    Decision::allow()
}

/// Takes memory, and touches it, until there is none.
fn devour() -> Decision {
    let mut all: Vec<Vec<u8>> = vec![];
    loop {
        all.push(black_box(vec![1; 1 << 20]));
    }
}
