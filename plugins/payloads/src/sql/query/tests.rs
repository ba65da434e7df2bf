use super::*;

fn fault(text: &str) -> Option<Fault> {
    statement(text, &["select".into(), "with".into(), "update".into()], &mut vec![])
}

#[test]
fn plain_statements_pass() {
    for text in [
        "select a from b where c = 1 or d = 2;",
        "WITH t AS (select 1) select * from t -- the total",
        "update t set a = 'it''s; fine' where id = 3",
        "select /* by day */ date_trunc('day', at) from t",
    ] {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn others_do_not() {
    assert_eq!(fault("drop table t"), Some(Fault::NotAllowed));
    assert_eq!(fault("select 1; select 2"), Some(Fault::Several));
    assert_eq!(fault("select 1; drop table t"), Some(Fault::NotAllowed));
    for text in [
        "select a from b where c = 1 or 1=1",
        "select a from b where x = 'y' or 'a'='a'",
        "select a from b where c = 1 or true",
        "select a from b where c=c or c=c",
        "sel/**/ect 1",
        "select/**/a from b",
        "select a from b where c = 1 --",
        "select sleep(10)",
        "select a into outfile '/tmp/x' from b",
        "select /*!50000 a */ from b",
    ] {
        assert!(fault(text).is_some(), "{text}");
    }
}
