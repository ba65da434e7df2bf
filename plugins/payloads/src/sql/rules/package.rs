//! Oracle's packages.

/// A call of Oracle's packages, which wait, send and read files: `dbms_pipe.receive_message(`, `utl_http.request(`.
pub(super) fn confidence(text: &str) -> u8 {
    let bytes = text.as_bytes();
    let name = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
    };
    for (at, _) in text.match_indices('_').take(64) {
        let is = |owner: &[u8]| {
            let Some(from) = at.checked_sub(owner.len()) else { return false };
            let within = from.checked_sub(1).and_then(|before| bytes.get(before));
            !within.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
                && bytes.get(from..at).is_some_and(|b| b.eq_ignore_ascii_case(owner))
        };
        let dot = name(at + 1);
        let end = name(dot + 1);
        let called = bytes.get(dot) == Some(&b'.') && end > dot + 1 && bytes.get(end) == Some(&b'(');
        if called && (is(b"dbms") || is(b"utl")) {
            return 85;
        }
    }
    0
}
