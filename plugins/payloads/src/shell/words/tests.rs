use super::*;

#[test]
fn tables_are_in_order() {
    assert!(COMMANDS.is_sorted() && LONG.is_sorted() && ENGLISH.is_sorted());
}

#[test]
fn names() {
    assert!(is_command("WhoAmI") && is_command("cmd.exe") && !is_command("hello") && !is_command(""));
    assert!(is_english("more") && !is_english("nslookup"));
    assert!(!is_command(&"x".repeat(100)));
}
