//! Built-in policy: payloads, texts that were written to become part of a statement, a command, a page or a path.
//!
//! The arguments of tool calls are judged before the call is made, each by what it is (`kind`): a value that becomes part
//! of something (`judge`), a SQL statement (`sql::query`), a command (`shell::command`), a path, an address, prose
//! (`prose`). What people, tools and models write is prose: it may quote whatever it likes, and is only labelled.

use witgate_sdk::kit::Arguments;
use witgate_sdk::{
    Action as Effect, Admission, Channel as Stream, Commitment, Context, Decision, Document, Fault, Inspection, Issue,
    Plugin, Span,
};

mod config;
mod decode;
mod family;
mod judge;
mod kind;
mod lower;
mod marks;
mod path;
mod prose;
mod report;
mod scorer;
mod session;
mod shell;
mod sql;
mod target;
mod xss;

pub use config::Config;
pub use family::Family;
pub use judge::{Found, Judge, needed};
pub use scorer::{BUCKETS, HEADER, HEADS};
pub use session::Channel;

use config::{Action, Actions};
use kind::Kind;
use report::Report;

/// The policy.
#[derive(Debug)]
pub struct Payloads {
    config: Config,
}

impl Plugin for Payloads {
    type Config = Config;

    fn configure(config: Config) -> Result<Self, Vec<Issue>> {
        let issues = config.issues();
        if issues.is_empty() { Ok(Self { config }) } else { Err(issues) }
    }
}

impl Payloads {
    /// What happens to payloads of a segment of this kind and role.
    fn actions(&self, kind: &str, role: &str) -> Option<&Actions> {
        let actions = match (kind, role) {
            // The operator's own words, and what nobody can read.
            ("tool-definition" | "opaque", _) | (_, "system" | "developer") => return None,
            ("tool-result" | "document", _) | (_, "tool" | "function") => &self.config.tool_results,
            ("tool-arguments" | "reasoning", _) | (_, "assistant") => &self.config.history,
            _ => &self.config.text,
        };
        actions.any().then_some(actions)
    }

    /// The payloads of an argument by what it is, and what happens to them.
    fn argument(&self, kind: Kind, text: &str, judge: &mut Judge, found: &mut Vec<Found>) {
        let config = &self.config;
        match kind {
            Kind::Off => {}
            Kind::Text => {
                let mut at = 0;
                while let Some(len) = text.get(at..).and_then(|rest| prose::line(rest, true)) {
                    let first = found.len();
                    prose::judge(text.get(at..at + len).unwrap_or_default(), &config.hosts, judge.tokens(), found);
                    for found in found.iter_mut().skip(first) {
                        found.at = found.at.start + at..found.at.end + at;
                    }
                    at += len;
                }
            }
            Kind::Sql => found.extend(
                sql::statement(text, &config.statements, judge.tokens())
                    .map(|fault| whole(Family::Sql, fault.confidence(), text)),
            ),
            Kind::Command => found.extend(
                shell::command::command(text, &config.commands)
                    .map(|fault| whole(Family::Command, fault.confidence(), text)),
            ),
            Kind::Html => {
                let plain = decode::plain(text);
                let (confidence, _) = xss::confidence(&plain.text, &lower::Lower::new(&plain.text));
                if confidence >= 85 {
                    found.push(whole(Family::Xss, confidence, text));
                }
            }
            Kind::Value => judge.value(text, &config.hosts, found),
            Kind::Path => {
                judge.value(text, &config.hosts, found);
                if !config.roots.is_empty() {
                    found.retain(|f| f.family != Family::Path);
                    let plain = decode::plain(text);
                    if !path::stays(&plain.text, &config.roots) {
                        found.insert(0, whole(Family::Path, 95, text));
                    }
                }
            }
            Kind::Url => {
                judge.value(text, &config.hosts, found);
                let plain = decode::plain(text);
                if let Some(target) = target::target(&plain.text, &config.hosts) {
                    found.retain(|f| f.family != Family::Ssrf);
                    found.insert(0, whole(Family::Ssrf, target.confidence(true), text));
                }
            }
        }
    }
}

fn whole(family: Family, confidence: u8, text: &str) -> Found {
    Found { family, confidence, at: 0..text.len() }
}

/// A range within a text that begins at `start`.
fn span(start: u64, found: &Found) -> Span {
    Span { start: start + found.at.start as u64, end: start + found.at.end as u64 }
}

impl Admission for Payloads {
    fn admit(&self, _: &Context, request: &Document) -> Result<Decision, Fault> {
        let mut decision = Decision::allow();
        let mut report = Report::default();
        let mut tokens = vec![];
        let mut found = vec![];
        for segment in &request.segments {
            let Some(actions) = self.actions(&segment.kind, &segment.role) else { continue };
            let text = segment.text(request);
            let mut at = 0;
            while let Some(len) = text.get(at..).and_then(|rest| prose::line(rest, true)) {
                found.clear();
                prose::judge(text.get(at..at + len).unwrap_or_default(), &self.config.hosts, &mut tokens, &mut found);
                for found in &found {
                    let at = span(segment.at.start + at as u64, found);
                    report.add(&mut decision, found, at, actions.of(found.family), self.config.severity, "The request");
                }
                at += len;
            }
        }
        Ok(decision)
    }
}

impl Inspection for Payloads {
    type Session = Channel;

    fn open(&'static self, _: &Context, channel: &Stream) -> Result<Channel, Fault> {
        // A call's arguments are judged one by one before the call is made.
        let watched = matches!(channel.kind.as_str(), "content" | "refusal" | "value") && self.config.answers.any();
        Ok(Channel::new(self, watched))
    }
}

impl Commitment for Payloads {
    fn commit(&self, _: &Context, effect: &Effect) -> Result<Decision, Fault> {
        let mut decision = Decision::allow();
        let actions = &self.config.arguments;
        if !actions.any() {
            return Ok(decision);
        }
        let mut report = Report::default();
        let mut judge = Judge::default();
        let mut found = vec![];
        for argument in Arguments::of(&effect.arguments).all() {
            let name = argument.name().unwrap_or_default();
            let kind = match argument.is_key {
                true => Kind::Value,
                false => {
                    kind::kind(&self.config.kinds, self.config.guess_kinds, &effect.target, argument.pointer, &name)
                }
            };
            found.clear();
            self.argument(kind, argument.text, &mut judge, &mut found);
            for found in &found {
                let action = actions.of(found.family);
                let action = if kind == Kind::Text { action.min(Action::Label) } else { action };
                report.add(
                    &mut decision,
                    found,
                    span(argument.at.start, found),
                    action,
                    self.config.severity,
                    "An argument",
                );
            }
        }
        Ok(decision)
    }
}

witgate_sdk::export!(
    Payloads,
    manifest = include_str!("../manifest.json"),
    stages = [admission, inspection, commitment]
);

#[cfg(test)]
mod tests;
