//! Which dialect does what. Everything else of an answer is the same for all.

use serde_json::Value;

use super::release::{Changes, Leaving};
use super::sent::Sent;
use super::shape::{Done, Form, Places, Visitor};
use super::{AbortStyle, AnswerError, Known};
use crate::dialect::Dialect;
use crate::json::{Kind, NodeRef};
use crate::{
    anthropic_count_tokens, anthropic_messages, openai_chat, openai_completions, openai_embeddings, openai_responses,
};

/// Visits every string and unknown key of a frame once.
pub(super) fn visit(
    dialect: Dialect,
    root: NodeRef<'_>,
    form: Form,
    places: &Places,
    visitor: &mut impl Visitor,
) -> Done {
    if root.kind() != Kind::Object {
        return Err(AnswerError::Protocol("it is not a JSON object"));
    }
    // The gate's own word: nobody speaks in its place.
    if root.get("witgate").is_some() {
        return Err(AnswerError::Unsupported("witgate"));
    }
    match dialect {
        Dialect::OpenAiChat => openai_chat::answer::visit(root, form, places, visitor),
        Dialect::OpenAiResponses => openai_responses::answer::visit(root, form, places, visitor),
        Dialect::AnthropicMessages => anthropic_messages::answer::visit(root, form, places, visitor),
        Dialect::AnthropicCountTokens => anthropic_count_tokens::answer::visit(root, form, places, visitor),
        Dialect::OpenAiCompletions => openai_completions::answer::visit(root, form, places, visitor),
        Dialect::OpenAiEmbeddings => openai_embeddings::answer::visit(root, form, places, visitor),
    }
}

/// Changes a frame for calls that are withheld.
pub(super) fn change(dialect: Dialect, root: NodeRef<'_>, leaving: &Leaving<'_>, changes: &mut Changes) {
    match dialect {
        Dialect::OpenAiChat => openai_chat::answer::change(root, leaving, changes),
        Dialect::OpenAiResponses => openai_responses::answer::change(root, leaving, changes),
        Dialect::AnthropicMessages => anthropic_messages::answer::change(root, leaving, changes),
        Dialect::AnthropicCountTokens | Dialect::OpenAiCompletions | Dialect::OpenAiEmbeddings => {}
    }
}

/// The end of a stream that is ended early.
pub(super) fn ending(dialect: Dialect, style: AbortStyle, detail: &Value, known: &Known<'_>, sent: &Sent) -> Vec<u8> {
    match dialect {
        Dialect::OpenAiChat => openai_chat::answer::ending(style, detail, known),
        Dialect::OpenAiResponses => openai_responses::answer::ending(style, detail, known, sent),
        Dialect::AnthropicMessages | Dialect::AnthropicCountTokens => {
            anthropic_messages::answer::ending(style, detail, known, sent)
        }
        Dialect::OpenAiCompletions | Dialect::OpenAiEmbeddings => {
            openai_completions::answer::ending(style, detail, known)
        }
    }
}

/// Whether items are opened before anything is said of them, and frames are about one item each.
pub(super) fn opens_items(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::OpenAiResponses | Dialect::AnthropicMessages)
}

/// Whether texts are repeated as a whole.
pub(super) fn has_copies(dialect: Dialect) -> bool {
    dialect == Dialect::OpenAiResponses
}

/// Whether clients put the texts of several parts together.
pub(super) fn joins_texts(dialect: Dialect) -> bool {
    opens_items(dialect)
}

/// Where in a frame the answer says who it is: the object, and its member with the time.
pub(super) fn identity(dialect: Dialect) -> (Option<&'static str>, &'static str) {
    match dialect {
        Dialect::OpenAiResponses => (Some("response"), "created_at"),
        Dialect::AnthropicMessages => (Some("message"), ""),
        _ => (None, "created"),
    }
}
