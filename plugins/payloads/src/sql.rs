//! SQL: texts that would become part of a statement they were meant to be a value of.
//!
//! A text is read three times: as it stands, and as if it stood inside single or double quotes, so that its first quote
//! ends a string. Each reading is a short list of tokens ([`token`]); the rules ([`rules`]) look for what only grammar
//! explains: a string that ends, an operator that goes on, a comment that cuts off the rest.

pub(crate) mod lexicon;
pub(crate) mod query;
pub(crate) mod rules;
pub(crate) mod token;

pub(crate) use query::statement;
pub(crate) use rules::confidence;
