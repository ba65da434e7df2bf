//! The statements of the Windows command processor: `for %x in (…) do`, `if exist …`, `if a==b`.

/// How sure it is that a text begins with one, behind a separator or not.
pub(crate) fn confidence(text: &str) -> u8 {
    let mut best = 0;
    for part in text.split(['&', ';', '|']).take(24) {
        let lower = part
            .trim_start()
            .get(..part.trim_start().floor_char_boundary(160))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut words = lower.split_whitespace();
        best = best.max(match words.next() {
            Some("for") if loops(&lower) => 88,
            Some(word) if word == "if" || word.starts_with("if/") => condition(&lower),
            _ => 0,
        });
    }
    // The brackets of a loop were taken as a separator above.
    if best == 0
        && text.get(..4).is_some_and(|w| w.trim_start().eq_ignore_ascii_case("for") || w.eq_ignore_ascii_case("for "))
    {
        best = if loops(&text.to_ascii_lowercase()) { 88 } else { 0 };
    }
    if best == 0 && text.get(..3).is_some_and(|w| w.eq_ignore_ascii_case("if ")) {
        best = condition(&text.get(..text.floor_char_boundary(160)).unwrap_or_default().to_ascii_lowercase());
    }
    best
}

/// `for [/x] %v in`.
fn loops(lower: &str) -> bool {
    let Some(at) = lower.find('%').filter(|at| *at < 90) else { return false };
    let rest = lower.get(at..).unwrap_or_default();
    rest.match_indices("in").take(8).any(|(at, _)| {
        let before = rest.get(..at).is_some_and(|b| b.ends_with([' ', '\t']));
        before && rest.get(at + 2..).is_some_and(|after| after.trim_start().starts_with('('))
    })
}

fn condition(lower: &str) -> u8 {
    let rest = lower.strip_prefix("if").unwrap_or(lower).trim_start();
    let rest = rest.strip_prefix("/i").unwrap_or(rest).trim_start();
    let (rest, negated) = match rest.strip_prefix("not ") {
        Some(rest) => (rest.trim_start(), true),
        None => (rest, false),
    };
    let rest = rest.strip_prefix("/i").unwrap_or(rest).trim_start();
    let first = rest.split_whitespace().next().unwrap_or_default();
    let second = rest.split_whitespace().nth(1).unwrap_or_default();
    let code = rest.contains(';') || rest.contains('{') && !rest.contains('%') || rest.contains(" else:");
    match first {
        "exist" | "defined" | "errorlevel" | "cmdextversion" if !second.is_empty() => 80,
        _ if code => 0,
        _ if ["equ", "neq", "lss", "leq", "gtr", "geq"]
            .iter()
            .any(|w| rest.split_whitespace().skip(1).take(3).any(|s| s == *w)) =>
        {
            88
        }
        _ if rest.contains("==") && !rest.contains(':') && !rest.contains(" and ") => {
            if negated || rest.contains(['%', '"', '!', '[', '(']) { 80 } else { 70 }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
