#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

#[test]
fn the_documented_steps_stay() {
    let first = ChainKey::from_bytes([0; 32]);
    assert_eq!(first.id().to_string(), "4bd519f6174e0046");
    let mut ratchet = Ratchet::first(&first);
    ratchet.advance();
    assert_eq!((ratchet.step, ratchet.key.id().to_string().as_str()), (1, "8eea45a37edeca83"));
    ratchet.advance();
    assert_eq!((ratchet.step, ratchet.key.id().to_string().as_str()), (2, "6aa4011ab8acc433"));
}

#[test]
fn chains_go_forward_and_back_to_their_start_and_no_further() {
    let mut ratchet = Ratchet::first(&ChainKey::from_bytes([1; 32]));
    let ids: Vec<_> = (0..6)
        .map(|_| {
            let id = ratchet.key.id();
            ratchet.advance();
            id
        })
        .collect();
    let mut from = Ratchet::first(&ChainKey::from_bytes([1; 32]));
    assert!(from.advance_to(2) && !from.advance_to(1));
    let mut chains = Chains::new(from);
    for step in [2, 3, 3, 5, 2, 4] {
        assert_eq!(chains.at(step).unwrap().key_id, ids[usize::try_from(step).unwrap()]);
    }
    assert!(chains.at(1).is_none() && chains.at(u64::MAX).is_none());
    assert_eq!(chains.at(2).unwrap().key_id, ids[2]);
    assert_eq!(chains.first_id(), ids[2]);
}
