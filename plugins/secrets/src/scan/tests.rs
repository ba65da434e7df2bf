use proptest::prelude::*;
use witgate_sdk::kit::Scan;

use crate::Secrets;
use crate::shape::Alphabet;
use crate::testing::random;
use crate::tests::plugin;
use crate::view::steps;

fn values(plugin: &Secrets, text: &str) -> Vec<String> {
    plugin.find(text).into_iter().map(|(hit, _)| text.get(hit.at).unwrap_or_default().to_owned()).collect()
}

#[test]
fn keys_stand_anywhere() {
    let key = format!("glpat-{}", random(Alphabet::Word, 20, 5));
    let policy = plugin("{}");
    for text in [
        key.clone(),
        format!("({key})"),
        format!("a,{key},b"),
        format!("https://oauth2:{key}@gitlab.example/x.git"),
        format!("x={key}\n"),
        format!("\u{8bf7}\u{7528}{key}\u{3002}"),
        format!("**{key}**"),
    ] {
        assert_eq!(values(&policy, &text), std::slice::from_ref(&key), "{text}");
    }
}

#[test]
fn hidden_and_wide_characters_are_read_as_a_person_reads_them() {
    let key = format!("ghp_{}", random(Alphabet::Alnum, 36, 6));
    let policy = plugin("{}");
    let hidden: String = key.chars().flat_map(|c| [c, '\u{200b}']).collect();
    assert_eq!(values(&policy, &format!("use {hidden}.")).len(), 1);
    let wide: String = key.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect();
    assert_eq!(values(&policy, &wide), [wide]);
}

#[test]
fn a_blob_is_no_key() {
    let policy = plugin("{}");
    let blob = random(Alphabet::Base64, 3 * super::MAX_RUN, 9);
    assert_eq!(values(&policy, &format!("data:image/png;base64,{blob}")), Vec::<String>::new());
    let key = format!("ghp_{}", random(Alphabet::Alnum, 36, 6));
    assert_eq!(values(&policy, &format!("{blob} {key}")), [key]);
}

/// The work for a text of twice the size is at most a little above twice as much, and bounded for each byte.
#[test]
fn time_is_linear_on_hostile_texts() {
    let policy = plugin("{}");
    let long = format!("eyJ{}", "A".repeat(60));
    // Runs that are just short enough to be read.
    let runs = ["pypi-AgE-", "xoxb-", "eyJhbGciOiJIUzI1.", "key-", "glagent-", "a.b/", "mailgun-"]
        .map(|unit| unit.repeat(4000 / unit.len()) + " ");
    let units = [
        "@",
        "1",
        "a",
        "[",
        "\"",
        "=",
        ":",
        "-",
        "_",
        ".",
        "/",
        "$",
        "a=",
        "a:\"",
        "password=\"a ",
        "token: ",
        "xoxb-",
        "pypi-AgE-",
        "sk-sk_",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\na: b\n",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n",
        "//a:",
        "x://a:b",
        "curl -u a:",
        "eyJ.",
        "eyJhbGciOiJ.",
        "key-",
        "mailgun-",
        "FlyV1 fm1r_",
        "secret key token is ",
        "Private-Lines: 1\n",
        "\u{200b}",
        "\u{e9}a",
        "---- BEGIN ",
        "12345678:",
        "<a>",
        "\\\"",
        long.as_str(),
    ];
    for unit in units.into_iter().chain(runs.iter().map(String::as_str)) {
        let of = |bytes: usize| {
            let text = unit.repeat(bytes / unit.len());
            steps::of(|| {
                policy.find(&text);
            })
        };
        let (one, two) = (of(60_000), of(120_000));
        assert!(two <= one * 22 / 10 + 60_000, "{unit:?}: {one} {two}");
        assert!(two <= 120_000 * 100, "{unit:?}: {two}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        let policy = plugin("{}");
        let mut last = 0;
        let end = policy.scanner.scan(&text, 0, true, &mut |hit| {
            assert!(hit.at.start >= last && hit.at.end > hit.at.start && text.get(hit.at.clone()).is_some());
            last = hit.at.end;
        });
        prop_assert_eq!(end, text.len());
    }

    /// Whatever is around it, a key is found.
    #[test]
    fn a_key_is_found_in_any_prose(before in "[a-z ,.]{0,60}[ \n(\"]", after in "[ \n)\",][a-z ,.]{0,60}", seed in 1u32..10_000) {
        let key = format!("ghp_{}", random(Alphabet::Alnum, 36, seed));
        prop_assert_eq!(values(&plugin("{}"), &format!("{before}{key}{after}")), [key]);
    }
}
