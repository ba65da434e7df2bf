//! How much of a value is in some bytes.

/// A run counts from this length on: four bytes, or a third of the value, whichever is longer. Shorter ones come by chance.
pub(crate) fn threshold(value: &[u8]) -> usize {
    value.len().div_ceil(3).max(4)
}

/// The longest run of the value's bytes that is in `arrived`, if it counts, else 0.
pub(crate) fn longest_run(value: &[u8], arrived: &[u8]) -> usize {
    let least = threshold(value);
    let mut places = vec![Vec::new(); 256];
    for (at, byte) in value.iter().enumerate() {
        if let Some(list) = places.get_mut(usize::from(*byte)) {
            list.push(at);
        }
    }
    let mut longest = 0;
    // A run that counts covers one of every `least` bytes.
    for at in (least.saturating_sub(1)..arrived.len()).step_by(least) {
        let (before, from) = arrived.split_at(at);
        let here = from.first().and_then(|byte| places.get(usize::from(*byte)));
        for place in here.into_iter().flatten() {
            let (value_before, value_from) = value.split_at(*place);
            let back = before.iter().rev().zip(value_before.iter().rev()).take_while(|(a, b)| a == b).count();
            let on = from.iter().zip(value_from).take_while(|(a, b)| a == b).count();
            longest = longest.max(back + on);
        }
    }
    if longest >= least { longest } else { 0 }
}

#[cfg(test)]
mod tests;
