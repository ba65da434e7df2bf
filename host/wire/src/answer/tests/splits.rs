//! Nothing depends on where reads, frames or decisions end.

use proptest::prelude::*;

use super::*;
use crate::document::TextEdit;

/// Everything at once: several channels, calls, fields, comments, odd line ends and escapes.
fn rich() -> String {
    let mut usage = chunk(json!({}), None);
    usage["choices"] = json!([]);
    usage["usage"] = json!({"prompt_tokens": 5, "completion_tokens": 7});
    let call = |index: u64, arguments: &str| {
        chunk(
            json!({"tool_calls": [{"index": index, "id": format!("c{index}"), "function": {"name": "f", "arguments": arguments}}]}),
            None,
        )
    };
    let mut out = String::from("\u{feff}: start\r\n\r\n");
    for (at, frame) in [
        chunk(json!({"role": "assistant", "content": "", "reasoning": "thinking é"}), None),
        say("caf\u{e9} 😀 \"quoted\" \\ back"),
        call(0, "{\"a\":\"\\u00"),
        call(1, "{}"),
        call(0, "e9\"}"),
        chunk(json!({}), Some("tool_calls")),
        usage,
    ]
    .iter()
    .enumerate()
    {
        let end = ["\n", "\r\n", "\r"][at % 3];
        out.push_str(&format!("id: {at}{end}data: {frame}{end}: ping{end}{end}"));
    }
    out.replace('é', "\\u00e9") + "data: [DONE]\n\n"
}

fn cut(text: &[u8], at: &mut [usize]) -> (Vec<Event>, String) {
    at.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for &mut to in at {
        pieces.push(&text[from..to]);
        from = to;
    }
    pieces.push(&text[from..]);
    run(Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default()), &pieces, PASS).unwrap()
}

fn without_comments(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim_start_matches(": start\r\n\r\n");
    text.replace(": ping\r\n", "").replace(": ping\n", "").replace("\r: ping\r", "\n")
}

/// Reads of one byte split every character, escape and line end.
#[test]
fn one_byte_a_read_makes_no_difference() {
    let text = rich();
    let mut every: Vec<usize> = (1..text.len()).collect();
    let whole = cut(text.as_bytes(), &mut []);
    assert_eq!(cut(text.as_bytes(), &mut every), whole);
    assert_eq!(whole.1, without_comments(&text));
}

#[test]
fn every_single_cut_makes_no_difference() {
    let text = rich();
    let whole = cut(text.as_bytes(), &mut []);
    for at in 0..=text.len() {
        assert_eq!(cut(text.as_bytes(), &mut [at]), whole, "cut at {at}");
    }
}

/// `text` as a JSON string with nothing but escapes, or plain.
fn encoded(text: &str, escape: bool) -> String {
    if !escape {
        return json!(text).to_string();
    }
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

#[derive(Debug, Clone)]
struct Plan {
    /// Content or reasoning, text, written in escapes.
    pieces: Vec<(bool, String, bool)>,
    /// Where edits start and end in each of the two texts, and what they put in.
    edits: [Vec<(prop::sample::Index, prop::sample::Index, String)>; 2],
    /// How far each is settled after each frame.
    lags: Vec<(prop::sample::Index, prop::sample::Index)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let edits =
        || prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[A-Zé]{0,3}"), 0..5);
    (
        prop::collection::vec((any::<bool>(), "[a-zé😀\"\\\\\n]{0,6}", any::<bool>()), 1..14),
        edits(),
        edits(),
        prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 14),
    )
        .prop_map(|(pieces, first, second, lags)| Plan { pieces, edits: [first, second], lags })
}

/// Picks that are ordered, do not overlap, and lie on character boundaries.
fn edits_of(text: &str, picks: &[(prop::sample::Index, prop::sample::Index, String)]) -> Vec<TextEdit> {
    let bounds: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
    let mut spans: Vec<(usize, usize, String)> = picks
        .iter()
        .map(|(a, b, with)| {
            let (a, b) = (bounds[a.index(bounds.len())], bounds[b.index(bounds.len())]);
            (a.min(b), a.max(b), with.clone())
        })
        .filter(|(start, _, _)| *start < text.len())
        .collect();
    spans.sort();
    let mut done = 0;
    let mut edits = Vec::new();
    for (start, end, with) in spans {
        if start >= done {
            edits.push(TextEdit::new(start as u64, end as u64, with));
            done = end.max(start + 1);
        }
    }
    edits
}

fn edited(text: &str, edits: &[TextEdit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.at.range().unwrap(), &edit.text);
    }
    out
}

proptest! {
    #[test]
    fn any_cuts_make_no_difference(cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let text = rich();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        prop_assert_eq!(cut(text.as_bytes(), &mut at), cut(text.as_bytes(), &mut []));
    }

    /// However frames cut the text and however decisions lag, the client gets the text edited as a whole; and no byte
    /// of it before its decision.
    #[test]
    fn lagging_decisions_and_edits_over_frames_give_the_edited_text(plan in plan()) {
        let members = ["content", "reasoning"];
        let mut texts = [String::new(), String::new()];
        for (second, text, _) in &plan.pieces {
            texts[usize::from(*second)].push_str(text);
        }
        let edits = [edits_of(&texts[0], &plan.edits[0]), edits_of(&texts[1], &plan.edits[1])];
        let mut answer = Answer::streamed(Dialect::OpenAiChat, AnswerLimits::default());
        let mut ids: [Option<ChannelId>; 2] = [None, None];
        let (mut come, mut settled, mut told) = ([0_u64; 2], [0_u64; 2], [0_usize; 2]);
        let mut out = String::new();
        let last = plan.pieces.len();
        let tail = stream(&[chunk(json!({}), Some("stop"))]);
        for step in 0..=last {
            match plan.pieces.get(step) {
                Some((second, text, escape)) => {
                    let member = members[usize::from(*second)];
                    let frame = data(&chunk(json!({member: "@"}), None)).replace("\"@\"", &encoded(text, *escape));
                    answer.feed(frame.as_bytes()).unwrap();
                }
                None => answer.feed(tail.as_bytes()).unwrap(),
            }
            while let Some(event) = answer.next_event() {
                match event {
                    Event::Fields { id, .. } => answer.settle_fields(id, &[]).unwrap(),
                    Event::Open { channel, kind, .. } => ids[usize::from(kind == ChannelKind::Reasoning)] = Some(channel),
                    Event::Text { channel, text } => {
                        let which = usize::from(ids[1] == Some(channel));
                        come[which] += text.len() as u64;
                    }
                    _ => {}
                }
            }
            for which in 0..2 {
                let Some(id) = ids[which] else { continue };
                let mut upto = come[which];
                if let Some(lag) = plan.lags.get(step).filter(|_| step < last) {
                    let lag = if which == 0 { lag.0 } else { lag.1 };
                    upto = settled[which] + lag.index(usize::try_from(upto - settled[which]).unwrap() + 1) as u64;
                    // Never into an open edit.
                    if let Some(open) = edits[which].iter().find(|e| e.at.start < upto && e.at.end > upto) {
                        upto = open.at.start.max(settled[which]);
                    }
                    while !texts[which].is_char_boundary(usize::try_from(upto).unwrap()) {
                        upto -= 1;
                    }
                }
                let due = edits[which][told[which]..].iter().take_while(|e| e.at.start < upto).count();
                answer.settle(id, upto, &edits[which][told[which]..told[which] + due]).unwrap();
                told[which] += due;
                settled[which] = upto;
            }
            out.push_str(&String::from_utf8(answer.take_output()).unwrap());
            let so_far = client(&out);
            for which in 0..2 {
                let decided = edited(&texts[which][..usize::try_from(settled[which]).unwrap()], &edits[which][..told[which]]);
                let seen = so_far.texts.get(members[which]).cloned().unwrap_or_default();
                prop_assert!(decided.starts_with(&seen), "{seen:?} left, {decided:?} was decided");
            }
        }
        answer.end().unwrap();
        let got = client(&out);
        for which in 0..2 {
            let expected = edited(&texts[which], &edits[which]);
            prop_assert_eq!(got.texts.get(members[which]).cloned().unwrap_or_default(), expected);
        }
        prop_assert_eq!(got.finish.as_deref(), Some("stop"));
        prop_assert_eq!(answer.held_bytes(), 0);
        prop_assert_eq!(chunks(&out).len(), plan.pieces.len() + 1, "structure stays");
    }

    /// A policy's outcome must be the same for both forms: the same text comes in the same channels.
    #[test]
    fn stream_and_whole_tell_the_same_text(pieces in prop::collection::vec("[a-zé\"]{0,9}", 0..8)) {
        let sent: Vec<Value> = pieces.iter().map(|text| say(text)).chain([chunk(json!({}), Some("stop"))]).collect();
        let whole = json!({"choices": [{"message": {"role": "assistant", "content": pieces.concat()}, "finish_reason": "stop"}]});
        let said = |events: &[Event]| -> String {
            events.iter().filter_map(|e| match e { Event::Text { text, .. } => Some(text.as_str()), _ => None }).collect()
        };
        let (streamed, out) = run_stream(&stream(&sent), PASS);
        prop_assert_eq!(said(&streamed), said(&run_whole(&whole, PASS).0));
        prop_assert_eq!(out, stream(&sent));
    }
}
