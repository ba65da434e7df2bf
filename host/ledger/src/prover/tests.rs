#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{BLOCK, Survey};
use crate::proof::verify_inclusion;
use crate::tree::{Frontier, leaf_hash};

#[test]
fn every_leaf_of_trees_of_any_shape_is_proven() {
    for size in [1, 2, 3, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 77, 8 * BLOCK] {
        let (mut survey, mut tree) = (Survey::default(), Frontier::default());
        let entry = |index: usize| format!("entry {index}").into_bytes();
        for index in 0..size {
            survey.push(leaf_hash(&entry(index)));
            tree.push(leaf_hash(&entry(index)));
        }
        let (mut prover, root) = survey.finish();
        assert_eq!(root, Some(tree.root()), "of {size}");
        let mut proven = vec![];
        for index in 0..size {
            let wanted = (index % 3 != 1).then_some(index as u64 + 1);
            proven.extend(prover.push(leaf_hash(&entry(index)), wanted, &entry(index)));
        }
        proven.extend(prover.finish());
        assert_eq!(proven.len(), (0..size).filter(|index| index % 3 != 1).count());
        for record in proven {
            let index = record.seq - 1;
            let leaf = leaf_hash(&entry(usize::try_from(index).unwrap()));
            assert!(verify_inclusion(leaf, index, size as u64, tree.root(), &record.proof), "{index} of {size}");
        }
    }
}
