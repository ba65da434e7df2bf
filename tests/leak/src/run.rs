//! Runs the cases of a plan on many connections at once.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::case::Runner;
use crate::client::{Client, Target};
use crate::plan::Plan;
use crate::report::Report;

/// Between two words on how far it is.
const TELL: Duration = Duration::from_secs(5);

/// All cases of a plan.
pub(crate) async fn all(runner: &Runner, target: &Target, plan: Plan, connections: usize) -> anyhow::Result<Report> {
    let cases = Arc::new(plan.cases);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..connections.clamp(1, cases.len().max(1)) {
        let (runner, cases, next) = (runner.clone(), Arc::clone(&cases), Arc::clone(&next));
        let mut client = Client::new(target.clone());
        workers.spawn(async move {
            let mut report = Report::default();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                report.add(&runner.run(&mut client, case.clone()).await);
            }
            report
        });
    }
    let mut report = Report::default();
    let begun = Instant::now();
    let mut tell = tokio::time::interval(TELL);
    tell.tick().await;
    loop {
        tokio::select! {
            done = workers.join_next() => match done {
                Some(done) => report.merge(done?),
                None => return Ok(report),
            },
            _ = tell.tick() => {
                let at = next.load(Ordering::Relaxed).min(cases.len());
                let _ = writeln!(std::io::stderr(), "{at} of {} cases, {} s", cases.len(), begun.elapsed().as_secs());
            }
        }
    }
}
