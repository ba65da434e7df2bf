//! The small families, each known by a few marks: LDAP filters, NoSQL operators, header lines, templates.

use crate::lower::Lower;

/// LDAP: a filter that is closed and goes on.
pub(crate) fn ldap(text: &str) -> u8 {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| matches!(b, b'(' | b')' | b'*')) {
        return 0;
    }
    let (left, right) = (bytes.iter().filter(|b| **b == b'(').count(), bytes.iter().filter(|b| **b == b')').count());
    if bytes.first() == Some(&b'(') && left == right {
        // A filter, or whatever else stands in brackets, of its own.
        return 0;
    }
    let mut best = 0;
    // `)(`, `*)(`, `)(|(`, `)(&(`: behind the closing bracket another filter opens.
    for (at, _) in text.match_indices(')') {
        let rest = text.get(at + 1..).unwrap_or_default().trim_start_matches([')', ' ', '\0']);
        let Some(inner) = rest.strip_prefix('(') else { continue };
        let inner = inner.trim_start_matches(['(', ' ']);
        let set = inner.strip_prefix(['|', '&', '!']).map(|i| i.trim_start_matches(['(', ' ', '|', '&', '!']));
        let item = is_filter(set.unwrap_or(inner));
        let star = at.checked_sub(1).and_then(|b| bytes.get(b)) == Some(&b'*');
        best = best.max(match (item, set.is_some(), star) {
            (true, true, _) | (true, false, true) => 90,
            (true, false, false) if !text.contains(' ') => 75,
            (false, true, _) if inner.len() < 24 => 75,
            _ => 0,
        });
    }
    // `*(|(mail=*))`, `(|(uid=*))`: an operator before a filter, in a value that is no filter of its own.
    for mark in ["(|(", "(&(", "(!("] {
        if let Some(at) = text.find(mark)
            && at > 0
            && is_filter(text.get(at + 3..).unwrap_or_default())
            && !text.starts_with('(')
        {
            best = best.max(88);
        }
    }
    let bare =
        ["*)", "*|", "*&", "*)(&", "*))%00", "*()|&'", "*(|"].iter().any(|m| text.starts_with(m) && text.len() < 12);
    best.max(if bare { 80 } else { 0 })
}

/// `name=`, `name~=`, `name>=` and a value, as RFC 4515 writes an item.
fn is_filter(text: &str) -> bool {
    let name = text
        .bytes()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b';' | b'.' | b':'))
        .count();
    let rest = text.get(name..).unwrap_or_default();
    name > 0 && ["=", "~=", ">=", "<=", ":="].iter().any(|op| rest.starts_with(op))
}

/// NoSQL: operators of a query document where a value was meant.
pub(crate) fn nosql(text: &str, lower: &Lower) -> u8 {
    if !text.contains('$') && !text.contains("==") && !text.contains("this.") && !text.contains("db.") {
        return 0;
    }
    let mut best = 0;
    for (at, _) in text.match_indices('$').take(32) {
        let rest = text.get(at + 1..).unwrap_or_default();
        let len = rest.bytes().take(16).take_while(u8::is_ascii_alphabetic).count();
        let name = rest.get(..len).unwrap_or_default().to_ascii_lowercase();
        let before = at.checked_sub(1).and_then(|b| text.as_bytes().get(b)).copied();
        let after = rest.get(len..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
        let keyed =
            after.starts_with([':', ']', '=']) && matches!(before, Some(b'"' | b'\'' | b'{' | b'[' | b' ' | b','));
        let document = text.contains('{') || text.contains('[');
        best = best.max(match name.as_str() {
            "where" | "function" | "accumulator" if keyed => 90,
            "ne" | "gt" | "gte" | "lt" | "lte" | "nin" | "in" | "regex" | "exists" | "or" | "nor" | "not" | "eq"
            | "expr" | "jsonschema" | "elemmatch" | "and"
                if keyed && document =>
            {
                85
            }
            _ => 0,
        });
    }
    let quoted = text.contains(['\'', '"']);
    for (mark, sure) in [
        ("|| this.", 85),
        ("||this.", 85),
        ("&& this.", 80),
        ("this.password", 80),
        ("return true;", 70),
        ("; sleep(", 80),
        (";sleep(", 80),
        ("db.getcollection", 70),
        ("db.dropdatabase", 88),
        ("db.injection", 80),
        ("tojsononeline(", 80),
    ] {
        if lower.has(mark) && (sure > 75 || quoted) {
            best = best.max(sure);
        }
    }
    // `' || '1'=='1`, `'; return 'a'=='a`: as scripts compare.
    let script = quoted && lower.has("==") && lower.has_any(&["||", "return "]) && lower.len() < 200;
    let doubled = || {
        let tight = lower.replace(' ', "");
        ["'1'=='1", "\"1\"==\"1", "1==1", "'a'=='a", "''==''", "true=="].iter().any(|mark| tight.contains(mark))
    };
    best.max(if script && doubled() { 85 } else { 0 })
}

/// Headers and protocols by line: a line end and a header's name, a mail command.
pub(crate) fn header(raw: &str, plain: &str) -> u8 {
    let mut best = 0;
    let encoded = plain.len() < raw.len();
    for (at, _) in plain.match_indices(['\r', '\n']).take(64) {
        let rest = plain.get(at..).unwrap_or_default().trim_start_matches(['\r', '\n', ' ', '\t']);
        let head = rest.get(..rest.floor_char_boundary(48)).unwrap_or_default().to_ascii_lowercase();
        let name = HEADERS.iter().any(|name| head.strip_prefix(name).is_some_and(|r| r.trim_start().starts_with(':')));
        let status = head.starts_with("http/1") || head.starts_with("http/2");
        let line = (head.starts_with("get ") || head.starts_with("post "))
            && rest.get(..rest.floor_char_boundary(200)).unwrap_or_default().contains(" HTTP/");
        if name || status || line {
            // Real line ends are found in any letter that quotes headers; escaped ones are not.
            best = best.max(if encoded {
                92
            } else if status || plain.len() < 160 && plain.contains('\r') {
                75
            } else {
                40
            });
        }
    }
    best.max(protocol(plain))
}

const HEADERS: &[&str] = &[
    "set-cookie",
    "location",
    "content-type",
    "content-length",
    "transfer-encoding",
    "host",
    "x-forwarded-for",
    "refresh",
    "link",
    "access-control-allow-origin",
    "bcc",
    "cc",
    "to",
    "from",
    "subject",
    "mime-version",
    "content-disposition",
    "content-encoding",
    "connection",
    "cookie",
    "authorization",
    "x-xss-protection",
    "header",
    "x-injected",
    "x-test",
    "last-modified",
    "status",
];

/// A text that is a line of a mail protocol.
fn protocol(text: &str) -> u8 {
    let lower = text.get(..text.floor_char_boundary(120)).unwrap_or_default().trim().to_ascii_lowercase();
    let mut words = lower.split_whitespace();
    let (Some(first), second) = (words.next(), words.next()) else { return 0 };
    let third = words.next();
    let tag = first.len() > 1
        && first.bytes().any(|b| b.is_ascii_digit())
        && first.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    let imap = [
        "authenticate",
        "login",
        "select",
        "examine",
        "fetch",
        "store",
        "uid",
        "list",
        "lsub",
        "append",
        "search",
        "copy",
        "expunge",
        "logout",
        "starttls",
        "capability",
        "noop",
        "check",
        "close",
        "create",
        "delete",
        "rename",
        "status",
        "subscribe",
        "namespace",
    ];
    match (first, second) {
        ("ehlo" | "helo", Some(host)) if third.is_none() && (host.contains('.') || host.starts_with('[')) => 80,
        ("auth", Some(_)) if third.is_some_and(|t| t.len() > 7) && words.next().is_none() => 75,
        ("mail", Some(from)) if from.starts_with("from:") => 80,
        ("rcpt", Some(to)) if to.starts_with("to:") => 80,
        ("vrfy" | "expn", Some(_)) if third.is_none() => 70,
        ("retr" | "dele" | "uidl" | "stls", Some(n)) if third.is_none() && n.bytes().all(|b| b.is_ascii_digit()) => 72,
        ("apop", Some(_)) if third.is_some_and(|t| t.len() == 32 && t.bytes().all(|b| b.is_ascii_hexdigit())) => 85,
        (_, Some(command))
            if tag
                && first.len() <= 8
                && first.starts_with(|c: char| c.is_ascii_alphabetic())
                && imap.contains(&command) =>
        {
            // `a001 login joe secret`; `q1 status report` is prose.
            if first.bytes().filter(u8::is_ascii_digit).count() > 1
                || third.is_some_and(|t| t.contains(['"', ':', '*', '@']))
            {
                75
            } else {
                40
            }
        }
        _ => 0,
    }
}

/// Templates: an expression in the marks of a template language that computes or reaches for something.
pub(crate) fn template(text: &str, lower: &Lower) -> u8 {
    let mut best = 0;
    for (open, close) in [
        ("{{", "}}"),
        ("${", "}"),
        ("#{", "}"),
        ("<%", "%>"),
        ("{%", "%}"),
        ("*{", "}"),
        ("@{", "}"),
        ("@(", ")"),
        ("[[", "]]"),
        ("$!{", "}"),
    ] {
        if !lower.may(open) {
            continue;
        }
        let mut from = 0;
        for _ in 0..16 {
            let Some(at) = text.get(from..).and_then(|t| t.find(open)).map(|n| from + n) else { break };
            let rest = text.get(at + open.len()..).unwrap_or_default();
            let end = rest.get(..rest.floor_char_boundary(600)).unwrap_or_default().find(close);
            let inside = rest.get(..end.unwrap_or(rest.floor_char_boundary(600))).unwrap_or_default();
            best = best.max(expression(inside, open, end.is_some()));
            from = at + open.len();
        }
    }
    if lower.has_any(&["${jndi:", "${lower:", "${::-"]) || lower.has("${env:") && lower.has(":-") {
        best = best.max(95);
    }
    if lower.has_any(&["#set($", "#set ($", "<#assign", "freemarker.template"]) {
        best = best.max(88);
    }
    best
}

fn expression(inside: &str, open: &str, closed: bool) -> u8 {
    let lower = Lower::new(inside);
    let reaches = [
        "__class__",
        "__mro__",
        "__globals__",
        "__subclasses__",
        "__init__",
        "__import__",
        "getclass",
        "forname",
        "java.lang",
        "runtime",
        "processbuilder",
        "constructor",
        "_self",
        "self.env",
        "config.items",
        "request.application",
        "cycler",
        "lipsum",
        "system(",
        "exec(",
        "popen",
        "t(java",
        "file.read",
        "file.open",
        "registerundefined",
        "#_memberaccess",
        "@java",
        "getruntime",
        "phpinfo",
        "filter('system",
        "dump(app",
        "`id`",
    ];
    if lower.has_any(&reaches) {
        return 92;
    }
    let trimmed = lower.trim();
    let digits = trimmed
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'+' | b'-' | b'/' | b' ' | b'\'' | b'"' | b'='));
    let sum = digits
        && trimmed.bytes().any(|b| b == b'*' || b == b'+' || b == b'-')
        && trimmed.bytes().filter(u8::is_ascii_digit).count() > 1;
    let times = trimmed.bytes().any(|b| b == b'*');
    match (sum, closed) {
        (true, true) if times => 88,
        (true, true) if open != "[[" && open != "@(" => 75,
        (_, true)
            if matches!(trimmed, "config" | "self" | "settings.secret_key" | "app" | "request" | "app.request")
                && open == "{{" =>
        {
            75
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
