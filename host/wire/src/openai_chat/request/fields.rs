//! The members of the request itself.

use super::texts::{Label, Texts, expect, required, string};
use super::{Refusal, messages, tools};
use crate::json::{Kind, NodeRef, Tree};

pub(super) struct Read {
    pub(super) texts: Texts,
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) tools: Vec<String>,
}

pub(super) fn read(tree: &Tree<'_>, max_segments: usize) -> Result<Read, Refusal> {
    let root = tree.root();
    expect(root, Kind::Object)?;
    let model_node = required(root, "model")?;
    let model = string(model_node)?.to_owned();
    if model.is_empty() {
        return Err(Refusal::missing(root, "model"));
    }
    required(root, "messages")?;
    let mut read =
        Read { texts: Texts::new(max_segments), model, stream: false, include_usage: false, tools: Vec::new() };
    for member in root.children() {
        read.member(member)?;
    }
    Ok(read)
}

impl Read {
    fn member(&mut self, member: NodeRef<'_>) -> Result<(), Refusal> {
        let key = member.key().unwrap_or_default();
        let absent = member.is_null();
        match key {
            "messages" => messages::read(member, &mut self.texts)?,
            "tools" => self.tools = tools::read(member, &mut self.texts)?,
            "stream" => self.stream = switch(member)?,
            "stream_options" => self.stream_options(member)?,
            "n" if absent || member.as_u64() == Some(1) => {}
            "n" => {
                return Err(Refusal::at(member, "unsupported_n", "Only `n`: 1 is covered: send one request a choice."));
            }
            "logprobs" if !switch(member)? => {}
            "top_logprobs" if absent => {}
            "logprobs" | "top_logprobs" => {
                return Err(Refusal::at(
                    member,
                    "unsupported_logprobs",
                    "Log probabilities repeat the text token by token and are refused. Leave them out.",
                ));
            }
            "modalities" if absent || only_text(member) => {}
            "modalities" => {
                return Err(Refusal::at(member, "unsupported_modalities", "Only `modalities`: [\"text\"] is covered."));
            }
            "audio" if absent => {}
            "audio" => {
                return Err(Refusal::at(
                    member,
                    "unsupported_audio",
                    "Audio cannot be inspected and is refused. Ask for text.",
                ));
            }
            "functions" | "function_call" if absent => {}
            "functions" | "function_call" => {
                return Err(Refusal::at(
                    member,
                    "unsupported_legacy_functions",
                    format!("`{key}` is the old form and is refused. Use `tools` and `tool_choice`."),
                ));
            }
            key if runs_at_the_provider(key) => {
                if !absent && member.as_bool() != Some(false) {
                    let message = format!(
                        "`{key}` lets the provider act by itself, where no policy can be asked, and is refused. Declare a \
                         tool of type `function` instead."
                    );
                    return Err(Refusal::at(member, "unsupported_provider_tool", message));
                }
            }
            key if is_defined(key) => self.texts.all(member, Label::VALUE)?,
            _ => self.texts.member(member, Label::VALUE)?,
        }
        Ok(())
    }

    fn stream_options(&mut self, options: NodeRef<'_>) -> Result<(), Refusal> {
        if options.is_null() {
            return Ok(());
        }
        expect(options, Kind::Object)?;
        for member in options.children() {
            match member.key() {
                Some("include_usage") => self.include_usage = switch(member)?,
                Some("include_obfuscation") => {
                    switch(member)?;
                }
                _ => self.texts.member(member, Label::VALUE)?,
            }
        }
        Ok(())
    }
}

/// A boolean; null stands for false.
fn switch(node: NodeRef<'_>) -> Result<bool, Refusal> {
    match node.kind() {
        Kind::Null => Ok(false),
        _ => node.as_bool().ok_or_else(|| Refusal::wrong_type(node, "a boolean")),
    }
}

fn only_text(modalities: NodeRef<'_>) -> bool {
    let mut values = modalities.children();
    modalities.kind() == Kind::Array && values.next().and_then(NodeRef::text) == Some("text") && values.next().is_none()
}

/// OpenAI's web search, and what compatible providers call the like.
fn runs_at_the_provider(key: &str) -> bool {
    matches!(
        key,
        "web_search_options" | "web_search" | "plugins" | "search_parameters" | "enable_search" | "mcp_servers"
    )
}

/// Members of the API, whose keys say nothing that would need reading.
fn is_defined(key: &str) -> bool {
    matches!(
        key,
        "model"
            | "frequency_penalty"
            | "logit_bias"
            | "max_completion_tokens"
            | "max_tokens"
            | "metadata"
            | "parallel_tool_calls"
            | "prediction"
            | "presence_penalty"
            | "prompt_cache_key"
            | "prompt_cache_retention"
            | "reasoning_effort"
            | "response_format"
            | "safety_identifier"
            | "seed"
            | "service_tier"
            | "stop"
            | "store"
            | "temperature"
            | "tool_choice"
            | "top_p"
            | "user"
            | "verbosity"
    )
}
