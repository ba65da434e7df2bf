//! Which records: the flags that `tail`, `stats` and `export` share.

use clap::Args;
use witgate_ledger::{Filter, Kind, ThreadIds, Verdict, When};

#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// Of this kind: intent, decision, approval, execution, policy, checkpoint, recovery, retention; may be given more than once
    #[arg(long)]
    kind: Vec<String>,
    /// Of this exchange
    #[arg(long)]
    exchange: Option<String>,
    /// In which this plugin had a part; may be given more than once
    #[arg(long)]
    plugin: Vec<String>,
    /// Decisions of this verdict, with --plugin of that plugin's; may be given more than once
    #[arg(long)]
    verdict: Vec<String>,
    /// In which this code is: a reason, a finding, a fault, an error; may be given more than once
    #[arg(long)]
    code: Vec<String>,
    /// From then on: a position, a time (RFC 3339), a date, or how long ago (90s, 15m, 2h, 7d)
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<When>,
    /// Up to then
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// Of this conversation, as the client named it
    #[arg(long, value_name = "ID")]
    thread: Option<String>,
    /// Of this turn
    #[arg(long, value_name = "ID")]
    turn: Option<String>,
    /// Of turns that came from this one
    #[arg(long, value_name = "ID")]
    parent_turn: Option<String>,
    /// With this correlation id
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
}

impl Selection {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            kinds: self.kind.iter().map(|kind| Kind::from(kind.to_ascii_uppercase().as_str())).collect(),
            exchange: self.exchange.clone(),
            plugins: self.plugin.clone(),
            verdicts: self.verdict.iter().map(|verdict| Verdict::from(verdict.as_str())).collect(),
            codes: self.code.clone(),
            since: self.since,
            until: self.until,
            ids: ThreadIds {
                thread: self.thread.clone(),
                turn: self.turn.clone(),
                parent_turn: self.parent_turn.clone(),
                correlation: self.correlation.clone(),
            },
        }
    }
}
