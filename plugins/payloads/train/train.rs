//! Trains the scorer: `cargo run --release -p witgate-plugin-payloads --example train -- DATA_FOLDER [OUT [quick]]`.
//!
//! One logistic regression a family over the buckets of `src/scorer.rs`, attack against harmless, with L2; a bucket counts
//! only if harmless rows or two sources of attacks have it. Rows weigh by the root of their source's size, so that a long
//! list does not drown a short one. Everything is in file order with a fixed seed: the same data gives the same bytes.
//! Prints, each source left out of training in turn, how much of it is found at the thresholds.
#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a trainer: a table for people, and numbers well within range"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use witgate_plugin_payloads::{BUCKETS, Family, HEADER, HEADS, Judge, needed};

/// Passes over the rows.
const EPOCHS: usize = 30;
const SEED: u64 = 20_261_121;
/// Pull of each weight to zero, a row.
const L2: f32 = 2e-6;
/// Parts that harmless rows are cut into for leaving out.
const PARTS: u64 = 5;

struct Row {
    buckets: Vec<u16>,
    /// The head for which this is an attack; none of a harmless row.
    head: Option<usize>,
    source: String,
    weight: f32,
    /// Which part of the harmless rows this is in.
    part: u64,
    rules: [u8; 9],
    /// By a model that saw neither it nor the rest of its part, a head each.
    unseen: [f32; HEADS],
    text: String,
    payloads: bool,
}

struct Model {
    weights: Vec<f32>,
    bias: f32,
}

impl Model {
    fn score(&self, row: &Row) -> f32 {
        let scale = 1.0 / (row.buckets.len().max(1).isqrt() as f32);
        row.buckets.iter().map(|b| self.weights[usize::from(*b)]).sum::<f32>() * scale + self.bias
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the data")?;
    let mut rows = load(Path::new(&folder))?;
    println!("{} rows", rows.len());
    let quick = std::env::args().nth(3).is_some();
    let models: Vec<Model> = (0..HEADS).map(|head| train(&rows, head, |_| true)).collect();
    if let Some(out) = std::env::args().nth(2) {
        std::fs::write(out, bytes(&models))?;
    }
    if !quick {
        evaluate(&mut rows);
    }
    Ok(())
}

fn load(folder: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut judge = Judge::default();
    let mut rows = vec![];
    for name in ["payloads", "injection", "pii"] {
        let file = std::fs::read_to_string(folder.join(format!("{name}.dev.jsonl")))?;
        for (number, line) in file.lines().enumerate() {
            let row: serde_json::Value = serde_json::from_str(line)?;
            let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let (text, kind, label) = (field("text"), field("kind"), field("label"));
            let head = match (label.as_str(), kind.as_str()) {
                ("attack", "sqli" | "xpath") => Some(0),
                ("attack", "xss") => Some(1),
                ("attack", "cmdi") => Some(2),
                ("attack", "path") => Some(3),
                ("benign" | "clean", _) => None,
                _ => continue,
            };
            if name != "payloads" && head.is_some() {
                continue;
            }
            let weak = kind.starts_with("crs_negative");
            // Fields of one letter stand for themselves; the part is drawn from the line's number.
            let part = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            rows.push(Row {
                buckets: judge.features(&text),
                head,
                source: group(&field("source")),
                weight: if weak { 0.5 } else { 1.0 },
                part: part % PARTS,
                rules: judge.rules(&text, &[]),
                unseen: [f32::MIN; HEADS],
                text,
                payloads: name == "payloads",
            });
        }
    }
    // What the lists have too little of; written for this trainer.
    for (number, text) in include_str!("harmless.txt").lines().enumerate() {
        rows.push(Row {
            buckets: judge.features(text),
            head: None,
            source: "harmless".into(),
            weight: 2.0,
            part: number as u64 % PARTS,
            rules: judge.rules(text, &[]),
            unseen: [f32::MIN; HEADS],
            text: text.into(),
            payloads: false,
        });
    }
    let mut sizes: BTreeMap<(String, Option<usize>), f32> = BTreeMap::new();
    for row in &rows {
        *sizes.entry((row.source.clone(), row.head)).or_default() += 1.0;
    }
    for row in rows.iter_mut().filter(|row| row.head.is_some()) {
        row.weight *= (40.0 / sizes[&(row.source.clone(), row.head)]).sqrt().clamp(0.4, 2.0);
    }
    Ok(rows)
}

/// Lists that came from one place are one source.
fn group(source: &str) -> String {
    source
        .split("/sqli-github")
        .next()
        .unwrap_or(source)
        .replace("sqli-spiderlabs-201112.txt", "sqli-spiderlabs")
        .clone()
}

fn train(rows: &[Row], head: usize, keep: impl Fn(&Row) -> bool) -> Model {
    let rows: Vec<&Row> = rows.iter().filter(|r| (r.head.is_none() || r.head == Some(head)) && keep(r)).collect();
    let stable = stable(&rows);
    let mut model = Model { weights: vec![0.0; BUCKETS], bias: 0.0 };
    let mut squares = vec![1e-4_f32; BUCKETS];
    let mut bias_squares = 1e-4_f32;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = SEED;
    for _ in 0..EPOCHS {
        for i in (1..order.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, (random >> 33) as usize % (i + 1));
        }
        for &i in &order {
            let row = rows[i];
            let target = f32::from(u8::from(row.head.is_some()));
            let error = (1.0 / (1.0 + (-model.score(row)).exp()) - target) * row.weight;
            let value = 1.0 / (row.buckets.len().max(1).isqrt() as f32);
            for bucket in row.buckets.iter().map(|b| usize::from(*b)).filter(|b| stable[*b]) {
                let slope = error * value + L2 * model.weights[bucket];
                squares[bucket] += slope * slope;
                model.weights[bucket] -= 0.3 * slope / squares[bucket].sqrt();
            }
            bias_squares += error * error;
            model.bias -= 0.1 * error / bias_squares.sqrt();
        }
    }
    model
}

/// Which buckets count: those that harmless rows have, or attacks of two sources.
fn stable(rows: &[&Row]) -> Vec<bool> {
    let mut first: Vec<Option<&str>> = vec![None; BUCKETS];
    let mut stable = vec![false; BUCKETS];
    for row in rows {
        for bucket in row.buckets.iter().map(|b| usize::from(*b)) {
            match first[bucket] {
                _ if row.head.is_none() => stable[bucket] = true,
                None => first[bucket] = Some(&row.source),
                Some(source) => stable[bucket] |= source != row.source,
            }
        }
    }
    stable
}

/// The weights as `src/scorer.rs` reads them.
fn bytes(models: &[Model]) -> Vec<u8> {
    let mut out = vec![0_u8; HEADER + BUCKETS * HEADS];
    for (head, model) in models.iter().enumerate() {
        let most = model.weights.iter().fold(0.01_f32, |m, w| m.max(w.abs()));
        // A few weights far out would cost all others their detail.
        let scale = most.min(8.0) / 127.0;
        out[head * 8..head * 8 + 4].copy_from_slice(&((scale * 65536.0) as i32).to_le_bytes());
        out[head * 8 + 4..head * 8 + 8].copy_from_slice(&((model.bias * 65536.0) as i32).to_le_bytes());
        for (bucket, weight) in model.weights.iter().enumerate() {
            let whole = (weight / scale).round().clamp(-127.0, 127.0) as i8;
            out[HEADER + bucket * HEADS + head] = whole.to_le_bytes()[0];
        }
    }
    out
}

/// What rules and scores find together, of rows the scores never saw: at the thresholds, and moved by a few steps.
fn together(rows: &[Row]) {
    println!(
        "all families at the thresholds and about them: SQL, XSS, command, path found; harmless payload rows refused; others"
    );
    for step in [-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 99.0] {
        let refused = |r: &Row| {
            let needed =
                needed(&r.text, &r.rules).map(|n| if n == i32::MAX { f32::MAX } else { n as f32 / 256.0 + step });
            r.rules.iter().any(|s| *s >= 70) || r.unseen.iter().zip(needed).any(|(s, n)| *s >= n)
        };
        let share = |test: &dyn Fn(&Row) -> bool| {
            let of = rows.iter().filter(|r| test(r)).count().max(1);
            100.0 * rows.iter().filter(|r| test(r) && refused(r)).count() as f32 / of as f32
        };
        let found: Vec<String> = (0..HEADS).map(|head| format!("{:5.1}", share(&|r| r.head == Some(head)))).collect();
        println!(
            "{step:5.1}  {}   {:.2}   {:.2}",
            found.join(" "),
            share(&|r| r.head.is_none() && r.payloads),
            share(&|r| r.head.is_none() && !r.payloads)
        );
        if step == 0.0 {
            for row in rows.iter().filter(|r| r.head.is_none() && refused(r)) {
                println!(
                    "    {:?} {:?} {}",
                    row.rules,
                    row.unseen.map(|s| (s * 10.0).round() / 10.0),
                    row.text.chars().take(90).collect::<String>().escape_debug()
                );
            }
            for row in rows.iter().filter(|r| r.head.is_some() && !refused(r)) {
                println!(
                    "  - {:?} {:?} {}",
                    row.head,
                    row.unseen.map(|s| (s * 10.0).round() / 10.0),
                    row.text.chars().take(90).collect::<String>().escape_debug()
                );
            }
        }
    }
}

/// Leaves each source out in turn, and each part of all rows.
fn evaluate(rows: &mut [Row]) {
    for head in 0..HEADS {
        for part in 0..PARTS {
            let model = train(rows, head, |r| r.part != part);
            for row in rows.iter_mut().filter(|r| r.part == part) {
                row.unseen[head] = model.score(row);
            }
        }
    }
    together(rows);
    let rows: &[Row] = rows;
    for head in 0..HEADS {
        let name = Family::SCORED[head].code();
        let mut harmless: Vec<(f32, &Row)> = vec![];
        let mut drawn: Vec<(f32, &Row)> = vec![];
        for part in 0..PARTS {
            let model = train(rows, head, |r| r.part != part);
            drawn.extend(rows.iter().filter(|r| r.head == Some(head) && r.part == part).map(|r| (model.score(r), r)));
            harmless.extend(rows.iter().filter(|r| r.head.is_none() && r.part == part).map(|r| (model.score(r), r)));
        }
        let mut sources: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
        let mut attacks: Vec<(f32, &Row)> = vec![];
        for row in rows.iter().filter(|r| r.head == Some(head)) {
            sources.entry(&row.source).or_default();
        }
        for (source, _) in sources.clone() {
            let model = train(rows, head, |r| r.head.is_none() || r.source != source);
            attacks.extend(
                rows.iter().filter(|r| r.head == Some(head) && r.source == source).map(|r| (model.score(r), r)),
            );
        }
        let ours: Vec<_> = harmless.iter().filter(|(_, r)| r.payloads).copied().collect();
        println!(
            "\n{name}: threshold; rows of known sources found by score, by score or rules; of unseen sources; harmless payload rows, all others"
        );
        for threshold in [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0] {
            let share = |set: &[(f32, &Row)], test: &dyn Fn(&(f32, &Row)) -> bool| {
                100.0 * set.iter().filter(|r| test(r)).count() as f32 / set.len().max(1) as f32
            };
            let by_rules = |r: &Row| r.rules.iter().any(|s| *s >= 70);
            let others: Vec<_> = harmless.iter().filter(|(_, r)| !r.payloads).copied().collect();
            println!(
                "{threshold:5.1}  {:5.1} {:5.1}   {:5.1} {:5.1}   {:6.2} {:6.2}",
                share(&drawn, &|(s, _)| *s >= threshold),
                share(&drawn, &|(s, r)| *s >= threshold || by_rules(r)),
                share(&attacks, &|(s, _)| *s >= threshold),
                share(&attacks, &|(s, r)| *s >= threshold || by_rules(r)),
                share(&ours, &|(s, _)| *s >= threshold),
                share(&others, &|(s, _)| *s >= threshold),
            );
        }
        harmless.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (score, row) in harmless.iter().take(14) {
            println!("    {score:5.2} {} {:?}", row.source, row.text.chars().take(100).collect::<String>());
        }
        drawn.sort_by(|a, b| a.0.total_cmp(&b.0));
        println!("    ---");
        for (score, row) in drawn.iter().filter(|(_, r)| r.rules.iter().all(|s| *s < 70)).take(40) {
            println!("    {score:5.2} {} {:?}", row.source, row.text.chars().take(100).collect::<String>());
        }
    }
}
