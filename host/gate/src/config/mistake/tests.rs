use super::super::tests::Folder;

/// What a person reads.
#[test]
fn the_text_of_mistakes() {
    let folder = Folder::new();
    let yaml = "\
version: 1
upstreams: [{ name: a, path: /v1, url: 'https://h' }]
policies: { set: [{ id: pii, plugin: 'builtin:pii' }] }
ledger: { directory: ledger, segment_mib: 5000 }
stream:
  receit_comment: true\t# a tab
disclose: codes
";
    let text = folder.load(yaml).map(|_| ()).expect_err("three mistakes").to_string();
    let file = folder.path("witgate.yaml");
    let text = text.replace(&file.display().to_string(), "witgate.yaml");
    assert_eq!(
        text,
        "\
error[out_of_range]: `5000` is out of range
 --> witgate.yaml:4 at /ledger/segment_mib
  |
4 | ledger: { directory: ledger, segment_mib: 5000 }
  |
  = help: from 1 to 1024 (MiB of one segment file)

error[unknown_member]: /stream has no member `receit_comment`
 --> witgate.yaml:6 at /stream/receit_comment
  |
6 |   receit_comment: true # a tab
  |
  = help: did you mean `receipt_comment`?

error[not_one_of]: `codes` is not taken here
 --> witgate.yaml:7 at /disclose
  |
7 | disclose: codes
  |
  = help: did you mean `code`? one of: `code`, `stage`, `nothing`

3 mistakes in witgate.yaml"
    );
}
