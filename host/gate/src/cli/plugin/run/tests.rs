use witgate_engine::Span;

use super::*;

fn finding(code: &str, at: Option<(u64, u64)>) -> Finding {
    let at = at.map(|(start, end)| Span { start, end });
    Finding { code: code.into(), at, confidence: 90, detail: String::new() }
}

#[test]
fn findings_are_marked_under_their_line() {
    let told = excerpt::findings(
        "hello\nwrite to jö@x.org and a@b.c\nbye",
        &[finding("email", Some((15, 24))), finding("email", Some((29, 34))), finding("tone", None)],
        Paint(false),
    );
    let expected = "  2 | write to jö@x.org and a@b.c\n    |          ~~~~~~~~ email 90 %\n    |                       ~~~~~ email 90 %\n  found tone 90 %\n";
    let told_lines: Vec<&str> = told.lines().collect();
    assert_eq!(told_lines.first(), expected.lines().collect::<Vec<_>>().first(), "{told}");
    assert!(told.ends_with("  found tone 90 %\n") && told.matches('~').count() == 13, "{told}");
}

#[test]
fn spans_that_fit_nowhere_and_long_lines_are_bounded() {
    let long = format!("{}needle{}", "x".repeat(5000), "y".repeat(5000));
    let told = excerpt::findings(&long, &[finding("a", Some((5000, 5006)))], Paint(false));
    assert!(told.contains("needle") && told.contains('…') && told.chars().count() < 500, "{told}");
    // The engine has checked spans; one that lies across lines or off a character is shown as far as it can be.
    for at in [(0, 99), (1, 2), (4, 4), (3, 1)] {
        assert!(!excerpt::findings("é\nab", &[finding("a", Some(at))], Paint(true)).contains('\u{fffd}'));
    }
    assert_eq!(excerpt::findings("", &[finding("a", Some((0, 0)))], Paint(false)), "");
}

#[test]
fn what_is_found_cannot_act_on_a_terminal() {
    let told = excerpt::findings("a\x1b[2Jb", &[finding("\x1b[31m", Some((0, 6)))], Paint(false));
    assert!(!told.contains('\x1b'), "{told:?}");
}

#[test]
fn an_input_is_text_and_bounded() {
    assert_eq!(text(&mut "a\n\n".as_bytes()).ok().as_deref(), Some("a\n"));
    assert_eq!(text(&mut &b"\xff"[..]).map_err(|e| e.code()), Err("plugin_input"));
    assert_eq!(text(&mut std::io::repeat(b'a')).map_err(|e| e.code()), Err("plugin_input"));
}
