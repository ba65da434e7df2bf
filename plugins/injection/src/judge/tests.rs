use super::Origin;

#[test]
fn origins() {
    assert_eq!(Origin::of("text", "user"), Origin::User);
    assert_eq!(Origin::of("text", "system"), Origin::Operator);
    assert_eq!(Origin::of("tool-definition", ""), Origin::Operator);
    assert_eq!(Origin::of("tool-result", "tool"), Origin::Tool);
    assert_eq!(Origin::of("text", "assistant"), Origin::Model);
    assert_eq!(Origin::of("reasoning", "assistant"), Origin::Model, "what the model thought is its own");
    assert_eq!(Origin::of("tool-arguments", "assistant"), Origin::Model, "and what it called");
    assert_eq!(Origin::of("document", "user"), Origin::Tool, "who brings a document did not write it");
    assert_eq!(Origin::of("opaque", "assistant"), Origin::Sealed);
    assert_eq!(Origin::of("value", "user"), Origin::User);
}
