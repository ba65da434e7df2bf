#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::BTreeSet;

use super::{Plan, Wanted};
use crate::dialect::Dialect;
use crate::kind::Kind;

fn wanted(sample: usize, seed: u64) -> Wanted<'static> {
    Wanted { dialects: &[Dialect::Chat], kinds: &Kind::ALL, only: Some("stream/"), sample, seed }
}

fn names(plan: &Plan) -> Vec<String> {
    plan.cases.iter().map(super::Case::name).collect()
}

#[test]
fn a_sample_is_of_its_size_the_same_for_its_seed_and_has_some_of_every_script() {
    let plan = Plan::new(&wanted(30_000, 1)).unwrap();
    assert!((25_000..40_000).contains(&plan.cases.len()), "{}", plan.cases.len());
    assert!(plan.full > 1_000_000);
    assert_eq!(names(&plan), names(&Plan::new(&wanted(30_000, 1)).unwrap()));
    assert_ne!(names(&plan), names(&Plan::new(&wanted(30_000, 2)).unwrap()));
    let distinct: BTreeSet<String> = names(&plan).into_iter().collect();
    assert_eq!(distinct.len(), plan.cases.len());
    let scripts: BTreeSet<String> = plan.cases.iter().map(|case| case.script.name()).collect();
    assert_eq!(scripts.len(), super::scripts(&wanted(0, 1)).unwrap().len());
}

#[test]
fn a_name_that_is_none_is_told() {
    assert!(Plan::new(&Wanted { only: Some("no such field"), ..wanted(0, 1) }).is_err());
}
