//! JSON pointers, RFC 6901.

/// Appends `/` and `key` to a pointer, with `~` and `/` escaped.
pub fn escape_token(key: &str, out: &mut String) {
    out.push('/');
    for c in key.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
}

/// The reference tokens of `pointer`, unescaped; `None` if it is not a pointer.
pub(super) fn tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let rest = match pointer.strip_prefix('/') {
        Some(rest) => Some(rest),
        None if pointer.is_empty() => None,
        None => return None,
    };
    Some(rest.into_iter().flat_map(|rest| rest.split('/')).map(|token| token.replace("~1", "/").replace("~0", "~")))
}
