//! Addresses that a server should not fetch for somebody else: itself, its network, a cloud's metadata.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What an address points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A cloud's metadata, by name or number.
    Metadata,
    /// An internal address that is written so as not to look like one.
    Disguised,
    /// A scheme that speaks to anything: `gopher:`, `dict:` …
    Scheme,
    /// This machine.
    Loopback,
    /// A private or link-local network.
    Private,
}

impl Target {
    /// How sure it is that fetching it is an attack, of an argument that is `declared` to be an address.
    pub(crate) fn confidence(self, declared: bool) -> u8 {
        match self {
            Self::Metadata => 92,
            Self::Disguised => 88,
            Self::Scheme => 85,
            Self::Loopback | Self::Private if declared => 75,
            Self::Loopback | Self::Private => 30,
        }
    }
}

/// What an address points at, where that is anything but the public network. `trusted` are hosts that are fine.
pub(crate) fn target(text: &str, trusted: &[String]) -> Option<Target> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>']);
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (
            scheme
                .rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'))
                .next()?
                .to_ascii_lowercase(),
            rest,
        ),
        None => match text.strip_prefix("//") {
            Some(rest) => ("http".into(), rest),
            None => {
                let scheme = text.split_once(':')?.0.to_ascii_lowercase();
                return matches!(scheme.as_str(), "gopher" | "dict" | "netdoc" | "jar").then_some(Target::Scheme);
            }
        },
    };
    if matches!(scheme.as_str(), "gopher" | "dict" | "tftp" | "ldap" | "ldaps" | "netdoc" | "jar" | "sftp")
        && text.starts_with(&*scheme)
    {
        return (!matches!(scheme.as_str(), "ldap" | "ldaps" | "sftp") || rest.contains("%0"))
            .then_some(Target::Scheme);
    }
    let authority = rest.split(['/', '?', '#', '\\', ' ']).next()?;
    let host = authority.rsplit('@').next()?.to_ascii_lowercase();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        None => host.rsplit_once(':').map_or(&*host, |(host, _)| host),
    };
    let host = host.trim_end_matches('.');
    if trusted.iter().any(|t| t.eq_ignore_ascii_case(host)) {
        return None;
    }
    if matches!(host, "metadata.google.internal" | "metadata" | "instance-data" | "metadata.azure.com") {
        return Some(Target::Metadata);
    }
    if host == "localhost" || host.ends_with(".localhost") || host == "localhost.localdomain" {
        return Some(Target::Loopback);
    }
    let sneaky = [".nip.io", ".sslip.io", ".xip.io", "localtest.me", ".lvh.me"].iter().any(|end| host.ends_with(end));
    if sneaky {
        return Some(Target::Disguised);
    }
    if let Ok(six) = host.split('%').next().unwrap_or(host).parse::<Ipv6Addr>() {
        return match six.to_ipv4_mapped() {
            Some(four) => internal(four).map(|t| if t == Target::Metadata { t } else { Target::Disguised }),
            None if six == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) => Some(Target::Metadata),
            None if six.is_loopback() || six.is_unspecified() => Some(Target::Loopback),
            None => matches!(six.segments()[0], 0xfe80..=0xfebf | 0xfc00..=0xfdff).then_some(Target::Private),
        };
    }
    let (four, odd) = number(host)?;
    match internal(four)? {
        Target::Metadata => Some(Target::Metadata),
        _ if odd => Some(Target::Disguised),
        target => Some(target),
    }
}

fn internal(four: Ipv4Addr) -> Option<Target> {
    let [a, b, c, d] = four.octets();
    match (a, b, c, d) {
        (169, 254, 169, 254) | (169, 254, 170, 2) | (100, 100, 100, 200) | (192, 0, 0, 192) => Some(Target::Metadata),
        (127 | 0, ..) => Some(Target::Loopback),
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) | (169, 254, ..) | (100, 64..=127, ..) => Some(Target::Private),
        _ => None,
    }
}

/// A host as the C library reads numbers: one to four parts, each decimal, octal or hexadecimal; and whether it is written
/// in any way but four decimals.
fn number(host: &str) -> Option<(Ipv4Addr, bool)> {
    let parts: Vec<&str> = host.split('.').collect();
    let mut odd = parts.len() != 4;
    let mut values = vec![];
    for part in &parts {
        let (digits, base) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (part.get(2..)?, 16),
            [b'0', _, ..] => (*part, 8),
            _ => (*part, 10),
        };
        odd |= base != 10;
        values.push(u32::from_str_radix(digits, base).ok()?);
    }
    let (last, first) = values.split_last()?;
    if first.len() > 3 || first.iter().any(|v| *v > 255) {
        return None;
    }
    let whole = first.iter().enumerate().fold(0_u32, |n, (i, v)| n | v << (24 - 8 * i));
    let room = u64::from(u32::MAX) >> (8 * first.len());
    (u64::from(*last) <= room).then(|| (Ipv4Addr::from(whole | *last), odd))
}

#[cfg(test)]
mod tests;
