#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]
use proptest::prelude::*;
use witgate_engine::Span as At;

use super::*;
use crate::{TokenLimits, Vaults};

fn party(settled: Option<u64>) -> Party<()> {
    Party { member: 0, session: (), settled }
}

fn text(start: u64, end: u64, replacement: &str) -> Edit {
    Edit { at: At { start, end }, replacement: Replacement::Text(replacement.into()) }
}

/// What a client has received after an advance, given what it had.
fn deliver(out: &mut String, original: &str, from: u64, to: u64, edits: &[TextEdit]) {
    let mut at = usize::try_from(from).unwrap();
    for edit in edits {
        let range = edit.at.range().unwrap();
        out.push_str(&original[at..range.start]);
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(&original[at..usize::try_from(to).unwrap()]);
}

#[test]
fn the_frontier_is_the_least_of_all_parties() {
    let mut channel = Channel::new(vec![party(Some(7)), party(Some(3)), party(None)], true);
    channel.append("0123456789");
    assert_eq!(channel.advance(&mut Vault::default(), false), (3, vec![]));
    assert_eq!(channel.held(), 7);
}

#[test]
fn nobody_who_holds_back_holds_nothing_back() {
    let mut channel = Channel::new(vec![party(None)], true);
    channel.append("0123456789");
    assert_eq!(channel.advance(&mut Vault::default(), false), (10, vec![]));
}

#[test]
fn a_plugin_that_only_watches_may_speak_of_what_has_gone_out() {
    let mut channel = Channel::new(vec![party(None)], true);
    channel.append("blu\u{e9} her");
    channel.advance(&mut Vault::default(), false);
    channel.append("\u{e9}ons");
    let span = Span::new;
    assert!(channel.on_boundaries(span(2, 9)), "it began in what is gone");
    assert!(channel.on_boundaries(span(9, 11)));
    assert!(!channel.on_boundaries(span(9, 10)), "what is held is still looked at");
}

#[test]
fn a_cluster_over_the_frontier_is_not_cut_in_two() {
    let mut channel = Channel::new(vec![party(Some(6)), party(Some(10))], true);
    channel.append("0123456789");
    channel.tell(1, vec![text(4, 8, "x")]);
    assert_eq!(channel.advance(&mut Vault::default(), false), (4, vec![]));
    channel.parties[0].settled = Some(10);
    let (to, edits) = channel.advance(&mut Vault::default(), false);
    assert_eq!((to, edits), (10, vec![TextEdit::new(4, 8, "x")]));
}

#[test]
fn a_token_comes_back_even_when_it_comes_in_pieces() {
    let mut vault = Vault::default();
    let token = vault.token("email", "jo@example.org");
    let answer = format!("to {token}.");
    let mut channel: Channel<()> = Channel::new(vec![], true);
    let mut out = String::new();
    let mut from = 0;
    for piece in answer.as_bytes().chunks(1) {
        channel.append(std::str::from_utf8(piece).unwrap());
        let (to, edits) = channel.advance(&mut vault, false);
        deliver(&mut out, &answer, from, to, &edits);
        assert!(!out.contains('['), "a part of the token got out: {out}");
        from = to;
    }
    let (to, edits) = channel.advance(&mut vault, true);
    deliver(&mut out, &answer, from, to, &edits);
    assert_eq!(out, "to jo@example.org.");
}

#[test]
fn nothing_comes_back_where_nobody_judged_it() {
    let mut vault = Vault::default();
    let token = vault.token("email", "jo@example.org");
    let mut channel: Channel<()> = Channel::new(vec![], false);
    channel.append(&format!("https://elsewhere.example/?q={token}"));
    let (_, edits) = channel.advance(&mut vault, true);
    assert_eq!(edits, []);
}

proptest! {
    /// However a text is cut and however far behind a plugin is, the values of this scope come back in it, once, and what was
    /// typed, what is another's and what only looks like a token stays.
    #[test]
    fn values_come_back_wherever_the_text_is_cut(
        parts in prop::collection::vec((0_usize..8, "[\\[\\]_A-Z0-9é ]{0,9}"), 0..12),
        cuts in prop::collection::vec((1_usize..24, 0_u64..40), 1..60),
    ) {
        let vaults = Vaults::new(TokenLimits::default()).unwrap();
        let mut vault = vaults.of_session("t", "jo", "s");
        let typed = vault.token("email", "typed@example.org");
        let mut vault = vaults.of_session("t", "jo", "s");
        vault.note_request(&typed);
        let foreign = vaults.of_session("t", "al", "s").token("email", "jo@example.org");
        let own: Vec<(String, String)> = ["jo@example.org", "[\"é\"]"]
            .into_iter()
            .map(|value| (vault.token("email", value), value.to_owned()))
            .collect();
        let hidden = vault.one_way("email", "jo@example.org");
        let (mut original, mut expected) = (String::new(), String::new());
        for (part, noise) in parts {
            let (token, value) = match part {
                0 | 1 => own[part].clone(),
                2 => (typed.clone(), typed.clone()),
                3 => (foreign.clone(), foreign.clone()),
                4 => (hidden.clone(), hidden.clone()),
                _ => (String::new(), String::new()),
            };
            original.extend([noise.as_str(), &token]);
            expected.extend([noise.as_str(), &value]);
        }
        let mut channel = Channel::new(vec![party(Some(0))], true);
        let (mut out, mut from, mut pushed) = (String::new(), 0, 0_usize);
        let mut cuts = cuts.into_iter().cycle();
        loop {
            let (more, lag) = cuts.next().unwrap();
            let over = pushed == original.len();
            let end = original.ceil_char_boundary((pushed + more).min(original.len()));
            channel.append(&original[pushed..end]);
            pushed = end;
            let settled = if over { pushed } else { original.floor_char_boundary(pushed.saturating_sub(usize::try_from(lag).unwrap())) };
            channel.parties[0].settled = channel.parties[0].settled.max(Some(settled as u64));
            let (to, edits) = channel.advance(&mut vault, over);
            deliver(&mut out, &original, from, to, &edits);
            from = to;
            prop_assert!(expected.starts_with(&out), "{} is no beginning of {}", out, expected);
            if over {
                break;
            }
        }
        prop_assert_eq!(out, expected);
    }

    /// However the text is cut and however far behind plugins are, the client receives the whole text with all edits applied.
    #[test]
    fn what_goes_out_is_the_text_with_its_edits(
        length in 1_u64..120,
        spans in prop::collection::vec((0_u64..120, 0_u64..10, 0_usize..3), 0..12),
        steps in prop::collection::vec((1_usize..20, 0_u64..30, 0_u64..30), 0..30),
    ) {
        let original: String = (0..length).map(|i| char::from(b'a' + (i % 26) as u8)).collect();
        // Each plugin's own edits do not overlap, as the engine checks.
        let mut of_plugin: Vec<Vec<Edit>> = vec![vec![]; 3];
        for (start, width, plugin) in spans {
            let (start, end) = (start.min(length), (start + width).min(length));
            if start < end && of_plugin[plugin].iter().all(|e| e.at.end <= start || end <= e.at.start) {
                of_plugin[plugin].push(text(start, end, "#"));
            }
        }
        let mut expected = String::new();
        let all = merge::clusters(of_plugin.iter().flatten().cloned());
        let edits: Vec<TextEdit> = all.iter().map(|c| TextEdit::new(c.start, c.end, "#")).collect();
        deliver(&mut expected, &original, 0, length, &edits);

        let mut channel = Channel::new((0..3).map(|member| Party { member, session: (), settled: Some(0) }).collect(), true);
        let mut vault = Vault::default();
        let (mut out, mut from, mut pushed) = (String::new(), 0, 0_usize);
        let mut steps = steps.into_iter().chain(std::iter::repeat((7, 0, 0)));
        loop {
            let (more, lag_a, lag_b) = steps.next().unwrap();
            let end = (pushed + more).min(original.len());
            let over = pushed == original.len();
            channel.append(&original[pushed..end]);
            pushed = end;
            for (index, lag) in [lag_a, lag_b, 0].into_iter().enumerate() {
                let before = channel.parties[index].settled.unwrap();
                let mut settled = if over { length } else { (pushed as u64).saturating_sub(lag).max(before) };
                // An edit is told once, when it is final: a plugin does not settle into the middle of its own.
                for edit in &of_plugin[index] {
                    if edit.at.start < settled && settled < edit.at.end {
                        settled = edit.at.start.max(before);
                    }
                }
                let told = of_plugin[index].iter().filter(|e| before <= e.at.start && e.at.end <= settled && e.at.end > before).cloned().collect();
                channel.parties[index].settled = Some(settled);
                channel.tell(index, told);
            }
            let (to, edits) = channel.advance(&mut vault, over);
            prop_assert!(to >= from);
            deliver(&mut out, &original, from, to, &edits);
            from = to;
            if over {
                break;
            }
        }
        prop_assert_eq!(from, length);
        prop_assert_eq!(out, expected);
    }
}
