use super::*;

#[test]
fn only_what_is_between_the_markers_of_a_part_changes() {
    let part = |name: &str, text: &str| {
        let [begin, end] = markers(name);
        format!("{begin}\n{text}\n{end}\n")
    };
    let document = |text: &str| format!("one\n{}two\n{}three\n", part("zoo", "old"), part("engine", text));
    assert_eq!(replaced(&document("old"), "engine", "new\n"), Some(document("new")));
}

#[test]
fn a_document_without_markers_is_left_alone() {
    let [begin, end] = markers("zoo");
    assert_eq!(replaced("one", "zoo", "new"), None);
    assert_eq!(replaced(&format!("{end} {begin}"), "zoo", "new"), None);
    assert_eq!(replaced(&format!("{begin} {end}"), "engine", "new"), None);
}
