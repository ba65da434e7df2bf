//! What only grammar explains: shapes of tokens that a value of a statement does not have.

use super::token::{Kind, Token, read};
use Kind as K;

mod package;
mod statement;

/// How sure it is that `text` breaks out of a value of a statement: 0 to 100. `tokens` is room to work in.
pub(crate) fn confidence(text: &str, tokens: &mut Vec<Token>) -> u8 {
    let best = readings(text, tokens).max(split(text)).max(package::confidence(text));
    // Where a backslash is no escape, the quote behind it ends the string.
    match best < 70 && (text.contains("\\'") || text.contains("\\\"")) {
        true => best.max(readings(&text.replace('\\', ""), tokens)),
        false => best,
    }
}

/// A keyword with a comment in it: `DR/**/OP`.
fn split(text: &str) -> u8 {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices("/*").take(16) {
        let Some(len) =
            text.get(at + 2..text.floor_char_boundary((at + 40).min(text.len()))).and_then(|rest| rest.find("*/"))
        else {
            continue;
        };
        let head: Vec<u8> = bytes
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(12)
            .take_while(|b| b.is_ascii_alphabetic())
            .copied()
            .collect();
        let tail =
            bytes.get(at + len + 4..).unwrap_or_default().iter().take(12).take_while(|b| b.is_ascii_alphabetic());
        let joined: Vec<u8> = head.iter().rev().chain(tail).map(u8::to_ascii_lowercase).collect();
        if !head.is_empty() && joined.len() > head.len() && joined.len() > 3 && super::lexicon::class(&joined).is_some()
        {
            return 90;
        }
    }
    0
}

fn readings(text: &str, tokens: &mut Vec<Token>) -> u8 {
    read(text, None, tokens);
    let mut best = Reading { text, tokens, quote: None }.judge();
    for quote in [b'\'', b'"'] {
        if best < 90 && text.as_bytes().contains(&quote) {
            read(text, Some(quote), tokens);
            best = best.max(Reading { text, tokens, quote: Some(quote) }.judge());
        }
    }
    best
}

/// One way to read a text.
pub(crate) struct Reading<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) quote: Option<u8>,
}

impl Reading<'_> {
    pub(crate) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    pub(crate) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start..t.end)).unwrap_or_default()
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    /// The first place from `at` on that is none of `kinds`.
    pub(crate) fn skip(&self, at: usize, kinds: &[Kind]) -> usize {
        self.tokens.iter().skip(at).position(|t| !kinds.contains(&t.kind)).map_or(self.tokens.len(), |n| at + n)
    }

    fn operand(&self, at: usize) -> bool {
        self.kind(at).is_some_and(is_operand)
    }

    fn constant(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(K::Number | K::Text | K::Open | K::Function | K::Variable | K::Probe))
    }

    /// Whether this reads as a statement of its own, which an argument may well be.
    pub(crate) fn is_query(&self) -> bool {
        let first = self.skip(0, &[K::Comment, K::Left]);
        self.quote.is_none()
            && first <= 1
            && matches!(self.kind(first), Some(K::Select | K::With))
            && self.kind(0) == self.kind(first)
    }

    /// Two operands side by side, which prose has everywhere and an expression nowhere but for an alias.
    fn prose_before(&self, at: usize) -> usize {
        let from = usize::from(self.quote.is_some());
        let pairs = self.tokens.get(from..at).unwrap_or_default().windows(2);
        pairs.filter(|p| matches!(p, [a, b] if a.kind == K::Word && matches!(b.kind, K::Word | K::Call))).count()
    }

    /// The best of all rules.
    pub(crate) fn judge(&self) -> u8 {
        let query = self.is_query();
        let mut best = self.shape();
        for at in 0..self.tokens.len() {
            let sure = match self.tokens[at].kind {
                K::Union => self.union(at, query),
                K::End => self.stacked(at),
                K::Logic => self.logic(at, query),
                K::Probe => self.probe(at),
                K::Catalogue => self.catalogue(at, query),
                K::Comment => self.comment(at),
                K::Hint => 90,
                K::Order if !query => self.order(at),
                K::Select if !query => self.subquery(at),
                K::Into => self.into(at),
                K::Case if !query => self.case(at),
                K::Statement if !query => self.statement(at),
                _ => 0,
            };
            best = best.max(sure);
        }
        best
    }

    fn union(&self, at: usize, query: bool) -> u8 {
        let select = self.skip(at + 1, &[K::Left, K::Distinct, K::Comment, K::Hint]);
        if self.kind(select) != Some(K::Select) {
            return 0;
        }
        let mut first = self.skip(select + 1, &[K::Distinct, K::Left, K::Comment, K::Hint, K::Math, K::Not]);
        if !query {
            // "union select a few members" is prose.
            let prose = self.kind(first) == Some(K::Word) && self.kind(first + 1) == Some(K::Word);
            return if prose && !self.is(first + 1, "as") { 40 } else { 95 };
        }
        // In a query of its own: only columns that hold nothing but constants.
        let mut constants = 0;
        while self.kind(first) == Some(K::Number) && matches!(self.kind(first + 1), Some(K::Comma) | None) {
            constants += 1;
            first += 2;
        }
        if constants > 1 { 85 } else { 0 }
    }

    /// `or 1=1`, `and 'a'='a`, `|| sleep(1)`.
    fn logic(&self, at: usize, query: bool) -> u8 {
        let (before, quoted) = (at.checked_sub(1).and_then(|b| self.kind(b)), self.quote.is_some());
        let left = self.skip(at + 1, &[K::Not, K::Left, K::Math, K::Unary, K::Comment, K::Hint]);
        if !self.operand(left) {
            return 0;
        }
        let prose = self.prose_before(at);
        let mut compare = left + 1;
        if matches!(self.kind(left), Some(K::Function | K::Call | K::Probe)) {
            compare = self.behind(left + 1);
        }
        let compare = self.skip(compare, &[K::Right, K::Not]);
        let right = self.skip(compare, &[K::Compare, K::Not, K::Left, K::Math, K::Unary, K::Logic]);
        let compares = self.kind(compare) == Some(K::Compare) && self.operand(right);
        let constants = self.constant(left) && self.constant(right);
        if query {
            // A condition that is always the same, in a query of its own.
            let same = self.kind(left) == self.kind(right) && right == compare + 1 && compare == left + 1;
            let always = same && matches!(self.kind(left), Some(K::Number | K::Text)) && compares;
            let plain = self.is(at, "or") && always && self.word(left) == self.word(right);
            return if plain { 85 } else { 0 };
        }
        if before.is_none() && compares && !self.is(left + 1, "in") && self.is_sign(compare) {
            return 80;
        }
        let closes = quoted && prose == 0 && matches!(before, Some(K::Text | K::Right | K::Comment | K::Math));
        match (compares, closes) {
            (true, true) => 92,
            (true, false) if constants && prose == 0 && before.is_some() => 88,
            (true, false) if constants => 60,
            (false, true) if self.kind(left) == Some(K::Open) => self.returns(left, before),
            (false, true) if self.constant(left) && self.ends(left + 1) => 85,
            (false, true) if matches!(self.kind(left), Some(K::Function | K::Probe)) => 85,
            (false, false) if self.kind(left) == Some(K::Number) && self.kind(left + 1) == Some(K::Comment) => 80,
            _ => 0,
        }
    }

    /// Whether a token is written in signs, not letters.
    fn is_sign(&self, at: usize) -> bool {
        self.word(at).as_bytes().first().is_some_and(|b| !b.is_ascii_alphabetic())
    }

    /// Three words in a row at the end, as sentences have.
    fn prose_at_end(&self) -> bool {
        let from = self.tokens.len().saturating_sub(3);
        self.tokens.get(from..).is_some_and(|t| t.iter().all(|t| t.kind == K::Word))
    }

    /// Behind the brackets that open at `at`.
    fn behind(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (i, token) in self.tokens.iter().enumerate().skip(at) {
            match token.kind {
                K::Left => depth += 1,
                K::Right => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return i + 1;
            }
        }
        self.tokens.len()
    }

    /// Whether nothing but brackets and a comment follows.
    fn ends(&self, at: usize) -> bool {
        let rest = self.skip(at, &[K::Right, K::End]);
        matches!(self.kind(rest), None | Some(K::Comment))
    }

    /// `x' or 'y`: the text goes back into the quotes it came from. `rock "and" roll` does the same.
    fn returns(&self, open: usize, before: Option<Kind>) -> u8 {
        let (head, tail) = (self.word(0), self.word(open));
        let same = self.quote.is_some_and(|q| tail.as_bytes().first() == Some(&q));
        match same && before == Some(K::Text) && self.ends(open + 1) {
            true if !head.contains(' ') && !tail.contains(' ') => 85,
            true if head.len() < 3 || tail.len() < 3 => 80,
            _ => 0,
        }
    }

    fn probe(&self, at: usize) -> u8 {
        let behind_dot = at.checked_sub(1).and_then(|b| self.kind(b)) == Some(K::Dot);
        if behind_dot && self.quote.is_none() { 40 } else { 88 }
    }

    fn catalogue(&self, at: usize, query: bool) -> u8 {
        let word = self.word(at).to_ascii_lowercase();
        let unmistakable =
            word.contains('_') || word.starts_with("@@") || word.starts_with("sys") || word.contains('$');
        let from = at.checked_sub(1).and_then(|b| self.kind(b)) == Some(K::From) || self.kind(at + 1) == Some(K::Dot);
        match (unmistakable, from, query) {
            (true, _, false) | (true, true, true) => 85,
            (true, false, true) | (false, true, _) => 80,
            _ => 0,
        }
    }

    /// A comment that cuts off the rest, or that stands for a space.
    fn comment(&self, at: usize) -> u8 {
        let (Some(before), comment) = (at.checked_sub(1).and_then(|b| self.kind(b)), self.word(at)) else { return 0 };
        let next = self.kind(at + 1);
        if comment.starts_with("/*") && comment.ends_with("*/") && comment.len() < 24 {
            let glued = matches!(before, K::Union | K::Select | K::Statement | K::Logic | K::Order | K::Distinct)
                && next.is_some_and(|n| is_operand(n) || is_keyword(n));
            let keyword = next.is_some_and(is_keyword) && matches!(before, K::Number | K::Text | K::Right);
            return if glued || keyword { 90 } else { 0 };
        }
        let last = next.is_none() && comment.trim_end().len() <= 3;
        let hash = comment.starts_with('#');
        if self.quote.is_some() {
            // The quote ends the string, and the comment what follows.
            let rights = self.tokens.iter().skip(1).take(at - 1).all(|t| matches!(t.kind, K::Right | K::End));
            return match (rights && self.kind(0) == Some(K::Text), last, hash) {
                (true, true, true) if self.word(0).matches(' ').count() > 1 => 60,
                (true, true, _) => 88,
                (true, false, false) if comment.starts_with("-- ") => 70,
                (true, false, false) if comment.starts_with("--") => 55,
                (false, true, _) if self.prose_before(at) == 0 && before != K::Word && !self.operand(1) => 70,
                _ => 0,
            };
        }
        let words = self.tokens.iter().take(at).filter(|t| matches!(t.kind, K::Word | K::Other)).count();
        let dashes = comment.starts_with("--") || comment.starts_with("/*");
        match last && dashes && words == 0 && at < 40 && matches!(before, K::Number | K::Right | K::Text | K::Variable)
        {
            true => 82,
            false => 0,
        }
    }

    /// `1 order by 10`, `1 having 1=1`, `1 procedure analyse(`.
    fn order(&self, at: usize) -> u8 {
        let Some(before) = at.checked_sub(1).and_then(|b| self.kind(b)) else { return 0 };
        if !matches!(before, K::Number | K::Text | K::Right | K::Variable | K::Comment) || self.prose_before(at) > 0 {
            return 0;
        }
        let next = self.skip(at + 1, &[K::Clause, K::Comment, K::Left]);
        match self.kind(next) {
            Some(K::Number) if next > at + 1 => 85,
            Some(K::Number | K::Text) if self.kind(next + 1) == Some(K::Compare) => 85,
            Some(K::Call | K::Function | K::Probe) => 80,
            Some(K::Word | K::Text) if next > at + 1 && (self.quote.is_some() || before == K::Number) => 75,
            _ => 0,
        }
    }

    /// A query within brackets, or behind an operator.
    fn subquery(&self, at: usize) -> u8 {
        let Some(before) = at.checked_sub(1).and_then(|b| self.kind(b)) else { return 0 };
        if !matches!(before, K::Left | K::Logic | K::Math | K::Compare | K::Comma | K::Case) {
            return 0;
        }
        let first = self.skip(at + 1, &[K::Distinct, K::Left, K::Math, K::Not, K::Unary]);
        let from = self.tokens.iter().skip(at).take(60).any(|t| t.kind == K::From);
        match self.kind(first) {
            Some(K::Number | K::Function | K::Probe | K::Variable | K::Text | K::Case | K::Select | K::Catalogue) => 88,
            Some(K::Word | K::Quoted | K::Call) if from && self.kind(first + 1) != Some(K::Word) => 85,
            _ => 0,
        }
    }

    fn into(&self, at: usize) -> u8 {
        let file = self.is(at, "outfile") || self.is(at, "dumpfile");
        if file && matches!(self.kind(self.skip(at + 1, &[K::Left])), Some(K::Text | K::Open | K::Number)) {
            92
        } else {
            0
        }
    }

    fn case(&self, at: usize) -> u8 {
        let when = self.skip(at + 1, &[K::Left]);
        match self.word(at).to_ascii_lowercase().as_str() {
            "case" if self.is(when, "when") || self.is(when + 1, "when") => 75,
            "if" if self.kind(at + 1) == Some(K::Left)
                && self.constant(when)
                && self.kind(when + 1) == Some(K::Compare)
                && self.constant(when + 2) =>
            {
                75
            }
            _ => 0,
        }
    }

    /// Shapes of the whole text.
    fn shape(&self) -> u8 {
        let len = self.tokens.len();
        let last = len.checked_sub(1).and_then(|l| self.kind(l));
        match self.quote {
            Some(quote) if self.kind(0) == Some(K::Text) => {
                let after = self.skip(1, &[K::Right]);
                let operator = self.skip(after, &[K::Compare, K::Not]);
                let symbols =
                    self.tokens.get(after..operator).unwrap_or_default().iter().map(|t| t.end - t.start).sum::<usize>();
                let word = self.word(after).as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
                let head = self.word(0);
                // `a' = 'b`: out of the quotes and in again.
                let again = self.kind(operator) == Some(K::Open)
                    && operator + 1 == len
                    && symbols > 0
                    && self.word(operator).as_bytes().first() == Some(&quote);
                match again && (!word || !head.contains(' ') && !self.word(operator).contains(' ') && head.len() < 24) {
                    true => 85,
                    false => 0,
                }
            }
            Some(_) => 0,
            // A bracket that was opened elsewhere, and a clause behind it.
            None if self.constant(0)
                && self.kind(1) == Some(K::Right)
                && matches!(self.kind(self.skip(1, &[K::Right])), Some(K::From | K::Where | K::Union)) =>
            {
                80
            }
            // Something compared that needs no comparing.
            None if len == 3
                && self.kind(1) == Some(K::Compare)
                && self.constant(0)
                && self.constant(2)
                && matches!(last, Some(K::Text | K::Open)) =>
            {
                72
            }
            // A statement that changes what tables there are.
            None if self.kind(0) == Some(K::Statement) && len > 1 && !self.prose_at_end() && self.is_statement(0) => {
                let word = self.word(0).to_ascii_lowercase();
                if matches!(word.as_str(), "insert" | "update" | "delete" | "replace" | "merge" | "copy" | "call") {
                    45
                } else {
                    72
                }
            }
            // A statement that breaks off where its condition should be.
            None if self.is_query() && len > 3 && last == Some(K::Where) => 75,
            // A function of data bases that breaks off in its brackets.
            None if last == Some(K::Left) && len == 2 && self.kind(0) == Some(K::Function) => 75,
            None => 0,
        }
    }
}

fn is_operand(kind: Kind) -> bool {
    matches!(
        kind,
        K::Number
            | K::Text
            | K::Open
            | K::Word
            | K::Quoted
            | K::Variable
            | K::Function
            | K::Call
            | K::Probe
            | K::Catalogue
            | K::Select
            | K::Case
    )
}

fn is_keyword(kind: Kind) -> bool {
    matches!(
        kind,
        K::Union
            | K::Select
            | K::From
            | K::Where
            | K::Order
            | K::Into
            | K::Logic
            | K::Distinct
            | K::Statement
            | K::Clause
    )
}

#[cfg(test)]
mod tests;
