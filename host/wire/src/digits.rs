//! Numbers that can be somebody's.

use crate::json::{Kind, NodeRef};

/// A number with as many digits can be an account, a card or a telephone.
pub(crate) const TELLING_DIGITS: usize = 9;

/// Digits of a number, wherever its point is.
pub(crate) fn digits(number: NodeRef<'_>) -> usize {
    number.raw_str().bytes().filter(u8::is_ascii_digit).count()
}

/// Whether this is a number that says more than a number.
pub(crate) fn is_telling(node: NodeRef<'_>) -> bool {
    node.kind() == Kind::Number && digits(node) >= TELLING_DIGITS
}
