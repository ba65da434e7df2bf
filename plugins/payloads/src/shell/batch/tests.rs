use super::confidence;

#[test]
fn statements() {
    for text in [
        "FOR /L %G IN (1,1,5) DO echo %G",
        "IF NOT DEFINED x SET x=1",
        "if \"%a%\"==\"b\" echo c",
        "IF /I %a% GEQ 1 echo b",
    ] {
        assert!(confidence(text) >= 70, "{text}");
    }
    for text in ["for a while", "if you like", "if (a == b) { c(); }", "If not, tell me", "for 5% in total"] {
        assert!(confidence(text) < 70, "{text}: {}", confidence(text));
    }
}
