#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::time::Duration;

use crate::config::tests::Folder;

const KEY: &str = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

fn yaml(ledger: &str) -> String {
    format!(
        "version: 1\nupstreams: [{{ name: openai, path: /v1, url: 'https://api.openai.com/v1' }}]\n\
         policies: {{ set: [{{ id: pii, plugin: 'builtin:pii' }}] }}\nledger: {{ directory: ledger, {ledger} }}\n"
    )
}

#[test]
fn a_witness_may_be_a_folder_and_a_url() {
    let folder = Folder::new();
    let said = yaml(&format!(
        "witness: {{ folder: kept, url: 'https://w.example/prefix/', key: '{KEY}', ca_file: ca.pem, timeout_seconds: 3 }}"
    ));
    let keeping = folder.load(&said).unwrap().ledger.keeping;
    assert_eq!(keeping.witness.unwrap().folder, Some(folder.path("kept")));
    let cosigner = keeping.cosigner.unwrap();
    assert_eq!((cosigner.key.to_string().as_str(), cosigner.key.name()), (KEY, "witness.example/w1"));
    assert_eq!(cosigner.service.url.to_string(), "https://w.example/prefix");
    assert_eq!(cosigner.service.ca_file, Some(folder.path("ca.pem")));
    assert_eq!((cosigner.service.token_file, cosigner.service.timeout), (None, Duration::from_secs(3)));
    assert_eq!(keeping.timestamp, None);
    let alone = folder.load(&yaml(&format!("witness: {{ url: 'https://w.example', key: '{KEY}' }}"))).unwrap();
    assert!(alone.ledger.keeping.witness.is_none() && alone.ledger.keeping.cosigner.is_some());
}

#[test]
fn an_authority_has_its_defaults() {
    let folder = Folder::new();
    let said = folder.load(&yaml("timestamp: { url: 'http://tsa.example/tsr' }")).unwrap().ledger.keeping;
    let timestamp = said.timestamp.unwrap();
    assert_eq!((timestamp.every, timestamp.service.timeout), (Duration::from_secs(3600), Duration::from_secs(10)));
    assert_eq!(said.cosigner, None);
}

#[test]
fn what_would_vouch_for_nothing_is_refused() {
    let folder = Folder::new();
    for (ledger, code, pointer) in [
        ("witness: { url: 'https://w.example' }".to_owned(), "witness_key_missing", "/ledger/witness"),
        (
            format!("witness: {{ url: 'https://w.example', key: '{}' }}", KEY.replace("w1", "w2")),
            "witness_key_form",
            "/ledger/witness/key",
        ),
        (format!("witness: {{ url: 'http://w.example', key: '{KEY}' }}"), "url_not_https", "/ledger/witness/url"),
        (format!("witness: {{ folder: kept, key: '{KEY}' }}"), "url_missing", "/ledger/witness/key"),
        ("witness: { folder: kept, proxy: none }".to_owned(), "url_missing", "/ledger/witness/proxy"),
        ("witness: { timeout_seconds: 5 }".to_owned(), "hand_over_nowhere", "/ledger/witness"),
        (
            "timestamp: { url: 'http://t.example', token_file: keys/openai.key }".to_owned(),
            "url_not_https",
            "/ledger/timestamp/url",
        ),
        (
            "timestamp: { url: 'https://t.example', ca_file: keys/openai.key }".to_owned(),
            "no_certificate",
            "/ledger/timestamp/ca_file",
        ),
    ] {
        let mistakes = folder.mistakes(&yaml(&ledger));
        assert_eq!(
            mistakes.iter().map(|(code, at, _)| (*code, at.as_str())).collect::<Vec<_>>(),
            [(code, pointer)],
            "{ledger}"
        );
    }
}
