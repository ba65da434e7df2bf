#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_sdk::{Action, Document, Segment, Verdict, testing};

use super::*;

fn policy(config: &str) -> Payloads {
    Payloads::configure(serde_json::from_str(config).unwrap()).unwrap()
}

fn call(policy: &Payloads, name: &str, text: &str) -> Decision {
    let segment = Segment {
        role: "assistant".into(),
        kind: "value".into(),
        name: None,
        pointer: format!("/{name}"),
        at: Span::from_range(0..text.len()),
    };
    let arguments = Document { text: text.into(), segments: vec![segment] };
    policy
        .commit(
            &testing::context(),
            &Action { kind: "tool_use".into(), target: "run".into(), arguments, hints: vec![] },
        )
        .unwrap()
}

fn code(decision: &Decision) -> &str {
    match &decision.verdict {
        Verdict::Deny(denial) => &denial.code,
        _ => "",
    }
}

/// What earlier systems refused, and what people say.
const EVERYDAY: &[&str] = &[
    "My friend Dan likes to cook.",
    "What type of cat is this?",
    "Item #5",
    "a | b",
    "truncate",
    "delete it from my calendar",
    "Explain the subprocess module",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
    "contact customer support, extension 5",
    "Select the best option from the list and order by price",
    "Can we drop the table reservation for tonight?",
    "Update: the meeting is set for 3 pm",
    "Union Square or Wall Street?",
    "O'Reilly & Sons, Ltd.",
    "It's 5 o'clock somewhere; let's go",
    "rock 'n' roll",
    "1 or 2 tickets",
    "C++ and C#",
    "5' 11\" tall",
    "I <3 you",
    "x < y > z",
    "50% off + free shipping",
    "Q&A",
    "https://example.org/search?q=cats&sort=asc#top",
    "jo.smith+news@example.org",
    "2026-11-21T14:30:00Z",
    "{\"city\": \"Berlin\", \"days\": 3}",
    "[1, 2, 3]",
    "def add(a, b): return a + b",
    "git commit -m \"Fix typo\"",
    "ls -la",
    "SELECT name FROM users WHERE id = 3",
    "INSERT INTO logs (at, what) VALUES (now(), 'start')",
    "docs/guide/README.md",
    "../src/main.rs",
    "C:\\Users\\jo\\report.docx",
    "Dear Sir or Madam,\nThank you.\n-- \nJo",
    "**bold** and `code`",
    "<b>Hello</b>, world",
    "{{ name }}, your order ${ORDER} is on its way",
    "Who is the host, and when does it start?",
    "time flies; find the exit",
    "(555) 010-2030",
    "Tom, Dick and Harry's \"great\" day",
    "\u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c}",
];

#[test]
fn everyday_texts_pass() {
    let policy = policy("{}");
    for text in EVERYDAY {
        let decision = call(&policy, "value", text);
        assert_eq!(code(&decision), "", "{text}: {:?}", decision.findings);
        let decision = policy.admit(&testing::context(), &testing::document(&[("user", "text", text)])).unwrap();
        assert!(decision.findings.is_empty(), "{text}: {:?}", decision.findings);
    }
}

#[test]
fn arguments_are_refused_by_family() {
    let policy = policy("{}");
    for (text, family) in [
        ("1' or '1'='1", "sql_injection"),
        ("<script>alert(1)</script>", "xss"),
        ("127.0.0.1; cat /etc/hosts; id", "command_injection"),
        ("..%2f..%2f..%2fetc%2fpasswd", "path_traversal"),
        ("*)(uid=*))(|(uid=*", "ldap_injection"),
        ("{\"$ne\": null}", "nosql_injection"),
        ("a%0d%0aSet-Cookie: x=1", "header_injection"),
        ("{{7*7}}", "template_injection"),
        ("http://169.254.169.254/latest/meta-data", "ssrf"),
        ("PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "xss"),
    ] {
        let decision = call(&policy, "value", text);
        assert!(decision.findings.iter().any(|f| f.code == family), "{text}: {decision:?}");
        assert!(!code(&decision).is_empty(), "{text}");
    }
}

#[test]
fn kinds_are_judged_as_what_they_are() {
    let policy = policy(r#"{"roots": ["/srv"], "commands": ["git"]}"#);
    for (name, text, expected) in [
        ("sql", "select a from b where c = 1", ""),
        ("sql", "select a from b where c = 1 or 1=1", "sql_injection"),
        ("sql", "drop table b", "sql_injection"),
        ("command", "git log", ""),
        ("command", "rm x", "command_injection"),
        ("path", "/srv/x", ""),
        ("path", "/etc/x", "path_traversal"),
        ("url", "https://example.org", ""),
        ("url", "http://192.168.0.1/", "ssrf"),
        ("html", "<h1>Hi</h1><style>p{}</style>", ""),
        ("html", "<img src=x onerror=y()>", "xss"),
        ("content", "<script>alert(1)</script>", ""),
    ] {
        assert_eq!(code(&call(&policy, name, text)), expected, "{name}: {text}");
    }
    assert_eq!(call(&policy, "content", "<script>alert(1)</script>").labels.len(), 1);
}

#[test]
fn actions_by_place_and_family() {
    let policy = policy(
        r#"{"arguments": {"default": "block", "xss": "label", "ssrf": "off"}, "text": {"default": "block"}, "kinds": [{"tool": "r*", "argument": "q", "kind": "off"}]}"#,
    );
    let decision = call(&policy, "value", "<script>alert(1)</script>");
    assert_eq!((code(&decision), decision.findings.len()), ("", 1));
    assert_eq!(call(&policy, "value", "http://169.254.169.254/").findings.len(), 0);
    assert_eq!(call(&policy, "q", "' or 1=1--").findings.len(), 0);
    let text = testing::document(&[("system", "text", "' or 1=1--"), ("user", "text", "hi\nI am x' or 1=1-- ok")]);
    let decision = policy.admit(&testing::context(), &text).unwrap();
    assert_eq!((code(&decision), decision.findings.len()), ("sql_injection", 1));
    assert_eq!(decision.findings[0].at.unwrap().start, 14, "the line's place in the document");
}

#[test]
fn wrong_configurations_are_told() {
    assert!(serde_json::from_str::<Config>(r#"{"text": {"default": "label", "sqli": "off"}}"#).is_err());
    let issues = Payloads::configure(serde_json::from_str(r#"{"roots": ["data"]}"#).unwrap()).unwrap_err();
    assert_eq!(issues[0].pointer, "/roots/0");
}

#[test]
fn long_values_are_read_to_the_end_and_time_is_linear() {
    let policy = policy("{}");
    let late = format!("{} <script>alert(1)</script>", "lorem ipsum dolor ".repeat(4000));
    assert_eq!(code(&call(&policy, "value", &late)), "xss");
    for unit in [
        "<a ", "'", "\"", "((((", "../", "%25", "`", ";id", "$(", "{{", "&#", "\\u00", "1 or ", "=", "on=", "[", "/*",
        "|", "a' or ", ")(",
    ] {
        let growth = testing::growth(unit, 1 << 14, |text| {
            call(&policy, "value", text);
            policy.admit(&testing::context(), &testing::document(&[("user", "text", text)])).unwrap();
        });
        assert!(growth < 9.0, "{unit:?}: {growth}");
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "([ -~]|\\PC|%[0-9a-f]{2}|<[a-z]|\\.\\./|['\";|&`$({]){0,60}") {
        let policy = policy("{}");
        for name in ["value", "sql", "command", "path", "url", "html", "content"] {
            call(&policy, name, &text);
        }
    }
}
