//! A trained score: the sum of the weights of what was seen in the last words, at its highest.
//!
//! `weights.bin` is made by `train/train.py`: a head, and a table of features by hash, open addressing, four bytes a slot: 16
//! bits of the hash, the weight, and what is added to it in text that a tool brought. It is read where it lies; nothing of
//! it is copied.

/// Over how many words is summed of a user's text, and of one that a tool brought, where an order is a sentence among others.
const WINDOW: usize = 48;
const TOOL_WINDOW: usize = 20;
/// More than either.
const MOST: u32 = 64;

const BYTES: &[u8] = include_bytes!("weights.bin");
/// Bits of the table's size; the biases and limits of both channels, two bytes each, the lower first.
const HEAD: usize = 16;
const SLOT: usize = 4;

/// The weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    slots: &'static [u8],
    bits: u32,
    user: Limits,
    tool: Limits,
}

/// From where on a score says something, in the weights' unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    /// With a rule that speaks for the same, it is enough.
    pub(crate) agree: i32,
    /// It is enough alone.
    pub(crate) sure: i32,
}

impl Weights {
    /// The built-in ones; none, which never says anything, where they are not as they must be.
    pub(crate) fn new() -> Self {
        Self::read(BYTES).unwrap_or(Self { slots: &[], bits: 0, user: Limits::NEVER, tool: Limits::NEVER })
    }

    fn read(bytes: &'static [u8]) -> Option<Self> {
        let (head, slots) = bytes.split_at_checked(HEAD)?;
        let number = |at: usize| Some(i32::from(i16::from_le_bytes(*head.get(at..)?.first_chunk()?)));
        let bits = u32::from(*head.first()?);
        let fits = (1..=16).contains(&bits) && slots.len() == SLOT << bits;
        let limits = |at: usize| Some(Limits { agree: number(at)?, sure: number(at + 2)? });
        fits.then_some(Self { slots, bits, user: limits(2)?, tool: limits(6)? })
    }

    pub(crate) fn limits(&self, tool: bool) -> Limits {
        if tool { self.tool } else { self.user }
    }

    /// The slot of a feature, and its weight.
    #[inline]
    fn of(&self, feature: u32, tool: bool) -> Option<(usize, i32)> {
        let mask = (1_usize << self.bits) - 1;
        let mut at = (feature >> (32 - self.bits)) as usize & mask;
        let [low, high, ..] = feature.to_le_bytes();
        while let Some(&[l, h, weight, more]) = self.slots.get(at * SLOT..).and_then(|slot| slot.first_chunk()) {
            if (l, h, weight, more) == (0, 0, 0, 0) {
                return None;
            }
            if l == low && h == high {
                let more = if tool { i32::from(more.cast_signed()) } else { 0 };
                return Some((at, i32::from(weight.cast_signed()) + more));
            }
            at = (at + 1) & mask;
        }
        None
    }
}

impl Limits {
    const NEVER: Self = Self { agree: i32::MAX, sure: i32::MAX };
}

/// The sum over the last words, of each feature once.
#[derive(Debug, Clone)]
pub(crate) struct Scorer {
    weights: Weights,
    tool: bool,
    window: usize,
    last: [i16; WINDOW],
    at: usize,
    /// Words so far, of this text and those before.
    position: u32,
    /// Where each slot was last added.
    seen: Vec<u32>,
    sum: i32,
    best: i32,
}

impl Scorer {
    pub(crate) fn new(weights: Weights) -> Self {
        let seen = vec![0; weights.slots.len() / SLOT];
        let mut new =
            Self { weights, tool: false, window: 0, last: [0; WINDOW], at: 0, position: 0, seen, sum: 0, best: 0 };
        new.begin(false);
        new
    }

    pub(crate) fn begin(&mut self, tool: bool) {
        self.tool = tool;
        self.window = if tool { TOOL_WINDOW } else { WINDOW };
        self.position = self.position.saturating_add(2 * MOST);
        self.last = [0; WINDOW];
        (self.at, self.sum, self.best) = (0, 0, 0);
    }

    /// The next word.
    #[inline]
    pub(crate) fn step(&mut self) {
        self.best = self.best.max(self.sum);
        self.position = self.position.saturating_add(1);
        self.at = if self.at + 1 < self.window { self.at + 1 } else { 0 };
        if let Some(last) = self.last.get_mut(self.at) {
            self.sum -= i32::from(*last);
            *last = 0;
        }
    }

    /// A feature of the word.
    #[inline]
    pub(crate) fn add(&mut self, feature: u32) {
        if let Some((slot, weight)) = self.weights.of(feature, self.tool)
            && let Some(seen) = self.seen.get_mut(slot)
            && (self.position - *seen) as usize >= self.window
            && let Some(last) = self.last.get_mut(self.at)
        {
            *seen = self.position;
            let new = last.saturating_add(i16::try_from(weight).unwrap_or(0));
            self.sum += i32::from(new) - i32::from(*last);
            *last = new;
        }
    }

    /// The highest sum.
    pub(crate) fn best(&self) -> i32 {
        self.best.max(self.sum)
    }
}

#[cfg(test)]
mod tests;
