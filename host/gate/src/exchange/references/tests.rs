#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use hyper::header::HeaderValue;
use proptest::prelude::*;

use super::*;

fn headers(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(HEADER, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    headers
}

fn code(lines: &[&str]) -> String {
    declared(&headers(lines)).unwrap_err().code
}

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

#[test]
fn a_list_over_several_lines_is_one() {
    assert_eq!(declared(&HeaderMap::new()).unwrap(), []);
    let (one, two) = (digest(1), digest(0xab));
    let first = format!("\"{one}\";at=3;use=governance");
    let more = format!("\"{two}\"; use=execution; at=999999999999999");
    let wanted = [
        Declared { digest: one, seq: 3, used: Use::Governance },
        Declared { digest: two, seq: 999_999_999_999_999, used: Use::Execution },
    ];
    assert_eq!(declared(&headers(&[&first, &more])).unwrap(), wanted);
    assert_eq!(declared(&headers(&[&format!("  {first} ,\t{more}")])).unwrap(), wanted);
}

#[test]
fn what_is_not_of_the_form_is_refused_with_its_place() {
    let one = digest(1);
    for wrong in [
        "",
        " ",
        "x",
        "3",
        "\"00\";at=3;use=governance",
        &format!("{one};at=3;use=governance"),
        &format!(":{one}:;at=3;use=governance"),
        &format!("(\"{one}\");at=3;use=governance"),
        &format!("\"{one}\""),
        &format!("\"{one}\";at=3"),
        &format!("\"{one}\";use=governance"),
        &format!("\"{one}\";at=0;use=governance"),
        &format!("\"{one}\";at=-3;use=governance"),
        &format!("\"{one}\";at=3.0;use=governance"),
        &format!("\"{one}\";at=\"3\";use=governance"),
        &format!("\"{one}\";at=3;use=\"governance\""),
        &format!("\"{one}\";at=3;use=both"),
        &format!("\"{one}\";at=3;use=governance;more"),
        &format!("\"{one}\";at=3;use=governance,"),
        &format!("\"{one}\";at=3;use=governance, \"{one}\";at=3;use=execution"),
        "\u{e9}",
    ] {
        assert_eq!(code(&[wrong]), "references_malformed", "{wrong}");
    }
    let second = format!("\"{one}\";at=3;use=governance, \"{one}\";at=4;use=neither");
    let refusal = declared(&headers(&[&second])).unwrap_err();
    assert!(refusal.message.contains("member 2: `use` is `governance` or `execution`"), "{}", refusal.message);
    assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
}

#[test]
fn there_is_a_bound_on_members_and_on_bytes() {
    let member = |at: usize| format!("\"{}\";at={at};use=execution", digest(1));
    let list = |n: usize| (1..=n).map(member).collect::<Vec<_>>().join(",");
    assert_eq!(declared(&headers(&[&list(MOST)])).unwrap().len(), MOST);
    assert_eq!(code(&[&list(MOST + 1)]), "references_too_many");
    assert_eq!(code(&[&" ".repeat(BYTES), "1"]), "references_too_many");
}

proptest! {
    #[test]
    fn what_was_named_is_read_and_nothing_panics(
        members in prop::collection::btree_map(1_u64..1_000_000_000_000_000, (any::<[u8; 32]>(), any::<bool>()), 1..MOST),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let wanted: Vec<Declared> = members
            .into_iter()
            .map(|(seq, (digest, normative))| {
                let used = if normative { Use::Governance } else { Use::Execution };
                Declared { digest: Digest(digest), seq, used }
            })
            .collect();
        let name = |one: &Declared| {
            let name = super::super::named(one.seq, one.digest).unwrap();
            format!("{};use={}", name.to_str().unwrap(), one.used)
        };
        let lines: Vec<String> = wanted.iter().map(name).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        prop_assert_eq!(declared(&headers(&lines)).unwrap(), wanted);
        if let Ok(value) = HeaderValue::from_bytes(&noise) {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, value);
            let _ = declared(&headers);
        }
    }
}
