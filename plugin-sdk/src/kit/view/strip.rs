//! Without tags.

use super::map::Maker;

/// The text without HTML tags and comments; nothing where it has none. A tag begins with `<` and a letter, `/` or `!`, and
/// ends before the next `<`.
pub(super) fn stripped(text: &str, room: usize) -> Option<Maker> {
    let bytes = text.as_bytes();
    let mut made = None;
    let (mut copied, mut at) = (0, 0);
    while let Some(open) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| *b == b'<')) {
        let open = at + open;
        let Some(end) = tag(bytes, open) else {
            at = open + 1;
            continue;
        };
        let made = made.get_or_insert_with(|| Maker::new(room));
        if !made.has_room() {
            break;
        }
        made.copy(text.get(copied..open).unwrap_or_default(), copied);
        (copied, at) = (end, end);
    }
    let mut made: Maker = made?;
    made.copy(text.get(copied..).unwrap_or_default(), copied);
    Some(made)
}

/// Where the tag ends that begins here.
fn tag(bytes: &[u8], open: usize) -> Option<usize> {
    let first = bytes.get(open + 1)?;
    if !first.is_ascii_alphabetic() && !matches!(first, b'/' | b'!') {
        return None;
    }
    let rest = bytes.get(open + 1..)?;
    let end = rest.iter().position(|b| matches!(b, b'>' | b'<'))?;
    (rest.get(end) == Some(&b'>')).then_some(open + end + 2)
}
