//! JSON Schema (2020-12) over a configuration, each error told as a person would tell it.

use std::cmp::Reverse;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, JsonType, PatternOptions, ValidationError};
use serde_json::Value;

use super::document::child;
use super::mistake::Mistake;

/// Errors told for one document; the rest would be noise.
const MAX_MISTAKES: usize = 100;

/// The schema of `witgate.yaml`.
pub(crate) const CONFIG_SCHEMA: &str = include_str!("schema.json");

/// Checks `instance` and names every mistake. `prefix` is the pointer of `instance` inside the file, empty for the file itself:
/// a plugin's configuration is checked with its manifest's schema and `/policies/set/N/config`. No reference outside `schema`
/// is followed, and patterns match in linear time.
pub(crate) fn render_schema_errors(instance: &Value, schema: &Value, prefix: &str) -> Vec<Mistake> {
    let options =
        jsonschema::options().with_draft(Draft::Draft202012).offline().with_pattern_options(PatternOptions::regex());
    let validator = match options.build(schema) {
        Ok(validator) => validator,
        Err(error) => {
            return vec![Mistake::new(
                "schema_invalid",
                prefix,
                format!("the schema for this value is not valid: {error}"),
            )];
        }
    };
    let mut mistakes = Vec::new();
    for error in validator.iter_errors(instance) {
        Rendering { schema, prefix }.error(&error, &mut mistakes);
        if mistakes.len() >= MAX_MISTAKES {
            break;
        }
    }
    mistakes.truncate(MAX_MISTAKES);
    mistakes
}

struct Rendering<'a> {
    schema: &'a Value,
    prefix: &'a str,
}

impl Rendering<'_> {
    fn error(&self, error: &ValidationError<'_>, out: &mut Vec<Mistake>) {
        let pointer = format!("{}{}", self.prefix, error.instance_path().as_str());
        let rule = self.rule(error);
        let value = error.instance().as_ref();
        let shown = show(value);
        let mistake = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                out.extend(unexpected.iter().map(|name| unknown_member(&pointer, name, rule)));
                return;
            }
            ValidationErrorKind::Required { property } => {
                missing_member(&pointer, property.as_str().unwrap_or_default(), rule)
            }
            ValidationErrorKind::Type { kind } => wrong_type(&pointer, kind, value, rule),
            ValidationErrorKind::Enum { options } => not_one_of(&pointer, options, value),
            ValidationErrorKind::Constant { expected_value } => {
                Mistake::new("not_one_of", pointer, format!("{shown} is not taken here"))
                    .help(format!("write {}", show(expected_value)))
            }
            ValidationErrorKind::Minimum { .. }
            | ValidationErrorKind::Maximum { .. }
            | ValidationErrorKind::ExclusiveMinimum { .. }
            | ValidationErrorKind::ExclusiveMaximum { .. } => {
                Mistake::new("out_of_range", pointer, format!("{shown} is out of range"))
                    .help(with_description(range(rule), rule))
            }
            ValidationErrorKind::MinItems { limit } => short(&pointer, format!("at least {limit} needed here"), rule),
            ValidationErrorKind::MinLength { limit } => {
                short(&pointer, format!("at least {limit} characters needed here"), rule)
            }
            ValidationErrorKind::MinProperties { limit } => {
                short(&pointer, format!("at least {limit} members needed here"), rule)
            }
            ValidationErrorKind::MaxItems { limit } => long(&pointer, format!("at most {limit} are taken here"), rule),
            ValidationErrorKind::MaxLength { limit } => {
                long(&pointer, format!("at most {limit} characters are taken here"), rule)
            }
            ValidationErrorKind::MaxProperties { limit } => {
                long(&pointer, format!("at most {limit} members are taken here"), rule)
            }
            ValidationErrorKind::Pattern { pattern } => {
                Mistake::new("wrong_form", pointer, format!("{shown} has not the form needed here"))
                    .help(description(rule).map_or_else(|| format!("must match {pattern}"), str::to_owned))
            }
            ValidationErrorKind::FalseSchema => {
                Mistake::new("unknown_member", pointer, "nothing is taken here").help("remove it")
            }
            ValidationErrorKind::UniqueItems => {
                Mistake::new("repeated_item", pointer, "an item stands here twice").help("keep each item once")
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context }
            | ValidationErrorKind::OneOfMultipleValid { context } => {
                return self.alternatives(pointer, context, rule, out);
            }
            ValidationErrorKind::PropertyNames { error } => {
                Mistake::new("wrong_form", pointer, format!("the name {} is not taken here", show(error.instance())))
            }
            _ => Mistake::new("invalid_value", pointer, format!("{shown} does not meet `{}`", error.kind().keyword())),
        };
        let mistake = match (&mistake.help, description(rule)) {
            (None, Some(description)) => mistake.help(description),
            _ => mistake,
        };
        out.push(mistake);
    }

    /// Of several alternatives the one that was most likely meant: the one whose errors lie deepest.
    fn alternatives(
        &self,
        pointer: String,
        context: &[Vec<ValidationError<'static>>],
        rule: &Value,
        out: &mut Vec<Mistake>,
    ) {
        let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
        let is_type = |error: &ValidationError<'_>| matches!(error.kind(), ValidationErrorKind::Type { .. });
        let here = pointer.strip_prefix(self.prefix).unwrap_or_default().matches('/').count();
        let meant = context
            .iter()
            .filter(|errors| !errors.iter().any(|error| is_type(error) && depth(error) == here))
            .min_by_key(|errors| (Reverse(errors.iter().map(depth).max()), errors.len()));
        match meant {
            Some(errors) if !errors.is_empty() => errors.iter().for_each(|error| self.error(error, out)),
            _ => {
                let help = description(rule).unwrap_or("see the schema of this value");
                out.push(Mistake::new("no_alternative", pointer, "this value is none of those taken here").help(help));
            }
        }
    }

    /// The schema object that holds the keyword that failed.
    fn rule(&self, error: &ValidationError<'_>) -> &Value {
        let path = error.schema_path().as_str();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema.pointer(parent).unwrap_or(&Value::Null)
    }
}

fn unknown_member(pointer: &str, name: &str, rule: &Value) -> Mistake {
    let members: Vec<&str> =
        rule["properties"].as_object().map(|members| members.keys().map(String::as_str).collect()).unwrap_or_default();
    let whole = if pointer.is_empty() { "the file" } else { pointer };
    let mistake =
        Mistake::new("unknown_member", child(pointer, name), format!("{whole} has no member `{}`", cut(name)));
    match closest(name, &members) {
        Some(close) => mistake.help(format!("did you mean `{close}`?")),
        None if members.is_empty() => mistake.help("it takes no members"),
        None => mistake.help(format!("its members are {}", members.join(", "))),
    }
}

fn missing_member(pointer: &str, name: &str, rule: &Value) -> Mistake {
    let mistake = Mistake::new("missing_member", pointer, format!("`{name}` is missing"));
    let member = &rule["properties"][name];
    let known = description(member)
        .map(str::to_owned)
        .or_else(|| member.get("const").map(|value| format!("write {}", show(value))));
    mistake.help(known.map_or_else(|| format!("add `{name}:`"), |text| format!("add `{name}:` {text}")))
}

fn wrong_type(pointer: &str, kind: &TypeKind, value: &Value, rule: &Value) -> Mistake {
    let (wanted, text) = match kind {
        TypeKind::Single(one) => (type_name(*one).to_owned(), *one == JsonType::String),
        TypeKind::Multiple(set) => {
            (set.iter().map(type_name).collect::<Vec<_>>().join(" or "), set.iter().any(|one| one == JsonType::String))
        }
    };
    let mistake = Mistake::new("wrong_type", pointer, format!("expected {wanted}, found {}", found(value)));
    if text && (value.is_number() || value.is_boolean()) {
        return mistake.help(with_description(Some("put it in quotes".to_owned()), rule));
    }
    if value.as_str().is_some_and(|word| ["yes", "no", "on", "off"].contains(&word))
        && wanted == type_name(JsonType::Boolean)
    {
        return mistake.help("write true or false");
    }
    mistake
}

fn not_one_of(pointer: &str, options: &Value, value: &Value) -> Mistake {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
    let listed = options.iter().map(show).collect::<Vec<_>>().join(", ");
    let help = match value.as_str().and_then(|word| closest(word, &words)) {
        Some(close) => format!("did you mean `{close}`? one of: {listed}"),
        None => format!("one of: {listed}"),
    };
    Mistake::new("not_one_of", pointer, format!("{} is not taken here", show(value))).help(help)
}

fn short(pointer: &str, message: String, rule: &Value) -> Mistake {
    Mistake::new("too_few", pointer, message).help(with_description(None, rule))
}

fn long(pointer: &str, message: String, rule: &Value) -> Mistake {
    Mistake::new("too_many", pointer, message).help(with_description(None, rule))
}

fn description(rule: &Value) -> Option<&str> {
    rule["description"].as_str()
}

fn with_description(text: Option<String>, rule: &Value) -> String {
    match (text, description(rule)) {
        (Some(text), Some(description)) => format!("{text} ({description})"),
        (Some(text), None) => text,
        (None, description) => description.unwrap_or("see the schema of this value").to_owned(),
    }
}

fn range(rule: &Value) -> Option<String> {
    let low = rule.get("minimum").map(|low| format!("from {low}"));
    let low = low.or_else(|| rule.get("exclusiveMinimum").map(|low| format!("more than {low}")));
    let high = rule.get("maximum").map(|high| format!("to {high}"));
    let high = high.or_else(|| rule.get("exclusiveMaximum").map(|high| format!("less than {high}")));
    let both: Vec<String> = low.into_iter().chain(high).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

/// The option nearest to `word`, if it is near enough to have been meant.
pub(crate) fn closest<'a>(word: &str, options: &[&'a str]) -> Option<&'a str> {
    // The distance takes time in the product of the lengths.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let distance = |option: &str| strsim::damerau_levenshtein(&word, option);
    let (distance, option) =
        options.iter().map(|option| (distance(option), *option)).min_by_key(|(distance, _)| *distance)?;
    (distance <= (word.chars().count() / 3).max(1)).then_some(option)
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "nothing",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping of members",
    }
}

fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::String(_) => format!("the text {}", show(value)),
        Value::Bool(_) | Value::Number(_) => show(value),
    }
}

/// A value as it can be quoted in a message: bounded, on one line.
fn show(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", cut(text)),
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "this list".to_owned(),
        Value::Object(_) => "this mapping".to_owned(),
        other => format!("`{other}`"),
    }
}

/// At most 60 characters, none of them a control character.
pub(crate) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
