//! Processor time of calls, kind after kind, round after round.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::Plan;

/// Long enough for the kernel to account for the thread that asks: it does when a thread leaves the processor.
const LEAVE: Duration = Duration::from_micros(50);
/// How long a kind is called before it is measured, of a batch: caches are warm then, and its speed is known.
const WARM: u32 = 2;

/// One kind of call, with the name that finds its result.
pub(crate) struct Arm<'a> {
    pub(crate) name: String,
    pub(crate) call: Box<dyn FnMut() -> anyhow::Result<()> + 'a>,
}

impl<'a> Arm<'a> {
    pub(crate) fn new(name: String, call: impl FnMut() -> anyhow::Result<()> + 'a) -> Self {
        Self { name, call: Box::new(call) }
    }
}

/// Microseconds of a call, for each kind and round.
#[derive(Debug)]
pub(crate) struct Measured(Vec<(String, Vec<f64>)>);

impl Measured {
    /// What a kind took, by round; nothing of one that was not measured.
    pub(crate) fn of(&self, name: &str) -> &[f64] {
        self.0.iter().find(|(known, _)| known == name).map_or(&[], |(_, rounds)| rounds)
    }
}

/// Calls every kind in every round, for a batch each.
pub(crate) fn rounds(mut arms: Vec<Arm<'_>>, plan: Plan) -> anyhow::Result<Measured> {
    let mut sizes = Vec::new();
    for arm in &mut arms {
        let begun = Instant::now();
        let mut calls = 0_u32;
        while calls == 0 || begun.elapsed() < plan.batch / WARM {
            (arm.call)().with_context(|| arm.name.clone())?;
            calls = calls.saturating_add(1);
        }
        sizes.push(calls.saturating_mul(WARM));
    }
    let mut out: Vec<Vec<f64>> = arms.iter().map(|_| Vec::new()).collect();
    for _ in 0..plan.rounds {
        for ((arm, calls), out) in arms.iter_mut().zip(&sizes).zip(&mut out) {
            let before = used()?;
            for _ in 0..*calls {
                (arm.call)().with_context(|| arm.name.clone())?;
            }
            out.push((used()? - before) / f64::from(*calls));
        }
    }
    Ok(Measured(arms.into_iter().map(|arm| arm.name).zip(out).collect()))
}

/// Processor time of all threads of this process, in microseconds: the first field of schedstat, in nanoseconds.
pub(crate) fn used() -> anyhow::Result<f64> {
    std::thread::sleep(LEAVE);
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task")? {
        // A thread may end in between.
        let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else { continue };
        sum += told(&text)?;
    }
    Ok(sum)
}

/// That of the thread that asks: for one that ends before the others are asked.
pub(crate) fn own() -> anyhow::Result<f64> {
    std::thread::sleep(LEAVE);
    told(&std::fs::read_to_string("/proc/thread-self/schedstat")?)
}

fn told(schedstat: &str) -> anyhow::Result<f64> {
    let time = schedstat.split_whitespace().next().context("the kernel keeps no schedstat")?;
    Ok(time.parse::<f64>()? / 1000.0)
}
