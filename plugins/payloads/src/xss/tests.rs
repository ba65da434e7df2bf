use crate::lower::Lower;

fn confidence(text: &str) -> (u8, std::ops::Range<usize>) {
    super::confidence(text, &Lower::new(text))
}

#[test]
fn what_runs() {
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=prompt`1`>",
        "\" autofocus onfocus=alert(1) x=\"",
        "javascript:alert(document.cookie)",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<iframe src=//evil.example></iframe>",
        "<meta http-equiv=refresh content=\"0;url=data:text/html;base64,AAAA\">",
        "<div style=\"width:expression(alert(1))\">",
        "<div style=\"x:e\\78pression(alert(1))\">",
        "';alert(String.fromCharCode(88))//",
        "<!--#exec cmd=\"id\"-->",
        "< s c r i p t >",
        "[][(![]+[])[+[]]+([![]]+[][[]])[+!+[]+[+[]]]]",
        "<x onclick=alert(1)>y",
    ] {
        assert!(confidence(text).0 >= 70, "{text}: {:?}", confidence(text));
    }
}

#[test]
fn what_does_not() {
    for text in [
        "<details><summary>More</summary>text</details>",
        "<a href=\"https://example.org\"><img src=\"x.png\" width=\"70%\"></a>",
        "I <3 you, and 2 < 3",
        "use <model_name> here",
        "Vec<String>",
        "turn it on = off, online=true",
        "read about JavaScript: the good parts",
        "</s> ends a sentence",
    ] {
        assert!(confidence(text).0 < 70, "{text}: {:?}", confidence(text));
    }
}

#[test]
fn a_tag_says_where_it_stands() {
    let text = "see <b>this</b> <img src=x onerror=y()> there";
    let (_, at) = confidence(text);
    assert!(text[at].starts_with("<img src"));
}
