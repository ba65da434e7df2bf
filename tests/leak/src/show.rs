//! One case in full, and the list of all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context as _;

use crate::case::Runner;
use crate::client::{Client, Target};
use crate::outcome::judge;
use crate::plan::{Case, Wanted, scripts};

/// What was sent and what arrived, of a case by its name.
pub(crate) async fn case(runner: &Runner, target: &Target, wanted: &Wanted<'_>, name: &str) -> anyhow::Result<String> {
    let (script, cut) = name.rsplit_once('/').context("a case's name ends in /CUT, such as /whole or /at=17")?;
    let found = scripts(wanted)?.into_iter().find(|one| one.name() == script).context("no case has that name")?;
    let cut = found.cuts().into_iter().find(|one| one.name() == cut).context("the case is not cut so")?;
    let sent = found.body.clone();
    let ran = runner.run(&mut Client::new(target.clone()), Case { script: found, cut }).await;
    let (outcome, bytes) = judge(&ran);
    let mut out = format!("{name}: {}, {bytes} bytes, status {}\n", outcome.name(), ran.answer.status);
    if let Some(broken) = &ran.answer.broken {
        let _ = writeln!(out, "broken: {broken}");
    }
    let _ = writeln!(out, "--- planted in, cut at {:?}", cut.places(sent.len(), &ran.case.script.bounds));
    let _ = writeln!(out, "{}", String::from_utf8_lossy(&sent));
    let _ = writeln!(out, "--- the upstream got, in {} requests", ran.upstream_requests);
    let _ = writeln!(out, "{}", String::from_utf8_lossy(&ran.upstream_saw));
    let _ = writeln!(out, "--- the client got\n{}", String::from_utf8_lossy(&ran.answer.head));
    let _ = writeln!(out, "{}", String::from_utf8_lossy(&ran.answer.body));
    Ok(out)
}

/// How many cases each field has.
pub(crate) fn list(wanted: &Wanted<'_>) -> anyhow::Result<String> {
    let mut fields: BTreeMap<_, usize> = BTreeMap::new();
    for script in scripts(wanted)? {
        let block = &script.block;
        *fields.entry((block.dialect, block.form, block.name.clone())).or_default() += script.cuts().len();
    }
    let mut out = String::new();
    for ((dialect, form, name), cases) in &fields {
        let _ = writeln!(out, "{cases:>9}  {}/{}/{name}", dialect.name(), form.name());
    }
    let _ = writeln!(out, "{:>9}  in {} fields", fields.values().sum::<usize>(), fields.len());
    Ok(out)
}
