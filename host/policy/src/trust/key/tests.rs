#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn both_halves_come_back_from_their_lines() {
    let secret = SecretKey::generate("release team").unwrap();
    let public = secret.public();
    let line = public.to_string();
    assert!(line.starts_with("witgate-plugin-key-v1 ") && line.ends_with(" release team") && !line.contains('\n'));
    assert_eq!(line.parse::<PublicKey>().unwrap(), public);
    assert_eq!(format!("# whose\n\n  {line}  \n").parse::<PublicKey>().unwrap(), public);
    let again: SecretKey = secret.to_text().parse().unwrap();
    assert_eq!((again.public(), again.sign(b"x")), (public.clone(), secret.sign(b"x")));
    assert_eq!(public.id().to_string().len(), 16);
    let nameless = SecretKey::generate(" ").unwrap().public();
    assert_eq!((nameless.name(), nameless.to_string().split(' ').count()), ("", 2));
    assert_eq!(nameless.to_string().parse::<PublicKey>().unwrap(), nameless);
}

#[test]
fn keys_differ_and_so_do_their_ids() {
    let (a, b) = (SecretKey::generate("").unwrap().public(), SecretKey::generate("").unwrap().public());
    assert_ne!((a.id(), a), (b.id(), b));
}

#[test]
fn secrets_are_not_shown() {
    let secret = SecretKey::generate("me").unwrap();
    let text = secret.to_text();
    let line = text.lines().nth(1).unwrap();
    let encoded = line.split(' ').nth(1).unwrap();
    assert_eq!(encoded.len(), 44);
    assert!(!format!("{secret:?}").contains(encoded));
}

#[test]
fn what_is_no_key_is_told() {
    let key = SecretKey::generate("a").unwrap();
    let (secret, public) = (key.to_text(), key.public().to_string());
    let parse = |text: &str| text.parse::<PublicKey>().unwrap_err();
    let form = KeyError::Form("witgate-plugin-key-v1");
    // A secret in place of a public key would be copied to every gate.
    for text in ["", "# only\n", "ssh-ed25519 AAAA me", secret.as_str(), &format!("{public}\n{public}")] {
        assert_eq!(parse(text), form, "{text}");
    }
    let encoding = KeyError::Encoding("witgate-plugin-key-v1");
    for text in ["witgate-plugin-key-v1 me", "witgate-plugin-key-v1 AAAA", &public.replace(' ', "  \u{e9}")] {
        assert_eq!(parse(text), encoding, "{text}");
    }
    assert!(matches!(public.parse::<SecretKey>(), Err(KeyError::Form(_))));
    let zero = format!("witgate-plugin-key-v1 {} x", STANDARD.encode([0; 32]));
    assert_eq!(parse(&zero), KeyError::Point, "a point of small order");
    let one = {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        bytes
    };
    assert_eq!(parse(&format!("witgate-plugin-key-v1 {}", STANDARD.encode(one))), KeyError::Point, "the neutral one");
    assert_eq!(parse(&format!("{public}{}", "a".repeat(64))), KeyError::Name);
    assert!(matches!(SecretKey::generate("two\nlines"), Err(KeyError::Name)));
}
