use hyper::header::{HeaderName, HeaderValue};

use super::*;

fn code(pairs: &[(&'static str, &'static str)]) -> Option<String> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    check_headers(&headers).err().map(|refusal| refusal.code)
}

#[test]
fn json_in_utf8_is_taken_and_nothing_else() {
    for taken in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""] {
        assert_eq!(code(&[("content-type", taken)]), None, "{taken}");
    }
    assert_eq!(code(&[]), None);
    for refused in ["text/plain", "application/json; charset=utf-16", "multipart/form-data", "application/jsonp"] {
        assert_eq!(code(&[("content-type", refused)]).as_deref(), Some("unsupported_media_type"), "{refused}");
    }
    let twice = [("content-type", "application/json"), ("content-type", "text/plain")];
    assert_eq!(code(&twice).as_deref(), Some("unsupported_media_type"));
}

#[test]
fn what_is_compressed_in_an_unknown_way_is_refused_with_what_is_known() {
    for encoding in ["compress", "lzma", "gzip, br", "identity, gzip", "gzip,gzip"] {
        assert_eq!(code(&[("content-encoding", encoding)]).as_deref(), Some("unsupported_encoding"), "{encoding}");
    }
    assert_eq!(
        code(&[("content-encoding", "gzip"), ("content-encoding", "br")]).as_deref(),
        Some("unsupported_encoding")
    );
    for encoding in ["identity", "gzip", "x-gzip", "deflate", "BR", "zstd", ""] {
        assert_eq!(code(&[("content-encoding", encoding)]), None, "{encoding}");
    }
    let refusal = uncoded(&CodingError::Unknown("lzma".into()), 0);
    assert!(refusal.message.contains("gzip, deflate, br, zstd"), "{}", refusal.message);
}
