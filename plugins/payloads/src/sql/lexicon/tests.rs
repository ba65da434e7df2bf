use super::*;

#[test]
fn tables_are_in_order() {
    for table in [FUNCTIONS, PROBES, CATALOGUE] {
        assert!(table.is_sorted());
    }
    for (len, table) in [(2, TWO), (3, THREE), (4, FOUR), (5, FIVE), (6, SIX), (7, SEVEN), (8, EIGHT)] {
        assert!(table.iter().all(|(word, _)| word.len() == len));
    }
}

#[test]
fn classes() {
    assert_eq!(class(b"union"), Some(Kind::Union));
    assert_eq!(class(b"onion"), None);
    assert!(is_function(b"concat_ws") && is_probe(b"xp_cmdshell") && is_catalogue(b"information_schema"));
}
