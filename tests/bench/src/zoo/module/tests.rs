use super::*;

#[test]
fn numbers_are_what_they_were() {
    for value in [0, 1, 127, 128, 300, 1 << 20] {
        let bytes = [unsigned(value as u64), vec![9]].concat();
        assert_eq!(number(&bytes), Some((value, &[9][..])));
    }
    assert_eq!(signed(-1), [0x7f]);
    assert_eq!(signed(64), [0xc0, 0]);
    assert_eq!(signed(-65), [0xbf, 0x7f]);
    assert_eq!(number(&[0x80]), None);
}

#[test]
fn what_is_kept_of_a_module_are_its_type_and_manifest() {
    let like = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[0]),
        section(0, &[counted(b"component-type:x"), vec![1, 2]].concat()),
        section(0, &[counted(b"name"), vec![3]].concat()),
        section(0, &[counted(b"witgate:manifest"), b"{}".to_vec()].concat()),
    ]
    .concat();
    let made = handmade(&like, Trick::TrapAtStart);
    let names: Vec<_> = custom_sections(&made).into_iter().map(|(name, _)| name.to_vec()).collect();
    assert_eq!(names, [b"component-type:x".to_vec(), b"witgate:manifest".to_vec()]);
    assert_eq!(custom_sections(&padded(&made, 100)).len(), 3);
    assert!(custom_sections(&made[..made.len() - 1]).len() < 2, "what is cut off is not read");
}
