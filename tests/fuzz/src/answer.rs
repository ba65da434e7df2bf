//! Answers, streamed and whole, over any bytes, any reads and any order of decisions.

mod driver;

use std::collections::BTreeMap;

use serde_json::json;
use witgate_wire::Dialect;
use witgate_wire::answer::{AbortStyle, Answer, AnswerLimits, ChannelId, Event};

use crate::control::Control;
use crate::sse::Lines;
use driver::{Client, Decisions, Driver};

/// Where reads end makes no difference; what nobody changes leaves byte for byte; nothing leaves undecided; what was
/// changed or withheld does not leave; what leaves can be read.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, body) = Control::split(data);
    let dialect = control.dialect();
    let never_streamed = matches!(dialect, Dialect::OpenAiEmbeddings | Dialect::AnthropicCountTokens);
    let whole = control.flag() || never_streamed;
    let case = Case { dialect, whole, limits: limits(control.flag()), body };
    let pieces = control.pieces(body);

    let plain = case.run(&[body], &mut Decisions::pass());
    let cut = case.run(&pieces, &mut Decisions::pass());
    assert_eq!(plain.told(), cut.told(), "reads made a difference");
    assert!(plain.out == cut.out, "reads made a difference to what leaves");
    if !plain.withheld {
        case.is_untouched(&plain);
    }

    let masked = case.run(&pieces, &mut Decisions::mask());
    assert_eq!(masked.error, plain.error);
    let read = case.read_back(&masked.out, masked.error.is_none());
    let mut left = read.texts().filter(|(kind, text)| !is_signed(dialect, kind) && text.bytes().any(|b| b != b'#'));
    assert_eq!(left.next(), None, "a text that was masked left");

    let withheld = case.run(&pieces, &mut Decisions::withhold());
    let read = case.read_back(&withheld.out, withheld.error.is_none());
    let calls = read.events.iter().filter(|e| matches!(e, Event::ToolCall { .. } | Event::UnreadableCall { .. }));
    assert_eq!(calls.count(), 0, "a call that was withheld left");

    case.lag(&pieces, &plain, &mut control);
    case.abort(&pieces, &mut control);
}

/// Whether a text is signed by the provider, and so never edited.
fn is_signed(dialect: Dialect, name: &str) -> bool {
    dialect == Dialect::AnthropicMessages && matches!(name, "thinking" | "signature")
}

/// Bounds that a fuzzer reaches, or none that it does.
fn limits(small: bool) -> AnswerLimits {
    let usual = AnswerLimits::default();
    if !small {
        return usual;
    }
    AnswerLimits {
        max_frame: 1024,
        max_body: 2048,
        max_channels: 3,
        max_tool_calls: 3,
        max_segments: 8,
        max_fields: 8,
        ..usual
    }
}

/// Bounds of whoever reads what the gate wrote: what it adds is read as texts, too.
fn wide() -> AnswerLimits {
    let usual = AnswerLimits::default();
    AnswerLimits { max_channels: 2 * usual.max_channels, max_fields: 2 * usual.max_fields, ..usual }
}

struct Case<'d> {
    dialect: Dialect,
    whole: bool,
    limits: AnswerLimits,
    body: &'d [u8],
}

/// What came of an answer.
#[derive(Debug)]
struct Run {
    events: Vec<Event>,
    out: Vec<u8>,
    error: Option<&'static str>,
    /// A call could not be read, or was withheld.
    withheld: bool,
    dropped: u64,
    trailing: u64,
}

/// What was told: all events but texts, the texts by channel, why it ended, and what was left out.
type Told<'r> = (Vec<&'r Event>, BTreeMap<ChannelId, String>, Option<&'static str>, (u64, u64));

impl Run {
    /// Small pieces of text that come together are told together, so only the whole of each text is the same.
    fn told(&self) -> Told<'_> {
        let mut texts = BTreeMap::<_, String>::new();
        let mut events = Vec::new();
        for event in &self.events {
            match event {
                Event::Text { channel, text } => texts.entry(*channel).or_default().push_str(text),
                event => events.push(event),
            }
        }
        (events, texts, self.error, (self.dropped, self.trailing))
    }

    /// Every piece of text with the name of its channel, but for what the gate adds, which stands under a name that no API
    /// has.
    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut names = BTreeMap::new();
        self.events.iter().filter_map(move |e| match e {
            Event::Open { channel, name, .. } => {
                names.insert(*channel, name.as_deref().unwrap_or_default());
                None
            }
            Event::Text { channel, text } => {
                let name = names.get(channel).copied().unwrap_or_default();
                (!name.starts_with("/added")).then_some((name, text.as_str()))
            }
            _ => None,
        })
    }
}

impl Case<'_> {
    fn answer(&self, limits: AnswerLimits) -> Answer {
        if self.whole { Answer::whole(self.dialect, limits) } else { Answer::streamed(self.dialect, limits) }
    }

    /// The pieces, and every decision at once.
    fn run(&self, pieces: &[&[u8]], decisions: &mut Decisions) -> Run {
        let mut driver = Driver::new(self.answer(self.limits));
        let mut error = None;
        for piece in pieces {
            error = error.or(driver.feed(piece).err());
            driver.decide_all(decisions);
        }
        if error.is_none() {
            error = driver.answer.end().err();
            driver.take_events();
            driver.decide_all(decisions);
        }
        let Driver { answer, events, out, .. } = driver;
        let error = error.map(|e| e.code());
        let (dropped, trailing) = (answer.dropped_lines(), answer.trailing_bytes());
        Run { events, out, error, withheld: decisions.withheld, dropped, trailing }
    }

    fn is_untouched(&self, run: &Run) {
        if self.whole {
            assert!(run.out == self.body || (run.out.is_empty() && run.error.is_some()));
            return;
        }
        let read = self.body.len() - usize::try_from(run.trailing).unwrap_or(self.body.len());
        let lines = Lines::of(&self.body[..read]);
        assert!(lines.kept.starts_with(&run.out), "bytes changed");
        if run.error.is_none() {
            assert_eq!(run.out.len(), lines.complete, "bytes are missing");
            assert_eq!(run.dropped, lines.dropped);
        }
    }

    /// What a client would make of `out`. It is readable if what it was made of was.
    fn read_back(&self, out: &[u8], readable: bool) -> Run {
        let out = without_ours(out);
        let client = Case { limits: wide(), body: &out, ..*self };
        let run = client.run(&[&out], &mut Decisions::pass());
        assert!(!readable || run.error.is_none(), "what left cannot be read: {:?}", run.error);
        run
    }

    /// Decisions late and in any order: the same leaves in the end, and at no time more than was decided.
    fn lag(&self, pieces: &[&[u8]], plain: &Run, control: &mut Control<'_>) {
        let small = control.flag();
        let limits = AnswerLimits { max_held: if small { 2048 } else { self.limits.max_held }, ..self.limits };
        let mut driver = Driver::new(self.answer(limits));
        let mut client = Client::new(self.answer(wide()));
        let mut error = None;
        for piece in pieces {
            if error.is_none() {
                error = driver.feed(piece).err();
                let held = driver.answer.held_bytes();
                assert!(self.whole || error.is_some() || held <= limits.max_held.saturating_add(limits.max_frame));
            }
            driver.decide_some(control);
            client.sees(&driver);
        }
        if error.is_none() {
            error = driver.answer.end().err();
            driver.take_events();
        }
        let mut decisions = Decisions::pass();
        for _ in 0..8 {
            driver.decide_some(control);
            client.sees(&driver);
        }
        driver.decide_all(&mut decisions);
        client.sees(&driver);
        match error {
            Some(error) if Some(error.code()) != plain.error => {
                assert_eq!(error.code(), "held_limit");
                assert!(plain.out.starts_with(&driver.out));
            }
            _ => assert_eq!(driver.out, plain.out, "late decisions made a difference"),
        }
        if plain.error.is_none() && driver.out == plain.out {
            assert_eq!(driver.answer.held_bytes(), 0);
        }
    }

    /// An abort at any place ends what left before in a way that can be read.
    fn abort(&self, pieces: &[&[u8]], control: &mut Control<'_>) {
        let mut driver = Driver::new(self.answer(self.limits));
        let count = control.next() % (pieces.len() + 1);
        for piece in &pieces[..count] {
            let fed = driver.feed(piece);
            driver.decide_some(control);
            if fed.is_err() {
                break;
            }
        }
        let style = if control.flag() { AbortStyle::ContentFilter } else { AbortStyle::ErrorFrame };
        let ending = driver.answer.abort(style, &json!({ "message": "a\nb", "code": "x" }));
        assert!(driver.answer.abort(style, &json!({})).is_empty(), "an answer ends once");
        assert!(driver.answer.feed(b"data: {}\n\n").is_err() && driver.answer.take_output().is_empty());
        if self.whole {
            assert!(ending.is_empty());
            return;
        }
        let mut out = driver.out;
        out.extend_from_slice(&ending);
        self.read_back(&out, true);
    }
}

/// What the gate adds for clients stands under a name that upstreams may not use, so that none can speak in its place:
/// the same bytes with another name.
fn without_ours(out: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(out).replace("\"witgate\"", "\"added\"").into_bytes()
}
