use super::*;

fn block(label: &str, lines: usize) -> String {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7Vk3pZ1xT9aQe\n";
    format!("-----BEGIN {label}-----\n{}Zx9=\n-----END {label}-----", line.repeat(lines))
}

fn found(text: &str) -> Option<usize> {
    let begin = text.find("BEGIN")?;
    end(View::new(text, true), begin).ok().flatten()
}

#[test]
fn the_whole_block_is_the_secret() {
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let text = block(label, 12);
        assert_eq!(found(&format!("{text}\nand more")), Some(text.len()), "{label}");
    }
}

#[test]
fn lines_may_be_escaped_quoted_joined_or_have_headers() {
    let plain = block("RSA PRIVATE KEY", 4);
    for text in [
        plain.replace('\n', "\\n"),
        plain.replace('\n', "\" +\n\""),
        plain.replace('\n', " "),
        plain.replace('\n', "\r\n"),
        plain.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n", 1),
    ] {
        assert_eq!(found(&text), Some(text.len()), "{text}");
    }
}

#[test]
fn a_block_without_an_end_is_masked_as_far_as_it_goes() {
    let text = block("PRIVATE KEY", 3);
    let cut = text.rfind("Zx9").unwrap_or_default();
    assert_eq!(found(&text[..cut]), Some(cut - 1));
}

#[test]
fn a_certificate_an_empty_block_and_a_mention_are_none() {
    assert_eq!(found(&block("CERTIFICATE", 9)), None);
    assert_eq!(found(&block("PUBLIC KEY", 9)), None);
    assert_eq!(found("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"), None);
    assert_eq!(
        found("A file that begins with -----BEGIN PRIVATE KEY----- is a secret, and nobody should send it along."),
        None
    );
}

#[test]
fn what_is_too_long_ends_at_the_bound() {
    let text = block("PRIVATE KEY", 2000);
    assert!(found(&text).is_some_and(|end| end <= MAX_BLOCK + 1100));
}
