//! What an argument is: by the operator's word, else by its name.

use serde::Deserialize;

use crate::config::Declared;

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A value that becomes part of something: all families count.
    Value,
    /// A SQL statement.
    Sql,
    /// A command line.
    Command,
    /// A path.
    Path,
    /// An address.
    Url,
    /// Markup.
    Html,
    /// Prose, or a program: whatever it quotes, it is not part of anything.
    Text,
    /// Not looked at.
    Off,
}

/// What an argument is. `tool` is the call's, `pointer` and `name` the argument's.
pub(crate) fn kind(declared: &[Declared], guess: bool, tool: &str, pointer: &str, name: &str) -> Kind {
    let said = declared.iter().find(|d| fits(&d.tool, tool) && (d.argument == pointer || fits(&d.argument, name)));
    match said {
        Some(said) => said.kind,
        None if guess => guessed(name),
        None => Kind::Value,
    }
}

/// A name with at most one `*` in it, whatever the case.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(name),
        Some((head, tail)) => {
            let (name, head, tail) = (name.to_ascii_lowercase(), head.to_ascii_lowercase(), tail.to_ascii_lowercase());
            name.len() >= head.len() + tail.len() && name.starts_with(&head) && name.ends_with(&tail)
        }
    }
}

/// What names say, `file_path` and `filePath` alike. `query` says nothing: it may be a question.
fn guessed(name: &str) -> Kind {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "sql" | "sqlquery" | "sqlstatement" | "querysql" | "statement" | "rawsql" => Kind::Sql,
        "command" | "cmd" | "commandline" | "shell" | "shellcommand" | "bash" | "bashcommand" => Kind::Command,
        "path" | "file" | "filename" | "filepath" | "dir" | "directory" | "folder" | "dirpath" | "dirname"
        | "foldername" | "sourcepath" | "targetpath" | "destinationpath" | "outputpath" | "inputpath" => Kind::Path,
        "url" | "uri" | "href" | "link" | "endpoint" | "webhook" | "webhookurl" | "baseurl" | "imageurl"
        | "callbackurl" | "targeturl" => Kind::Url,
        "html" | "htmlbody" | "bodyhtml" | "markup" => Kind::Html,
        "text" | "content" | "contents" | "body" | "message" | "description" | "comment" | "prompt" | "summary"
        | "note" | "notes" | "instructions" | "question" | "answer" | "code" | "script" | "source" | "snippet"
        | "patch" | "diff" | "newstr" | "oldstr" | "newstring" | "oldstring" | "filetext" | "markdown" | "program" => {
            Kind::Text
        }
        _ => Kind::Value,
    }
}

#[cfg(test)]
mod tests;
