//! Country calling codes (ITU-T E.164) and how many digits a number has behind them.
//!
//! The lengths are those of national numbering plans, a little wider: short subscriber numbers of old networks exist, and a
//! number that was mistyped by a digit is still somebody's.

/// Code, fewest and most digits of the national number.
const CODES: &[(u64, u8, u8)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 8, 10),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 5, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 6, 13),
    (51, 8, 9),
    (52, 10, 11),
    (53, 6, 8),
    (54, 9, 11),
    (55, 10, 11),
    (56, 8, 9),
    (57, 8, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 10),
    (84, 8, 10),
    (86, 9, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 7, 10),
    (98, 10, 10),
    (212, 9, 9),
    (213, 8, 9),
    (216, 8, 8),
    (234, 7, 11),
    (254, 9, 10),
    (351, 9, 9),
    (353, 7, 10),
    (354, 7, 7),
    (356, 8, 8),
    (357, 8, 8),
    (359, 7, 9),
    (370, 8, 8),
    (371, 8, 8),
    (372, 7, 8),
    (380, 9, 9),
    (381, 8, 9),
    (385, 8, 9),
    (386, 8, 8),
    (420, 9, 9),
    (421, 9, 9),
    (852, 8, 8),
    (880, 8, 10),
    (886, 8, 9),
    (966, 8, 9),
    (971, 8, 9),
    (972, 8, 9),
];

/// Codes of three digits that are in use, by their first two.
const THREE: &[(u64, &str)] = &[
    (21, "12368"),
    (22, "0123456789"),
    (23, "0123456789"),
    (24, "0123456789"),
    (25, "012345678"),
    (26, "0123456789"),
    (29, "01789"),
    (35, "0123456789"),
    (37, "0123456789"),
    (38, "01235679"),
    (42, "013"),
    (50, "0123456789"),
    (59, "0123456789"),
    (67, "023456789"),
    (68, "012356789"),
    (69, "012"),
    (80, "08"),
    (85, "02356"),
    (87, "08"),
    (88, "012368"),
    (96, "012345678"),
    (97, "012345679"),
    (99, "234568"),
];

/// How long the country code is that `digits` begin with, and the fewest and most digits behind it.
pub(crate) fn country(digits: &[u8]) -> Option<(usize, usize, usize)> {
    let [a, b, c, ..] = digits else { return None };
    let (one, two) = (u64::from(*a), u64::from(*a) * 10 + u64::from(*b));
    for (code, len) in [(one, 1), (two, 2), (two * 10 + u64::from(*c), 3)] {
        if let Some((_, least, most)) = CODES.iter().find(|(known, ..)| *known == code) {
            return Some((len, usize::from(*least), usize::from(*most)));
        }
    }
    let third = char::from(b'0' + *c);
    let assigned = THREE.iter().any(|(first, thirds)| *first == two && thirds.contains(third));
    // The other plans differ too much to be worth a line each.
    assigned.then_some((3, 5, 11))
}
