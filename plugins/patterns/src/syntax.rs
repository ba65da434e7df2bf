//! From a regex as it is written to one that an automaton can be made of.
//!
//! `\d`, `\w`, `\s` and `\b` stand for ASCII: an automaton over bytes knows no other word boundary, and tables of all letters
//! would be larger than everything else here.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::Hir;

/// Nested groups.
const MAX_DEPTH: u32 = 32;

/// Parses a regex. `fold`: case makes no difference.
///
/// # Errors
/// What is wrong, and at which character.
pub(crate) fn parse(pattern: &str, fold: bool) -> Result<Hir, String> {
    let ast = ast::parse::ParserBuilder::new().nest_limit(MAX_DEPTH).build().parse(pattern).map_err(|error| {
        let at = pattern.get(..error.span().start.offset).unwrap_or_default().chars().count() + 1;
        format!("at character {at}: {}", error.kind())
    })?;
    let plain = Plain::of(&ast, pattern);
    let hir = regex_syntax::ParserBuilder::new().nest_limit(MAX_DEPTH * 2).case_insensitive(fold).build();
    let hir = { hir }.parse(&plain.text).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => {
            let at = plain.origin(error.span().start.offset);
            let at = pattern.get(..at).unwrap_or_default().chars().count() + 1;
            format!("at character {at}: {}; write the characters out, as in `[A-Za-zÀ-ž]`", error.kind())
        }
        _ => "it cannot be read".into(),
    })?;
    match hir.properties().minimum_len() {
        Some(0) => Err("it matches the empty text; let it match at least one character".into()),
        None => Err("it matches nothing".into()),
        Some(_) => Ok(hir),
    }
}

/// A regex without classes that depend on tables.
#[derive(Debug, Default)]
struct Plain {
    text: String,
    /// Where what was replaced stood, and what it became: begin and end in the original, length in the new one.
    changes: Vec<(usize, usize, usize)>,
}

impl Plain {
    fn of(ast: &Ast, pattern: &str) -> Self {
        let Ok(mut places) = ast::visit(ast, Finder::default());
        places.sort_by_key(|(span, _)| span.start.offset);
        let (mut plain, mut from) = (Self::default(), 0);
        for (span, with) in places {
            let (start, end) = (span.start.offset, span.end.offset);
            plain.text.push_str(pattern.get(from..start).unwrap_or_default());
            let before = plain.text.len();
            match with {
                With::Text(text) => plain.text.push_str(text),
                With::Ascii => {
                    plain.text.push_str("(?-u:");
                    plain.text.push_str(pattern.get(start..end).unwrap_or_default());
                    plain.text.push(')');
                }
            }
            plain.changes.push((start, end, plain.text.len() - before));
            from = end;
        }
        plain.text.push_str(pattern.get(from..).unwrap_or_default());
        plain
    }

    /// Where in the original stands what stands at `at` in the new text.
    fn origin(&self, at: usize) -> usize {
        let (mut original, mut new) = (0, 0);
        for (start, end, len) in &self.changes {
            let begins = new + (start - original);
            if at < begins {
                break;
            }
            if at < begins + len {
                return *start;
            }
            (original, new) = (*end, begins + len);
        }
        original + (at - new)
    }
}

enum With {
    Text(&'static str),
    /// The same, for ASCII.
    Ascii,
}

#[derive(Default)]
struct Finder(Vec<(ast::Span, With)>);

fn class(class: &ast::ClassPerl) -> (ast::Span, With) {
    let text = match (&class.kind, class.negated) {
        (ast::ClassPerlKind::Digit, false) => "[0-9]",
        (ast::ClassPerlKind::Digit, true) => "[^0-9]",
        (ast::ClassPerlKind::Space, false) => r"[\t\n\v\f\r\x20]",
        (ast::ClassPerlKind::Space, true) => r"[^\t\n\v\f\r\x20]",
        (ast::ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
        (ast::ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
    };
    (class.span, With::Text(text))
}

impl ast::Visitor for Finder {
    type Output = Vec<(ast::Span, With)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        use ast::AssertionKind::{EndLine, EndText, StartLine, StartText};
        match ast {
            Ast::ClassPerl(perl) => self.0.push(class(perl)),
            Ast::Assertion(a) if !matches!(a.kind, StartLine | EndLine | StartText | EndText) => {
                self.0.push((a.span, With::Ascii));
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), Self::Err> {
        if let ast::ClassSetItem::Perl(perl) = item {
            self.0.push(class(perl));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
