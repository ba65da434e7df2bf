#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn checkpoint() -> Checkpoint {
    Checkpoint { ledger: LedgerId([1; 16]), size: 42, root: Digest([2; 32]), segment: None, next_key: None }
}

#[test]
fn the_form_is_that_of_c2sp() {
    let key = ReceiptKey::from_seed(&[0; 32]);
    let written = checkpoint().sign(&[&key]);
    let lines: Vec<_> = written.split('\n').collect();
    assert_eq!(
        lines[..4],
        ["witgate-ledger/01010101010101010101010101010101", "42", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=", "",]
    );
    assert!(lines[4].starts_with("\u{2014} witgate-ledger/01010101010101010101010101010101 "));
    let read: SignedCheckpoint = written.parse().unwrap();
    assert_eq!(read.checkpoint, checkpoint());
    assert!(read.is_signed(&key.public()) && !read.is_signed(&ReceiptKey::from_seed(&[1; 32]).public()));
    assert_eq!(read.to_string(), written);
    // The four bytes of the key stand in front of the signature and in the key as tools take it.
    let tool = verifier_key(LedgerId([1; 16]), &key.public());
    let hash = STANDARD.decode(lines[4].rsplit(' ').next().unwrap()).unwrap()[..4].to_vec();
    assert_eq!(u32::from_str_radix(tool.split('+').nth(1).unwrap(), 16).unwrap().to_be_bytes(), hash[..]);
}

#[test]
fn a_change_of_keys_is_signed_by_both() {
    let (old, new) = (ReceiptKey::from_seed(&[0; 32]), ReceiptKey::from_seed(&[1; 32]));
    let change = Checkpoint { segment: Some(Digest([9; 32])), next_key: Some(new.public()), ..checkpoint() };
    let read: SignedCheckpoint = change.sign(&[&old, &new]).parse().unwrap();
    assert_eq!(read.checkpoint, change);
    assert!(read.is_signed(&old.public()) && read.is_signed(&new.public()));
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let key = ReceiptKey::from_seed(&[0; 32]);
    let name = origin(LedgerId([1; 16]));
    let root = STANDARD.encode([2; 32]);
    for text in [
        format!("{name}\n42\n"),
        format!("{name}\n042\n{root}\n"),
        format!("{name}\n+42\n{root}\n"),
        format!("{name}\n18446744073709551616\n{root}\n"),
        format!("{name}\n42\nAAAA\n"),
        format!("example.com/log\n42\n{root}\n"),
        format!("witgate-ledger/01\n42\n{root}\n"),
        format!("{name}\n42\n{root}\n\nmore\n"),
        format!("{name}\n42\n{root}\nwitgate-next-key AAAA\n"),
        format!("{name}\n42\n{root}\nwitgate-segment AAAA\n"),
    ] {
        assert!(note::sign(&text, &name, &[&key]).parse::<SignedCheckpoint>().is_err(), "{text}");
    }
    let later = format!("{name}\n42\n{root}\nsomething of a later version\n");
    assert_eq!(note::sign(&later, &name, &[&key]).parse::<SignedCheckpoint>().unwrap().checkpoint, checkpoint());
}
