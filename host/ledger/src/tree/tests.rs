#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

/// The root as RFC 9162, 2.1.1 defines it, with nothing kept.
pub(crate) fn naive_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest(sha256(&[])),
        [leaf] => *leaf,
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

pub(crate) fn leaves(n: usize) -> Vec<Digest> {
    (0..n).map(|i| Digest(sha256(&[&LEAF, &i.to_be_bytes()]))).collect()
}

#[test]
fn the_edge_knows_the_root_of_every_size() {
    let leaves = leaves(300);
    let mut edge = Frontier::default();
    for size in 0..300 {
        assert_eq!(edge.root(), naive_root(&leaves[..size]), "size {size}");
        assert_eq!(edge.size(), size as u64);
        let again = Frontier::from_parts(size as u64, edge.peaks().to_vec()).unwrap();
        assert_eq!(again, edge);
        edge.push(leaves[size]);
    }
    assert_eq!(Frontier::from_parts(3, leaves[..1].to_vec()), None);
}

/// The test tree that implementations of RFC 6962 and RFC 9162 share (certificate-transparency-go, `testonly`).
#[test]
fn the_published_roots() {
    let entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut edge = Frontier::default();
    assert_eq!(edge.root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (entry, root) in entries.iter().zip(roots) {
        let bytes: Vec<u8> =
            (0..entry.len()).step_by(2).map(|at| u8::from_str_radix(&entry[at..at + 2], 16).unwrap()).collect();
        edge.push(Digest(sha256(&[&LEAF, &bytes])));
        assert_eq!(edge.root().to_string(), root);
    }
}

#[test]
fn many_leaves_at_once_make_the_same_edge() {
    let all = leaves(200);
    for before in [0, 1, 2, 3, 7, 8, 63, 64, 100] {
        for more in 0..100 {
            let (mut one, mut many) = (Frontier::default(), Frontier::default());
            all[..before].iter().for_each(|leaf| many.push(*leaf));
            all[..before + more].iter().for_each(|leaf| one.push(*leaf));
            many.extend(all[before..before + more].to_vec());
            assert_eq!(many, one, "{more} after {before}");
        }
    }
}

#[test]
fn many_leaves_are_each_what_one_is() {
    let entries: Vec<Vec<u8>> = (0..50).map(|length| vec![7; MAC_LEN + length * 9]).collect();
    let one: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let fronts = entries.iter().map(|entry| &entry[..entry.len() - MAC_LEN]);
    let hashes = EntryHash::of_each(fronts.clone());
    assert_eq!(hashes, fronts.map(EntryHash::of).collect::<Vec<_>>());
    assert_eq!(leaf_hashes(hashes.iter().map(|hash| (hash, &Mac([7; 32])))), one);
    assert_eq!(hashes.iter().map(|hash| leaf_of(hash, &Mac([7; 32]))).collect::<Vec<_>>(), one);
}

/// A leaf is that of RFC 9162 over an entry's hash and its MAC. What is too short for an entry has one that no entry has.
#[test]
fn a_leaf_is_made_of_the_entrys_hash_and_its_mac() {
    let entry: Vec<u8> = (0..100).collect();
    let hash = sha256(&[&[2], &entry[..68]]);
    assert_eq!(leaf_hash(&entry), Digest(sha256(&[&[0], &hash, &entry[68..]])));
    let short: Vec<_> = (0..40).map(|length| leaf_hash(&entry[..length])).collect();
    assert_eq!(short.iter().collect::<std::collections::HashSet<_>>().len(), 40);
}
