//! An index over JSON bytes (RFC 8259) that never copies or rewrites them.
//!
//! What is scanned must be what is forwarded, so parsing is strict where readers of JSON are known to differ: keys
//! that are equal after unescaping, lone surrogates, byte order marks, other encodings and endless numbers are refused.
//! Changes are [`splice`]s into the original bytes: all that is not spliced stays byte for byte.

mod encode;
mod error;
mod leaves;
mod node;
mod pointer;
mod remove;
mod splice;
mod tree;

pub use encode::{encode_string, encoded};
pub use error::{JsonError, JsonErrorKind};
pub(crate) use leaves::each_scalar;
pub use leaves::{Leaf, Leaves};
pub use node::{Children, Kind, NodeRef};
pub use pointer::escape_token;
pub use remove::removals;
pub use splice::{Splice, SpliceError, splice};
pub use tree::{JsonLimits, Tree};

#[cfg(test)]
pub(crate) use tree::tests as tree_tests;
