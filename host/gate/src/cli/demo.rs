//! `witgate demo`.
use std::io::Write;
pub(super) fn demo(_serve: bool, _colour: bool, _out: &mut dyn Write) -> anyhow::Result<u8> { Ok(0) }
