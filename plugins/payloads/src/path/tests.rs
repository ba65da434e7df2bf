use super::*;
use crate::decode::plain;

fn sure(text: &str) -> u8 {
    let plain = plain(text);
    confidence(text, &plain.text, plain.layers)
}

#[test]
fn what_climbs_or_tells() {
    for text in [
        "../../../../etc/passwd",
        "..%252f..%252fx",
        "..\\..\\windows\\win.ini",
        "/..%c0%af../x",
        "....//....//x",
        "/etc/shadow",
        "c:\\boot.ini",
        "..;/manager",
        "php://filter/convert.base64-encode/resource=x",
        "../../../../../secret",
        "a/../../x%00.png",
    ] {
        assert!(sure(text) >= 70, "{text}: {}", sure(text));
    }
}

#[test]
fn what_does_not() {
    for text in [
        "../crates/x/src/lib.rs",
        "./a/b.py",
        "/home/user/project/a.rs",
        "wait...",
        "1..5",
        "and so on.../or not",
        "docs/../README.md",
    ] {
        assert!(sure(text) < 70, "{text}: {}", sure(text));
    }
}

#[test]
fn roots_hold() {
    let roots = ["/srv/data".into()];
    for path in ["a/b", "/srv/data/x", "a/../b", "/srv/data"] {
        assert!(stays(path, &roots), "{path}");
    }
    for path in
        ["../x", "/etc/x", "a/../../x", "/srv/data2", "~/x", "..\\x", "c:\\x", "a/.../x", "x\0y", "/srv/data/../../etc"]
    {
        assert!(!stays(path, &roots), "{path}");
    }
}
