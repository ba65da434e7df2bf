use super::{RULES, families, parse, rules};

#[test]
fn every_line_parses() {
    let lines: Vec<_> = RULES.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    for line in &lines {
        assert!(parse(line).is_some(), "{line}");
    }
    assert_eq!(rules().len(), lines.len());
}

#[test]
fn mistakes_are_seen() {
    for line in [
        "override | a",
        "nobody 10 | a",
        "override 10 | @nothing",
        "override 10 |",
        "override 10 always | a",
        "override 10 a",
    ] {
        assert!(parse(line).is_none(), "{line}");
    }
}

#[test]
fn families_have_names() {
    assert_eq!(families(0b11), "override persona");
}
