//! `witgate audit cases`: recorded exchanges as cases for `witgate plugin test`, without what was in them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use clap::Args;
use witgate_engine::Engine;
use witgate_ledger::{Bodies, BodyKey, When};

use crate::cli::plugin::samples::{self, Asked, Finders, Sampled};
use crate::cli::replay::exchanges::{self, Recorded, Wanted};
use crate::cli::{COULD_NOT_RUN, FAILED};
use crate::kept::{self, KeptExchange};

use file::CasesFile;

mod asked;
mod file;

/// So many reasons are told for what was left out, each once.
const REASONS: usize = 20;

#[derive(Debug, Args)]
pub(crate) struct CasesArgs {
    /// The ledger's folder
    dir: PathBuf,
    /// Only this exchange
    #[arg(long, value_name = "ID", conflicts_with = "since")]
    exchange: Option<String>,
    /// Only what began since then: a record's position, a time (RFC 3339, or a date), or how long ago (90s, 15m, 24h, 7d)
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Only of this plugin, by its id in the policies; without it, a file for each: FILE.PLUGIN.yaml
    #[arg(long, value_name = "NAME")]
    plugin: Option<String>,
    /// Where the cases go
    #[arg(long, value_name = "FILE.yaml")]
    out: PathBuf,
    /// The folder of kept bodies; without it, `bodies` beside the ledger's folder
    #[arg(long, value_name = "DIR")]
    bodies: Option<PathBuf>,
    /// The key they are encrypted with; without it, `keys/bodies.key` beside the ledger's folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Makes cases. 0: there are some; 1: there is none.
pub(super) fn run(args: &CasesArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
    let beside = args.dir.join("..");
    let directory = args.bodies.clone().unwrap_or_else(|| beside.join("bodies"));
    let key_file = args.key.clone().unwrap_or_else(|| beside.join("keys/bodies.key"));
    let key = BodyKey::load(&key_file).map_err(|e| anyhow!("error[{}]: {e}; name it with --key FILE", e.code()))?;
    let mut maker = Maker::new(directory, key, args.plugin.clone())?;
    let wanted = Wanted { exchange: args.exchange.clone(), since: args.since };
    let mut failed = None;
    let read = exchanges::each(&args.dir, &wanted, |recorded| {
        let made = maker.exchange(&recorded);
        failed = made.err();
        failed.is_none()
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if let Err(error) = read {
        writeln!(err, "error[{}]: {error}", error.code())?;
        return Ok(COULD_NOT_RUN);
    }
    maker.finish(args, out, err)
}

/// The plugins of one set, and whether each could be had.
type Set = Vec<(String, Result<Sampled, String>)>;

struct Maker {
    engine: Engine,
    finders: Finders,
    directory: PathBuf,
    bodies: Bodies,
    plugin: Option<String>,
    /// Sets by digest.
    sets: HashMap<String, Result<Set, String>>,
    /// By plugin.
    files: BTreeMap<String, CasesFile>,
    /// Cases by what is in them but their name: of one that came twice, the first is enough.
    seen: HashSet<String>,
    exchanges: u64,
    twice: u64,
    /// What was left out, by reason, and an example.
    left_out: BTreeMap<String, (u64, String)>,
}

impl Maker {
    fn new(directory: PathBuf, key: BodyKey, plugin: Option<String>) -> anyhow::Result<Self> {
        let engine = samples::engine().map_err(|error| anyhow!(error))?;
        let finders = Finders::new(&engine).map_err(|error| anyhow!(error))?;
        Ok(Self {
            engine,
            finders,
            bodies: Bodies::new(&directory, key),
            directory,
            plugin,
            sets: HashMap::new(),
            files: BTreeMap::new(),
            seen: HashSet::new(),
            exchanges: 0,
            twice: 0,
            left_out: BTreeMap::new(),
        })
    }

    fn leave_out(&mut self, what: String, why: String) {
        self.left_out.entry(why).or_insert((0, what)).0 += 1;
    }

    /// Makes the cases of one exchange.
    fn exchange(&mut self, recorded: &Recorded) -> anyhow::Result<()> {
        self.exchanges += 1;
        let asked = match self.asked(recorded) {
            Ok(asked) => asked,
            Err(why) => {
                self.leave_out(recorded.exchange.clone(), why);
                return Ok(());
            }
        };
        let digest = recorded.policy_set.to_string();
        let (engine, directory, plugin) = (&self.engine, &self.directory, self.plugin.as_deref());
        let set = self.sets.entry(digest).or_insert_with_key(|digest| load(engine, directory, digest, plugin));
        let mut set = std::mem::replace(set, Ok(vec![]));
        match &mut set {
            Ok(plugins) => plugins.iter_mut().try_for_each(|(id, sampled)| {
                asked.iter().try_for_each(|asked| self.one(recorded, id, sampled.as_mut().map_err(|why| &*why), asked))
            })?,
            Err(why) => self.leave_out(recorded.exchange.clone(), why.clone()),
        }
        self.sets.insert(recorded.policy_set.to_string(), set);
        Ok(())
    }

    fn asked(&self, recorded: &Recorded) -> Result<Vec<Asked>, String> {
        let body = recorded.body.ok_or("its body was not kept: `ledger.bodies` was not set")?;
        let bytes = self.bodies.get(&recorded.exchange, body).map_err(|error| error.to_string())?;
        let kept = KeptExchange::decode(&bytes).map_err(|error| format!("its body cannot be read: {error}"))?;
        let transcript = kept.transcript.filter(|transcript| transcript.exchange() == recorded.exchange);
        let transcript = transcript.ok_or("what the policies were asked was not kept")?;
        if !transcript.is_complete() {
            return Err("it had more text than is kept (`ledger.bodies.max_mib`)".to_owned());
        }
        Ok(asked::of(&transcript))
    }

    /// Makes one case.
    fn one(
        &mut self,
        recorded: &Recorded,
        id: &str,
        sampled: Result<&mut Sampled, &String>,
        asked: &Asked,
    ) -> anyhow::Result<()> {
        let what = format!("{} of exchange {} by {id}", asked.stage, recorded.exchange);
        let sampled = match sampled {
            Ok(sampled) if sampled.has(asked.stage) => sampled,
            Ok(_) => return Ok(()),
            Err(why) => {
                self.leave_out(what, why.clone());
                return Ok(());
            }
        };
        let name = format!("{} of exchange {}", asked.stage, recorded.exchange);
        let said = asked::recorded(recorded, id, asked);
        let case = match said.and_then(|said| sampled.case(&mut self.finders, &name, asked, said.as_deref())) {
            Ok(case) => case,
            Err(why) => {
                self.leave_out(what, why);
                return Ok(());
            }
        };
        let mut unnamed = case.clone();
        unnamed.as_object_mut().map(|members| members.remove("name"));
        if !self.seen.insert(format!("{id} {unnamed}")) {
            self.twice += 1;
            return Ok(());
        }
        if let Err(why) = self.files.entry(id.to_owned()).or_default().add(&case) {
            self.leave_out(what, why.to_owned());
        }
        Ok(())
    }

    fn finish(self, args: &CasesArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<u8> {
        if let Some(id) = &args.exchange
            && self.exchanges == 0
        {
            writeln!(err, "error[exchange_unknown]: {} has no end of an exchange {id}", args.dir.display())?;
            return Ok(FAILED);
        }
        for (id, file) in &self.files {
            let path = match &args.plugin {
                Some(_) => args.out.clone(),
                None => beside(&args.out, id),
            };
            std::fs::write(&path, file.text()).with_context(|| path.display().to_string())?;
            writeln!(out, "{}: {} cases for {id}", path.display(), file.cases())?;
        }
        writeln!(out, "{} exchanges looked at; {} cases that others say already", self.exchanges, self.twice)?;
        let left_out: u64 = self.left_out.values().map(|(count, _)| count).sum();
        if left_out > 0 {
            writeln!(out, "{left_out} left out:")?;
        }
        for (why, (count, example)) in self.left_out.iter().take(REASONS) {
            writeln!(out, "  {count} because {why}; such as {example}")?;
        }
        if self.files.is_empty() {
            writeln!(err, "error[no_cases]: there is no case to write; see why above")?;
            return Ok(FAILED);
        }
        writeln!(out, "What no policy finds stands there as it was: read the cases before others do.")?;
        Ok(0)
    }
}

/// FILE.yaml for a plugin.
fn beside(out: &Path, id: &str) -> PathBuf {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let extension = out.extension().map_or_else(|| "yaml".into(), |extension| extension.to_string_lossy());
    out.with_file_name(format!("{stem}.{id}.{extension}"))
}

/// The plugins of a set that are wanted.
fn load(engine: &Engine, directory: &Path, digest: &str, plugin: Option<&str>) -> Result<Set, String> {
    let specs = kept::sets::specs(directory, digest).map_err(|error| error.to_string())?;
    let wanted = specs.into_iter().filter(|spec| plugin.is_none_or(|plugin| spec.id == plugin));
    let set: Set = wanted
        .map(|spec| {
            let sampled = Sampled::new(engine.clone(), &spec.id, spec.bytes.to_vec(), spec.config);
            (spec.id, sampled)
        })
        .collect();
    match set.is_empty() {
        true => Err(format!("its policies had no plugin {}", plugin.unwrap_or("at all"))),
        false => Ok(set),
    }
}
