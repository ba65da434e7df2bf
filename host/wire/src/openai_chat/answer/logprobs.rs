//! Log probabilities of a choice.

use crate::answer::shape::{Done, Slot, Visitor, Walk};
use crate::answer::{AnswerError, ChannelKind};
use crate::json::{Kind, NodeRef};

use super::{Chat, message_of};

impl<V: Visitor> Walk<'_, V, Chat> {
    /// Where the text is changed, they go.
    pub(super) fn logprobs(&mut self, item: u64, choice: NodeRef<'_>, node: NodeRef<'_>, place: u64) -> Done {
        if node.kind() != Kind::Object {
            return Err(AnswerError::Protocol("`logprobs` is not an object"));
        }
        let place = self.places.member(place, "logprobs");
        let message = choice.get(message_of(self.form));
        for member in node.children() {
            let kind = match member.key().unwrap_or_default() {
                "content" => ChannelKind::Content,
                "refusal" => ChannelKind::Refusal,
                _ => {
                    self.member(member, place)?;
                    continue;
                }
            };
            let text = message.and_then(|message| message.get(kind.as_str())).and_then(NodeRef::text);
            self.tokens(Slot::new(item, 0, kind), member, node, text.unwrap_or_default(), place)?;
        }
        Ok(())
    }
}
