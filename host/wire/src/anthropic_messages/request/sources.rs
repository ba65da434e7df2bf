//! What is brought along: documents, search results, pictures.

use super::blocks::{self, Place, other};
use crate::json::{Kind, NodeRef};
use crate::request::Refusal;
use crate::request::images::{media_type, picture};
use crate::request::texts::{Label, Texts, expect, required, short, string};

pub(super) fn document(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, "source")?;
    block.children().try_for_each(|member| match member.key() {
        Some("source") => document_source(member, label, texts),
        Some("title" | "context") => texts.all(member, label),
        _ => other(member, &["citations"], label, texts),
    })
}

fn document_source(source: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(source, Kind::Object)?;
    let kind_node = required(source, "type")?;
    let key = match string(kind_node)? {
        "text" => "data",
        "content" => "content",
        found => {
            let message = format!(
                "Documents of source `{}` cannot be inspected and are refused. Send the text, as a source of type `text` or \
                 `content`.",
                short(found)
            );
            return Err(Refusal::at(kind_node, "unsupported_content", message));
        }
    };
    required(source, key)?;
    source.children().try_for_each(|member| match member.key() {
        Some("data") if key == "data" => texts.string(member, label),
        Some("content") if key == "content" => blocks::read(member, Place::Document, label, texts),
        _ => other(member, &["media_type"], label, texts),
    })
}

pub(super) fn search_result(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, "content")?;
    block.children().try_for_each(|member| match member.key() {
        Some("content") => blocks::read(member, Place::SearchResult, label, texts),
        Some("source" | "title") => texts.all(member, label),
        _ => other(member, &["citations"], label, texts),
    })
}

/// A picture that is let pass: its address, and all that stands beside.
pub(super) fn image(block: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    required(block, "source")?;
    block.children().try_for_each(|member| match member.key() {
        Some("source") => image_source(member, label, texts),
        _ => other(member, &["transformations"], label, texts),
    })
}

fn image_source(source: NodeRef<'_>, label: Label<'_>, texts: &mut Texts) -> Result<(), Refusal> {
    expect(source, Kind::Object)?;
    let kind_node = required(source, "type")?;
    let kind = string(kind_node)?;
    match kind {
        "base64" => {
            media_type(required(source, "media_type")?)?;
            picture(required(source, "data")?)?;
        }
        "url" => {
            required(source, "url")?;
        }
        "file" => {
            texts.opaque.stored(kind_node, "A picture of source `file`")?;
            required(source, "file_id")?;
        }
        found => {
            let message = format!("Images of source `{}` are not covered. Use base64 or url.", short(found));
            return Err(Refusal::at(kind_node, "unsupported_content", message));
        }
    }
    source.children().try_for_each(|member| match member.key() {
        Some("data" | "media_type") if kind == "base64" => Ok(()),
        Some("url") if kind == "url" => texts.image_url(member, label),
        _ => other(member, &["file_id"], label, texts),
    })
}
