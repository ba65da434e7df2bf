//! Where bytes are cut into separate writes.

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// One write.
    Whole,
    /// One byte a write.
    Bytes,
    /// One event a write.
    Events,
    /// Two writes.
    At(usize),
    /// Two writes, counted from the end.
    FromEnd(usize),
    /// Three writes, cut where events end.
    Pair(usize, usize),
}

impl Cut {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Whole => "whole".into(),
            Self::Bytes => "bytes".into(),
            Self::Events => "events".into(),
            Self::At(at) => format!("at={at}"),
            Self::FromEnd(at) => format!("from-end={at}"),
            Self::Pair(first, second) => format!("pair={first},{second}"),
        }
    }

    /// The places, in order, none of them 0 or the end.
    pub(crate) fn places(self, length: usize, bounds: &[usize]) -> Vec<usize> {
        match self {
            Self::Whole => Vec::new(),
            Self::Bytes => (1..length).collect(),
            Self::Events => bounds.to_vec(),
            Self::At(at) => vec![at],
            Self::FromEnd(at) => vec![length.saturating_sub(at)],
            Self::Pair(first, second) => vec![first, second],
        }
    }
}

/// The pieces between places.
pub(crate) fn pieces(body: &bytes::Bytes, places: &[usize]) -> Vec<bytes::Bytes> {
    let mut rest = body.clone();
    let mut from = 0;
    let mut out = Vec::with_capacity(places.len() + 1);
    for place in places {
        let upto = place.saturating_sub(from).min(rest.len());
        out.push(rest.split_to(upto));
        from = *place;
    }
    out.push(rest);
    out.retain(|piece| !piece.is_empty());
    out
}
