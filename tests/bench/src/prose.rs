//! Prompts and answers: ordinary prose of our own in which no policy finds anything.

use std::fmt::Write as _;

use bytes::Bytes;
use serde_json::json;

use crate::scenario::{CHUNKS, Scenario};

/// Different requests of one kind. More than any cache that a gate might have would hold by accident.
const BODIES: usize = 512;
/// Bytes of text in one event of a stream: about four tokens.
pub(crate) const CHUNK_BYTES: usize = 18;
/// Characters of a whole answer.
const ANSWER: usize = 600;

const SYSTEM: &str =
    "You are a careful editor at a small publishing house. Answer in plain sentences and keep to the question.";

const SENTENCES: [&str; 28] = [
    "The ferry leaves the north quay a little after seven, and most of the people on it are going to the market.",
    "Our draft of the third chapter is too long, and I would like to know which paragraphs could go without loss.",
    "When the rain stopped, the gardener opened the glass doors and let the warm air out of the greenhouse.",
    "Please compare the two proposals for the reading room and say which of them is cheaper to heat in winter.",
    "Nobody in the village could remember who had planted the chestnut trees along the road to the mill.",
    "The second violin comes in half a bar late, which the composer probably intended, and the players do not.",
    "I measured the shelf twice; it is a hand's breadth shorter than the drawing says.",
    "A good summary names what was decided, who does it, and when we shall look at it again.",
    "Between the harbour and the old town there is a path that is dry even at spring tide.",
    "The recipe asks for buttermilk, but yoghurt thinned with a little water does almost as well.",
    "She wrote that the archive is closed on Mondays and that the catalogue has not been complete since the move.",
    "Explain why bread that is baked with less yeast and more time keeps its crust for longer.",
    "The committee has asked for three examples, each of them from a different kind of school.",
    "In the upper room the light comes from the north, so painters have always liked to rent it.",
    "If the bearings are warm after an hour, there is too much grease in them rather than too little.",
    "What would you change in the opening so that a reader who knows nothing of sailing can follow it?",
    "Most of the letters are about the weather and the price of oats, and that is what makes them useful.",
    "The bus stops on request; wave early, since the driver cannot see the shelter from the bend.",
    "Put the longer table by the window and the shorter one where the piano used to stand.",
    "They agreed to plant the hedge in autumn, when the ground is still warm and the work on the roof is over.",
    "The translation is faithful, but it has lost the small jokes that carry the original from page to page.",
    "Give me a list of the points on which both reviewers agree, and leave out what only one of them says.",
    "Old maps show a bridge here, although the stones that are left could as well be those of a weir.",
    "It took the whole afternoon to find the leak, and four minutes to mend it.",
    "The lecture begins with a question about clouds and ends with another one about the same clouds.",
    "For the exhibition we need captions of two lines at most, in words that a child of ten would use.",
    "Someone has to tell the printers that the blue of the cover should be closer to slate than to sky.",
    "After the concert the hall was so quiet that one could hear the clock in the corridor.",
];

/// Requests that are all different, made in advance: the load's own work stays small.
pub(crate) fn bodies(scenario: &Scenario) -> Vec<Bytes> {
    (0..BODIES).map(|number| body(scenario, number)).collect()
}

fn body(scenario: &Scenario, number: usize) -> Bytes {
    let room = scenario.prompt_bytes.saturating_sub(SYSTEM.len());
    let text = text(number, room);
    let body = json!({
        "model": "mock-small",
        "stream": scenario.stream,
        "messages": [
            { "role": "system", "content": SYSTEM },
            { "role": "user", "content": text },
        ],
        "temperature": 0.2,
    });
    Bytes::from(body.to_string())
}

/// Exactly `length` characters, another text for each number.
pub(crate) fn text(number: usize, length: usize) -> String {
    let mut out = format!("Note {number}. ");
    let mut state = (number as u64).wrapping_mul(2).wrapping_add(1);
    while out.len() < length {
        // Knuth's MMIX constants; the upper bits are good enough to choose a sentence.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let choice = usize::try_from(state >> 33).unwrap_or(0) % SENTENCES.len();
        let sentence = SENTENCES.get(choice).copied().unwrap_or_default();
        let _ = write!(out, "{sentence} ");
    }
    // The sentences are ASCII, so this is a boundary.
    out.truncate(length);
    out
}

/// The script of the model: always the same answers.
pub(crate) fn script() -> String {
    let rule = |stream, length, chunk| {
        let when = json!({ "stream": stream });
        json!({ "when": when, "reply": { "text": text(BODIES, length), "chunk_bytes": chunk } })
    };
    // JSON is YAML.
    json!([rule(true, CHUNKS * CHUNK_BYTES, CHUNK_BYTES), rule(false, ANSWER, CHUNK_BYTES)]).to_string()
}

#[cfg(test)]
mod tests;
