use super::*;

#[test]
fn nothing_of_a_text_is_taken_for_xml() {
    assert_eq!(escaped("a<b>&\"c\"\n"), "a&lt;b&gt;&amp;&quot;c&quot;\n");
    assert_eq!(escaped("\u{1b}[2J\u{0}\r\u{ffff}"), "\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}");
}
