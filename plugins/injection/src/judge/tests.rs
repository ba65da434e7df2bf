use super::Origin;

#[test]
fn origins() {
    assert_eq!(Origin::of("text", "user"), Origin::User);
    assert_eq!(Origin::of("text", "system"), Origin::Operator);
    assert_eq!(Origin::of("tool-definition", ""), Origin::Operator);
    assert_eq!(Origin::of("tool-result", "tool"), Origin::Tool);
    assert_eq!(Origin::of("text", "assistant"), Origin::Model);
    assert_eq!(Origin::of("tool-arguments", "assistant"), Origin::User);
}
