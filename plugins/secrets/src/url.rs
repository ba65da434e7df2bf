//! Passwords in URLs (RFC 3986 userinfo), and URLs that are secrets as a whole.

use std::ops::Range;

use crate::value;
use crate::view::{Open, View};

/// Longest password in a URL.
const PASSWORD: usize = 256;

/// A host, a path, and whose URL it is. `*` at the beginning stands for a name and a dot.
const HOOKS: &[(&str, &str, &str)] = &[
    ("slack", "hooks.slack.com", "/services/"),
    ("slack", "hooks.slack.com", "/workflows/"),
    ("slack", "hooks.slack.com", "/triggers/"),
    ("slack", "hooks.slack-gov.com", "/services/"),
    ("discord", "discord.com", "/api/webhooks/"),
    ("discord", "*discord.com", "/api/webhooks/"),
    ("discord", "discordapp.com", "/api/webhooks/"),
    ("microsoft-teams", "outlook.office.com", "/webhook/"),
    ("microsoft-teams", "outlook.office365.com", "/webhook/"),
    ("microsoft-teams", "*webhook.office.com", "/webhook"),
    ("zapier", "hooks.zapier.com", "/hooks/catch/"),
    ("tines", "*tines.com", "/webhook/"),
    ("lark", "open.feishu.cn", "/open-apis/bot/"),
    ("lark", "open.larksuite.com", "/open-apis/bot/"),
    ("ifttt", "maker.ifttt.com", "/trigger/"),
    ("make", "*make.com", "/"),
    ("telegram", "api.telegram.org", "/bot"),
    ("victorops", "alert.victorops.com", "/integrations/generic/"),
    ("google-calendar", "calendar.google.com", "/calendar/ical/"),
    ("webhook-site", "webhook.site", "/"),
    ("healthchecks", "hc-ping.com", "/"),
    ("workato", "webhooks.workato.com", "/webhooks/rest/"),
    ("pabbly", "connect.pabbly.com", "/workflow/sendwebhookdata/"),
    ("n8n", "*n8n.cloud", "/webhook/"),
];

/// The password of the URL whose `//` and user are `start..end`. What comes before is a colon.
pub(crate) fn password(view: View<'_>, start: usize, end: usize) -> Result<Option<Range<usize>>, Open> {
    if view.at(end)? != Some(b':') || !view.bytes(start..end).starts_with(b"//") || view.before(start) != Some(b':') {
        return Ok(None);
    }
    if view.bytes(start + 2..end).contains(&b'/') {
        return Ok(None);
    }
    let from = end + 1;
    let to = view.run(from, PASSWORD, |b| {
        !b.is_ascii_whitespace()
            && !matches!(b, b'/' | b'?' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
            && b.is_ascii_graphic()
    })?;
    // A template's own signs would have stopped the run; `${A:?b}` has none of an address behind it.
    let Some(sign) = view.bytes(from..to).iter().rposition(|b| *b == b'@') else { return Ok(None) };
    let word = view.bytes(from..from + sign);
    let host = view.bytes(from + sign + 1..to);
    let is_host = host.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'[' | b'$' | b'{'));
    let stand_in = word.len() < 3
        || value::is_template(word)
        || word.iter().all(|b| matches!(b, b'x' | b'X' | b'*' | b'.' | b'-' | b'_'))
        || [&b"pass"[..], b"pwd", b"PASSWORD", b"PASS", b"TOKEN", b"SECRET"].contains(&word)
        || value::contains(&word.to_ascii_lowercase(), b"your");
    Ok((is_host && !stand_in).then_some(from..from + sign))
}

/// The part of a URL that makes it a secret. `run` is the URL from its `//` on.
pub(crate) fn hook(run: &[u8]) -> Option<(&'static str, Range<usize>)> {
    let address = run.strip_prefix(b"//")?;
    let slash = address.iter().take(100).position(|b| *b == b'/')?;
    let (host, path) = address.split_at(slash);
    HOOKS.iter().find_map(|(provider, wanted, begins)| {
        let fits = match wanted.strip_prefix('*') {
            Some(parent) => host.strip_suffix(parent.as_bytes()).is_some_and(|sub| sub.ends_with(b".")),
            None => host == wanted.as_bytes(),
        };
        let rest = path.strip_prefix(begins.as_bytes()).filter(|_| fits)?;
        let random = value::Value::of(rest);
        let is_secret = random.len >= 20 && random.digits >= 2 && random.entropy >= 280 && !value::is_stand_in(rest);
        is_secret.then(|| (*provider, 2 + slash + begins.len()..run.len()))
    })
}

#[cfg(test)]
mod tests;
