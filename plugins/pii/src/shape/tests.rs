#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::Shape;
use crate::config::Custom;
use crate::view::View;

fn shape(config: &str) -> Result<Shape, String> {
    Shape::new(&serde_json::from_str::<Custom>(config).unwrap())
}

fn finds(config: &str, text: &str, start: usize) -> Option<usize> {
    shape(config).unwrap().find(View::new(text, true), start).unwrap()
}

#[test]
fn characters_classes_and_counts() {
    let badge = r#"{"name": "badge", "shape": "EMP-[0-9]{6}"}"#;
    assert_eq!(finds(badge, "EMP-123456.", 0), Some(10));
    for text in ["EMP-12345", "EMP-1234567", "emp-123456", "EMP-123456x", "EMP-123456_"] {
        assert_eq!(finds(badge, text, 0), None, "{text}");
    }
    assert_eq!(finds(badge, "TEMP-123456", 1), None, "inside a word");
    let free = r#"{"name": "x", "shape": "\\[[A-Ca-c_\\]-]{2,4}!?"}"#;
    assert!(shape(free).is_err(), "a question mark means nothing");
    let free = r#"{"name": "x", "shape": "\\[[A-Ca-c_\\]-]{2,4}!"}"#;
    assert_eq!(finds(free, "[aB-]!", 0), Some(6));
}

#[test]
fn nothing_is_given_back() {
    assert_eq!(finds(r#"{"name": "x", "shape": "[0-9]{1,3}[0-9]"}"#, "123", 0), None);
}

#[test]
fn check_digits_and_words() {
    let luhn = r#"{"name": "x", "shape": "[0-9]{4,16}", "check": "luhn"}"#;
    assert_eq!(finds(luhn, "79927398713", 0), Some(11), "the example of Luhn's patent, US 2,950,048");
    assert_eq!(finds(luhn, "79927398710", 0), None);
    let mod97 = r#"{"name": "x", "shape": "[A-Z0-9]{4,30}", "check": "mod97"}"#;
    assert_eq!(finds(mod97, "3214282912345698765432161182", 0), Some(28), "the example of ISO 13616");
    assert_eq!(finds(mod97, "3214282912345698765432161183", 0), None);
    let words = r#"{"name": "x", "shape": "[0-9]{4}", "words": ["Badge"]}"#;
    assert_eq!(finds(words, "badge 1234", 6), Some(10));
    assert_eq!(finds(words, "other 1234", 6), None);
}

#[test]
fn what_cannot_be_read_is_told() {
    for shape_text in [
        "",
        "[",
        "[]",
        "[z-a]",
        "a{0}",
        "a{3,2}",
        "a{x}",
        "a{200}",
        "\\\\",
        "a*",
        "(a)",
        "é",
        "a{0,3}b",
        "[0-9]{100}[0-9]{100}",
    ] {
        let config = format!(r#"{{"name": "x", "shape": "{shape_text}"}}"#);
        assert!(shape(&config).is_err(), "{shape_text}");
    }
}
