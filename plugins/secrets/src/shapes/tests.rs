use super::*;
use crate::testing::random;

fn at(shapes: &Shapes, text: &str) -> Option<(String, usize)> {
    let key = shapes.at(View::new(text, true), 0).ok()??;
    Some((shapes.provider(key.shape).to_owned(), key.end))
}

#[test]
fn every_row_is_well_formed() {
    for row in SHAPES {
        assert!(well_formed(row), "{row:?}");
    }
}

/// Each row finds a random key of its own shape; its name may be that of another row with the same shape.
#[test]
fn every_row_finds_a_key_of_its_shape() {
    let shapes = Shapes::new(vec![]);
    for &(provider, prefix, alphabet, least, most) in SHAPES {
        for len in [least, most] {
            let key = format!("{prefix}{}", random(alphabet, len.into(), 7));
            let found = at(&shapes, &key);
            assert!(found.is_some_and(|(_, end)| end == key.len()), "{provider} {key}");
        }
    }
}

/// One key in six hundred has no digit.
#[test]
fn a_key_without_a_digit_is_found() {
    let key = format!("ghp_{}", "IqshVIHRMghmKbRYNBnXWJlqsxoYUifhwRvJ");
    assert!(at(&Shapes::new(vec![]), &key).is_some_and(|(_, end)| end == key.len()));
}

#[test]
fn one_character_too_many_is_another_thing() {
    let shapes = Shapes::new(vec![]);
    let key = format!("ghp_{}", random(Alphabet::Alnum, 36, 3));
    assert!(at(&shapes, &key).is_some());
    assert_eq!(at(&shapes, &format!("{key}x")), None);
    assert_eq!(at(&shapes, &format!("{key}_x")), None);
    assert!(at(&shapes, &format!("{key}. And so on")).is_some_and(|(_, end)| end == key.len()));
}

#[test]
fn stand_ins_of_the_shape_are_none() {
    let shapes = Shapes::new(vec![]);
    for text in [
        "AKIAXXXXXXXXXXXXXXXX",
        "AKIAIOSFODNN7EXAMPLE",
        "glpat-XXXXXXXXXXX-XXXXXXXX",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ] {
        assert_eq!(at(&shapes, text), None, "{text}");
    }
}

#[test]
fn the_operators_own_shape_counts() {
    let own = OwnShape { name: "acme".into(), prefix: "acme-".into(), alphabet: Alphabet::Digits, least: 6, most: 8 };
    let shapes = Shapes::new(vec![own]);
    assert_eq!(at(&shapes, "acme-1234567"), Some(("acme".into(), 12)));
    assert_eq!(at(&shapes, "acme-123456789"), None);
}
