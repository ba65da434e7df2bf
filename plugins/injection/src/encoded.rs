//! Text within the text: base64 (RFC 4648, both alphabets) and hexadecimal, one level deep.

/// Shortest run that is tried, in characters.
const MIN_RUN: usize = 24;
/// Most bytes that are decoded of one text.
const MAX_DECODED: usize = 16 * 1024;

/// Tells `found` every run of `text` that decodes to what reads as text.
pub(crate) fn each_decoded(text: &str, mut found: impl FnMut(&str)) {
    let mut budget = MAX_DECODED;
    for run in Runs::new(text.as_bytes()) {
        if budget == 0 {
            return;
        }
        let run = run.get(..run.len().min(budget / 3 * 4)).unwrap_or_default();
        let decoded = match run.iter().all(u8::is_ascii_hexdigit) {
            true => hexadecimal(run),
            false => base64(run),
        };
        budget = budget.saturating_sub(run.len());
        if let Some(inner) = readable(&decoded) {
            found(inner);
        }
    }
}

/// The runs of base64 characters that are long enough. No byte is looked at twice, and of ordinary text few are at all: a
/// word is seen to be too short from its end.
#[derive(Debug)]
struct Runs<'a> {
    bytes: &'a [u8],
    /// Where the next run may begin.
    from: usize,
    #[cfg(test)]
    work: usize,
}

impl<'a> Runs<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            from: 0,
            #[cfg(test)]
            work: 0,
        }
    }
}

impl<'a> Iterator for Runs<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut known = self.from;
        loop {
            // From `from` to `known` there are base64 characters only.
            let end = self.from + MIN_RUN;
            let unknown = self.bytes.get(known..end)?;
            let other = unknown.iter().rposition(|b| !is_base64(*b));
            #[cfg(test)]
            {
                self.work += unknown.len() - other.unwrap_or(0);
            }
            if let Some(other) = other {
                self.from = known + other + 1;
                known = end;
                continue;
            }
            let rest = self.bytes.get(end..).unwrap_or_default();
            let more = rest.iter().take_while(|b| is_base64(**b)).count();
            #[cfg(test)]
            {
                self.work += more + 1;
            }
            let run = self.bytes.get(self.from..end + more);
            self.from = end + more;
            return run;
        }
    }
}

#[inline]
fn is_base64(b: u8) -> bool {
    const TABLE: [bool; 256] = {
        let (mut table, mut b) = ([false; 256], 0_u8);
        while b < 128 {
            table[b as usize] = b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
            b += 1;
        }
        table
    };
    TABLE.get(usize::from(b)).copied().unwrap_or_default()
}

fn base64(run: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3);
    for four in run.chunks(4) {
        let mut bits = 0u32;
        for &b in four {
            bits = bits << 6 | u32::from(sextet(b));
        }
        bits <<= 6 * (4 - four.len().min(4));
        let bytes = bits.to_be_bytes();
        out.extend(bytes.iter().skip(1).take(four.len().saturating_sub(1)));
    }
    out
}

fn sextet(b: u8) -> u8 {
    match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    }
}

fn hexadecimal(run: &[u8]) -> Vec<u8> {
    let value = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    run.chunks_exact(2).map(|pair| pair.iter().fold(0, |v, b| v << 4 | value(*b))).collect()
}

/// As text, when nearly all of it is printable and it has a space.
fn readable(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A run cut by the budget or by a missing pad may end within a character.
        Err(e) if e.valid_up_to() + 4 > bytes.len() => std::str::from_utf8(bytes.get(..e.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    (odd * 20 <= text.len() && text.contains(' ')).then_some(text)
}

#[cfg(test)]
mod tests;
