//! What a plugin is asked about a row.

use serde_json::Value;
use witgate_engine::{Fault, Plugin, Stages};

use super::super::ask::{Answer, ask, ask_in};
use super::super::cases::{Case, CaseStage, Input};
use super::rows::Row;

/// The one argument of the call, and the tool's name.
const ARGUMENT: &str = "value";
const TOOL: &str = "eval";

/// How a row's text comes to the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum As {
    /// What the user says, at admission
    User,
    /// What a tool brought back, at admission
    ToolResult,
    /// The system's words, at admission
    System,
    /// What the model said earlier, at admission
    Assistant,
    /// The one argument of a tool call, at commitment
    ToolArgument,
    /// A text of the model's answer, at inspection
    Answer,
}

impl As {
    /// As a row's `channel` names it.
    pub(super) fn of_channel(name: &str) -> Option<Self> {
        Some(match name {
            "user" => Self::User,
            "tool_result" => Self::ToolResult,
            "system" => Self::System,
            "assistant" => Self::Assistant,
            _ => return None,
        })
    }

    pub(super) fn stage(self) -> CaseStage {
        match self {
            Self::User | Self::ToolResult | Self::System | Self::Assistant => CaseStage::Admission,
            Self::ToolArgument => CaseStage::Commitment,
            Self::Answer => CaseStage::Inspection,
        }
    }

    /// In words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ToolResult => "tool-result",
            Self::System => "system",
            Self::Assistant => "assistant",
            Self::ToolArgument => "tool-argument",
            Self::Answer => "answer",
        }
    }
}

/// The ways in which a row is asked: as it is wanted, as its channel says, or else wherever a text of the user's may come to
/// the plugin. A plugin that only looks at answers is shown it as one.
///
/// # Errors
/// The stage that is needed and that the plugin does not have.
pub(super) fn ways(channel: Option<As>, wanted: Option<As>, stages: Stages) -> Result<Vec<As>, CaseStage> {
    let there = |way: &As| match way.stage() {
        CaseStage::Admission => stages.admission,
        CaseStage::Inspection => stages.inspection,
        CaseStage::Commitment => stages.commitment,
    };
    if let Some(one) = wanted.or(channel) {
        return if there(&one) { Ok(vec![one]) } else { Err(one.stage()) };
    }
    let mut ways = vec![As::User, As::ToolArgument];
    ways.retain(there);
    if ways.is_empty() {
        ways = vec![As::Answer];
        ways.retain(there);
    }
    if ways.is_empty() { Err(CaseStage::Admission) } else { Ok(ways) }
}

/// One question about a row.
pub(super) struct Question {
    case: Case,
    /// Where the row's text begins in the text that the plugin is given.
    pub(super) offset: usize,
    /// Bytes of a piece, where it is an answer and they are other than the gate's.
    piece: Option<usize>,
}

impl Question {
    pub(super) fn new(row: &Row, way: As, piece: Option<usize>) -> Self {
        let (role, kind) = match way {
            As::User | As::ToolArgument | As::Answer => ("user", "text"),
            As::ToolResult => ("tool", "tool-result"),
            As::System => ("system", "text"),
            As::Assistant => ("assistant", "text"),
        };
        let mut input = Input { role: Some(role.to_owned()), kind: Some(kind.to_owned()), ..Input::default() };
        input.tool = TOOL.to_owned();
        let mut offset = 0;
        if way == As::ToolArgument {
            input.arguments.insert(ARGUMENT.to_owned(), Value::String(row.text.clone()));
            // The name of the argument stands before it, on a line of its own.
            offset = ARGUMENT.len() + 1;
        } else {
            input.text.clone_from(&row.text);
        }
        let piece = piece.filter(|_| way == As::Answer);
        Self { case: Case::of(way.stage(), input), offset, piece }
    }

    /// Asks it, in a sandbox of its own.
    ///
    /// # Errors
    /// The fault, where the plugin gave no decision.
    pub(super) fn ask(&self, plugin: &Plugin) -> Result<Answer, Fault> {
        match self.piece {
            Some(bytes) => ask_in(plugin, &self.case, &pieces(self.case.channel().1, bytes)),
            None => ask(plugin, &self.case),
        }
    }
}

/// Pieces of at most so many bytes, and at least one character each.
fn pieces(text: &str, bytes: usize) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(bytes).max(first.len_utf8()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Stages = Stages { admission: true, inspection: true, commitment: true, recording: false };
    const NONE: Stages = Stages { admission: false, inspection: false, commitment: false, recording: false };

    #[test]
    fn a_row_is_asked_where_it_belongs() {
        assert_eq!(ways(None, None, ALL), Ok(vec![As::User, As::ToolArgument]));
        assert_eq!(ways(Some(As::ToolResult), None, ALL), Ok(vec![As::ToolResult]));
        assert_eq!(ways(Some(As::ToolResult), Some(As::Answer), ALL), Ok(vec![As::Answer]));
        let commitment = Stages { commitment: true, ..NONE };
        assert_eq!(ways(None, None, commitment), Ok(vec![As::ToolArgument]));
        assert_eq!(ways(Some(As::User), None, commitment), Err(CaseStage::Admission));
        assert_eq!(ways(None, None, Stages { inspection: true, ..NONE }), Ok(vec![As::Answer]));
        assert_eq!(ways(None, None, NONE), Err(CaseStage::Admission));
    }

    #[test]
    fn the_text_of_an_argument_begins_where_it_is_said() {
        let row = Row {
            line: 1,
            text: "two\nlines".to_owned(),
            positive: true,
            kind: String::new(),
            source: String::new(),
            channel: None,
            spans: None,
        };
        let question = Question::new(&row, As::ToolArgument, None);
        let text = question.case.action().arguments.text;
        assert_eq!(text.get(question.offset..), Some("two\nlines"));
        let segment = Question::new(&row, As::ToolResult, None).case.request().segments;
        let told: Vec<_> = segment.iter().map(|one| (one.role.as_str(), one.kind.as_str())).collect();
        assert_eq!(told, [("tool", "tool-result")]);
    }

    #[test]
    fn pieces_are_whole_characters() {
        assert_eq!(pieces("aéio", 2), ["a", "é", "io"]);
        assert_eq!(pieces("日本", 1), ["日", "本"]);
        assert!(pieces("", 4).is_empty());
    }
}
