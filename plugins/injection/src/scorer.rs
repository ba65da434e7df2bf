//! A trained score: the sum of the weights of what was seen in the last words, at its highest.
//!
//! `weights.bin` is made by `train/train.py`: a head, and a table of features by hash, open addressing, four bytes a slot: 16
//! bits of the hash, the weight, and what is added to it in text that a tool brought. It is read where it lies; nothing of
//! it is copied.

/// Over how many words is summed of a user's text, and of one that a tool brought, where an order is a sentence among others.
const WINDOW: u32 = 48;
const TOOL_WINDOW: u32 = 20;

/// From how many words on a text is long.
const LONG: u32 = 600;

const BYTES: &[u8] = include_bytes!("weights.bin");
/// Bits of the table's size; from the third byte on the limits of both channels, two bytes each, the lower first.
const HEAD: usize = 16;
const SLOT: usize = 4;

/// A bit for each value of the 16 bits of the hash that slots hold: most features are known by it to have no weight.
type Some16 = [u32; (1 << 16) / 32];
static SOME: Some16 = some(BYTES);

const fn some(bytes: &[u8]) -> Some16 {
    let (mut some, mut at) = ([0; (1 << 16) / 32], HEAD);
    while at + SLOT <= bytes.len() {
        // A free slot is all zeros; where a full one has no hash, nothing is lost by the bit's being set.
        let hash = bytes[at] as usize | (bytes[at + 1] as usize) << 8;
        if bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3] != 0 {
            some[hash / 32] |= 1 << (hash % 32);
        }
        at += SLOT;
    }
    some
}

/// The weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    slots: &'static [[u8; SLOT]],
    some: &'static Some16,
    /// What is left of a hash when its slot is taken out.
    shift: u32,
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
    /// It is enough alone in a long text, which has many chances to look like an attack.
    pub(crate) long: i32,
}

impl Weights {
    /// The built-in ones; none, which never says anything, where they are not as they must be.
    pub(crate) fn new() -> Self {
        Self::read(BYTES, &SOME).unwrap_or(Self {
            slots: &[],
            some: &[0; 2048],
            shift: 0,
            user: Limits::NEVER,
            tool: Limits::NEVER,
        })
    }

    fn read(bytes: &'static [u8], some: &'static Some16) -> Option<Self> {
        let (head, slots) = bytes.split_at_checked(HEAD)?;
        let number = |at: usize| Some(i32::from(i16::from_le_bytes(*head.get(at..)?.first_chunk()?)));
        let bits = u32::from(*head.first()?);
        let (slots, rest) = slots.as_chunks();
        let fits = (1..=16).contains(&bits) && slots.len() == 1 << bits && rest.is_empty();
        let shift = 32_u32.checked_sub(bits)?;
        let limits = |at: usize| Some(Limits { agree: number(at)?, sure: number(at + 2)?, long: number(at + 4)? });
        fits.then_some(Self { slots, some, shift, user: limits(2)?, tool: limits(8)? })
    }

    pub(crate) fn limits(&self, tool: bool) -> Limits {
        if tool { self.tool } else { self.user }
    }

    /// Whether a feature may have a weight; of those that have none, nearly all have not.
    #[inline(always)]
    fn may(&self, feature: u32) -> bool {
        let hash = feature & 0xffff;
        self.some.get((hash / 32) as usize).is_some_and(|some| some >> (hash % 32) & 1 == 1)
    }

    /// The slot of a feature, and its weight.
    #[inline]
    fn of(&self, feature: u32, tool: bool) -> Option<(usize, i16)> {
        let mut at = (feature >> self.shift) as usize;
        while let Some(slot) = self.slots.get(at) {
            let [.., weight, more] = *slot;
            let slot = u32::from_le_bytes(*slot);
            if slot == 0 {
                return None;
            }
            if (slot ^ feature) & 0xffff == 0 {
                let more = if tool { i16::from(more.cast_signed()) } else { 0 };
                return Some((at, i16::from(weight.cast_signed()).wrapping_add(more)));
            }
            at = at.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
        None
    }
}

impl Limits {
    const NEVER: Self = Self { agree: i32::MAX, sure: i32::MAX, long: i32::MAX };

    /// The score of a text of so many words that says as much of a short one.
    pub(crate) fn as_of_short(self, score: i32, words: u32) -> i32 {
        if words > LONG { score.saturating_sub(self.long.saturating_sub(self.sure)) } else { score }
    }
}

/// The sum over the last words, of each feature once.
#[derive(Debug, Clone)]
pub(crate) struct Scorer {
    weights: Weights,
    tool: bool,
    window: u32,
    agree: i32,
    /// Words of this text so far.
    position: u32,
    /// What is in the sum, the oldest first, from `from` on; before it, what was.
    added: Vec<Added>,
    from: usize,
    /// From which position on the oldest is out of the window.
    oldest: u32,
    /// A bit for each slot that is in the sum.
    slots: Vec<u32>,
    sum: i32,
    best: i32,
    /// Features of the word that may have a weight.
    noted: [u32; 8],
}

/// So much is kept of what was in the sum before it is thrown away at once.
const MANY: usize = 128;

/// A feature in the sum.
#[derive(Debug, Clone, Copy)]
struct Added {
    /// From which position on it is out of the window.
    until: u32,
    slot: u16,
    weight: i16,
}

impl Scorer {
    pub(crate) fn new(weights: Weights) -> Self {
        let slots = vec![0; weights.slots.len().div_ceil(32)];
        let added = Vec::with_capacity(2 * MANY);
        let (from, oldest, agree) = (0, u32::MAX, weights.user.agree);
        Self {
            weights,
            tool: false,
            window: WINDOW,
            agree,
            position: 0,
            added,
            from,
            oldest,
            slots,
            sum: 0,
            best: 0,
            noted: [0; 8],
        }
    }

    pub(crate) fn begin(&mut self, tool: bool) {
        self.tool = tool;
        self.window = if tool { TOOL_WINDOW } else { WINDOW };
        self.agree = self.weights.limits(tool).agree;
        self.added.clear();
        self.slots.fill(0);
        (self.from, self.oldest) = (0, u32::MAX);
        (self.position, self.sum, self.best) = (0, 0, 0);
    }

    /// The next word.
    #[inline(always)]
    pub(crate) fn step(&mut self) {
        self.best = self.best.max(self.sum);
        self.position = self.position.wrapping_add(1);
        if self.position >= self.oldest {
            self.leave();
        }
    }

    /// Takes out of the sum what is no longer in the window.
    #[inline(never)]
    fn leave(&mut self) {
        let leaving = self.added.get(self.from..).unwrap_or_default();
        let leaving = leaving.iter().take_while(|added| added.until <= self.position);
        for added in leaving {
            self.from = self.from.wrapping_add(1);
            self.sum = self.sum.wrapping_sub(i32::from(added.weight));
            if let Some(slots) = self.slots.get_mut(usize::from(added.slot >> 5)) {
                *slots &= !(1 << (added.slot & 31));
            }
        }
        self.oldest = self.added.get(self.from).map_or(u32::MAX, |added| added.until);
        if self.from >= MANY {
            self.added.drain(..self.from);
            self.from = 0;
        }
    }

    /// A feature of the word.
    #[inline]
    pub(crate) fn add(&mut self, feature: u32) {
        if self.weights.may(feature) {
            self.find(feature);
        }
    }

    /// A feature of the word that is one of several: those that may have a weight are noted, without a branch, and added
    /// together by [`add_noted`](Self::add_noted). Answers how many are noted with it.
    #[inline(always)]
    pub(crate) fn note(&mut self, feature: u32, count: usize) -> usize {
        if let Some(noted) = self.noted.get_mut(count & 7) {
            *noted = feature;
        }
        count.wrapping_add(usize::from(self.weights.may(feature)))
    }

    /// Adds what was noted, at most eight.
    #[inline(always)]
    pub(crate) fn add_noted(&mut self, count: usize) {
        for at in 0..count.min(8) {
            self.find(self.noted.get(at).copied().unwrap_or(0));
        }
    }

    #[inline]
    fn find(&mut self, feature: u32) {
        if let Some((slot, weight)) = self.weights.of(feature, self.tool)
            && let Some(slots) = self.slots.get_mut(slot >> 5)
            && *slots & 1 << (slot & 31) == 0
        {
            *slots |= 1 << (slot & 31);
            self.count(slot, weight);
        }
    }

    #[inline(never)]
    fn count(&mut self, slot: usize, weight: i16) {
        self.sum = self.sum.wrapping_add(i32::from(weight));
        let until = self.position.wrapping_add(self.window);
        self.oldest = self.oldest.min(until);
        self.added.push(Added { until, slot: u16::try_from(slot).unwrap_or(0), weight });
    }

    /// Whether the last words agree with rules that speak for an attack.
    #[inline]
    pub(crate) fn agrees(&self) -> bool {
        self.sum >= self.agree
    }

    /// How many words there were.
    pub(crate) fn position(&self) -> u32 {
        self.position
    }

    /// The highest sum.
    pub(crate) fn best(&self) -> i32 {
        self.best.max(self.sum)
    }
}

#[cfg(test)]
mod tests;
