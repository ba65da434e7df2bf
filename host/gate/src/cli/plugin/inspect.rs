//! `witgate plugin inspect`: what a plugin is, without putting it in force.

use std::io::Write;
use std::path::Path;

use super::error::PluginError;
use super::report::Report;
use super::target::{Target, config};
use super::verify::Beside;
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
    let signature = match target {
        Target::Path(path) => Beside::of(path, &bytes)?,
        Target::Builtin(_) => None,
    };
    match format {
        Format::Human => {
            write!(out, "{}", report.human())?;
            if let Some(signature) = &signature {
                writeln!(out, "  {:<10} {}", "signed", signature.human())?;
            }
        }
        Format::Json => {
            let mut told = report.json();
            told["signature"] = signature.as_ref().map_or(serde_json::Value::Null, Beside::json);
            writeln!(out, "{told}")?;
        }
    }
    let fits = signature.as_ref().is_none_or(Beside::fits);
    Ok(if report.refused().is_some() || !fits { FAILED } else { OK })
}
