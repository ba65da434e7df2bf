//! Numbers that states give to persons, by their check digits ([`check`]).
//!
//! Of a shape that little else has, a number with the right check digits is enough. Bare digits need a word that says what
//! they are, since every tenth or eleventh number has a right check digit by chance.

use crate::run::{Run, number};
use crate::view::{Open, View};
use crate::words::{Said, Topic};

mod check;
mod lettered;

pub(crate) use lettered::lettered;

/// The end of the number whose digits start at `start`.
pub(crate) fn national(view: View<'_>, start: usize, run: &Run, said: Said) -> Result<Option<usize>, Open> {
    if run.plus
        || view.before(start).next() == Some('_')
        || said.is(Topic::Other, 0)
        || view.continues_number(start, &['.', ',', '-', '/'])
    {
        return Ok(None);
    }
    let told = said.is(Topic::National, 6) || said.is(Topic::Ssn, 6);
    for (i, group) in run.groups().iter().enumerate().rev() {
        let len = Run::digits_to(group);
        if !matches!(len, 8..=15) {
            continue;
        }
        let digits = run.digits().get(..len).unwrap_or_default();
        if (fits(run, i + 1, digits) || told && check::any(digits)) && view.ends_number(group.end)? {
            return Ok(Some(group.end));
        }
        if len == 8
            && i == 0
            && let Some(end) = lettered::identity_card(view, group.end, number(digits), told)?
        {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

/// Whether the first `groups` groups have a shape of their own and right check digits.
fn fits(run: &Run, groups: usize, digits: &[u8]) -> bool {
    let sign = |i: usize| run.groups().get(i).and_then(|g| g.separator);
    let lengths = |wanted: &[usize]| groups == wanted.len() && run.has_lengths(wanted);
    match digits.len() {
        // United States: ITIN. Sweden: personnummer. The Czech Republic: rodné číslo.
        9 => lengths(&[3, 2, 4]) && sign(1) == Some('-') && sign(2) == Some('-') && check::itin(digits),
        10 => {
            lengths(&[6, 4])
                && (sign(1) == Some('-') && check::personnummer(digits)
                    || sign(1) == Some('/') && check::rodne_cislo(digits))
        }
        // Belgium: `85.07.30-033.28`.
        11 => lengths(&[2, 2, 2, 3, 2]) && sign(3) == Some('-') && check::rijksregister(digits),
        12 => lengths(&[8, 4]) && sign(1) == Some('-') && check::personnummer(digits.get(2..).unwrap_or_default()),
        // France: together, or `2 95 10 99 126 111 93`.
        15 => (groups == 1 || run.has_lengths(&[1, 2, 2, 2, 3, 3])) && check::nir(digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
