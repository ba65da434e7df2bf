use super::*;

#[test]
fn medians() {
    assert_eq!(median([]), 0.0);
    assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
}

#[test]
fn percentiles_are_values_that_were_seen() {
    let values: Vec<u32> = (1..=100).collect();
    assert_eq!(percentile(&values, 0.5), 50.0);
    assert_eq!(percentile(&values, 0.99), 99.0);
    assert_eq!(percentile(&values, 1.0), 100.0);
    assert_eq!(percentile(&[7], 0.5), 7.0);
    assert_eq!(percentile(&[], 0.5), 0.0);
}
