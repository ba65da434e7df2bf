//! A request for a response.

mod content;
mod items;

use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::fields::{other, stream_options, switch, top_logprobs};
use crate::request::read::Read;
use crate::request::texts::{Label, expect, required, short, string};
use crate::request::tools::{callable, definition};

pub(crate) fn read(root: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    expect(root, Kind::Object)?;
    // First, so that who sends no input hears what the matter is.
    stored_state(root, read)?;
    read.model(root)?;
    if !read.texts.opaque.stored_state {
        required(root, "input")?;
    }
    root.children().try_for_each(|found| member(found, read))
}

/// What acts on the provider's side of the conversation, refused unless it is let pass.
fn stored_state(root: NodeRef<'_>, read: &Read) -> Result<(), Refusal> {
    for member in root.children() {
        let key = member.key().unwrap_or_default();
        let stored = match key {
            "previous_response_id" | "conversation" | "prompt" => !member.is_null(),
            "background" => switch(member)?,
            _ => false,
        };
        if stored {
            read.texts.opaque.stored(member, &format!("`{key}`"))?;
        }
    }
    Ok(())
}

fn member(member: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    match member.key().unwrap_or_default() {
        "input" if member.is_null() => Ok(()),
        "input" => items::read(member, read),
        "instructions" => read.texts.all(member, Label::text("system")),
        "tools" => tools(member, read),
        "stream" => {
            read.stream = switch(member)?;
            Ok(())
        }
        "stream_options" => stream_options(member, read),
        "include" => include(member, read),
        "top_logprobs" => {
            read.logprobs |= top_logprobs(member)?;
            Ok(())
        }
        // Let pass above.
        "background" => Ok(()),
        "prompt" => prompt(member, read),
        key => other(member, is_defined(key), read),
    }
}

/// The `tools` array; notes the names declared.
pub(super) fn tools(tools: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    if tools.is_null() {
        return Ok(());
    }
    expect(tools, Kind::Array)?;
    for tool in tools.children() {
        expect(tool, Kind::Object)?;
        callable(required(tool, "type")?)?;
        let name = string(required(tool, "name")?)?;
        definition(tool, Label::tool_definition(name), true, &mut read.texts)?;
        read.tools.push(name.to_owned());
    }
    Ok(())
}

/// What the answer is to hold besides. What belongs to tools of the provider can be asked for and will not come.
fn include(include: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    if include.is_null() {
        return Ok(());
    }
    expect(include, Kind::Array)?;
    for wish in include.children() {
        match string(wish)? {
            "reasoning.encrypted_content" => read.texts.opaque.encrypted(wish)?,
            "message.output_text.logprobs" => read.logprobs = true,
            "file_search_call.results"
            | "web_search_call.results"
            | "web_search_call.action.sources"
            | "message.input_image.image_url"
            | "computer_call_output.output.image_url"
            | "code_interpreter_call.outputs" => {}
            other => {
                let message = format!("`{}` is not covered as a part of the answer. Leave it out.", short(other));
                return Err(Refusal::at(wish, "unsupported_include", message));
            }
        }
        read.texts.string(wish, Label::VALUE)?;
    }
    Ok(())
}

/// A stored prompt that is let pass: what is filled into it is read.
fn prompt(prompt: NodeRef<'_>, read: &mut Read) -> Result<(), Refusal> {
    if prompt.is_null() {
        return Ok(());
    }
    expect(prompt, Kind::Object)?;
    for member in prompt.children() {
        match member.key() {
            Some("id" | "version") => read.texts.all(member, Label::VALUE)?,
            Some("variables") if member.kind() == Kind::Object => {
                for variable in member.children() {
                    read.texts.key(variable, Label::VALUE)?;
                    match variable.kind() {
                        Kind::Object => content::part(variable, Label::text("user"), &mut read.texts)?,
                        _ => read.texts.all(variable, Label::text("user"))?,
                    }
                }
            }
            _ => read.texts.member(member, Label::VALUE)?,
        }
    }
    Ok(())
}

/// Members of the API, whose keys say nothing that would need reading.
fn is_defined(key: &str) -> bool {
    matches!(
        key,
        "model"
            | "context_management"
            | "conversation"
            | "max_output_tokens"
            | "max_tool_calls"
            | "metadata"
            | "parallel_tool_calls"
            | "previous_response_id"
            | "prompt_cache_key"
            | "prompt_cache_retention"
            | "reasoning"
            | "safety_identifier"
            | "service_tier"
            | "store"
            | "temperature"
            | "text"
            | "tool_choice"
            | "top_p"
            | "truncation"
            | "user"
    )
}

#[cfg(test)]
pub(crate) mod tests;
