//! What a fresh sandbox costs: `sandbox_cost PLUGIN.wasm [CONFIG_JSON] [BYTES]` prints microseconds for instantiate +
//! admit + drop, for the instantiation alone, and for the same call on a warm instance.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a tool for people at a terminal")]

use std::time::{Duration, Instant};

use witgate_engine::{Claim, Context, Document, Engine, EngineOptions, Grant, Grants, Limits, Segment, Source, Span};

fn main() {
    let mut args = std::env::args().skip(1);
    let bytes = std::fs::read(args.next().expect("a plugin")).unwrap();
    let config = args.next().unwrap_or_else(|| "{}".into());
    let size: usize = args.next().map_or(1024, |n| n.parse().unwrap());
    let engine = Engine::new(&EngineOptions::default()).unwrap();
    let start = Instant::now();
    let grants: Grants = Grant::ALL.iter().map(|(_, g)| *g).collect();
    let plugin = engine
        .load(&Source { id: "p", bytes: &bytes, config: &config, limits: Limits::default(), grants })
        .unwrap_or_else(|e| panic!("{}: {e}", e.code()));
    println!("loaded in {:?}, start: {}, stages {:?}", start.elapsed(), plugin.start().name(), plugin.stages().names());
    let text: String = "The quick brown fox wrote a plain report. ".chars().cycle().take(size).collect();
    let at = Span { start: 0, end: text.len() as u64 };
    let segment = Segment { role: "user".into(), kind: "text".into(), name: None, pointer: "/messages/0/content".into(), at };
    let document = Document { text, segments: vec![segment] };
    let ctx = context();
    let each = |what: &str, mut f: Box<dyn FnMut()>| {
        let mut times: Vec<Duration> = (0..5000).map(|_| { let t = Instant::now(); f(); t.elapsed() }).collect();
        times.sort();
        println!("{what:30} p50 {:?} p99 {:?}", times[2500], times[4950]);
    };
    let (p, c, d) = (plugin.clone(), ctx.clone(), document.clone());
    each("instantiate + admit + drop", Box::new(move || drop(p.open(&c).unwrap().admit(&c, &d).unwrap())));
    let (p, c) = (plugin.clone(), ctx.clone());
    each("instantiate + drop", Box::new(move || drop(p.open(&c).unwrap())));
    let mut warm = plugin.open(&ctx).unwrap();
    each("admit, warm", Box::new(move || { drop(warm.admit(&ctx, &document).unwrap()); warm.take_calls(); }));
}

fn context() -> Context {
    Context {
        exchange: "00000000-0000-7000-8000-000000000000".into(),
        tenant: "default".into(),
        principal: Claim { value: "anonymous".into(), proven: false },
        owner: None, clearance: None, classification: None, intent: None,
        dialect: "openai-chat".into(),
        model: Some("m".into()),
        labels: vec![],
    }
}
