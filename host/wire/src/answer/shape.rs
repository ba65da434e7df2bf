//! What the reader of a dialect tells of a frame, and how every dialect reads what it does not know.
//!
//! Reading a frame and changing it later both go through a dialect's reader, so that they cannot disagree.

use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;

use super::{AnswerError, ChannelKind};
use crate::digits::{TELLING_DIGITS, digits, is_telling};
use crate::json::{Kind, NodeRef};

/// Unary or streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    Stream,
}

/// A string or key that is neither channel text nor part of a call.
pub(crate) struct Field<'t> {
    /// Names the place and the text. Keyed at random for each exchange, so that nobody can aim at a collision.
    pub(crate) hash: u64,
    pub(crate) text: &'t str,
    pub(crate) node: NodeRef<'t>,
    /// It cannot be changed: a key, or what is bound to something else.
    pub(crate) fixed: bool,
    /// It repeats the request.
    pub(crate) echo: bool,
}

/// Which text a piece belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'a> {
    /// The choice, output item or content block.
    pub(crate) item: u64,
    /// The part of it.
    pub(crate) part: u64,
    pub(crate) kind: ChannelKind,
    /// The vendor's name, where the kind does not say all.
    pub(crate) name: Option<&'a str>,
    /// Signed by the provider: an edit would break it.
    pub(crate) fixed: bool,
    /// It repeats the request.
    pub(crate) echo: bool,
    /// What might have stood in place of another text. Bounded apart, since there are many for each text.
    pub(crate) alternative: bool,
}

impl<'a> Slot<'a> {
    pub(crate) fn new(item: u64, part: u64, kind: ChannelKind) -> Self {
        Self { item, part, kind, name: None, fixed: false, echo: false, alternative: false }
    }

    pub(crate) fn named(item: u64, kind: ChannelKind, name: &'a str) -> Self {
        Self { name: Some(name), ..Self::new(item, 0, kind) }
    }
}

/// How a call's arguments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// JSON inside a string.
    Text,
    /// A string that is no JSON.
    Free,
    /// A JSON value.
    Json,
}

/// What one place of a frame says of a tool call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallPart<'t> {
    /// The choice, output item or content block.
    pub(crate) item: u64,
    /// Which of its calls.
    pub(crate) index: u64,
    pub(crate) id: Option<&'t str>,
    pub(crate) name: Option<&'t str>,
    pub(crate) arguments: Option<NodeRef<'t>>,
    pub(crate) written: Written,
    /// The arguments as a whole, again or for the first time.
    pub(crate) copy: bool,
}

/// A string that belongs to a tool call, if there is one. Null stands for none.
pub(crate) fn string_of<'t>(object: NodeRef<'t>, key: &str) -> Result<Option<NodeRef<'t>>, AnswerError> {
    match object.get(key).filter(|node| !node.is_null()) {
        Some(node) if node.text().is_none() => Err(AnswerError::Protocol("a part of a tool call is not a string")),
        found => Ok(found),
    }
}

/// How far something is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A choice, output item or content block.
    Item(u64),
    /// The model's answer.
    All,
}

impl End {
    pub(crate) fn covers(self, item: u64) -> bool {
        match self {
            Self::Item(over) => over == item,
            Self::All => true,
        }
    }
}

/// What the client will know once a frame has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mark {
    #[default]
    None,
    /// That there is an answer.
    Start,
    /// That an item has begun.
    Open,
    /// That it is over.
    Close,
    /// That the answer is over.
    Over,
}

pub(crate) type Done = Result<(), AnswerError>;

/// What to do with each part. All but fields are of interest only when a frame comes.
pub(crate) trait Visitor {
    fn field(&mut self, field: Field<'_>) -> Done;
    /// A piece of a text.
    fn text(&mut self, _slot: Slot<'_>, _node: NodeRef<'_>) -> Done {
        Ok(())
    }
    /// The whole of a text; what came of it before is the same, or it is another text.
    fn copy(&mut self, _slot: Slot<'_>, _node: NodeRef<'_>) -> Done {
        Ok(())
    }
    /// Log probabilities that repeat the text of the slot that this frame brought.
    fn repeats(&mut self, _slot: Slot<'_>, _node: NodeRef<'_>) -> Done {
        Ok(())
    }
    /// Reasoning that only the provider can read.
    fn encrypted(&mut self, _what: &'static str) -> Done {
        Ok(())
    }
    fn call(&mut self, _part: CallPart<'_>) -> Done {
        Ok(())
    }
    /// The frame is about this item, which is there since an earlier one if it does not `open` here.
    fn item(&mut self, _item: u64, _opens: bool) -> Done {
        Ok(())
    }
    fn end(&mut self, _end: End) -> Done {
        Ok(())
    }
    /// The event is of a type that the dialect does not define.
    fn unknown_event(&mut self) {}
    fn finish(&mut self, _reason: &str) {}
    /// Tokens read and written, so far.
    fn usage(&mut self, _read: Option<u64>, _written: Option<u64>) {}
    /// The upstream tells of an error of its own.
    fn failure(&mut self) {}
    fn mark(&mut self, _mark: Mark) {}
}

/// Hashes of places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(RandomState);

impl Places {
    pub(crate) const ROOT: u64 = 0;

    pub(crate) fn member(&self, parent: u64, key: &str) -> u64 {
        self.0.hash_one((parent, key))
    }

    pub(crate) fn element(&self, parent: u64, position: usize) -> u64 {
        self.0.hash_one((parent, position))
    }

    pub(crate) fn text(&self, place: u64, text: &str) -> u64 {
        self.0.hash_one((place, text, "text"))
    }

    /// A field of the event stream's own framing.
    pub(crate) fn line(&self, name: &str, text: &str) -> u64 {
        self.0.hash_one((name, text, "line"))
    }

    fn key(&self, place: u64) -> u64 {
        self.0.hash_one((place, "key"))
    }

    pub(crate) fn hasher(&self) -> std::hash::DefaultHasher {
        self.0.build_hasher()
    }
}

/// The item of what belongs to none.
pub(crate) const GLOBAL: u64 = u64::MAX;

/// The text that an array of byte values spells, if it is one.
fn spelled(array: NodeRef<'_>) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        array.children().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
    String::from_utf8(bytes?).ok().filter(|text| !text.is_empty())
}

/// A walk over one frame of the dialect `D`, which adds methods of its own.
pub(crate) struct Walk<'a, V, D> {
    dialect: PhantomData<D>,
    pub(crate) form: Form,
    pub(crate) places: &'a Places,
    pub(crate) visitor: &'a mut V,
    /// Keys that the API defines: they say nothing that would need reading.
    known: fn(&str) -> bool,
    /// What is visited repeats the request.
    echo: bool,
}

impl<'a, V: Visitor, D> Walk<'a, V, D> {
    pub(crate) fn new(
        _dialect: D,
        form: Form,
        places: &'a Places,
        visitor: &'a mut V,
        known: fn(&str) -> bool,
    ) -> Self {
        Self { dialect: PhantomData, form, places, visitor, known, echo: false }
    }

    /// Visits what repeats the request, where the caller's own values may stand.
    pub(crate) fn echo<T>(&mut self, visit: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.echo, true);
        let visited = visit(self);
        self.echo = before;
        visited
    }

    /// All members of an object as fields, but for those that `except` takes on itself.
    pub(crate) fn members(
        &mut self,
        object: NodeRef<'_>,
        place: u64,
        mut except: impl FnMut(&mut Self, &str, NodeRef<'_>) -> Result<bool, AnswerError>,
    ) -> Done {
        for member in object.children() {
            if !except(self, member.key().unwrap_or_default(), member)? {
                self.member(member, place)?;
            }
        }
        Ok(())
    }

    /// What the upstream counted, by the names that the dialect has for tokens read and written.
    pub(crate) fn counted(&mut self, usage: NodeRef<'_>, read: &str, written: &str) {
        let count = |key| usage.get(key).and_then(NodeRef::as_u64);
        self.visitor.usage(count(read), count(written));
    }

    /// A member that holds fields only: its key, unless it is known, and all below it.
    pub(crate) fn member(&mut self, member: NodeRef<'_>, parent: u64) -> Done {
        self.inner(member, parent, false)
    }

    /// `joined`: below a key that the API does not define. Strings there may come piece by piece, frame by frame.
    fn inner(&mut self, member: NodeRef<'_>, parent: u64, joined: bool) -> Done {
        let key = member.key().unwrap_or_default();
        let known = (self.known)(key);
        let leaf = matches!(member.kind(), Kind::Null | Kind::Bool);
        if leaf && known {
            return Ok(());
        }
        let place = self.places.member(parent, key);
        if member.kind() == Kind::Number {
            // A time stamp has ten digits, a card thirteen or more.
            let least = if known { 13 } else { TELLING_DIGITS };
            if digits(member) >= least {
                self.text_field(member, member.raw_str(), place)?;
            }
            return if known { Ok(()) } else { self.key(member, place) };
        }
        if !known {
            self.key(member, place)?;
        }
        self.below(member, place, joined || !known)
    }

    fn text_field(&mut self, node: NodeRef<'_>, text: &str, place: u64) -> Done {
        self.visitor.field(Field { hash: self.places.text(place, text), text, node, fixed: false, echo: self.echo })
    }

    pub(crate) fn key(&mut self, member: NodeRef<'_>, place: u64) -> Done {
        let text = member.key().unwrap_or_default();
        self.visitor.field(Field { hash: self.places.key(place), text, node: member, fixed: true, echo: false })
    }

    pub(crate) fn value(&mut self, node: NodeRef<'_>, place: u64) -> Done {
        self.below(node, place, false)
    }

    fn below(&mut self, node: NodeRef<'_>, place: u64, joined: bool) -> Done {
        match node.kind() {
            Kind::Null | Kind::Bool => Ok(()),
            Kind::Number if is_telling(node) => self.text_field(node, node.raw_str(), place),
            Kind::Number => Ok(()),
            Kind::String if joined && self.form == Form::Stream => {
                // By its place, since positions differ from frame to frame; the pointer is its name for people.
                let pointer = node.pointer();
                let slot = Slot::named(GLOBAL, ChannelKind::Value, &pointer);
                self.visitor.text(Slot { part: place, echo: self.echo, ..slot }, node)
            }
            Kind::String => self.text_field(node, node.text().unwrap_or_default(), place),
            Kind::Array => {
                if let Some(text) = spelled(node) {
                    self.fixed(node, &text, place)?;
                }
                node.children()
                    .try_for_each(|child| self.below(child, self.places.element(place, child.position()), joined))
            }
            Kind::Object => node.children().try_for_each(|child| self.inner(child, place, joined)),
        }
    }

    /// A string that may be changed by nobody, since something else depends on its bytes.
    pub(crate) fn fixed(&mut self, node: NodeRef<'_>, text: &str, place: u64) -> Done {
        self.visitor.field(Field { hash: self.places.text(place, text), text, node, fixed: true, echo: false })
    }
}
