//! Ways of cutting a text into the pieces that a stream may bring it in.

use super::ask::pieces;

/// Places at which a text is cut in two: every character boundary of all but very long texts, else as many, evenly.
const CUTS: usize = 4096;
/// Places of which every pair is tried: 2,016 pairs.
const PAIRED: usize = 64;

/// How many ways are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Splits {
    /// Whole alone
    None,
    /// Cut in two at every character, and one character at a time
    Every,
    /// Also cut in three, at every pair of characters of a short text
    Pairs,
}

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way<'a> {
    /// In words.
    pub(super) name: String,
    pub(super) pieces: Vec<&'a str>,
}

impl Splits {
    /// The ways of cutting `text`, beside leaving it whole. Their number is bounded, whatever the text.
    pub(super) fn ways(self, text: &str) -> impl Iterator<Item = Way<'_>> {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let in_two: Vec<usize> = match self {
            Self::None => vec![],
            Self::Every | Self::Pairs => spread(&boundaries, CUTS),
        };
        let of_pairs = if self == Self::Pairs { spread(&boundaries, PAIRED) } else { vec![] };
        let pairs = of_pairs.clone().into_iter().enumerate().flat_map(move |(index, first)| {
            let after: Vec<usize> = of_pairs.iter().skip(index + 1).copied().collect();
            after.into_iter().map(move |second| (first, second))
        });
        let one = (self != Self::None).then(|| Way {
            name: "one character at a time".to_owned(),
            pieces: text.char_indices().filter_map(|(at, c)| text.get(at..at + c.len_utf8())).collect(),
        });
        let in_two = in_two.into_iter().map(|at| Way::cut(text, &[at], format!("cut at byte {at}")));
        let in_three = pairs.map(|(a, b)| Way::cut(text, &[a, b], format!("cut at bytes {a} and {b}")));
        in_two.chain(one).chain(in_three)
    }
}

/// At most `most` of the places, evenly.
fn spread(places: &[usize], most: usize) -> Vec<usize> {
    let every = places.len().div_ceil(most).max(1);
    places.iter().step_by(every).copied().collect()
}

impl<'a> Way<'a> {
    /// Cuts `text` at rising offsets, all of them character boundaries.
    fn cut(text: &'a str, at: &[usize], name: String) -> Self {
        let (mut out, mut from) = (Vec::new(), 0);
        for end in at.iter().copied().chain([text.len()]) {
            out.extend(pieces(text.get(from..end).unwrap_or_default()));
            from = end;
        }
        Self { name, pieces: out }
    }

    /// The text around the cuts, each shown as `‖`; bounded.
    pub(super) fn shown(&self) -> String {
        /// Characters beside a cut.
        const BESIDE: usize = 24;
        // More pieces than that are those of one character each, and would say nothing.
        const MOST: usize = 4;
        if self.pieces.len() > MOST {
            return String::new();
        }
        let last = self.pieces.len().saturating_sub(1);
        let piece = |(index, piece): (usize, &&str)| {
            let count = piece.chars().count();
            let head = |n| piece.chars().take(n).collect::<String>();
            let tail = |n| piece.chars().skip(count.saturating_sub(n)).collect::<String>();
            match (index == 0, index == last) {
                (true, false) if count > BESIDE => format!("…{}", tail(BESIDE)),
                (false, true) if count > BESIDE => format!("{}…", head(BESIDE)),
                (false, false) if count > 2 * BESIDE => format!("{}…{}", head(BESIDE), tail(BESIDE)),
                _ => (*piece).to_owned(),
            }
        };
        self.pieces.iter().enumerate().map(piece).collect::<Vec<_>>().join("‖")
    }
}

#[cfg(test)]
mod tests;
