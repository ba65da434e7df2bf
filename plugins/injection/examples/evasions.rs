//! Prints what is left of the recall when attacks are disguised: `cargo run --release -p witgate-plugin-injection --example
//! evasions -- FILE`. Of each attack that is refused as it stands, how many are refused in each disguise; and how many harmless
//! rows are in it.
#![expect(clippy::print_stdout, reason = "a table for people")]

use std::error::Error;

use witgate_plugin_injection::{Config, Injection};
use witgate_sdk::Plugin;

type Disguise = (&'static str, fn(&str) -> String);

fn each(text: &str, with: impl Fn(char) -> String) -> String {
    text.chars().map(with).collect()
}

fn swap(text: &str, from: &str, to: &str) -> String {
    each(text, |c| from.chars().position(|f| f == c).and_then(|at| to.chars().nth(at)).unwrap_or(c).into())
}

fn shifted(c: char, by: u32) -> String {
    if c.is_ascii() { char::from_u32(u32::from(c) + by).unwrap_or(c).into() } else { c.into() }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - three.len()));
        for i in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * i) & 63) as usize).copied().unwrap_or(b'A');
            out.push(if i <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

fn rot13(c: char) -> String {
    let turn = |b: u8, a: u8| char::from((b - a + 13) % 26 + a);
    match u8::try_from(c) {
        Ok(b @ b'a'..=b'z') => turn(b, b'a').into(),
        Ok(b @ b'A'..=b'Z') => turn(b, b'A').into(),
        _ => c.into(),
    }
}

/// Tag characters carry ASCII only.
fn tags(text: &str) -> String {
    text.chars().filter_map(|c| char::from_u32(0xe0000 + u32::from(c)).filter(|_| (' '..='~').contains(&c))).collect()
}

const DISGUISES: &[Disguise] = &[
    ("leet", |t| swap(t, "oeasti", "034571")),
    ("leet, half", |t| swap(t, "oe", "03")),
    ("spaced letters", |t| {
        t.split(' ').map(|w| w.chars().map(String::from).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("   ")
    }),
    ("dotted letters", |t| {
        t.split(' ').map(|w| w.chars().map(String::from).collect::<Vec<_>>().join(".")).collect::<Vec<_>>().join(" ")
    }),
    ("homoglyphs", |t| swap(t, "oeacpixy", "оеасріху")),
    ("full width", |t| {
        each(t, |c| {
            if c == ' ' {
                c.into()
            } else if c.is_ascii_graphic() {
                shifted(c, 0xfee0)
            } else {
                c.into()
            }
        })
    }),
    ("mathematical", |t| each(t, |c| if c.is_ascii_lowercase() { shifted(c, 0x1d41a - 0x61) } else { c.into() })),
    ("zero width", |t| each(t, |c| format!("{c}\u{200b}"))),
    ("soft hyphens", |t| each(t, |c| format!("{c}\u{ad}"))),
    ("combining marks", |t| each(t, |c| if c.is_ascii_alphabetic() { format!("{c}\u{301}") } else { c.into() })),
    ("tag characters", tags),
    ("variation selectors", |t| {
        t.bytes()
            .filter_map(|b| char::from_u32(if b < 16 { 0xfe00 + u32::from(b) } else { 0xe0100 + u32::from(b) - 16 }))
            .collect()
    }),
    ("base64", |t| base64(t.as_bytes())),
    ("base64 twice", |t| base64(base64(t.as_bytes()).as_bytes())),
    ("hexadecimal", |t| t.bytes().map(|b| format!("{b:02x}")).collect()),
    ("URL escapes", |t| t.bytes().map(|b| format!("%{b:02x}")).collect()),
    ("HTML entities", |t| each(t, |c| format!("&#{};", u32::from(c)))),
    ("JSON escapes", |t| t.encode_utf16().map(|u| format!("\\u{u:04x}")).collect()),
    ("rot13", |t| each(t, rot13)),
    ("reversed", |t| t.chars().rev().collect()),
    ("words reversed", |t| t.split(' ').map(|w| w.chars().rev().collect()).collect::<Vec<String>>().join(" ")),
    ("tags inside", |t| t.replace(' ', " <b></b>").replace("in", "i<i>n</i>").replace("re", "r<!-- -->e")),
    ("capitals", str::to_uppercase),
    ("line breaks", |t| t.replace(' ', "\n")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name a file of labelled lines")?;
    let plugin = Injection::configure(Config::default()).map_err(|issues| format!("{issues:?}"))?;
    let (mut attacks, mut harmless) = (vec![], vec![]);
    for line in std::fs::read_to_string(path)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let origin = match row["channel"].as_str() {
            Some("tool_result") => ("tool-result", "tool"),
            Some("system") => continue,
            _ => ("text", "user"),
        };
        let text = row["text"].as_str().unwrap_or_default().to_owned();
        if row["label"] == "attack" { attacks.push((text, origin)) } else { harmless.push((text, origin)) }
    }
    let refused = |rows: &[(String, (&str, &str))], disguise: fn(&str) -> String| {
        rows.iter().filter(|(text, (kind, role))| plugin.refuses(plugin.score(&disguise(text), kind, role))).count()
    };
    let share = |n: usize, of: &[_]| {
        100.0 * f64::from(u32::try_from(n).unwrap_or(0)) / f64::from(u32::try_from(of.len()).unwrap_or(1))
    };
    let plain: fn(&str) -> String = str::to_owned;
    let whole = share(refused(&attacks, plain), &attacks);
    println!(
        "{:20} {whole:6.1} %            harmless {:5.2} %",
        "as it stands",
        share(refused(&harmless, plain), &harmless)
    );
    for (name, disguise) in DISGUISES {
        let left = share(refused(&attacks, *disguise), &attacks);
        println!(
            "{name:20} {left:6.1} %  {:+6.1}    harmless {:5.2} %",
            left - whole,
            share(refused(&harmless, *disguise), &harmless)
        );
    }
    Ok(())
}
