use super::*;

fn word(text: &str) -> Option<&str> {
    let start = text.find("//")?;
    let end = start + text[start..].bytes().take_while(|b| crate::scan::is_run(*b)).count();
    let at = password(View::new(text, true), start, end).ok()??;
    text.get(at)
}

#[test]
fn the_password_is_what_stands_between_colon_and_at() {
    assert_eq!(word("postgres://app:s3cr3t@db.internal:5432/main"), Some("s3cr3t"));
    assert_eq!(word("redis://:hT7kq2@cache:6379/0"), Some("hT7kq2"));
    assert_eq!(word("mongodb+srv://jo%40x:p@ss@cluster0.example.net/x"), Some("p@ss"));
    assert_eq!(word("https://jo:W3lcome!@example.org/a?b=c"), Some("W3lcome!"));
}

#[test]
fn ports_templates_and_addresses_in_queries_are_none() {
    for text in [
        "https://example.org:8000/a@b",
        "http://localhost:3000",
        "postgres://user:${PASSWORD}@host/db",
        "amqp://user:<password>@host",
        "https://a.b:80?x=y@z",
        "ftp://user:****@host",
        "https://example.org/path:a@b",
        "https://user:pass@host",
        "// note: a@b.c",
    ] {
        assert_eq!(word(text), None, "{text}");
    }
}

#[test]
fn webhooks_are_secrets_from_their_path_on() {
    let (provider, at) =
        hook(b"//hooks.slack.com/services/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").unwrap_or(("", 0..0));
    assert_eq!((provider, at.start), ("slack", 27));
    assert!(hook(b"//hooks.slack.com/services/").is_none());
    assert!(hook(b"//hooks.slack.com.evil.example/services/T0A1B2C3D/B4E5F6G7H/k8Lm2Nq4Rs6Tu8Vw0XyZaBcD").is_none());
    assert!(hook(b"//discord.com/channels/1234567890/0987654321").is_none());
}
