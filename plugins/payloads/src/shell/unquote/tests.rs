use super::bare;

#[test]
fn what_a_shell_takes_out() {
    for (text, plain) in [
        ("w'h'oami", "whoami"),
        ("c\\at x", "cat x"),
        ("wh$@oami", "whoami"),
        ("cat${IFS}x", "cat x"),
        ("pi``ng", "ping"),
        ("pi$()ng", "ping"),
        ("adduse[r]", "adduser"),
        ("n^et user", "net user"),
    ] {
        assert_eq!(bare(text).as_deref(), Some(plain), "{text}");
    }
}

#[test]
fn prose_is_left_alone() {
    for text in ["don't", "plain text", "it's Jo's", "5 > 3"] {
        assert_eq!(bare(text), None, "{text}");
    }
}
