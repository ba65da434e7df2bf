//! Statements within a text: a second one, or one that begins where a value should be.

use super::super::token::Kind as K;
use super::Reading;

impl Reading<'_> {
    /// A second statement.
    pub(super) fn stacked(&self, at: usize) -> u8 {
        let next = self.skip(at + 1, &[K::Comment, K::Hint]);
        let sql = match self.kind(next) {
            Some(K::Statement) => self.is_statement(next),
            Some(K::Select) => {
                matches!(
                    self.kind(next + 1),
                    Some(K::Number | K::Function | K::Probe | K::Variable | K::Math | K::Left)
                ) || self.tokens.iter().skip(next).any(|t| t.kind == K::From)
            }
            Some(K::Probe) => true,
            _ => false,
        };
        match (sql, self.prose_before(at)) {
            (true, 0) => 92,
            (true, _) => 75,
            _ => 0,
        }
    }

    /// Whether a statement's first word is followed by what it needs.
    pub(super) fn is_statement(&self, at: usize) -> bool {
        let second = self.skip(at + 1, &[K::Comment, K::Hint]);
        let word = self.word(second).to_ascii_lowercase();
        let objects: &[&str] = match self.word(at).to_ascii_lowercase().as_str() {
            "drop" | "alter" | "create" | "truncate" | "rename" => &[
                "table",
                "database",
                "view",
                "user",
                "index",
                "schema",
                "login",
                "procedure",
                "function",
                "trigger",
                "or",
                "role",
            ],
            "insert" | "merge" | "replace" => &["into"],
            "delete" => &["from", "low_priority", "quick", "top"],
            "load" => &["data", "xml", "file"],
            "shutdown" | "reconfigure" => {
                return self.kind(second).is_none() || matches!(self.kind(second), Some(K::Comment | K::End | K::With));
            }
            "waitfor" => &["delay", "time"],
            "update" => {
                return self.tokens.iter().skip(second).take(6).any(|t| {
                    t.kind == K::Clause && self.text.get(t.start..t.end).is_some_and(|w| w.eq_ignore_ascii_case("set"))
                });
            }
            "declare" => return self.kind(second) == Some(K::Variable),
            "exec" | "execute" | "call" => {
                return matches!(self.kind(second), Some(K::Probe | K::Catalogue | K::Left | K::Variable | K::Call))
                    || matches!(self.kind(second + 1), Some(K::Dot | K::Variable));
            }
            "grant" | "revoke" => {
                return ["all", "select", "insert", "dba", "execute"].contains(&word.as_str());
            }
            "handler" => &["open"],
            "copy" => return self.tokens.iter().skip(second).any(|t| t.kind == K::From),
            _ => &[],
        };
        let ends = matches!(self.kind(second + 1), Some(K::Comment | K::End))
            && matches!(self.kind(second), Some(K::Word | K::Quoted));
        objects.contains(&word.as_str()) || ends
    }

    /// A statement that is no query, where a comment or a quote shows that it is not on its own.
    pub(super) fn statement(&self, at: usize) -> u8 {
        if at == 0 || !self.is_statement(at) {
            return 0;
        }
        if self.is(at, "waitfor") {
            return 88;
        }
        let before = self.kind(at - 1);
        match before {
            Some(K::Text | K::Right) if self.quote.is_some() => 85,
            Some(K::Number) if at == 1 => 75,
            _ => 0,
        }
    }
}
