//! What most policies need beside the contract: finding words, reading disguised text, holding back the right bytes of a
//! stream, walking a tool's arguments.
//!
//! Everything here is plain Rust: it works in native unit tests, and brings no dependency. Tables are small on purpose:
//! what a policy touches in memory is wiped after each exchange.
//!
//! | | |
//! |---|---|
//! | [`Matcher`] | many words or texts at once, with word boundaries, whatever their case |
//! | [`Normal`], [`Fold`] | a text as a reader sees it (case, width, marks, look-alikes, hidden characters), and the way back to its bytes |
//! | [`Views`] | a text as it reads with escapes and base64 decoded, letters put together, digits as letters, backwards …, and the way back |
//! | [`HoldBack`] | a [`Session`](crate::Session) made of a scanner and a judge; it says `settled` right, however the text is cut |
//! | [`Window`], [`Normalised`] | scanners for it: a closure; a scanner over normalised text |
//! | [`Arguments`] | keys and values of a tool's arguments, with pointers and spans |
//!
//! A whole policy that masks code words in answers, disguised or not:
//!
//! ```
//! use witgate_sdk::kit::{Fold, Hit, HoldBack, Matcher, Normalised};
//! use witgate_sdk::*;
//!
//! struct CodeWords {
//!     words: Normalised<Matcher>,
//! }
//!
//! impl Plugin for CodeWords {
//!     type Config = NoConfig;
//!     fn configure(_: NoConfig) -> Result<Self, Vec<Issue>> {
//!         let words = Matcher::words(["blue heron", "night owl"]).map_err(|e| vec![e.issue("/words")])?;
//!         Ok(Self { words: Normalised::new(words, Fold::default()) })
//!     }
//! }
//!
//! fn mask(_: &Hit<usize>, at: Span, decision: &mut Decision) {
//!     decision.edits.push(Edit { at, replacement: Replacement::Text("[withheld]".into()) });
//! }
//!
//! impl Inspection for CodeWords {
//!     type Session = HoldBack<&'static Normalised<Matcher>, fn(&Hit<usize>, Span, &mut Decision)>;
//!     fn open(&'static self, _: &Context, _: &Channel) -> Result<Self::Session, Fault> {
//!         Ok(HoldBack::new(&self.words, mask))
//!     }
//! }
//!
//! let policy = Box::leak(Box::new(CodeWords::configure(NoConfig {}).unwrap()));
//! let text = "A BLUE HERON, a n\u{200b}ight \u{43e}wl and a blue heronry.";
//! let outcome = testing::pieces_agree(policy, &testing::content_channel(), text);
//! assert_eq!(outcome.edits.len(), 2);
//! ```

mod arguments;
mod fold;
mod hold_back;
mod matcher;
mod normal;
mod normalised;
mod view;
mod window;
mod word;

pub use arguments::{Argument, Arguments};
pub use fold::Fold;
pub use hold_back::{Hit, HoldBack, Judge, Scan};
pub use matcher::{Found, Matcher, MatcherError, MatcherErrorKind, Options};
pub use normal::Normal;
pub use normalised::Normalised;
pub use view::{Disguise, Signals, View, Views};
pub use window::Window;
pub use word::is_word;
