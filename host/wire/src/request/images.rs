//! Pictures that the operator lets pass.

use super::Refusal;
use super::texts::{Label, Texts, string};
use crate::json::NodeRef;

/// The kinds of picture that the APIs take.
const MEDIA_TYPES: [&str; 5] = ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"];

impl Texts {
    /// The address of a picture, which is read, or the picture as a `data:` URL, which cannot be.
    pub(crate) fn image_url(&mut self, url: NodeRef<'_>, label: Label<'_>) -> Result<(), Refusal> {
        let text = string(url)?;
        let is_data = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        if !is_data {
            return self.string(url, label);
        }
        let picture = text.get(5..).and_then(|rest| rest.split_once(";base64,"));
        match picture {
            Some((media_type, data)) if MEDIA_TYPES.contains(&media_type) && is_base64(data) => Ok(()),
            _ => Err(not_a_picture(url)),
        }
    }
}

/// The type of a picture, from the closed list.
pub(crate) fn media_type(node: NodeRef<'_>) -> Result<(), Refusal> {
    if MEDIA_TYPES.contains(&string(node)?) { Ok(()) } else { Err(not_a_picture(node)) }
}

/// The bytes of a picture.
pub(crate) fn picture(data: NodeRef<'_>) -> Result<(), Refusal> {
    if is_base64(string(data)?) { Ok(()) } else { Err(not_a_picture(data)) }
}

fn not_a_picture(node: NodeRef<'_>) -> Refusal {
    Refusal::at(node, "unsupported_content", "Only PNG, JPEG, GIF and WebP pictures in base64 may stand here.")
}

fn is_base64(data: &str) -> bool {
    !data.is_empty() && data.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}
