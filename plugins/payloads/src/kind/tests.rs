use super::*;

#[test]
fn names_and_declarations() {
    let declared = [
        Declared { tool: "db_*".into(), argument: "query".into(), kind: Kind::Sql },
        Declared { tool: "*".into(), argument: "/a/b".into(), kind: Kind::Off },
    ];
    let of = |tool: &str, pointer: &str, name: &str| kind(&declared, true, tool, pointer, name);
    assert_eq!(of("DB_run", "/query", "query"), Kind::Sql);
    assert_eq!(of("search", "/query", "query"), Kind::Value);
    assert_eq!(of("x", "/a/b", "b"), Kind::Off);
    assert_eq!(of("x", "/filePath", "filePath"), Kind::Path);
    assert_eq!(of("x", "/file_path", "file_path"), Kind::Path);
    assert_eq!(kind(&[], false, "x", "/sql", "sql"), Kind::Value);
}
