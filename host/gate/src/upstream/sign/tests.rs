#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use hyper::header::CONTENT_TYPE;

use super::*;

fn signer(said: &Sign) -> Signer {
    Signer::new(said, &ReceiptKey::from_seed(&[5; 32])).unwrap()
}

fn said() -> Sign {
    Sign { key_file: None, key_id: None, tag: "witgate".to_owned() }
}

fn signed(signer: &Signer, method: &Method, url: &str, body: &'static [u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let url: Uri = url.parse().unwrap();
    signer.sign((method, &url), &mut headers, &Bytes::from_static(body), "e-1", 1_700_000_000).unwrap();
    headers
}

/// Signature and parameters were computed with Python's `cryptography` and `hashlib`, from RFC 9421 alone.
#[test]
fn a_request_is_signed_as_the_standard_says() {
    let headers = signed(&signer(&said()), &Method::POST, "https://API.example:8443/v1/chat/completions", b"{\"a\":1}");
    let get = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(get("content-digest"), "sha-256=:AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=:");
    assert_eq!(
        get("signature-input"),
        r#"witgate=("@method" "@authority" "@path" "content-type" "content-digest" "x-witgate-exchange");created=1700000000;keyid="7599776c3085e3f9";alg="ed25519";tag="witgate""#
    );
    assert_eq!(
        get("signature"),
        "witgate=:rIaujZS2BdhoKkv8CzgXXLbcai49/ZpUTICtL7mqZUWXd8/cwD1NOMBIXgLbrn291ZwVB2nL0vCtTCNnsml2AA==:"
    );
}

#[test]
fn what_is_not_there_is_not_covered_and_names_are_as_they_were_chosen() {
    let named = Sign { key_id: Some("gate-7".to_owned()), tag: "acme".to_owned(), ..said() };
    let headers = signed(&signer(&named), &Method::GET, "http://127.0.0.1:80/v1/models", b"");
    let input = headers.get("signature-input").unwrap().to_str().unwrap();
    assert!(input.contains(r#""@path" "content-type" "x-witgate-exchange");"#), "{input}");
    assert!(input.ends_with(r#"keyid="gate-7";alg="ed25519";tag="acme""#), "{input}");
    assert!(!headers.contains_key("content-digest"));
    assert_eq!(signer(&named).public().0, "gate-7");
}

#[test]
fn an_authority_is_written_in_one_way() {
    for (url, is) in [
        ("https://Api.Example/v1", "api.example"),
        ("https://api.example:443/v1", "api.example"),
        ("https://api.example:80/v1", "api.example:80"),
        ("http://127.0.0.1:80/v1", "127.0.0.1"),
        ("http://[::1]:8000/v1", "[::1]:8000"),
    ] {
        assert_eq!(authority(&url.parse().unwrap()), is);
    }
}

#[test]
fn a_key_that_cannot_be_read_is_told() {
    let gone = Sign { key_file: Some("no/such.key".into()), ..said() };
    assert!(Signer::new(&gone, &ReceiptKey::from_seed(&[5; 32])).is_err());
}
