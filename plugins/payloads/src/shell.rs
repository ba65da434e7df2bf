//! Shell commands: text that goes on as a command where a value was meant, and words disguised so that a list of words
//! does not see them. A plain command on its own is an argument like any other.

pub(crate) mod batch;
pub(crate) mod command;
mod dangers;
pub(crate) mod unquote;
pub(crate) mod words;

use crate::lower::Lower;
use dangers::dangers;
use words::{is_command, is_english};

/// How sure it is that `text` brings a command where none was meant: 0 to 100.
pub(crate) fn confidence(text: &str, lower: &Lower) -> u8 {
    let mut best = dangers(lower).max(lines(text)).max(batch::confidence(text));
    // Where a program reads to the first zero, what stands before it is all there is.
    best = best.max(injected(text.trim_end_matches('\0')));
    if let Some(bare) = unquote::bare(text) {
        // Disguise counts only where a command comes out of it.
        let found = injected(&bare).max(dangers(&Lower::new(&bare)));
        let first = first_word(&bare);
        let new = is_command(first) && first != first_word(text);
        best = best.max(if found > best { 90 } else { 0 }).max(if new { 85 } else { 0 });
    }
    best.max(globbed(text)).max(program(text)).max(runs(lower))
}

/// Whole values that run something: `time id`, `cat /etc/x`, `x=id;$x`, `… | sh`.
fn runs(all: &Lower) -> u8 {
    let lower = all.trim();
    let mut words = lower.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut best = 0;
    if matches!(first, "time" | "nohup" | "setsid" | "command" | "builtin")
        && is_command(first_word(second))
        && !is_english(second)
    {
        best = 72;
    }
    if first == "time;" && is_command(first_word(second)) && !is_english(first_word(second)) {
        best = 75;
    }
    if first == "alias" && lower.contains('=') {
        best = 72;
    }
    // Where a shell was before.
    if first
        .strip_prefix(['~'])
        .and_then(|t| t.strip_prefix(['+', '-']))
        .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        && second.is_empty()
    {
        best = 75;
    }
    let reads = [
        "cat", "head", "tail", "less", "more", "nl", "tac", "od", "xxd", "strings", "base64", "base32", "gunzip",
        "zcat", "zstdcat", "lz4cat", "xzcat", "bzcat", "ls", "ll", "dir", "cp", "column", "rev", "paste", "sort",
        "uniq", "grep", "type",
    ];
    if reads.contains(&first)
        && lower.split_whitespace().skip(1).any(|w| {
            w.starts_with("/etc/") || w.starts_with("/var/log/") || w.starts_with("/proc/") || w.starts_with("/root/")
        })
    {
        best = best.max(75);
    }
    if let Some((_, last)) = lower.rsplit_once('|')
        && matches!(last.trim(), "sh" | "bash" | "zsh" | "ksh" | "csh" | "dash" | "ash" | "python" | "perl")
    {
        best = best.max(78);
    }
    best.max(assigned(lower.trim_start_matches([';', '|', '&', ' ', '\n']))).max(closed(lower)).max(called(all))
}

/// A command that a separator ends: `ls;`, `uname -a|`.
fn closed(lower: &str) -> u8 {
    let command = lower.trim_end_matches([';', '|', '&', '`', ' ']);
    let ended = command.len() < lower.len() && lower.len() < 64;
    let first = first_word(command);
    let alone = command == first && first.len() > 1 && (!is_english(first) || matches!(first, "id" | "ls" | "env"));
    if ended && is_command(first) && alone { 72 } else { 0 }
}

/// Functions of programming languages that run a command, with one: `system('id')`, `popen("ls -l")`.
fn called(lower: &Lower) -> u8 {
    const CALLS: [&str; 8] =
        ["system(", "popen(", "exec(", "check_output(", "process.call(", "spawn(", "execsync(", "shell_exec("];
    for call in CALLS.into_iter().filter(|call| lower.may(call)) {
        for (at, _) in lower.match_indices(call).take(4) {
            let argument = lower.get(at + call.len()..).unwrap_or_default().trim_start();
            let Some(code) = argument.strip_prefix(['\'', '"', '`', '[']) else { continue };
            let code = code.trim_start_matches(['\'', '"', ' ']);
            let word = code.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '-' | '_' | '.')).next();
            let word = word.unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let behind = code.find(word).and_then(|n| code.get(n + word.len()..)).unwrap_or_default();
            let ends = behind.starts_with(['\'', '"', '`', ' ', '%', '$', ';', '|', '<', '>']);
            // `exec("replace …")` is a statement.
            let shelly = !is_english(word) || matches!(word, "id" | "ls" | "cat" | "ping" | "sleep" | "env" | "echo");
            if is_command(word) && shelly && ends && word.len() > 1 {
                return 82;
            }
        }
    }
    0
}

/// A variable that is set and then run: `a=id;$a`.
fn assigned(lower: &str) -> u8 {
    let Some((name, rest)) = lower.split_once('=') else { return 0 };
    let named = (1..12).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let runs = rest.split_once([';', '&', '\n']).is_some_and(|(_, after)| {
        after
            .match_indices('$')
            .any(|(at, _)| after.get(at + 1..).is_some_and(|v| v.trim_start_matches('{').starts_with(name)))
    });
    if named && runs && lower.len() < 400 { 82 } else { 0 }
}

/// A value that is a line end, a command and nothing else: what comes of `%0aid`. A value of one line has none before it.
fn lines(text: &str) -> u8 {
    let Some(command) = text.strip_prefix(['\n', '\r']) else { return 0 };
    let command = command.trim_matches(['\r', '\n', ' ', '\0']);
    let first = first_word(command);
    let argument = command.split_whitespace().nth(1).unwrap_or_default();
    let shelly =
        argument.is_empty() || argument.starts_with(['-', '/', '$']) || argument.bytes().all(|b| b.is_ascii_digit());
    let one = !command.contains('\n') && command.len() < 128 && command.split_whitespace().count() < 6;
    if one && is_command(first) && first.len() > 1 && shelly { 80 } else { 0 }
}

/// The first word, without a path and quotes.
fn first_word(text: &str) -> &str {
    let word = text
        .trim_start()
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '<' | '>' | '(' | ')' | '`'))
        .next();
    let word = word.unwrap_or_default().trim_matches(['"', '\'']);
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}

/// A separator that the value brings along, and a command behind it.
fn injected(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let mut best = 0;
    let mut at = 0;
    let mut places = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find([';', '|', '&', '`', '\n', '$', '<', '>', '{'])) {
        let start = at + found;
        places += 1;
        if places > 96 {
            break;
        }
        let mark = bytes.get(start).copied().unwrap_or_default();
        let (len, quoted) = match (mark, bytes.get(start + 1)) {
            (b'|' | b'&', Some(next)) if *next == mark => (2, false),
            (b'$' | b'<' | b'>', Some(b'(')) => (2, true),
            (b'$', Some(b'{')) if bytes.get(start + 2) == Some(&b'`') => (3, true),
            (b'`', _) => (1, true),
            (b';' | b'|' | b'&' | b'\n', _) => (1, false),
            (b'{', Some(b',')) => (2, true),
            _ => {
                at = start + 1;
                continue;
            }
        };
        at = start + len;
        best = best.max(behind(text, start, at, mark, quoted));
    }
    best
}

/// What stands behind a separator that begins at `start` and ends at `at`.
fn behind(text: &str, start: usize, at: usize, mark: u8, quoted: bool) -> u8 {
    let mut rest = text.get(at..).unwrap_or_default();
    if mark == b'`' && (rest.starts_with('`') || text.get(..start).is_some_and(|b| b.ends_with('`'))) {
        // A fence around code.
        return 0;
    }
    // A variable that is not set comes to nothing: `;$a cat x`.
    let trimmed = rest.trim_start();
    if let Some((variable, after)) = trimmed.strip_prefix('$').and_then(|r| r.split_once(' '))
        && variable.len() < 12
        && variable.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        rest = after;
    }
    if matches!(mark, b';' | b'&' | b'|') && rest.trim_start().starts_with(". /") {
        return 85;
    }
    let rest = rest.trim_start_matches([' ', '\t', '(', '{', '!', '@', '+', '"', '\'', ';', '&', '|', '\\', '$']);
    let word = first_word(rest);
    if word.is_empty() || !is_command(word) || word.len() < 4 && word.bytes().any(|b| b.is_ascii_uppercase()) {
        return 0;
    }
    let behind = rest.find(word).and_then(|n| rest.get(n + word.len()..)).unwrap_or_default();
    let next = behind.as_bytes().first().copied();
    if !matches!(
        next,
        None | Some(
            b' ' | b'\t'
                | b'\n'
                | b'\r'
                | b';'
                | b'|'
                | b'&'
                | b'<'
                | b'>'
                | b')'
                | b'`'
                | b'"'
                | b'\''
                | b'+'
                | b'$'
                | b'}'
                | b','
                | b'/'
                | b'.'
                | b'\\'
                | b'%'
                | b'#'
                | b'\0'
        )
    ) {
        return 0;
    }
    let before = text.get(..start).unwrap_or_default().trim();
    let argument = behind.trim_start().as_bytes().first().copied();
    let ends = matches!(
        next,
        None | Some(b'\0' | b';' | b'|' | b'&' | b')' | b'`' | b'"' | b'\'' | b'}' | b'<' | b'>' | b'#')
    );
    let shelly =
        ends || matches!(
            argument,
            None | Some(
                b'-' | b'/' | b'$' | b'<' | b'>' | b'|' | b';' | b'&' | b'.' | b'~' | b'%' | b'\\' | b'"' | b'0'..=b'9'
            )
        ) || behind
            .split_whitespace()
            .next()
            .is_some_and(|a| a.contains(['/', '\\', '=', ':', '@']) || a.contains("://"))
            || behind.contains("> /")
            || is_pair(word, behind);
    // A value of one word goes on as a command; several words are a command line, or prose.
    let lone = !before.contains(' ');
    // `time; date; place` and `name|id` are lists.
    let list = next.is_none_or(|b| b == mark) && !rest.starts_with('/');
    if ends && list && !before.is_empty() && is_english(word) && !is_value(before) && mark != b'`' && !quoted {
        return 0;
    }
    let command_line = is_command(first_word(before)) || before.contains(" -");
    match (mark, lone) {
        (b'\n', _) if !lone || before.is_empty() || !shelly => 0,
        _ if before.is_empty() && (shelly || !is_english(word)) => {
            if mark == b'\n' {
                0
            } else {
                90
            }
        }
        (b'`', _) if lone && shelly && before.len() < 32 => 85,
        (b'$' | b'<' | b'>' | b'{', true) if quoted && !command_line && shelly => 88,
        (b'$', false) if quoted && !command_line && shelly && !is_english(word) => 70,
        (b'&', true) if !ends && before.contains(['?', '=', '/']) => 0,
        (b'|' | b'&' | b';', true) if !command_line || mark == b';' => {
            // `journalctl | grep x` is a command line of an unknown command.
            let spaced = text.get(..start).is_some_and(|b| b.ends_with(' '))
                && before.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            match (spaced, shelly) {
                (false, true) => 88,
                (true, true) if mark == b'|' && SOURCES.contains(&word) => 80,
                (true, true) if mark == b';' => 70,
                (false, false) if !is_english(word) => 70,
                _ => 0,
            }
        }
        (b';' | b'&', false) if !command_line && shelly && !is_english(word) => 75,
        (b';' | b'|', false) if before.ends_with(['"', '\'', ')']) && shelly && !command_line => 75,
        _ => 0,
    }
}

/// Whether a value is an address, a number, the name of a file, or ends with a quote or bracket: what commands are added to,
/// and no word of a list.
fn is_value(before: &str) -> bool {
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    last.ends_with(['"', '\'', ')', '/'])
        || !last.bytes().any(|b| b.is_ascii_alphanumeric())
        || last.bytes().any(|b| b.is_ascii_digit())
        || last.split_once('.').is_some_and(|(name, end)| !name.is_empty() && !end.is_empty())
}

/// Commands of Windows whose second word says that they are ones: `net user`, `sc query`.
fn is_pair(word: &str, behind: &str) -> bool {
    let second = behind.split_whitespace().next().unwrap_or_default();
    let seconds: &[&str] = match word.to_ascii_lowercase().as_str() {
        "net" | "net1" => {
            &["user", "users", "view", "start", "stop", "use", "share", "group", "localgroup", "accounts", "session"]
        }
        "sc" => &["query", "create", "start", "stop", "config", "delete", "qc"],
        "wmic" => &["process", "os", "useraccount", "service", "product", "logicaldisk"],
        "ip" => &["a", "addr", "address", "route", "link", "r"],
        _ => return false,
    };
    seconds.iter().any(|known| known.eq_ignore_ascii_case(second))
}

/// Commands that read nothing: behind a `|` they are not part of a command line.
const SOURCES: &[&str] = &[
    "whoami", "id", "uname", "ifconfig", "ipconfig", "netstat", "pwd", "hostname", "ls", "ps", "env", "dir",
    "nslookup", "ping", "curl", "wget", "nc", "sleep", "reboot",
];

/// Paths that a shell fills in: `/bin/c?t`, `/???/p[a]sswd`.
fn globbed(text: &str) -> u8 {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '{' | '|' | '&' | '(' | '`'));
    let mut best = 0;
    for word in words.take(64) {
        let Some(path) = word.trim_start_matches(['"', '\'', '$', '@']).strip_prefix('/') else { continue };
        if path.contains(['=', '&', ':']) || path.len() > 80 {
            continue;
        }
        let root = path.split('/').next().unwrap_or_default();
        let inside = |part: &str| {
            part.match_indices(['?', '[']).any(|(at, m)| {
                m == "[" && part.contains(']')
                    || m == "?" && at + 1 < part.len()
                    || m == "?" && at > 0 && part.len() < 8
            })
        };
        let count = path.split('/').filter(|part| inside(part)).count();
        let system = ["etc", "bin", "usr", "sbin", "var", "dev", "tmp"].contains(&root)
            || root.contains(['?', '[']) && path.contains('/');
        if system && count > 0 && path.split('/').count() < 8 {
            best = best.max(85);
        }
    }
    best
}

/// A program named by its place: `/bin/cat …`, `/usr/bin/id`.
fn program(text: &str) -> u8 {
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | '$' | '{' | ','));
    let place = text.trim_start_matches('/');
    let place = place.strip_prefix("usr/").unwrap_or(place);
    let place = place.strip_prefix("local/").unwrap_or(place);
    let Some(name) = place.strip_prefix("bin/").or_else(|| place.strip_prefix("sbin/")) else { return 0 };
    let word = name.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '`')).next().unwrap_or_default();
    match (is_command(word), text.starts_with('/')) {
        (true, true) => 80,
        (true, false) if !text.starts_with("usr/local") && !word.contains('.') => 75,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
