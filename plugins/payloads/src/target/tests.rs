use super::*;

#[test]
fn internal_hosts() {
    for (text, what) in [
        ("http://169.254.169.254/latest/meta-data/", Target::Metadata),
        ("http://[::ffff:169.254.169.254]/", Target::Metadata),
        ("http://metadata.google.internal/x", Target::Metadata),
        ("http://2130706433/", Target::Disguised),
        ("http://0x7f.1/", Target::Disguised),
        ("http://0177.0.0.1/", Target::Disguised),
        ("http://127.0.0.1.nip.io/", Target::Disguised),
        ("gopher://x/_y", Target::Scheme),
        ("http://a@localhost:80/", Target::Loopback),
        ("http://[::1]/", Target::Loopback),
        ("https://10.1.2.3:8080/x", Target::Private),
        ("//192.168.0.1/x", Target::Private),
        ("http://[fe80::1%25eth0]/", Target::Private),
    ] {
        assert_eq!(target(text, &[]), Some(what), "{text}");
    }
}

#[test]
fn public_and_trusted_ones() {
    for text in [
        "https://example.org/",
        "http://8.8.8.8/",
        "not an address",
        "a: b",
        "http://300.1.1.1/",
        "http://",
        "mailto:jo@example.org",
    ] {
        assert_eq!(target(text, &[]), None, "{text}");
    }
    assert_eq!(target("http://LOCALHOST:3000/", &["localhost".into()]), None);
}
