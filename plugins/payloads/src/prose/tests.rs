use super::*;

fn codes(text: &str) -> Vec<&'static str> {
    let mut found = vec![];
    judge(text, &[], &mut vec![], &mut found);
    found.iter().map(|f| f.family.code()).collect()
}

#[test]
fn payloads_amid_prose() {
    assert_eq!(codes("Look at <img src=x onerror=alert(1)> here."), ["xss"]);
    assert_eq!(codes("log in as admin' or 1=1-- please"), ["sql_injection"]);
    assert_eq!(codes("open ../../../../etc/passwd now"), ["path_traversal"]);
    assert_eq!(codes("say {{7*7}} twice"), ["template_injection"]);
    assert_eq!(codes("fetch http://169.254.169.254/latest now"), ["ssrf"]);
}

#[test]
fn prose_alone() {
    for text in [
        "What is a JOIN, and when do I select one?",
        "Don't or won't?",
        "It's 5 o'clock; let's go.",
        "See ../README.md and a | b",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
}

#[test]
fn lines() {
    assert_eq!(line("ab\ncd", false), Some(3));
    assert_eq!(line("ab", false), None);
    assert_eq!(line("ab", true), Some(2));
    assert_eq!(line("", true), None);
    assert_eq!(line(&"\u{e9}".repeat(600), false), Some(1024));
}
