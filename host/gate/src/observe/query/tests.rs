#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use witgate_ledger::{Kind, Verdict, When};

use super::Query;

#[test]
fn a_filter_is_read() {
    let query = "kind=intent&kind=DECISION&plugin=pii&verdict=deny&code=a%2Fb&since=12&thread_id=t+1&limit=5";
    assert_eq!(Query::parse(query, &["limit"]).unwrap_err().parameter.unwrap(), "thread_id");
    let read = Query::parse(&query.replace("t+1", "t%31"), &["limit"]).unwrap();
    assert_eq!(read.filter.kinds, [Kind::Intent, Kind::Decision]);
    assert_eq!((&read.filter.plugins[..], &read.filter.verdicts[..]), (&["pii".to_owned()][..], &[Verdict::Deny][..]));
    assert_eq!((read.filter.codes[0].as_str(), read.filter.since), ("a/b", Some(When::Position(12))));
    assert_eq!((read.filter.ids.thread.as_deref(), read.number("limit", 1, 1..=9)), (Some("t1"), Ok(5)));
    assert!(read.number("limit", 1, 6..=9).is_err());
}

#[test]
fn what_is_not_clear_is_refused() {
    for (query, code, parameter) in [
        ("colour=red", "unknown_parameter", "colour"),
        ("limit=5", "unknown_parameter", "limit"),
        ("until=5", "unknown_parameter", "until"),
        ("since=yesterday", "bad_parameter", "since"),
        ("exchange=a&exchange=b", "bad_parameter", "exchange"),
        ("exchange=", "bad_parameter", "exchange"),
        ("exchange=%zz", "bad_parameter", "exchange"),
        ("exchange=%f", "bad_parameter", "exchange"),
        ("exchange=%ff", "bad_parameter", "exchange"),
        ("turn_id=%00", "bad_parameter", "turn_id"),
    ] {
        let refused = Query::parse(query, &[]).unwrap_err();
        assert_eq!((refused.code, refused.parameter.as_deref()), (code, Some(parameter)), "{query}");
    }
    assert!(Query::parse(&"code=x&".repeat(33), &[]).is_err());
    assert!(Query::parse("&&", &[]).unwrap() == Query::default());
}
