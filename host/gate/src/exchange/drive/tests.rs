use super::*;

#[test]
fn what_two_stages_want_cut_is_cut() {
    let cut = |commitment: &[(u64, u64)], inspection: &[(u64, u64)]| {
        let edits = |spans: &[(u64, u64)], text: &str| spans.iter().map(|(s, e)| TextEdit::new(*s, *e, text)).collect();
        let united = united(edits(commitment, "c"), edits(inspection, "i"));
        united.into_iter().map(|e| (e.at.start, e.at.end, e.text)).collect::<Vec<_>>()
    };
    let is = |s, e, t: &str| (s, e, t.to_owned());
    assert_eq!(cut(&[(0, 14)], &[(3, 19)]), [is(0, 19, "c")], "a part of either would be left otherwise");
    assert_eq!(cut(&[(3, 19)], &[(0, 14)]), [is(0, 19, "c")]);
    assert_eq!(cut(&[(0, 4)], &[(0, 4), (6, 8)]), [is(0, 4, "c"), is(6, 8, "i")]);
    assert_eq!(cut(&[(4, 6)], &[(0, 4)]), [is(0, 4, "i"), is(4, 6, "c")]);
}
