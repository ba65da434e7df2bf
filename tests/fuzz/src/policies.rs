//! Every built-in policy over any text: as a segment of a request, as an answer in pieces, as arguments of a call.

mod built_in;

use witgate_sdk::testing::{self, Outcome};
use witgate_sdk::{Action, Decision, Document, Segment, Span, Verdict};

use crate::control::Control;
use built_in::BuiltIn;

/// What a segment of a request is, and whose.
const SEGMENTS: [(&str, &str); 8] = [
    ("user", "text"),
    ("tool", "tool-result"),
    ("assistant", "text"),
    ("system", "text"),
    ("user", "document"),
    ("user", "value"),
    ("assistant", "reasoning"),
    ("user", "tool-definition"),
];

/// Names of arguments that some policy knows.
const NAMES: [&str; 8] = ["value", "query", "command", "path", "url", "html", "content", "phone"];

/// What is told and what is edited lies within its text, on whole characters; asked again, or asked with another text before
/// it, a policy says the same; how an answer is cut makes no difference.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, body) = Control::split(data);
    let text = String::from_utf8_lossy(body);
    let (role, kind) = SEGMENTS[control.next() % SEGMENTS.len()];
    let name = NAMES[control.next() % NAMES.len()];
    let pieces = pieces(&mut control, &text);
    let all = built_in::all();

    let request = testing::document(&[(role, kind, &text)]);
    let later = testing::document(&[("system", "text", "Be brief."), (role, kind, &text)]);
    let call = call(name, &text);
    for policy in all {
        policy.admits(&request, &later);
        policy.commits(&call);
        policy.inspects(&text, &pieces);
    }
}

/// Asks one policy about a text, as what a user says, as an answer or as a tool's argument; nothing, where it has no such stage.
pub fn ask(policy: &str, stage: &str, text: &str) -> Option<()> {
    let policy = built_in::all().iter().find(|built_in| built_in.name == policy)?;
    match stage {
        "user" => drop((policy.admit)(&testing::context(), &testing::document(&[("user", "text", text)]))),
        "tool-argument" => drop(policy.commit.as_ref()?(&testing::context(), &call("value", text))),
        "answer" => {
            let cut = text.as_bytes().chunks(256).scan(0, |at, chunk| {
                let end = text.ceil_char_boundary(*at + chunk.len());
                let piece = text.get(*at..end);
                *at = end;
                piece
            });
            drop(policy.inspect.as_ref()?(&cut.collect::<Vec<_>>()));
        }
        _ => return None,
    }
    Some(())
}

/// The text in pieces, cut between characters.
fn pieces<'t>(control: &mut Control<'_>, text: &'t str) -> Vec<&'t str> {
    let mut rest = text;
    let mut pieces = vec![];
    for piece in control.pieces(text.as_bytes()) {
        let consumed = text.len() - rest.len();
        let wanted = piece.as_ptr().addr() - text.as_ptr().addr() + piece.len();
        let (head, tail) = rest.split_at(rest.ceil_char_boundary(wanted.saturating_sub(consumed)));
        pieces.push(head);
        rest = tail;
    }
    pieces
}

/// A call whose one argument has this name, both key and value being told.
fn call(name: &str, text: &str) -> Action {
    let pointer = format!("/{name}");
    let whole = format!("{name}\n{text}");
    let segment = |kind: &str, at: std::ops::Range<usize>| Segment {
        role: "assistant".into(),
        kind: kind.into(),
        name: None,
        pointer: pointer.clone(),
        at: Span::from_range(at),
    };
    let segments = vec![segment("key", 0..name.len()), segment("value", name.len() + 1..whole.len())];
    // Names of tools come from the model, too.
    let target = text.lines().next().unwrap_or_default().to_owned();
    Action { kind: "tool_use".into(), target, arguments: Document { text: whole, segments }, hints: vec![] }
}

/// Where a decision points to is there; what is edited lies in one segment, and not in a key.
fn fits(name: &str, decision: &Decision, document: &Document) {
    for finding in &decision.findings {
        assert!(finding.confidence <= 100, "{name}: {finding:?}");
        let Some(at) = finding.at else { continue };
        assert!(document.text.get(at.range()).is_some(), "{name}: {finding:?} of {:?}", document.text);
    }
    for edit in &decision.edits {
        let at = edit.at.range();
        assert!(
            document.text.get(at.clone()).is_some_and(|cut| !cut.is_empty()),
            "{name}: {edit:?} of {:?}",
            document.text
        );
        let within = |s: &Segment| s.kind != "key" && s.at.start <= edit.at.start && edit.at.end <= s.at.end;
        assert!(document.segments.iter().any(within), "{name}: {edit:?} leaves its segment");
    }
    if !matches!(decision.verdict, Verdict::Allow) {
        assert!(decision.edits.is_empty(), "{name} refuses what it edits: {decision:?}");
    }
}

/// The decision, with places of the last segment counted from where it begins.
fn of_last(decision: &Decision, document: &Document) -> Decision {
    let start = document.segments.last().map_or(0, |segment| segment.at.start);
    let back = |at: Span| Span { start: at.start.wrapping_sub(start), end: at.end.wrapping_sub(start) };
    let mut decision = decision.clone();
    decision.findings.iter_mut().for_each(|finding| finding.at = finding.at.map(back));
    decision.edits.iter_mut().for_each(|edit| edit.at = back(edit.at));
    decision
}

impl BuiltIn {
    fn admits(&self, request: &Document, later: &Document) {
        let ask = |document| (self.admit)(&testing::context(), document);
        let decision = ask(request);
        fits(self.name, &decision, request);
        assert_eq!(format!("{decision:?}"), format!("{:?}", ask(request)), "{} asked twice", self.name);
        let after = ask(later);
        fits(self.name, &after, later);
        let (first, second) = (of_last(&decision, request), of_last(&after, later));
        assert_eq!(format!("{first:?}"), format!("{second:?}"), "{} after another text", self.name);
    }

    fn commits(&self, call: &Action) {
        let Some(commit) = &self.commit else { return };
        fits(self.name, &commit(&testing::context(), call), &call.arguments);
    }

    fn inspects(&self, text: &str, pieces: &[&str]) {
        let Some(inspect) = &self.inspect else { return };
        let whole = inspect(&[text]);
        let Outcome { edits, .. } = &whole;
        for (start, end, _) in edits {
            let at = Span { start: *start, end: *end }.range();
            assert!(text.get(at).is_some(), "{}: {start}..{end} of {text:?}", self.name);
        }
        assert_eq!(inspect(pieces), whole, "{}: cut into {pieces:?}", self.name);
    }
}
