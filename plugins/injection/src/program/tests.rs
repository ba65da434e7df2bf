#![expect(clippy::unwrap_used, reason = "a failed unwrap is the test failing")]

use super::{BYTES, Program, Rule, Source, compile};
use crate::lexicon::CLASSES;
use crate::rules::rules;

#[test]
fn what_is_built_in_is_made_of_the_rules_as_they_are() {
    let made = compile(&rules(), CLASSES).unwrap();
    assert!(made == BYTES, "cargo run -p witgate-plugin-injection --example compile -- src/rules.bin");
    assert!(BYTES.len() <= 40 << 10, "{} bytes in every sandbox", BYTES.len());
}

#[test]
fn bytes_cut_short_are_no_program() {
    let rule = Rule { family: 3, weight: 70, tool_only: true };
    let sources = [Source { rule, slots: vec![(1, "red/blue".into()), (5, "fox".into())] }];
    let bytes: &'static [u8] = compile(&sources, &[]).unwrap().leak();
    let program = Program::read(bytes).unwrap();
    assert_eq!((program.len(), program.step(0).unwrap().gap, program.step(1).unwrap().ends), (2, 5, Some(0)));
    let read = program.rule(0).unwrap();
    assert_eq!((read.family, read.weight, read.tool_only), (3, 70, true));
    for end in 0..bytes.len() {
        assert!(Program::read(&bytes[..end]).is_none(), "{end}");
    }
}
