//! The figures as one page: curves over every threshold, and the tables. It loads nothing and holds no text of a row.

use std::fmt::Write as _;

use super::Outcome;
use super::counts::Rate;
use super::ranking::MOST;
use super::result::{Figures, Named};

/// The square that a curve is drawn in.
const SIDE: f64 = 320.0;

const STYLE: &str = "\
:root { color-scheme: light dark; --a: #0b62d6; --b: #c2410c; --c: #15803d; --line: #8886 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid var(--line) }
td:first-child, th:first-child { text-align: left }
figure { display: inline-block; margin: 0 2rem 1rem 0 } figcaption { font-size: .85rem }
svg text { font-size: 11px; fill: currentColor } svg .frame { fill: none; stroke: var(--line) }
svg polyline { fill: none; stroke-width: 2 }";

/// The page.
pub(super) fn html(outcome: &Outcome<'_>) -> String {
    let figures = &outcome.figures;
    let counts = figures.all.counts;
    let title = format!("{} {}", escaped(&figures.plugin), escaped(&figures.version));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}: evaluation</title>\n<style>\n{STYLE}\n</style>\n<h1>{title}</h1>\n\
         <p>{} rows of {}: {} positive, {} negative.</p>\n",
        outcome.rows.len(),
        escaped(&outcome.file.display().to_string()),
        counts.positives(),
        counts.negatives()
    );
    page.push_str("<h2>As it decides</h2>\n<table>\n<tr><th>plugin<th>recall<th>95 %<th>FPR<th>95 %<th>precision<th>F1<th>AUC</tr>\n");
    let others = outcome.against.as_ref().map(|(figures, _)| figures);
    for one in [figures].into_iter().chain(others) {
        page.push_str(&decided(one));
    }
    page.push_str("</table>\n");
    if figures.thresholds.is_empty() {
        page.push_str("<p>No row has a finding, so there is no confidence to draw a line at.</p>\n");
    } else {
        let _ = write!(
            page,
            "<h2>If rows counted from a confidence on</h2>\n{}{}",
            by_threshold(figures),
            curve(figures, others)
        );
        page.push_str(
            "<table>\n<tr><th>from<th>recall<th>FPR<th>precision<th>F1<th>positive rows<th>negative rows</tr>\n",
        );
        for cut in &figures.thresholds {
            let _ = write!(page, "<tr><td>{}", cut.score);
            for share in [cut.recall, cut.fpr, cut.precision, cut.f1] {
                let _ = write!(page, "<td>{}", percent(share));
            }
            let _ = writeln!(page, "<td>{}<td>{}</tr>", cut.detected_positives, cut.detected_negatives);
        }
        page.push_str("</table>\n");
    }
    for (title, groups) in [("kind", &figures.kinds), ("source", &figures.sources)] {
        page.push_str(&grouped(title, groups));
    }
    page.push_str("</html>\n");
    page
}

fn decided(figures: &Figures) -> String {
    let group = figures.all;
    let interval = |rate: Option<Rate>| {
        rate.map_or_else(String::new, |rate| format!("{:.1} to {:.1}", rate.low * 100.0, rate.high * 100.0))
    };
    format!(
        "<tr><td>{} {}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>\n",
        escaped(&figures.plugin),
        escaped(&figures.version),
        rate(group.recall),
        interval(group.recall),
        rate(group.fpr),
        interval(group.fpr),
        rate(group.precision),
        percent(group.f1),
        figures.auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.3}"))
    )
}

/// A frame with a scale from 0 to 1 (or 100) on both sides, and what is drawn in it.
fn framed(inside: &str, below: &str, most: &str, caption: &str) -> String {
    let (wide, high) = (SIDE + 60.0, SIDE + 50.0);
    format!(
        "<figure><svg viewBox=\"-40 -10 {wide} {high}\" width=\"{wide}\" height=\"{high}\" role=\"img\">\
         <rect class=\"frame\" width=\"{SIDE}\" height=\"{SIDE}\"/>\
         <text x=\"-6\" y=\"{SIDE}\" text-anchor=\"end\">0</text><text x=\"-6\" y=\"8\" text-anchor=\"end\">100 %</text>\
         <text x=\"0\" y=\"{y}\">0</text><text x=\"{SIDE}\" y=\"{y}\" text-anchor=\"end\">{most}</text>\
         <text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{below}</text>{inside}</svg><figcaption>{caption}</figcaption></figure>\n",
        y = SIDE + 16.0,
        x = SIDE / 2.0
    )
}

/// Points of shares, from 0 to 1 each.
fn line(points: &[(f64, f64)], colour: &str) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{:.1},{:.1}", x * SIDE, (1.0 - y) * SIDE)).collect();
    format!("<polyline stroke=\"var(--{colour})\" points=\"{}\"/>", points.join(" "))
}

/// Recall, FPR and precision over the threshold.
fn by_threshold(figures: &Figures) -> String {
    let over = |share: fn(&super::ranking::Cut) -> Option<f64>| -> Vec<(f64, f64)> {
        // A share holds from its score down to the next one: steps, not slopes.
        let mut points: Vec<(f64, f64)> = Vec::new();
        for cut in &figures.thresholds {
            let (at, share) = (f64::from(cut.score), share(cut).unwrap_or(0.0));
            if let Some((_, before)) = points.last().copied() {
                points.push((at / f64::from(MOST), before));
            }
            points.push((at / f64::from(MOST), share));
        }
        if let Some((_, last)) = points.last().copied() {
            points.push((0.01, last));
        }
        points
    };
    let lines =
        [line(&over(|cut| cut.recall), "a"), line(&over(|cut| cut.fpr), "b"), line(&over(|cut| cut.precision), "c")];
    framed(
        &lines.concat(),
        "confidence from which on a row counts",
        "100",
        "<span style=\"color:var(--a)\">recall</span>, <span style=\"color:var(--b)\">FPR</span>, \
         <span style=\"color:var(--c)\">precision</span>",
    )
}

/// Recall over FPR, with a dot where the plugin decides.
fn curve(figures: &Figures, other: Option<&Figures>) -> String {
    let mut inside = String::new();
    for (one, colour) in [figures].into_iter().chain(other).zip(["a", "b"]) {
        let points = one.thresholds.iter().map(|cut| (cut.fpr.unwrap_or(0.0), cut.recall.unwrap_or(0.0)));
        let points: Vec<(f64, f64)> = [(0.0, 0.0)].into_iter().chain(points).chain([(1.0, 1.0)]).collect();
        inside.push_str(&line(&points, colour));
        if let (Some(fpr), Some(recall)) = (one.all.fpr, one.all.recall) {
            let (x, y) = (fpr.value * SIDE, (1.0 - recall.value) * SIDE);
            let _ = write!(inside, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"var(--{colour})\"/>");
        }
    }
    let other = other.map_or_else(String::new, |other| {
        format!("; <span style=\"color:var(--b)\">{} {}</span>", escaped(&other.plugin), escaped(&other.version))
    });
    framed(&inside, "FPR", "100 %", &format!("recall over FPR; the dot is where the plugin decides{other}"))
}

fn grouped(title: &str, groups: &[Named]) -> String {
    let mut text = format!(
        "<h2>By {title}</h2>\n<table>\n<tr><th>{title}<th>positive<th>recall<th>noticed<th>negative<th>FPR<th>noticed</tr>\n"
    );
    for Named { name, group } in groups {
        let counts = group.counts;
        let _ = writeln!(
            text,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            escaped(name),
            counts.positives(),
            rate(group.recall),
            counts.noticed_positives,
            counts.negatives(),
            rate(group.fpr),
            counts.noticed_negatives
        );
    }
    text.push_str("</table>\n");
    text
}

fn rate(rate: Option<Rate>) -> String {
    percent(rate.map(|rate| rate.value))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

/// Names come from the data and from the plugin.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
