#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::*;

fn of(positives: &[u8], negatives: &[u8]) -> Ranking {
    let mut ranking = Ranking::default();
    positives.iter().for_each(|score| ranking.add(*score, true));
    negatives.iter().for_each(|score| ranking.add(*score, false));
    ranking
}

#[test]
fn the_area_is_one_half_for_chance_and_one_for_order() {
    assert_eq!(of(&[90, 80], &[10, 0]).auc(), Some(1.0));
    assert_eq!(of(&[10, 0], &[90, 80]).auc(), Some(0.0));
    assert_eq!(of(&[0, 50, 100], &[0, 50, 100]).auc(), Some(0.5));
}

#[test]
fn a_tie_is_half_a_win() {
    // Pairs: 80>50, 80>0, 50=50, 50>0, 0<50, 0=0: 3 wins, 2 ties, of 6.
    assert_eq!(of(&[80, 50, 0], &[50, 0]).auc(), Some(0.6667));
}

#[test]
fn the_area_is_what_comparing_every_pair_gives() {
    let scores = |count: u32, step: u32, most: u32| -> Vec<u8> {
        (0..count).map(|i| u8::try_from((i * step + 7) % most).unwrap()).collect()
    };
    let (positives, negatives) = (scores(60, 37, 101), scores(45, 53, 71));
    let mut won = 0.0;
    for p in &positives {
        for n in &negatives {
            won += match p.cmp(n) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    assert_eq!(of(&positives, &negatives).auc(), Some(places(won / (60.0 * 45.0))));
}

#[test]
fn one_score_or_one_label_has_no_area() {
    assert_eq!(of(&[0, 0], &[0]).auc(), None);
    assert_eq!(of(&[0, 90], &[]).auc(), None);
    assert_eq!(of(&[], &[0, 90]).auc(), None);
}

#[test]
fn cuts_add_up_from_the_highest_score() {
    let cuts = of(&[90, 90, 60, 0], &[60, 0, 0, 0, 0]).cuts();
    let short: Vec<_> = cuts.iter().map(|cut| (cut.score, cut.detected_positives, cut.detected_negatives)).collect();
    assert_eq!(short, [(90, 2, 0), (60, 3, 1)]);
    assert_eq!(cuts.first().and_then(|cut| cut.precision), Some(1.0));
    assert_eq!(cuts.last().and_then(|cut| cut.recall), Some(0.75));
    assert_eq!(cuts.last().and_then(|cut| cut.fpr), Some(0.2));
    assert_eq!(cuts.last().and_then(|cut| cut.f1), Some(0.75));
}
