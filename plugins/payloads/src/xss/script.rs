//! What runs without a tag: addresses that are scripts, calls a script makes, styles that load or compute.

use crate::lower::Lower;

/// Longest run of characters that a browser passes over before or within a scheme.
const SCHEME: usize = 96;

/// Whether an address is a script: `javascript:`, `vbscript:`, `data:text/html`, whatever stands between the letters.
pub(crate) fn is_script_url(value: &str) -> bool {
    let mut scheme = [0_u8; 16];
    let mut len = 0;
    for b in value.bytes().take(SCHEME) {
        match b {
            b':' => break,
            b if b <= b' ' || b == 0x7f => {}
            b if b.is_ascii_alphabetic() || b == b'-' || b == b'/' || b == b'&' => {
                let Some(slot) = scheme.get_mut(len) else { return false };
                *slot = b.to_ascii_lowercase();
                len += 1;
            }
            b'"' | b'\'' | b'\\' | b'`' => {}
            _ => return false,
        }
    }
    let Some((at, _)) = value.char_indices().find(|(_, c)| *c == ':').filter(|(at, _)| *at < SCHEME) else {
        return false;
    };
    let rest = value.get(at + 1..).unwrap_or_default();
    let head: String = rest.chars().take(32).collect::<String>().to_ascii_lowercase();
    match scheme.get(..len).unwrap_or_default() {
        b"javascript" | b"vbscript" | b"livescript" | b"jscript" | b"mocha" | b"feed" | b"vbs" => {
            !head.trim().is_empty()
        }
        b"data" => {
            let head = head.trim_start();
            [
                "text/html",
                "image/svg",
                "text/javascript",
                "application/",
                "text/xml",
                ",<",
                "x,<",
                "base64",
                "text/vbs",
                "/",
            ]
            .iter()
            .any(|sort| head.starts_with(sort))
        }
        b"view-source" | b"jar" | b"mhtml" => true,
        _ => false,
    }
}

/// Names that scripts of payloads call or reach for, and how sure each is on its own.
const CALLS: &[(&str, u8)] = &[
    ("alert(", 75),
    ("alert`", 85),
    ("alert (", 60),
    ("prompt(", 40),
    ("confirm(", 40),
    ("prompt`", 80),
    ("confirm`", 80),
    ("document.cookie", 85),
    ("document.write", 75),
    ("document.location", 75),
    ("document.domain", 75),
    ("document.body", 60),
    ("document[", 70),
    ("window.location", 70),
    ("window[", 75),
    ("self[", 75),
    ("top[", 75),
    ("this[", 40),
    ("location.href", 60),
    ("location.hash", 75),
    ("location=", 40),
    ("eval('", 75),
    ("eval(\"", 75),
    ("eval(`", 75),
    ("document)[", 75),
    ("[\"alert\"]", 85),
    ("['alert']", 85),
    ("${alert}", 85),
    (".textcontent=", 70),
    ("+adw-", 88),
    ("location.replace", 70),
    ("string.fromcharcode", 85),
    ("eval(", 60),
    ("eval.call", 80),
    ("settimeout(", 50),
    ("setinterval(", 50),
    ("function(", 20),
    (".constructor(", 75),
    ("constructor.constructor", 90),
    (".innerhtml", 75),
    (".outerhtml", 75),
    ("xmlhttprequest", 70),
    ("activexobject", 75),
    ("localstorage.", 60),
    ("document.getelement", 50),
    ("atob(", 60),
    ("import(", 50),
    ("fetch(", 30),
    (".call`", 90),
    (".apply`", 90),
    ("msgbox", 40),
    ("prototype.", 40),
];

/// How sure it is that a text is a script that was put somewhere: calls on their own may be code, calls after a quote or
/// a bracket that ends something are not.
pub(crate) fn confidence(lower: &Lower) -> u8 {
    let url = scheme(lower);
    // Blanks and comments around dots and brackets are nothing to a script.
    let tight = (lower.len() < 512
        && (lower.contains("/*")
            || lower.contains(" .")
            || lower.contains(". ")
            || lower.contains(" [")
            || lower.contains(" =")))
    .then(|| Lower::of(uncommented(lower)));
    let mut best = url;
    for (name, sure) in CALLS {
        if let Some(tight) = &tight
            && *sure >= 70
            && tight.has(name)
            && !lower.has(name)
        {
            best = best.max(*sure);
        }
        if !lower.may(name) {
            continue;
        }
        for (at, _) in lower.match_indices(name).take(4) {
            let word = at
                .checked_sub(1)
                .and_then(|b| lower.as_bytes().get(b))
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
            let glued = word && name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
            if !glued {
                best = best.max(*sure);
            }
        }
    }
    // Out of a string or a block, or without letters at all.
    let head = lower.trim_start().as_bytes();
    let breaks = matches!(head.first(), Some(b'"' | b'\'' | b'}' | b')' | b';' | b']' | b'`' | b'\\'))
        && head.len() > 6
        || lower.len() < 256
            && ["\";", "';", "\"-", "'-", "\"+", "'+", "\"*", "\"}", "'}"].iter().any(|m| lower.contains(m))
            && lower.contains("//");
    if breaks && best >= 40 {
        best = best.max(88);
    }
    if matches!(lower.trim(), "alert()" | "confirm()" | "prompt()" | "atob()" | "btoa()") {
        best = best.max(75);
    }
    best.max(letterless(lower))
}

/// Letters that are written as escapes for no reason but to hide them.
pub(super) fn hidden(raw: &str) -> u8 {
    let letters = raw.match_indices("\\u00").take(16).filter(|(at, _)| {
        let digits = raw.as_bytes().get(at + 4..at + 6).unwrap_or_default();
        matches!(digits, [b'4'..=b'7', d] if d.is_ascii_hexdigit())
    });
    if letters.count() > 2 { 75 } else { 0 }
}

/// `javascript:` and the like anywhere, followed by something.
fn scheme(lower: &Lower) -> u8 {
    for name in ["javascript", "vbscript", "livescript"].into_iter().filter(|name| lower.may(name)) {
        for (at, _) in lower.match_indices(name).take(8) {
            let rest = lower.get(at + name.len()..).unwrap_or_default().trim_start();
            if let Some(code) = rest.strip_prefix(':') {
                let runs = code.bytes().take(80).any(|b| matches!(b, b'(' | b'`' | b'=' | b'[' | b'/'));
                if runs && !code.starts_with(' ') {
                    return 92;
                }
                if runs {
                    return 60;
                }
            }
        }
    }
    // Letters with blanks or line ends between them.
    let squeezed = lower.contains(['\t', '\n', '\r', '\0']) && lower.len() < 4096;
    match squeezed {
        true => {
            let joined: String = lower.chars().filter(|c| *c > ' ').collect();
            let spaced = joined.contains("javascript:") && !lower.has("javascript");
            if spaced { 92 } else { 0 }
        }
        false => 0,
    }
}

/// Scripts of brackets and signs only.
fn letterless(text: &str) -> u8 {
    let signs = text.bytes().filter(|b| matches!(b, b'[' | b']' | b'(' | b')' | b'!' | b'+')).count();
    let others = text.bytes().filter(|b| b.is_ascii_alphanumeric()).count();
    let bare = others == 0 && text.contains("![]") && text.len() < 64;
    if signs > 24 && others * 8 < signs && text.contains("[]") {
        88
    } else if bare {
        80
    } else {
        0
    }
}

/// Styles that compute, bind or load.
pub(crate) fn style(text: &str) -> u8 {
    if !text.bytes().any(|b| matches!(b, b':' | b'@' | b'(')) {
        return 0;
    }
    let clean = Lower::of(uncommented(text));
    if is_near(&clean, "expression(") || clean.has_any(&["-moz-binding:", "moz-binding:url("]) {
        return 90;
    }
    if clean.has_any(&["behavior:url(", "behaviour:url("]) {
        return 88;
    }
    if let Some(at) = clean.may("@import").then(|| clean.find("@import")).flatten() {
        let rest = clean.get(at + 7..).unwrap_or_default();
        if rest.starts_with(['"', '\'']) || rest.starts_with("url(") {
            return if text.contains('<') || rest.contains("script") { 88 } else { 60 };
        }
    }
    if clean.has_any(&["url(javascript:", "url('javascript:", "url(\"javascript:", "url(data:text"]) {
        return 85;
    }
    0
}

/// `expression(` as a value, or the whole of the text.
fn is_near(clean: &Lower, word: &str) -> bool {
    clean.may(word)
        && clean
            .match_indices(word)
            .any(|(at, _)| at == 0 || clean.get(..at).is_some_and(|head| head.ends_with([':', ';', '{', '"', '\''])))
}

/// Undoes the escapes of styles: a backslash and up to six hexadecimal digits.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('\\') {
        out.push_str(head);
        let digits = tail.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let c = tail.get(..digits).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
        rest = match c.filter(|_| digits > 1) {
            Some(c) => {
                out.push(c);
                tail.get(digits..).unwrap_or_default()
            }
            None => tail,
        };
    }
    out.push_str(rest);
    out
}

/// In lower case, without comments, blanks and the backslashes that styles allow in names. At most 4 KiB.
fn uncommented(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.get(..text.floor_char_boundary(4096)).unwrap_or_default();
    while let Some(at) = rest.find("/*") {
        out.push_str(rest.get(..at).unwrap_or_default());
        let Some(end) = rest.get(at + 2..).and_then(|r| r.find("*/")) else {
            rest = rest.get(at + 2..).unwrap_or_default();
            continue;
        };
        rest = rest.get(at + 2 + end + 2..).unwrap_or_default();
    }
    out.push_str(rest);
    let out = unescaped(&out);
    out.chars().filter(|c| *c > ' ' && *c != '\\').collect::<String>().to_ascii_lowercase()
}
