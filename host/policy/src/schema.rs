//! A plugin's configuration against the JSON Schema of its manifest.

use serde_json::Value;

/// One mistake in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaIssue {
    /// RFC 6901 pointer into the configuration.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Every mistake of a configuration. Without a schema only an empty object is right.
///
/// # Errors
/// The schema itself is none (JSON Schema 2020-12).
pub fn check_schema(schema: Option<&Value>, config: &Value) -> Result<Vec<SchemaIssue>, String> {
    let Some(schema) = schema else {
        let empty = config.as_object().is_some_and(serde_json::Map::is_empty);
        let message = "the plugin has no configuration; leave `config` out".to_owned();
        return Ok(if empty { vec![] } else { vec![SchemaIssue { pointer: String::new(), message }] });
    };
    let validator = jsonschema::draft202012::new(schema).map_err(|e| e.to_string())?;
    Ok(validator
        .iter_errors(config)
        .map(|e| SchemaIssue { pointer: e.instance_path().to_string(), message: e.to_string() })
        .collect())
}
