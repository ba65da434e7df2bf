#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn plain_http_goes_to_loopback_or_where_nothing_is_secret() {
    url("https://witness.example/prefix/", Plain::Loopback, true).unwrap();
    url("http://127.0.0.1:8000", Plain::Loopback, true).unwrap();
    let code = |text, plain, token| url(text, plain, token).unwrap_err().0;
    assert_eq!(code("http://witness.example", Plain::Loopback, false), "url_not_https");
    assert_eq!(url("http://tsa.example/tsr", Plain::Anywhere, false).unwrap().path(), "/tsr");
    assert_eq!(code("http://tsa.example/tsr", Plain::Anywhere, true), "url_not_https");
    assert_eq!(code("ftp://tsa.example", Plain::Anywhere, false), "url_form");
    assert_eq!(code("http://a:b@tsa.example", Plain::Anywhere, false), "url_credentials");
}
