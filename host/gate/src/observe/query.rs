//! What is asked for in a URL.

use witgate_ledger::{Filter, Kind, ThreadIds, Verdict, When};

use super::Refused;

/// Values of one list.
const LIST: usize = 32;
/// Bytes of one value.
const VALUE_BYTES: usize = 256;

/// The parameters of a URL: the filter, and the others that the path takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) filter: Filter,
    others: Vec<(String, String)>,
}

impl Query {
    /// Reads a URL's query. `others` are the parameters that the path takes beside the filter's.
    pub(super) fn parse(query: &str, others: &[&str]) -> Result<Self, Refused> {
        let mut read = Self::default();
        let mut once: Vec<String> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text| {
                let wrong = || Refused::parameter("bad_parameter", name, "it is not percent-encoded UTF-8");
                decoded(text).ok_or_else(wrong)
            };
            let (name, value) = (decode(name)?, decode(value)?);
            if value.is_empty() || value.len() > VALUE_BYTES {
                let message = format!("a value has 1 to {VALUE_BYTES} bytes");
                return Err(Refused::parameter("bad_parameter", &name, message));
            }
            if !read.list(&name, &value)? {
                if once.contains(&name) {
                    return Err(Refused::parameter("bad_parameter", &name, "it may be given once"));
                }
                read.one(&name, value, others)?;
                once.push(name);
            }
        }
        Ok(read)
    }

    /// Takes a parameter that may be given more than once; false when it is none.
    fn list(&mut self, name: &str, value: &str) -> Result<bool, Refused> {
        let filter = &mut self.filter;
        let len = match name {
            "kind" => {
                filter.kinds.push(Kind::from(value.to_ascii_uppercase().as_str()));
                filter.kinds.len()
            }
            "plugin" => {
                filter.plugins.push(value.to_owned());
                filter.plugins.len()
            }
            "verdict" => {
                filter.verdicts.push(Verdict::from(value));
                filter.verdicts.len()
            }
            "code" => {
                filter.codes.push(value.to_owned());
                filter.codes.len()
            }
            _ => return Ok(false),
        };
        match len <= LIST {
            true => Ok(true),
            false => Err(Refused::parameter("bad_parameter", name, format!("it may be given {LIST} times"))),
        }
    }

    fn one(&mut self, name: &str, value: String, others: &[&str]) -> Result<(), Refused> {
        let when = |value: &str| {
            value.parse::<When>().map_err(|error| Refused::parameter("bad_parameter", name, error.to_string()))
        };
        match name {
            "exchange" => self.filter.exchange = Some(value),
            "since" => self.filter.since = Some(when(&value)?),
            "until" if others.contains(&"until") => self.filter.until = Some(when(&value)?),
            other if others.contains(&other) => self.others.push((name.to_owned(), value)),
            other => match self.filter.ids.field(other) {
                Some(field) if ThreadIds::is_valid(&value) => *field = Some(value),
                Some(_) => {
                    return Err(Refused::parameter("bad_parameter", name, "1 to 128 visible ASCII characters"));
                }
                None => {
                    let message = format!(
                        "it is none of: kind, exchange, plugin, verdict, code, since, {}, {}",
                        others.join(", "),
                        ThreadIds::NAMES.join(", ")
                    );
                    return Err(Refused::parameter("unknown_parameter", name, message));
                }
            },
        }
        Ok(())
    }

    /// One of the other parameters.
    pub(super) fn other(&self, name: &str) -> Option<&str> {
        self.others.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// One of them that is a number, within bounds.
    pub(super) fn number(&self, name: &str, usual: u64, within: std::ops::RangeInclusive<u64>) -> Result<u64, Refused> {
        let Some(value) = self.other(name) else { return Ok(usual) };
        let number = value.parse().ok().filter(|number| within.contains(number));
        let wrong = || format!("it is a number, {} to {}", within.start(), within.end());
        number.ok_or_else(|| Refused::parameter("bad_parameter", name, wrong()))
    }
}

/// Percent-encoded text, `+` for a space.
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
