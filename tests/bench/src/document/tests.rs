use super::*;

#[test]
fn only_what_is_between_the_markers_changes() {
    let document = format!("one\n{BEGIN}\nold\n{END}\ntwo\n");
    let new = replaced(&document, "new\n");
    assert_eq!(new.as_deref(), Some(format!("one\n{BEGIN}\nnew\n{END}\ntwo\n").as_str()));
}

#[test]
fn a_document_without_markers_is_left_alone() {
    assert_eq!(replaced("one", "new"), None);
    assert_eq!(replaced(&format!("{END} {BEGIN}"), "new"), None);
}
