#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::*;
use crate::tree::tests::{leaves, naive_root};

/// RFC 9162, 2.1.3.1, word for word.
fn naive_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, rest) = if index < left.len() {
        (naive_path(index, left), right)
    } else {
        (naive_path(index - left.len(), right), left)
    };
    path.push(naive_root(rest));
    path
}

/// RFC 9162, 2.1.4.1, word for word.
fn naive_subproof(first: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if first == leaves.len() {
        return if whole { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, rest) = if first <= left.len() {
        (naive_subproof(first, left, whole), right)
    } else {
        (naive_subproof(first - left.len(), right, false), left)
    };
    proof.push(naive_root(rest));
    proof
}

fn made(ranges: Vec<Range<u64>>, leaves: &[Digest]) -> Vec<Digest> {
    let mut collector = Collector::new(ranges);
    leaves.iter().enumerate().for_each(|(index, leaf)| collector.push(index as u64, *leaf));
    collector.finish().unwrap()
}

#[test]
fn every_leaf_of_every_small_tree_is_proven_and_nothing_else() {
    let leaves = leaves(40);
    for size in 1..=leaves.len() {
        let tree = &leaves[..size];
        let root = naive_root(tree);
        for index in 0..size {
            let proof = made(inclusion_ranges(index as u64, size as u64).unwrap(), tree);
            assert_eq!(proof, naive_path(index, tree), "{index} of {size}");
            for (other, leaf) in tree.iter().enumerate() {
                let proven = verify_inclusion(*leaf, index as u64, size as u64, root, &proof);
                assert_eq!(proven, other == index, "{other} for {index} of {size}");
            }
            for other in (0..=size as u64 + 1).filter(|other| *other != index as u64) {
                assert!(
                    !verify_inclusion(tree[index], other, size as u64, root, &proof),
                    "{index} as {other} of {size}"
                );
            }
        }
        assert_eq!(inclusion_ranges(size as u64, size as u64), None);
    }
}

#[test]
fn every_beginning_of_every_small_tree_is_proven_and_nothing_else() {
    let leaves = leaves(40);
    for second in 0..=leaves.len() {
        for first in 0..=second {
            let (tree, before) = (&leaves[..second], &leaves[..first]);
            let proof = made(consistency_ranges(first as u64, second as u64).unwrap(), tree);
            if first > 0 {
                assert_eq!(proof, naive_subproof(first, tree, true), "{first} of {second}");
            }
            let (old, new) = ((first as u64, naive_root(before)), (second as u64, naive_root(tree)));
            assert!(verify_consistency(old, new, &proof), "{first} of {second}");
            let other = leaf(9999);
            assert!(!verify_consistency((old.0, other), new, &proof), "{first} of {second}");
            assert!(first == 0 || !verify_consistency(old, (new.0, other), &proof), "{first} of {second}");
        }
    }
    assert_eq!(consistency_ranges(3, 2), None);
}

fn leaf(n: u64) -> Digest {
    crate::tree::leaf_hash(&n.to_be_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A proof with one hash changed, dropped, doubled or added proves nothing.
    #[test]
    fn a_changed_proof_proves_nothing(
        size in 2_usize..700, at in any::<prop::sample::Index>(), hit in any::<prop::sample::Index>(), how in 0_u8..4,
    ) {
        let tree = leaves(size);
        let root = naive_root(&tree);
        let index = at.index(size);
        let inclusion = made(inclusion_ranges(index as u64, size as u64).unwrap(), &tree);
        let first = index.max(1);
        let consistency = made(consistency_ranges(first as u64, size as u64).unwrap(), &tree);
        let old = (first as u64, naive_root(&tree[..first]));
        prop_assert!(verify_inclusion(tree[index], index as u64, size as u64, root, &inclusion));
        prop_assert!(verify_consistency(old, (size as u64, root), &consistency));
        let change = |proof: &[Digest]| {
            let mut proof = proof.to_vec();
            let hit = hit.index(proof.len());
            match how {
                0 => proof[hit].0[7] ^= 1,
                1 => drop(proof.remove(hit)),
                2 => proof.insert(hit, proof[hit]),
                _ => proof.push(leaf(3)),
            }
            proof
        };
        prop_assert!(!verify_inclusion(tree[index], index as u64, size as u64, root, &change(&inclusion)));
        prop_assert!(!verify_consistency(old, (size as u64, root), &change(&consistency)));
    }

    #[test]
    fn hostile_numbers_never_panic(index in any::<u64>(), size in any::<u64>(), parts in 0_usize..70) {
        let proof = leaves(parts);
        let _ = verify_inclusion(leaf(1), index, size, leaf(2), &proof);
        let _ = verify_consistency((index, leaf(1)), (size, leaf(2)), &proof);
        let _ = inclusion_ranges(index, size);
        let _ = consistency_ranges(index, size);
    }
}
