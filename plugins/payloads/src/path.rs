//! Paths that climb out of where they should stay, and files that no argument asks for by accident.

/// How sure it is that a text is such a path. `raw` is the text as it came, `plain` decoded, `layers` how many rounds of
/// URL escapes were undone.
pub(crate) fn confidence(raw: &str, plain: &str, layers: usize) -> u8 {
    climbs(raw, plain, layers).max(named(plain)).max(wrapped(plain))
}

/// Steps upwards.
fn climbs(raw: &str, plain: &str, layers: usize) -> u8 {
    let bytes = plain.as_bytes();
    let several = plain.matches("..").take(2).count() > 1;
    let mut steps = 0_usize;
    let mut strange = 0_usize;
    let mut first = None;
    for (at, _) in plain.match_indices("..") {
        let dots = bytes.iter().skip(at).take(400).take_while(|b| **b == b'.').count();
        let before = at.checked_sub(1).and_then(|b| bytes.get(b));
        if before == Some(&b'.') && dots > 1 {
            continue;
        }
        let rest = bytes.get(at + dots..).unwrap_or_default();
        let (plain_step, odd_step) = match rest {
            [b'/', ..] => (dots == 2, dots > 2),
            [b'\\', ..] => (false, true),
            [b'0', b'x' | b'X', b'2' | b'5', b'f' | b'F' | b'c' | b'C', ..] | [b'%', ..] => (false, true),
            [b';', ..] => (false, true),
            [b, ..] if *b >= 0x80 => (false, several),
            [b'2', b'f' | b'F', ..] | [b'5', b'c' | b'C', ..] | [b'?', b'/', ..] => (false, several),
            [] => (matches!(before, Some(b'/')), matches!(before, Some(b'\\'))),
            _ => (false, false),
        };
        let word = before.is_some_and(u8::is_ascii_alphanumeric);
        if (plain_step || odd_step) && !word {
            first.get_or_insert(at);
            steps += 1;
            strange += usize::from(odd_step);
        }
    }
    // Dots that are written as numbers.
    let hex = if plain.contains("0x") { plain.to_ascii_lowercase().matches("0x2e").count() } else { 0 };
    let numbers = hex + raw.matches("0x5c").count();
    if numbers > 1 {
        return 90;
    }
    if plain.matches("\\/").count() > 1 && !plain.contains(' ') && !plain.contains("://") && !plain.contains('"') {
        return 80;
    }
    if steps == 0 {
        return if plain.contains("%c0%") || plain.contains("%c1%") { 60 } else { 0 };
    }
    let tail = plain.rsplit(['/', '\\']).next().unwrap_or_default();
    let doubled = plain.contains("//..") || plain.contains("..//") || plain.contains("/./..");
    let rooted = first == Some(1) && matches!(bytes.first(), Some(b'/' | b'\\'));
    let encoded = layers > 0 && plain.len() < raw.len();
    let cut = plain.contains('\0') || raw.contains("%00");
    match steps {
        _ if encoded || cut => 92,
        _ if sensitive(plain) > 0 => 92,
        _ if strange > 0 && !plain.contains(' ') => 88,
        _ if rooted => 88,
        1..=2 if tail.starts_with('.') && tail.len() > 2 && !plain.contains(' ') && !is_source(tail) => 70,
        1..=2
            if tail.contains("config")
                && (tail.ends_with(".php") || tail.ends_with(".asp") || tail.ends_with(".inc")) =>
        {
            72
        }
        1..=2 if doubled => 80,
        1 | 2 => 30,
        3 | 4 if is_source(tail) => 40,
        _ => 85,
    }
}

/// Whether a file's name is one that programs and documents refer to each other by.
fn is_source(name: &str) -> bool {
    let Some((_, end)) = name.rsplit_once('.') else { return false };
    let end = end.split(['#', '?', ')', '"', '\'']).next().unwrap_or_default();
    [
        "rs", "py", "js", "ts", "tsx", "jsx", "go", "c", "h", "cpp", "md", "rst", "html", "css", "png", "jpg", "svg",
        "wat", "wasm", "json", "yaml", "yml", "toml", "sh", "java",
    ]
    .contains(&end)
}

/// A value that is the name of a file worth reading, and nothing else.
fn named(plain: &str) -> u8 {
    let text = plain.trim().trim_matches(['"', '\'', '\0', '`']);
    if text.contains(' ') && !text.contains('\\') || text.len() > 160 || text.is_empty() {
        return 0;
    }
    let path = text.strip_prefix("file://").unwrap_or(text);
    let rooted = path.starts_with(['/', '\\', '~', '.']) || path.get(1..3).is_some_and(|c| c == ":/" || c == ":\\");
    if !rooted {
        return 0;
    }
    sensitive(path)
}

/// How telling the name of a file is.
fn sensitive(path: &str) -> u8 {
    let lower = path.replace('\\', "/").to_ascii_lowercase();
    let lower = lower.split('\0').next().unwrap_or_default();
    let lower = lower.get(..lower.floor_char_boundary(400)).unwrap_or_default();
    let mut best = 0;
    for (name, sure) in FILES {
        if lower.contains(name) {
            best = best.max(*sure);
        }
    }
    let last = lower.rsplit('/').next().unwrap_or_default();
    let stem = last.split(['%', '?', '#']).next().unwrap_or_default();
    if NAMES.contains(&stem) {
        best = best.max(80);
    }
    let home = lower.starts_with("/home/") || lower.starts_with("/users/");
    let rooted = lower.starts_with(['/', '.']) || lower.get(1..2) == Some(":");
    let server = [
        "apache", "httpd", "nginx", "php", "mysql", "cpanel", "ftpd", "lighttpd", "xampp", "tomcat", "inetpub",
        "wwwroot", "proftp", "wu-ftpd", "exim", "samba", "postgres", "mariadb",
    ]
    .iter()
    .any(|s| lower.contains(s));
    let settles = [
        ".conf", ".ini", ".log", ".cnf", "_log", "/logs", ".dat", ".asa", ".asp", ".pid", ".sock", "passwd", ".err",
        "-log", ".config", ".frm", ".myd",
    ]
    .iter()
    .any(|s| lower.contains(s));
    if rooted && server && settles && !home {
        best = best.max(75);
    }
    if lower.get(1..3) == Some(":/") && (server || lower.contains("appserv")) {
        best = best.max(70);
    }
    if rooted
        && lower.contains("/log")
        && lower.ends_with(".log")
        && !home
        && (server || lower.contains("access") || lower.contains("error"))
    {
        best = best.max(75);
    }
    best
}

/// Where files stand that tell about a system.
const FILES: &[(&str, u8)] = &[
    ("etc/passwd", 92),
    ("etc/shadow", 95),
    ("etc/group", 85),
    ("etc/gshadow", 95),
    ("etc/sudoers", 90),
    ("etc/hosts", 80),
    ("etc/issue", 85),
    ("etc/motd", 85),
    ("etc/fstab", 80),
    ("etc/crontab", 80),
    ("etc/inittab", 85),
    ("etc/security/", 85),
    ("etc/ssh/", 85),
    ("etc/mysql/", 75),
    ("etc/apache", 75),
    ("etc/httpd/", 75),
    ("etc/nginx/", 75),
    ("etc/php", 75),
    ("etc/init.d/", 75),
    ("etc/my.cnf", 80),
    ("etc/samba", 80),
    ("/etc/", 72),
    ("/sys/", 72),
    ("/boot/", 72),
    ("/proc/", 75),
    ("etc/resolv.conf", 75),
    ("etc/release", 75),
    ("etc/networks", 75),
    ("/proc/self/", 92),
    ("/proc/version", 80),
    ("/proc/cmdline", 80),
    ("/proc/mounts", 80),
    ("/proc/net/", 80),
    ("/proc/1/", 85),
    ("/root/.", 85),
    ("/var/log/", 75),
    ("/var/adm/", 75),
    ("/var/mail/", 80),
    ("/var/spool/", 75),
    ("/var/run/secrets", 92),
    ("/var/lib/mysql", 80),
    (".ssh/id_", 92),
    (".ssh/authorized", 90),
    (".aws/credentials", 92),
    (".git/config", 75),
    (".docker/config", 80),
    ("web-inf/", 85),
    ("meta-inf/context", 80),
    ("windows/system32", 80),
    ("winnt/", 80),
    ("windows/win.ini", 92),
    ("windows/repair", 85),
    ("system32/config", 92),
    ("inetpub/", 75),
];

/// Files whose name is enough, wherever they stand.
const NAMES: &[&str] = &[
    "boot.ini",
    "win.ini",
    "global.asa",
    "php.ini",
    "httpd.conf",
    "my.cnf",
    "my.ini",
    ".htaccess",
    ".htpasswd",
    ".bash_history",
    ".mysql_history",
    ".pass",
    ".passwd",
    "passwd",
    "shadow",
    "master.passwd",
    "web.config",
    "sam",
    "ntuser.dat",
    "pagefile.sys",
    "access_log",
    "error_log",
    "stats_log",
    "access.log",
    "error.log",
    ".forward",
    "grub.conf",
    "autoexec.bat",
    "system.ini",
    "desktop.ini",
    "proftpd.conf",
    "vsftpd.conf",
    "pure-ftpd.conf",
    "smb.conf",
    "lastlog",
    "wtmp",
    "utmp",
    "syslog",
    "mysqld.log",
    "mysql.log",
    "wp-config.php",
    ".env",
    ".netrc",
    ".pgpass",
    ".bashrc",
    ".profile",
    ".rhosts",
    ".git-credentials",
];

/// Addresses that read files or run something through another scheme.
fn wrapped(plain: &str) -> u8 {
    let lower =
        plain.trim_start().get(..plain.trim_start().floor_char_boundary(64)).unwrap_or_default().to_ascii_lowercase();
    let schemes = [
        "php://filter",
        "php://input",
        "expect://",
        "phar://",
        "zip://",
        "glob://",
        "ogg://",
        "data://text",
        "jar:file:",
    ];
    match schemes.iter().any(|s| lower.contains(s)) {
        true => 90,
        false if lower.starts_with("file:/") => sensitive(plain).max(40),
        false => 0,
    }
}

/// Whether a path, taken as relative to `root` where it is not absolute, stays inside of one of `roots`. All of them are
/// read lexically: links are the business of who opens files.
pub(crate) fn stays(path: &str, roots: &[String]) -> bool {
    let path = path.replace('\\', "/");
    if path.contains('\0')
        || path.starts_with('~')
        || path.get(1..2) == Some(":") && !roots.iter().any(|r| r.get(1..2) == Some(":"))
    {
        return false;
    }
    let path = path.strip_prefix("file://").unwrap_or(&path);
    roots.iter().any(|root| {
        let root = root.replace('\\', "/");
        let whole = if path.starts_with('/') || path.get(1..2) == Some(":") {
            path.to_owned()
        } else {
            format!("{root}/{path}")
        };
        match (normal(&whole), normal(&root)) {
            (Some(path), Some(root)) => path.len() >= root.len() && path.iter().zip(&root).all(|(a, b)| a == b),
            _ => false,
        }
    })
}

/// The parts of a path without `.` and `..`; None where it climbs above the top.
fn normal(path: &str) -> Option<Vec<&str>> {
    let mut parts = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            // Dots and blanks at the end are nothing to one system: `...` climbs there.
            part if part.trim_end_matches(['.', ' ']).is_empty() => return None,
            part => parts.push(part),
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests;
