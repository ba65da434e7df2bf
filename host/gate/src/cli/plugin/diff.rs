//! Two texts, line by line: what was expected, what came.

use super::paint::{Paint, visible};

/// Lines of each text that are compared one with another; longer texts are compared from both ends only.
const COMPARED: usize = 300;
/// Lines that are told, and characters of a line.
const TOLD: usize = 60;
const WIDEST: usize = 400;

/// A line of the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    /// Expected, and not there.
    Gone(&'a str),
    /// There, and not expected.
    New(&'a str),
    /// A line that came in another form.
    Changed(&'a str, &'a str),
}

/// The difference as lines for a terminal or a log, each without its end.
pub(super) fn told(expected: &str, got: &str, paint: Paint) -> Vec<String> {
    let lines = paired(between(&split(expected), &split(got)));
    let mut out = Vec::new();
    let near = |index: usize| {
        let around = index.saturating_sub(2)..(index + 3).min(lines.len());
        lines.get(around).is_some_and(|around| around.iter().any(|line| !matches!(line, Line::Same(_))))
    };
    let mut skipped = false;
    for (index, line) in lines.iter().enumerate() {
        if out.len() >= TOLD {
            out.push("  …".to_owned());
            break;
        }
        match line {
            Line::Same(_) if !near(index) => skipped = true,
            _ if std::mem::take(&mut skipped) => {
                out.push(paint.faint("  …"));
                one(line, paint, &mut out);
            }
            _ => one(line, paint, &mut out),
        }
    }
    out
}

fn one(line: &Line<'_>, paint: Paint, out: &mut Vec<String>) {
    match line {
        Line::Same(text) => out.push(format!("  {}", shown(text))),
        Line::Gone(text) => out.push(paint.red(&format!("- {}", shown(text)))),
        Line::New(text) => out.push(paint.green(&format!("+ {}", shown(text)))),
        Line::Changed(expected, got) => {
            let (head, (gone, new), tail) = middle(expected, got);
            let of = |sign: &str, middle: &str, line: fn(Paint, &str) -> String, mark: fn(Paint, &str) -> String| {
                let whole = [
                    line(paint, &format!("{sign} {}", visible(head))),
                    mark(paint, &visible(middle)),
                    line(paint, &visible(tail)),
                ];
                whole.concat()
            };
            // What is too long to be looked at is not marked either.
            if expected.chars().count().max(got.chars().count()) > WIDEST {
                out.push(paint.red(&format!("- {}", shown(expected))));
                out.push(paint.green(&format!("+ {}", shown(got))));
                return;
            }
            out.push(of("-", gone, Paint::red, Paint::red_mark));
            out.push(of("+", new, Paint::green, Paint::green_mark));
            if !paint.0 {
                let before = visible(head).chars().count();
                let marks = visible(gone).chars().count().max(visible(new).chars().count()).max(1);
                out.push(format!("  {}{}", " ".repeat(before), "^".repeat(marks)));
            }
        }
    }
}

/// Lines with what ends them, so that a missing line feed at the end is seen.
fn split(text: &str) -> Vec<&str> {
    if text.is_empty() { vec![""] } else { text.split_inclusive('\n').collect() }
}

/// A line without its end; what stands before the end and cannot be seen is written out.
fn shown(line: &str) -> String {
    let text = line.strip_suffix('\n').unwrap_or(line);
    let mut short: String = text.chars().take(WIDEST).collect();
    if text.chars().nth(WIDEST).is_some() {
        short.push('…');
    }
    visible(&short)
}

/// Longest common subsequence of lines.
fn between<'a>(expected: &[&'a str], got: &[&'a str]) -> Vec<Line<'a>> {
    let head = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let most = expected.len().min(got.len()).saturating_sub(head);
    let tail = expected.iter().rev().zip(got.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let inner = |lines: &[&'a str]| lines.get(head..lines.len().saturating_sub(tail)).unwrap_or_default().to_vec();
    let (a, b) = (inner(expected), inner(got));
    let mut lines: Vec<Line<'a>> = expected.iter().take(head).map(|line| Line::Same(line)).collect();
    if a.len() > COMPARED || b.len() > COMPARED {
        lines.extend(a.into_iter().map(Line::Gone));
        lines.extend(b.into_iter().map(Line::New));
    } else {
        common(&a, &b, &mut lines);
    }
    lines.extend(expected.iter().skip(expected.len().saturating_sub(tail)).map(|line| Line::Same(line)));
    lines
}

fn common<'a>(a: &[&'a str], b: &[&'a str], out: &mut Vec<Line<'a>>) {
    // length[i][j]: of the common part of what begins at line i of a and line j of b.
    let width = b.len() + 1;
    let mut length = vec![0_usize; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    let get = |length: &[usize], i: usize, j: usize| length.get(at(i, j)).copied().unwrap_or(0);
    for (i, left) in a.iter().enumerate().rev() {
        for (j, right) in b.iter().enumerate().rev() {
            let value = match left == right {
                true => get(&length, i + 1, j + 1) + 1,
                false => get(&length, i + 1, j).max(get(&length, i, j + 1)),
            };
            if let Some(place) = length.get_mut(at(i, j)) {
                *place = value;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.get(i), b.get(j)) {
            (Some(left), Some(right)) if left == right => {
                out.push(Line::Same(left));
                (i, j) = (i + 1, j + 1);
            }
            (Some(left), right) if right.is_none() || get(&length, i + 1, j) >= get(&length, i, j + 1) => {
                out.push(Line::Gone(left));
                i += 1;
            }
            (_, Some(right)) => {
                out.push(Line::New(right));
                j += 1;
            }
            _ => return,
        }
    }
}

/// As many lines gone as new ones that follow are one line changed each.
fn paired(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut out = Vec::with_capacity(lines.len());
    let mut rest = lines.into_iter().peekable();
    while let Some(line) = rest.next() {
        let Line::Gone(first) = line else {
            out.push(line);
            continue;
        };
        let (mut gone, mut new) = (vec![first], vec![]);
        while let Some(Line::Gone(text)) = rest.next_if(|line| matches!(line, Line::Gone(_))) {
            gone.push(text);
        }
        while let Some(Line::New(text)) = rest.next_if(|line| matches!(line, Line::New(_))) {
            new.push(text);
        }
        if gone.len() == new.len() {
            out.extend(gone.into_iter().zip(new).map(|(gone, new)| Line::Changed(gone, new)));
        } else {
            out.extend(gone.into_iter().map(Line::Gone));
            out.extend(new.into_iter().map(Line::New));
        }
    }
    out
}

/// What two lines have in common at both ends, and what stands between.
fn middle<'a>(a: &'a str, b: &'a str) -> (&'a str, (&'a str, &'a str), &'a str) {
    let head: usize = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (rest_a, rest_b) = (a.get(head..).unwrap_or_default(), b.get(head..).unwrap_or_default());
    let tail: usize =
        rest_a.chars().rev().zip(rest_b.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let cut = |rest: &'a str| rest.get(..rest.len() - tail).unwrap_or_default();
    let tail_text = rest_a.get(rest_a.len() - tail..).unwrap_or_default();
    // The end of a line is not shown where both lines have one.
    let tail_text = tail_text.strip_suffix('\n').unwrap_or(tail_text);
    (a.get(..head).unwrap_or_default(), (cut(rest_a), cut(rest_b)), tail_text)
}

#[cfg(test)]
mod tests;
