#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use std::collections::BTreeSet;

use super::{Form, read};
use crate::dialect::Dialect;

#[test]
fn every_block_has_a_name_of_its_own_and_a_place_for_the_value() {
    for dialect in Dialect::ALL {
        let fields = read(dialect).unwrap();
        let mut names = BTreeSet::new();
        for block in &fields.blocks {
            assert!(names.insert((block.form, block.name.clone())), "{dialect:?} {} twice", block.name);
            let around = block.headers.iter().map(|(_, value)| value).chain(&block.query);
            let all: Vec<&String> = block.lines.iter().map(|line| &line.text).chain(around).collect();
            let placed = ["<text>", "<first>", "<args", "<bytes>", "<number>", "<raw>", "<query>"];
            assert!(all.iter().any(|text| placed.iter().any(|name| text.contains(name))), "{dialect:?} {}", block.name);
        }
        for form in [Form::Stream, Form::Unary, Form::Request] {
            assert!(fields.blocks.iter().filter(|block| block.form == form).count() > 15, "{dialect:?} {form:?}");
        }
        assert!(serde_json::from_str::<serde_json::Value>(&fields.answer).is_ok());
    }
}
