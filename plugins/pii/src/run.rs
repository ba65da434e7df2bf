//! A run of digits: groups with one separator between two of them, as telephone numbers, dates and account numbers are
//! written.

use crate::view::{Open, View};

/// Most digits that are read: the longest shape has 19, and one more says that it is longer.
pub(crate) const MAX_DIGITS: usize = 20;

/// Some digits that stand together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Group {
    /// Where its first digit is among the run's digits.
    pub(crate) first: usize,
    /// How many digits.
    pub(crate) len: usize,
    /// Where it ends in the text, a closing parenthesis behind it left out.
    pub(crate) end: usize,
    /// What stands between the group before and this one; `(` and `)` where there is nothing else.
    pub(crate) separator: Option<char>,
    /// Whether it stands in parentheses.
    pub(crate) enclosed: bool,
}

/// Groups of digits. A `+` or a parenthesis may stand first.
#[derive(Debug)]
pub(crate) struct Run {
    digits: [u8; MAX_DIGITS],
    groups: [Group; MAX_DIGITS],
    count: usize,
    /// Whether a `+` stands before the first digit.
    pub(crate) plus: bool,
}

impl Run {
    /// Reads the run that starts at `start`, with a digit, a `+` or a parenthesis.
    pub(crate) fn read(view: View<'_>, start: usize) -> Result<Option<Self>, Open> {
        let mut run = Self { digits: [0; MAX_DIGITS], groups: [Group::default(); MAX_DIGITS], count: 0, plus: false };
        let (mut at, mut filled, mut separator) = (start, 0, None);
        let mut open = false;
        // `(+49)` and `+(49)`.
        for _ in 0..2 {
            match view.peek_if(at, |c| matches!(c, '(' | '+'))? {
                Some(('(', len)) if !open => (open, at) = (true, at + len),
                Some(('+', len)) if !run.plus => (run.plus, at) = (true, at + len),
                _ => break,
            }
        }
        loop {
            let first = filled;
            while let Some((c, len)) = view.peek(at)? {
                let Some(digit) = c.to_digit(10).and_then(|d| u8::try_from(d).ok()) else { break };
                let Some(slot) = run.digits.get_mut(filled) else { break };
                *slot = digit;
                filled += 1;
                at += len;
            }
            let Some(group) = run.groups.get_mut(run.count).filter(|_| filled > first) else { break };
            *group = Group { first, len: filled - first, end: at, separator, enclosed: open };
            run.count += 1;
            if filled == MAX_DIGITS {
                break;
            }
            match between(view, at, open)? {
                Some((sign, opens, next)) => (separator, open, at) = (Some(sign), opens, next),
                None => break,
            }
        }
        Ok((run.count > 0).then_some(run))
    }

    /// The groups.
    pub(crate) fn groups(&self) -> &[Group] {
        self.groups.get(..self.count).unwrap_or_default()
    }

    /// How many digits there are up to the end of the last of `groups`.
    pub(crate) fn digits_to(group: &Group) -> usize {
        group.first + group.len
    }

    /// All digits.
    pub(crate) fn digits(&self) -> &[u8] {
        let len = self.groups().last().map_or(0, Self::digits_to);
        self.digits.get(..len).unwrap_or_default()
    }

    /// The lengths of the first groups, as many as `lengths` has, are these.
    pub(crate) fn has_lengths(&self, lengths: &[usize]) -> bool {
        self.count >= lengths.len() && self.groups().iter().zip(lengths).all(|(g, l)| g.len == *l)
    }

    /// The value of a group.
    pub(crate) fn value(&self, group: usize) -> u64 {
        let digits = self.groups().get(group).and_then(|g| self.digits.get(g.first..g.first + g.len));
        number(digits.unwrap_or_default())
    }

    /// Whether the first three groups are a day: `2023-11-05`, `05.11.2023`, `5/11/23`.
    pub(crate) fn is_date(&self) -> bool {
        let [a, b, c, ..] = self.groups() else { return false };
        if b.separator != c.separator || !matches!(b.separator, Some('-' | '.' | '/' | ' ')) || self.plus {
            return false;
        }
        let day = |g: usize| (1..=31).contains(&self.value(g));
        let month = |g: usize| (1..=12).contains(&self.value(g));
        let year = |g: usize| (1800..=2199).contains(&self.value(g));
        match (a.len, b.len, c.len) {
            (4, 1 | 2, 1 | 2) => year(0) && month(1) && day(2),
            (1 | 2, 1 | 2, 4) => year(2) && (day(0) && month(1) || month(0) && day(1)),
            _ => false,
        }
    }
}

/// The value of some digits.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(*d))
}

/// What stands between two groups: its sign, whether a parenthesis opens, and where the next digit is.
fn between(view: View<'_>, at: usize, open: bool) -> Result<Option<(char, bool, usize)>, Open> {
    let mut at = at;
    let mut sign = None;
    if open {
        let Some((_, len)) = view.peek_if(at, |c| c == ')')? else { return Ok(None) };
        at += len;
        sign = Some(')');
    }
    if let Some((c, len)) = view.peek_if(at, |c| matches!(c, ' ' | '-' | '.' | '/'))? {
        sign = Some(c);
        at += len;
        if let Some((_, len)) = view.peek_if(at, |next| c == '/' && next == ' ')? {
            at += len;
        }
    }
    let mut opens = false;
    if let Some((_, len)) = view.peek_if(at, |c| c == '(')?
        && !open
    {
        at += len;
        opens = true;
        sign = sign.or(Some('('));
    }
    let Some(sign) = sign else { return Ok(None) };
    Ok(view.peek_if(at, |c| c.is_ascii_digit())?.map(|_| (sign, opens, at)))
}

#[cfg(test)]
mod tests;
