//! Clean answers: whether they arrive byte for byte, and how much later than they were written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use crate::args::{Args, Format};
use crate::case::{Ran, Runner};
use crate::client::{Client, Target, is_not_covered};
use crate::cut::Cut;
use crate::fields::{self, Block, Form, Line};
use crate::kind::Kind;
use crate::plan::{Case, Plan, Wanted};
use crate::print;
use crate::script::Script;
use crate::style::Style;

/// So that a piece that is held is seen to be: the next one comes long after.
const GAP: Duration = Duration::from_millis(4);
/// Streams of each field whose times are taken.
const TIMED: usize = 12;

/// `|` ends an event.
const PROSE: &str = "The| ferry| leaves| the| north| quay| a| little| after| seven|,| and| most| of| the| people| on| it| are| going| to| the| market|.| When| the| rain| stopped|,| the| gardener| opened| the| glass| doors| and| let| the| warm| air| out|.";

#[derive(Debug, Default)]
struct Found {
    same: usize,
    but_for_comments: usize,
    uncovered: usize,
    /// By field.
    changed: BTreeMap<String, usize>,
}

/// Delays of pieces in microseconds, sorted.
#[derive(Debug, Default)]
struct Delays {
    pieces: Vec<u128>,
    /// Pieces that arrived only after the next one was written.
    held: usize,
}

/// Compares and measures; prints both.
pub(crate) async fn look(
    args: &Args,
    runner: &Runner,
    target: &Target,
    upstream: SocketAddr,
) -> anyhow::Result<ExitCode> {
    let wanted = Wanted {
        dialects: &args.dialects,
        kinds: &[Kind::Control],
        only: args.only.as_deref(),
        sample: args.sample,
        seed: args.seed,
    };
    let mut found = Found::default();
    let mut client = Client::new(target.clone());
    for case in Plan::new(&wanted)?.cases.into_iter().filter(is_plain) {
        found.add(&runner.run(&mut client, case).await);
    }
    // Without a proxy, for what of the delays is the machine's.
    let runner = Runner { gap: GAP, ..runner.clone() };
    let direct = Target::parse(&format!("http://{upstream}/v1"), Vec::new(), target.timeout)?;
    let (mut through, mut without) = (Both::default(), Both::default());
    for case in timed(args)? {
        let ran = runner.run(&mut client, case.clone()).await;
        found.add(&ran);
        through.add(&ran);
        without.add(&runner.run(&mut Client::new(direct.clone()), case).await);
    }
    through.sort();
    without.sort();
    print(&match args.format {
        Format::Human => text(&found, &through, &without),
        Format::Json => format!("{:#}\n", value(&found, &through, &without)),
    })?;
    Ok(match (found.changed.len(), found.uncovered, found.same + found.but_for_comments) {
        (0, 0, 1..) => ExitCode::SUCCESS,
        (0, ..) => ExitCode::from(crate::COULD_NOT_RUN),
        _ => ExitCode::from(crate::FOUND),
    })
}

fn is_plain(case: &Case) -> bool {
    let block = &case.script.block;
    block.form != Form::Request && block.status == 200 && !block.odd && block.headers.is_empty()
}

/// Text and tool calls of each dialect, one event a write.
fn timed(args: &Args) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for dialect in &args.dialects {
        for block in fields::read(*dialect)?.blocks.iter().filter(|block| block.form == Form::Stream) {
            let plain = ["content", "output_text, every copy", "text_delta", "tool arguments", "input_json_delta"];
            if plain.contains(&block.name.as_str())
                && let Some(script) = Script::new(&spoken(block), Kind::Control, Style::Chars)
            {
                let script = std::sync::Arc::new(script);
                cases.extend((0..TIMED).map(|_| Case { script: std::sync::Arc::clone(&script), cut: Cut::Events }));
            }
        }
    }
    Ok(cases)
}

/// Text as models send it: a word an event, the space before it. Tool calls stay as they are.
fn spoken(block: &Block) -> Block {
    let mut block = block.clone();
    if !block.tool
        && let Some(at) = block.lines.iter().position(|line| line.repeated)
        && let Some(line) = block.lines.get(at).cloned()
    {
        let words = PROSE.split('|');
        let said = words.map(|word| Line { repeated: false, text: line.text.replace("<text>", word), ..line.clone() });
        block.lines.splice(at..=at, said.collect::<Vec<_>>());
    }
    block
}

impl Found {
    fn add(&mut self, ran: &Ran) {
        let (sent, got) = (&ran.case.script.body, Bytes::from(ran.answer.body.clone()));
        if ran.upstream_requests == 0 && is_not_covered(ran.answer.status) {
            self.uncovered += 1;
        } else if *sent == got {
            self.same += 1;
        } else if got.strip_prefix(sent.as_ref()).is_some_and(|more| more.starts_with(b":")) {
            self.but_for_comments += 1;
        } else {
            let block = &ran.case.script.block;
            let field = format!("{}/{}/{}", block.dialect.name(), block.form.name(), block.name);
            *self.changed.entry(field).or_default() += 1;
        }
    }
}

/// A tool call's arguments are judged as a whole, so they may well be held; texts may not.
#[derive(Debug, Default)]
struct Both {
    texts: Delays,
    tools: Delays,
}

impl Both {
    fn add(&mut self, ran: &Ran) {
        if ran.case.script.block.tool { self.tools.add(ran) } else { self.texts.add(ran) }
    }

    fn sort(&mut self) {
        self.texts.pieces.sort_unstable();
        self.tools.pieces.sort_unstable();
    }
}

impl Delays {
    fn add(&mut self, ran: &Ran) {
        for (number, (upto, written)) in ran.writes.iter().enumerate() {
            let Some((_, arrived)) = ran.answer.arrivals.iter().find(|(bytes, _)| bytes >= upto) else { continue };
            self.pieces.push(arrived.saturating_duration_since(*written).as_micros());
            self.held += usize::from(ran.writes.get(number + 1).is_some_and(|(_, next)| arrived > next));
        }
    }

    fn at(&self, hundredth: usize) -> u128 {
        let place = (self.pieces.len() * hundredth / 100).min(self.pieces.len().saturating_sub(1));
        self.pieces.get(place).copied().unwrap_or_default()
    }
}

fn text(found: &Found, through: &Both, without: &Both) -> String {
    let mut out = format!(
        "identity: {} answers the same to the byte, {} but for comments, {} changed, {} not covered\n",
        found.same,
        found.but_for_comments,
        found.changed.values().sum::<usize>(),
        found.uncovered
    );
    for (field, cases) in &found.changed {
        let _ = writeln!(out, "  changed: {cases:>4} of {field}");
    }
    for (name, delays) in [
        ("texts, through the proxy", &through.texts),
        ("texts, without it", &without.texts),
        ("tool arguments, through the proxy", &through.tools),
        ("tool arguments, without it", &without.tools),
    ] {
        let _ = writeln!(
            out,
            "{name}: of {} pieces {} arrived after the next was written; from write to arrival median {} µs, p99 {} µs",
            delays.pieces.len(),
            delays.held,
            delays.at(50),
            delays.at(99)
        );
    }
    out
}

fn value(found: &Found, through: &Both, without: &Both) -> serde_json::Value {
    let delays =
        |d: &Delays| json!({ "pieces": d.pieces.len(), "held": d.held, "median_us": d.at(50), "p99_us": d.at(99) });
    json!({
        "same": found.same,
        "but_for_comments": found.but_for_comments,
        "not_covered": found.uncovered,
        "changed": found.changed,
        "texts": { "through": delays(&through.texts), "without": delays(&without.texts) },
        "tools": { "through": delays(&through.tools), "without": delays(&without.tools) },
    })
}
