//! National bank details, by the words beside them: US routing numbers, UK sort codes, account numbers.

use crate::run::Run;
use crate::view::{Open, View};
use crate::words::{Said, Topic};

/// Fewest and most digits of an account number.
const ACCOUNT: std::ops::RangeInclusive<usize> = 7..=17;

/// The end of the number that starts at `start`.
pub(crate) fn bank(view: View<'_>, start: usize, run: &Run, said: Said) -> Result<Option<usize>, Open> {
    let digits = run.digits();
    let Some(first) = run.groups().first() else { return Ok(None) };
    if run.plus || view.before(start).next() == Some('_') || view.continues_number(start, &['.', ',', '-', '/']) {
        return Ok(None);
    }
    let end = match said.topic {
        Topic::Routing if said.gap <= 1 && first.len == 9 && is_routing(digits) => Some(first.end),
        Topic::SortCode if said.gap <= 1 && first.len == 6 => Some(first.end),
        Topic::SortCode if said.gap <= 1 && run.has_lengths(&[2, 2, 2]) => run.groups().get(2).map(|g| g.end),
        Topic::Account if said.gap == 0 && !run.is_date() => {
            run.groups().iter().rev().find(|g| ACCOUNT.contains(&Run::digits_to(g))).map(|g| g.end)
        }
        _ => None,
    };
    match end {
        Some(end) => Ok(view.ends_number(end)?.then_some(end)),
        None => Ok(None),
    }
}

/// The check digit of the American Bankers Association, and a first pair of digits that is given out.
fn is_routing(digits: &[u8]) -> bool {
    let Some(nine) = digits.get(..9) else { return false };
    let first = nine.iter().take(2).fold(0, |n, d| n * 10 + d);
    let sum: u32 = nine.iter().zip([3, 7, 1].iter().cycle()).map(|(d, w)| u32::from(*d) * w).sum();
    matches!(first, 1..=12 | 21..=32 | 61..=72 | 80) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
