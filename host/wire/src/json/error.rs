//! What can be wrong with JSON bytes.

use jiter::{JiterError, JiterErrorType, JsonErrorType};

/// A refusal to index some bytes as JSON: what, at which byte, and inside which value.
///
/// The text never quotes a value of the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// RFC 6901 pointer of the innermost value known at that point, cut to 256 bytes.
    pub pointer: Option<String>,
    /// Offset in bytes from the start of the input.
    pub offset: usize,
}

impl JsonError {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

/// The kinds of [`JsonError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// Longer than 4 GiB, the most that the index can address.
    #[error("the JSON text is too large to index")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("the JSON text is not UTF-8")]
    InvalidUtf8,
    /// A byte order mark stands before the value.
    #[error("a byte order mark stands before the JSON text: send it without")]
    ByteOrderMark,
    /// The input ends before the value does.
    #[error("the JSON text ends before its value is complete")]
    Truncated,
    /// More than one value.
    #[error("something follows the JSON value: exactly one value is expected")]
    Trailing,
    /// Not JSON.
    #[error("this is not JSON (RFC 8259)")]
    Syntax,
    /// An escape in a string that is not one of RFC 8259's, or a raw control character.
    #[error("a string holds an invalid escape or a raw control character")]
    BadString,
    /// Half of a surrogate pair.
    #[error("a string holds half of a surrogate pair: it has no Unicode text")]
    LoneSurrogate,
    /// Two members of one object have the same name after unescaping.
    #[error("an object has the same key twice: readers would differ on which one counts")]
    DuplicateKey,
    /// Nested deeper than the limit.
    #[error("the JSON text is nested too deeply")]
    TooDeep,
    /// More values than the limit.
    #[error("the JSON text holds too many values")]
    TooManyNodes,
    /// A number with more bytes than the limit.
    #[error("a number is too long to be read alike everywhere")]
    NumberTooLong,
    /// A number that is infinite as an IEEE 754 double.
    #[error("a number is too large to be read alike everywhere")]
    NumberOutOfRange,
}

impl JsonErrorKind {
    /// A stable code, for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "json_too_large",
            Self::InvalidUtf8 => "json_invalid_utf8",
            Self::ByteOrderMark => "json_byte_order_mark",
            Self::Truncated => "json_truncated",
            Self::Trailing => "json_trailing",
            Self::Syntax => "json_syntax",
            Self::BadString => "json_bad_string",
            Self::LoneSurrogate => "json_lone_surrogate",
            Self::DuplicateKey => "json_duplicate_key",
            Self::TooDeep => "json_too_deep",
            Self::TooManyNodes => "json_too_many_nodes",
            Self::NumberTooLong => "json_number_too_long",
            Self::NumberOutOfRange => "json_number_out_of_range",
        }
    }

    pub(super) fn of(error: &JiterError) -> Self {
        let JiterErrorType::JsonError(kind) = &error.error_type else {
            return Self::Syntax;
        };
        match kind {
            JsonErrorType::EofWhileParsingList
            | JsonErrorType::EofWhileParsingObject
            | JsonErrorType::EofWhileParsingString
            | JsonErrorType::EofWhileParsingValue => Self::Truncated,
            JsonErrorType::TrailingCharacters => Self::Trailing,
            JsonErrorType::LoneLeadingSurrogateInHexEscape | JsonErrorType::UnexpectedEndOfHexEscape => {
                Self::LoneSurrogate
            }
            JsonErrorType::InvalidEscape | JsonErrorType::ControlCharacterWhileParsingString => Self::BadString,
            JsonErrorType::NumberOutOfRange => Self::NumberTooLong,
            _ => Self::Syntax,
        }
    }
}
