//! `kit::Views`: a text in every reading, and the way back from each to its bytes.

use witgate_sdk::kit::{Disguise, Fold, Normal, View, Views};

use crate::control::Control;

/// Most views of one text, as `Views` says.
const MOST: usize = 16;

/// Views are bounded; each character of each leads to whole characters of the text, in the order that the view is read in;
/// what a span leads to does not depend on how it is taken apart; what nothing was done to is the text itself.
///
/// # Panics
/// If a property breaks.
pub fn target(data: &[u8]) {
    let (mut control, body) = Control::split(data);
    let text = String::from_utf8_lossy(body);
    let limit = match control.next() {
        b if b % 2 == 0 => text.len().saturating_mul(8).saturating_add(4096),
        b => b * control.next(),
    };
    let views = Views::bounded(&text, limit);
    let (mut count, mut made) = (0, 0);
    for view in views.iter() {
        count += 1;
        let borrowed = text.is_ascii() && view.disguise() == Disguise::Plain;
        if borrowed {
            assert_eq!(view.text(), text, "a plain text is its own first view");
        } else {
            made += view.text().len();
        }
        leads_back(&text, view);
    }
    assert!((1..=MOST).contains(&count), "{count} views");
    assert!(made <= limit, "{made} bytes of views in {limit}");
    assert_eq!(views.iter().next().map(|view| view.disguise()), Some(Disguise::Plain));

    normal(&text);
}

/// What a character of a view was made of is there, whole, and what was made of several is made of what lies between.
fn leads_back(text: &str, view: View<'_>) {
    let mut before: Option<std::ops::Range<usize>> = None;
    let ordered = !matches!(view.disguise(), Disguise::Reversed);
    for (at, c) in view.text().char_indices() {
        let to = at + c.len_utf8();
        let own = view.original(at..to);
        let source = text.get(own.clone());
        assert!(source.is_some_and(|source| !source.is_empty()), "{c:?} at {at} of {view:?} comes from {own:?}");
        if let Some(before) = before.filter(|_| ordered) {
            assert!(
                before.start <= own.start && before.end <= own.end,
                "{before:?}, then {own:?}, in {:?}",
                view.disguise()
            );
        }
        before = Some(own);
    }
    let all = view.original(0..view.text().len());
    assert!(text.get(all.clone()).is_some(), "all of a view comes from {all:?}");
}

/// The same of a text that is only folded; and folding what was folded changes nothing.
fn normal(text: &str) {
    let normal = Normal::new(text, Fold::default());
    let mut end = 0;
    for (at, c) in normal.text().char_indices() {
        let own = normal.original(at..at + c.len_utf8());
        assert!(text.get(own.clone()).is_some_and(|source| !source.is_empty()), "{c:?} at {at} comes from {own:?}");
        // A character that became two is the source of both.
        assert!(own.end >= end, "{own:?} after {end}");
        end = own.end;
    }
}
