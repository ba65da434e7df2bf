//! Documents: a request, or the arguments of a call.

use witgate_sdk::{Decision, Document, Edit};

use crate::config::{Direction, Role};
use crate::hits::{Hits, MAX_EDITS, Notes, Told};
use crate::scanner::{Part, Scanner};
use crate::{BLOCKED, IN_KEY, TOO_MANY};

/// Matches of one pattern that are told, where they are not replaced.
const MOST: usize = 64;

/// Judges a document.
pub(crate) fn judge(scanner: &Scanner, document: &Document, direction: Direction) -> Decision {
    let mut decision = Decision::allow();
    let mut refused: Option<Decision> = None;
    let mut hits = Hits::new(&scanner.patterns, MOST);
    let mut notes = Notes::default();
    for segment in &document.segments {
        let role = (direction == Direction::Request).then(|| Role::of(&segment.kind, &segment.role));
        let active = scanner.active(direction, role);
        // What only the provider can read is not text.
        if active == 0 || segment.kind == "opaque" {
            continue;
        }
        let part = Part { text: segment.text(document), base: segment.at.start, complete: true };
        scanner.scan(part, &mut scanner.begin(part.base), active, &mut |hit| hits.take(hit));
        hits.sort();
        hits.drain(&scanner.patterns, u64::MAX, |hit, pattern, told| {
            notes.add(hit, pattern, &mut decision);
            match (told, pattern.replacement()) {
                (Told::Refused, _) => {
                    refused.get_or_insert_with(|| Decision::deny(BLOCKED, pattern.told(direction)));
                }
                (Told::Edit(_), Some(_)) if segment.kind == "key" => {
                    let message = "The name of a field cannot be replaced. Send it as a value instead.";
                    refused.get_or_insert_with(|| Decision::deny(IN_KEY, message));
                }
                (Told::Edit(at), Some(replacement)) if decision.edits.len() < MAX_EDITS => {
                    decision.edits.push(Edit { at, replacement });
                }
                (Told::Edit(_), Some(_)) => {
                    let message = format!("The {} has too many places to replace.", direction.noun());
                    refused.get_or_insert_with(|| Decision::deny(TOO_MANY, message));
                }
                _ => {}
            }
            true
        });
        // Nothing that comes changes the outcome, and a refusal needs no more findings.
        if refused.is_some() {
            break;
        }
    }
    if let Some(refused) = refused {
        decision.verdict = refused.verdict;
        decision.edits.clear();
    }
    decision
}
