#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use proptest::prelude::*;

use super::{Histogram, largest, part};

#[test]
fn small_numbers_are_exact() {
    let mut histogram = Histogram::default();
    assert_eq!(histogram.percentile(99), 0);
    (1..=50).for_each(|value| histogram.add(value));
    assert_eq!((histogram.percentile(50), histogram.percentile(99), histogram.count()), (25, 50, 50));
    histogram.add(u64::MAX);
    assert_eq!(histogram.percentile(100), u64::MAX);
}

proptest! {
    #[test]
    fn a_number_is_in_its_part(value: u64) {
        let part = part(value);
        let most = largest(part);
        prop_assert!(value <= most && most - value <= value / 32, "{value} in {part} up to {most}");
        prop_assert!(part == 0 || largest(part - 1) < value);
    }

    #[test]
    fn quantiles_are_near(mut values in prop::collection::vec(0u64..1 << 40, 1..200), percent in 1u64..=100) {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.add(*value));
        values.sort_unstable();
        let rank = usize::try_from((values.len() as u64 * percent).div_ceil(100)).unwrap();
        let exact = values[rank - 1];
        let told = histogram.percentile(percent);
        prop_assert!(told >= exact && told - exact <= exact / 32, "{told} for {exact}");
    }
}
