//! Internet addresses: dotted IPv4, and IPv6 as RFC 4291 writes it.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::view::{Open, View};

/// Longest written form, in bytes.
const MAX_V6: usize = 45;
/// What says that four numbers are no address.
const NOT_ADDRESS: &[&str] =
    &["version", "release", "chapter", "section", "firmware", "driver", "build", "clause", "ver.", "§"];

/// The end of the IPv4 address that starts at `start`. Loopback, "this network" and net masks are not reported.
pub(crate) fn v4(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    if view.continues_number(start, &['.', '-', ',']) {
        return Ok(None);
    }
    let (mut octets, mut at) = ([0u8; 4], start);
    for (i, octet) in octets.iter_mut().enumerate() {
        if i > 0 {
            let Some((_, len)) = view.peek_if(at, |c| c == '.')? else { return Ok(None) };
            at += len;
        }
        let Some((value, end)) = decimal(view, at)? else { return Ok(None) };
        (*octet, at) = (value, end);
    }
    let reported = !matches!(octets, [0 | 127 | 255, ..]);
    let ends = view.ends_number(at)? && !tail(view, at)?;
    Ok((reported && ends && !view.has_before(start, 12, NOT_ADDRESS)).then_some(at))
}

/// `1.2.3.4-5` is a version or a range of something else.
fn tail(view: View<'_>, end: usize) -> Result<bool, Open> {
    match view.peek(end)? {
        Some(('-', len)) => Ok(view.peek_if(end + len, |c| c.is_ascii_alphanumeric())?.is_some()),
        _ => Ok(false),
    }
}

/// A number up to 255 without leading zeros.
fn decimal(view: View<'_>, start: usize) -> Result<Option<(u8, usize)>, Open> {
    let (mut value, mut at) = (0u32, start);
    while let Some((c, len)) = view.peek_if(at, |c| c.is_ascii_digit())? {
        if at > start && value == 0 {
            return Ok(None);
        }
        value = value * 10 + c.to_digit(10).unwrap_or(0);
        at += len;
        if value > 255 {
            return Ok(None);
        }
    }
    Ok(u8::try_from(value).ok().filter(|_| at > start).map(|v| (v, at)))
}

/// The end of the IPv6 address that starts at `start`. Loopback and unspecified are not reported, nor what code writes
/// with two colons (`a::b`): a short form must begin with a group of four.
pub(crate) fn v6(view: View<'_>, start: usize) -> Result<Option<usize>, Open> {
    // Most words end here: at most four digits, then a colon.
    let mut first = start;
    while let Some((c, len)) = view.peek(first)? {
        match c {
            ':' => break,
            c if c.is_ascii_hexdigit() && first - start < 12 => first += len,
            _ => return Ok(None),
        }
    }
    let mut before = view.before(start).take(3).skip_while(|c| *c == ':');
    if view.before(start).next() == Some(':') && before.next().is_some_and(|c| c.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let mut text = String::new();
    let mut at = start;
    let mut colons = 0;
    loop {
        match view.peek(at)? {
            Some((c, len)) if c.is_ascii_hexdigit() || c == ':' || c == '.' => {
                colons += usize::from(c == ':');
                text.push(c);
                at += len;
                if text.len() > MAX_V6 {
                    return Ok(None);
                }
            }
            Some((c, _)) if c.is_alphanumeric() || c == '_' => return Ok(None),
            _ => break,
        }
    }
    if colons < 2 {
        return Ok(None);
    }
    let trimmed = text.trim_end_matches('.').len();
    let trimmed = text.get(..trimmed).unwrap_or_default();
    let trimmed = match trimmed.strip_suffix(':') {
        Some(short) if !short.ends_with(':') => short,
        _ => trimmed,
    };
    // What was trimmed was ASCII or its full-width form; find where it begins.
    let mut end = start;
    for _ in trimmed.chars() {
        end += view.peek(end)?.map_or(0, |(_, len)| len);
    }
    Ok(trimmed.parse().ok().filter(|a| is_reported(a, trimmed)).map(|_: Ipv6Addr| end))
}

fn is_reported(address: &Ipv6Addr, written: &str) -> bool {
    let groups = || written.split(':');
    let first = groups().next().map_or(0, str::len);
    let mapped = address.to_ipv4_mapped().is_some_and(|v4: Ipv4Addr| !v4.is_loopback() && !v4.is_unspecified());
    let shape = match written.contains("::") {
        true => mapped || (first == 4 && written.len() > 6),
        false => groups().any(|g| g.len() > 2),
    };
    shape && !address.is_loopback() && !address.is_unspecified()
}
