#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;
use crate::{Checkpoint, Digest, LedgerId, ReceiptKey};

/// A witness for tests: its key, and what it writes below a note.
pub(crate) fn witness(name: &str, seed: u8) -> (WitnessKey, impl Fn(&SignedCheckpoint, u64) -> String) {
    let secret = ReceiptKey::from_seed(&[seed; 32]);
    let key = WitnessKey { name: name.to_owned(), key: secret.public() };
    let of = key.clone();
    let cosign = move |signed: &SignedCheckpoint, time: u64| {
        let message = format!("cosignature/v1\ntime {time}\n{}", signed.note.text);
        let mut bytes = of.hash().to_vec();
        bytes.extend_from_slice(&time.to_be_bytes());
        bytes.extend_from_slice(&secret.sign(message.as_bytes()));
        format!("\u{2014} {} {}\n", of.name, STANDARD.encode(bytes))
    };
    (key, cosign)
}

fn checkpoint(size: u64) -> SignedCheckpoint {
    let stated = Checkpoint { ledger: LedgerId([3; 16]), size, root: Digest([4; 32]), segment: None, next_key: None };
    stated.sign(&[&ReceiptKey::from_seed(&[1; 32])]).parse().unwrap()
}

#[test]
fn a_key_is_read_as_witnesses_publish_it() {
    // Computed with Python's hashlib and cryptography, from the description at c2sp.org/signed-note alone.
    let text = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";
    let key = witness("witness.example/w1", 9).0;
    assert_eq!(key.to_string(), text);
    assert_eq!(text.parse::<WitnessKey>().unwrap(), key);
    assert_eq!(key.name(), "witness.example/w1");
    let bad = |text: String| text.parse::<WitnessKey>().unwrap_err();
    bad(text.replace("w1+", "w2+"));
    bad(text.replace("witness", "wit ness"));
    bad("a+b".to_owned());
    // A log's own key is of another kind.
    bad(crate::verifier_key(LedgerId([3; 16]), &ReceiptKey::from_seed(&[1; 32]).public()));
}

#[test]
fn a_cosignature_is_kept_and_holds_for_its_checkpoint_and_key_alone() {
    let (key, cosign) = witness("witness.example/w1", 9);
    let (other, others) = witness("witness.example/w2", 8);
    let signed = checkpoint(7);
    let answer = format!("{}{}{}", cosign(&signed, 1_700_000_000), others(&signed, 5), cosign(&signed, 1_700_000_100));
    let kept = signed.with_cosignature(&answer, &key).unwrap();
    assert_eq!(kept.cosigned(&key), Some(1_700_000_100));
    assert_eq!(kept.cosigned(&other), None, "what was not asked for is not kept");
    assert!(kept.is_signed(&ReceiptKey::from_seed(&[1; 32]).public()));
    assert_eq!(kept.checkpoint, signed.checkpoint);
    let of_another = checkpoint(8).with_cosignature(&answer, &key).unwrap_err();
    assert_eq!(of_another, CosignatureError::NotTheWitness);
    assert_eq!(signed.with_cosignature(&others(&signed, 5), &key).unwrap_err(), CosignatureError::NotTheWitness);
    for nothing in ["", "ok\n", "\u{2014} a\n", "<html>\n\n</html>\n"] {
        assert!(matches!(signed.with_cosignature(nothing, &key), Err(CosignatureError::Malformed(_))), "{nothing:?}");
    }
    // One that does not fit spoils those that do.
    let line = cosign(&checkpoint(8), 1_700_000_000);
    assert_eq!(signed.with_cosignature(&format!("{answer}{line}"), &key).unwrap_err(), CosignatureError::NotTheWitness);
}
