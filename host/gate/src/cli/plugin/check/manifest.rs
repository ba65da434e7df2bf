//! What a manifest says, held against what it is for.

use serde_json::Value;
use witgate_engine::{Limits, Manifest};

use super::advice::{Advice, Level};
use crate::config::render_schema_errors;

/// Everything in a manifest that is wrong or will be regretted.
pub(super) fn check(manifest: &Manifest) -> Vec<Advice> {
    let mut out = Vec::new();
    if let Err(error) = manifest.wanted() {
        out.push(Advice::new(
            Level::Error,
            "check_grant_unknown",
            error.to_string(),
            "the grants are edit, escalate, state, state-global and clock",
        ));
    }
    if !is_semver(&manifest.version) {
        out.push(Advice::new(
            Level::Warning,
            "check_version",
            format!("the version `{}` is not of the form 1.2.3", manifest.version),
            "write a version after semver.org, so that people can tell which is newer",
        ));
    }
    if manifest.description.trim().is_empty() {
        out.push(Advice::new(
            Level::Warning,
            "check_description",
            "the manifest has no description",
            "say in one sentence what the policy does: it stands in `inspect` and before whoever approves it",
        ));
    }
    codes(manifest, &mut out);
    if let Some(schema) = &manifest.config_schema {
        self::schema(schema, &mut out);
    }
    let limits = manifest.limits.limits();
    if limits.memory > Limits::MAX_MEMORY {
        out.push(Advice::new(
            Level::Error,
            "plugin_memory_limit",
            format!(
                "it asks for {} MiB of memory; a plugin can have {}",
                limits.memory >> 20,
                Limits::MAX_MEMORY >> 20
            ),
            "lower `limits.memory_mib` in the manifest",
        ));
    }
    out
}

fn codes(manifest: &Manifest, out: &mut Vec<Advice>) {
    let mut seen: Vec<&str> = Vec::new();
    for code in &manifest.codes {
        if seen.contains(&code.as_str()) {
            out.push(Advice::new(
                Level::Warning,
                "check_code_twice",
                format!("the code `{code}` is declared twice"),
                "leave one of them",
            ));
        }
        seen.push(code);
        let usual = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if code.is_empty() || code.len() > 64 || !code.bytes().all(usual) {
            out.push(Advice::new(
                Level::Warning,
                "check_code_form",
                format!("the code `{code}` is not 1 to 64 lower-case letters, digits, `_` and `-`"),
                "rename it: codes stand in records, metrics and rules, and are matched letter by letter",
            ));
        }
    }
}

fn schema(schema: &Value, out: &mut Vec<Advice>) {
    if let Err(error) = jsonschema::draft202012::new(schema) {
        out.push(Advice::new(
            Level::Error,
            "check_schema",
            format!("`config_schema` is no JSON Schema (2020-12): {error}"),
            "correct it: no configuration can be held against it as it is",
        ));
        return;
    }
    if schema["type"] != "object" {
        out.push(Advice::new(
            Level::Warning,
            "check_schema_object",
            "`config_schema` does not say that a configuration is an object",
            "add \"type\": \"object\": what stands under `config` in a gate's configuration always is one",
        ));
    }
    if schema.get("additionalProperties").is_none() && schema.get("unevaluatedProperties").is_none() {
        out.push(Advice::new(
            Level::Warning,
            "check_schema_open",
            "`config_schema` lets unknown members pass, so a misspelt one is silently ignored",
            "add \"additionalProperties\": false",
        ));
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if member.get("description").is_none() && member.get("$ref").is_none() {
            out.push(Advice::new(
                Level::Note,
                "check_schema_undescribed",
                format!("the setting `{name}` has no description"),
                "describe it: `plugin inspect` shows it to whoever configures the policy",
            ));
        }
        let Some(default) = member.get("default") else { continue };
        // References are looked up in the whole schema.
        let mut own = member.clone();
        if let (Some(own), Some(defs)) = (own.as_object_mut(), schema.get("$defs")) {
            own.insert("$defs".to_owned(), defs.clone());
        }
        if !render_schema_errors(default, &own, "").is_empty() {
            out.push(Advice::new(
                Level::Error,
                "check_schema_default",
                format!("the default of `{name}`, {default}, does not meet its own schema"),
                "correct the default or the schema",
            ));
        }
    }
}

/// `1.2.3`, with or without a pre-release and build part. What those hold is not looked at.
fn is_semver(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    numbers.len() == 3 && numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}
