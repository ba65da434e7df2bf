use super::*;
use crate::testing::random;

fn provider(text: &str) -> Option<&'static str> {
    let end = text.bytes().take_while(|b| crate::scan::is_run(*b)).count();
    Some(find(View::new(text, true), 0, end).ok()??.0)
}

#[test]
fn each_structure_is_told() {
    let word = |len, seed| random(Word, len, seed);
    assert_eq!(provider(&format!("MTk4NjIyNDgzNDcxOTI1MjQ4.{}.{}", word(6, 1), word(27, 2))), Some("discord"));
    assert_eq!(provider(&format!("1234567890:{}", word(35, 3))), Some("telegram"));
    assert_eq!(provider(&format!("1000.{}.{}", random(Hex, 32, 4), random(Hex, 32, 5))), Some("zoho"));
    assert_eq!(provider(&format!("{}.atlasv1.{}", random(Alnum, 14, 6), word(67, 7))), Some("hashicorp"));
    assert_eq!(provider(&format!("aB38Q~{}", word(34, 8))), Some("azure"));
    assert_eq!(provider(&format!("{}-us12", random(Hex, 32, 9))), Some("mailchimp"));
    assert_eq!(provider(&format!("AAAAabcdefg:{}", word(140, 10))), Some("firebase"));
    assert_eq!(provider(&format!("1/1234567890123456:{}", random(Hex, 32, 11))), Some("asana"));
    assert_eq!(provider(&format!("$2b$12${}", random(Alnum, 53, 12))), Some("crypt"));
    assert_eq!(provider(&format!("root:$6$k7Rw9VbQ${}", random(Alnum, 86, 13)).split_off(5)), Some("crypt"));
    assert_eq!(provider("s.aB3dE6fG9hJ2kL5mN8pQ1rS4"), Some("vault"));
}

#[test]
fn what_has_other_parts_is_none() {
    for text in [
        "s.THISSTRINGISALLUPPERCASE",
        "s.acceptanceTimeoutSeconds1",
        "1000.2000.3000",
        "org.example.Thing",
        "12345678:30",
        "a~b~Q~c",
        "1.2.3",
    ] {
        assert_eq!(provider(text), None, "{text}");
    }
}
