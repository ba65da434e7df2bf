use serde_json::json;

use super::*;
use crate::cli::plugin::cases::Case;

#[test]
fn arguments_are_what_they_were() {
    for arguments in [
        json!({ "to": "jo@example.org", "parts": [{ "a/b": "one" }, "two", ["three"]], "none": null, "more": { "x~y": "z" } }),
        json!({}),
        json!({ "0": { "1": "two" } }),
    ] {
        let asked = json!({ "name": "a", "stage": "commitment", "tool": "t", "arguments": arguments, "expect": { "verdict": "allow" } });
        let Ok(case) = serde_json::from_value::<Case>(asked) else { panic!("it is a case") };
        let document = case.action().arguments;
        assert_eq!(of(&document, &document.text), arguments);
    }
}
