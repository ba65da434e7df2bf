//! `witgate plugin inspect`: what a plugin is, without putting it in force.

use std::io::Write;
use std::path::Path;

use super::error::PluginError;
use super::report::Report;
use super::target::{Target, config};
use super::{FAILED, Format, OK};

/// Tells all that is known of a plugin; a plugin that would not load is told by code.
pub(super) fn run(
    target: &Target,
    file: Option<&Path>,
    format: Format,
    out: &mut dyn Write,
) -> Result<u8, PluginError> {
    let bytes = target.bytes()?;
    let config = config(file)?;
    let report = match Report::of(&target.to_string(), &bytes, &config) {
        Ok(report) => report,
        // Not even its manifest can be read.
        Err(PluginError::Load { name, error }) if format == Format::Json => {
            let refused = serde_json::json!({"code": error.code(), "message": error.to_string()});
            writeln!(out, "{}", serde_json::json!({"plugin": name, "loads": false, "error": refused}))?;
            return Ok(FAILED);
        }
        Err(error) => return Err(error),
    };
    match format {
        Format::Human => write!(out, "{}", report.human())?,
        Format::Json => writeln!(out, "{}", report.json())?,
    }
    Ok(if report.refused().is_some() { FAILED } else { OK })
}
