//! What no argument needs: texts that run something, whatever stands around them.

use crate::lower::Lower;

/// What no argument needs, whatever it is.
pub(super) fn dangers(lower: &Lower) -> u8 {
    let has = |needle: &str| lower.has(needle);
    let mut best = 0;
    for (needle, sure) in DANGERS {
        if has(needle) {
            best = best.max(*sure);
        }
    }
    if best < 90
        && has("curl") | has("wget")
        && lower.has_any(&["| sh", "|sh", "| bash", "|bash", "| sudo", "|python", "| python"])
    {
        best = 85;
    }
    let removes = (has("rm -") || has("rm\t-")) && lower.has_any(&["-rf", "-fr", "-r -f", "-f -r", "--no-preserve"]);
    if removes
        && lower.has_any(&["-rf /", "-fr /", " / ", "/*", "--no-preserve", " ~", "-f /"])
        && !has("-rf /home/")
        && !has("path/to")
    {
        best = best.max(85);
    }
    let netcat = ["nc ", "ncat ", "netcat ", "nc.exe "]
        .iter()
        .filter(|n| lower.may(n))
        .any(|n| lower.starts_with(n) || has(&format!(" {n}")) || has(&format!(";{n}")) || has(&format!("|{n}")));
    if netcat && lower.has_any(&[" -e", " -c /bin", " -nlvp", "-lvp", " -ne "]) {
        best = best.max(80);
    }
    // A function that calls itself twice.
    if has("(){") || has("() {") {
        let calls = lower.contains('|') || lower.contains('&');
        best = best.max(if calls && lower.len() < 80 { 90 } else { 0 });
    }
    best
}

/// Texts that need no more around them.
const DANGERS: &[(&str, u8)] = &[
    ("/dev/tcp/", 92),
    ("/dev/udp/", 92),
    ("() { :;}", 95),
    ("() { :; }", 95),
    ("(){:;}", 95),
    ("(){ :;}", 95),
    ("{ :;};", 95),
    ("bash -i ", 85),
    ("sh -i ", 75),
    ("mkfifo /tmp", 85),
    ("${ifs}", 90),
    ("$ifs$", 90),
    ("$ifs", 85),
    ("base64 -d|", 85),
    ("base64 -d |", 80),
    ("/bin/sh -c", 70),
    ("cmd.exe", 75),
    ("cmd /c", 75),
    ("cmd /k", 75),
    ("powershell -e", 85),
    ("powershell -nop", 85),
    ("powershell.exe", 75),
    ("powershell c:", 75),
    ("-encodedcommand", 85),
    ("frombase64string", 85),
    ("downloadstring(", 88),
    ("invoke-expression", 80),
    ("certutil -urlcache", 85),
    ("certutil.exe", 75),
    ("bitsadmin /transfer", 80),
    ("wscript.shell", 85),
    ("net user ", 60),
    ("reg add hk", 70),
    ("vssadmin delete", 80),
    ("passthru(", 80),
    ("shell_exec(", 85),
    ("proc_open(", 80),
    ("pcntl_exec(", 85),
    ("system($_", 90),
    ("system('", 60),
    ("system(\"", 60),
    ("eval($_", 92),
    ("os.system(", 75),
    ("os.popen(", 75),
    ("__import__(", 80),
    ("child_process", 75),
    ("getruntime().exec", 88),
    ("processbuilder(", 60),
    ("php://", 75),
    ("<?php", 60),
    ("etc/passwd", 85),
    ("etc/shadow", 88),
    ("-wrapper sh,", 88),
    ("$shell -c", 85),
    ("${shell}", 80),
    ("ld_preload=", 75),
];
