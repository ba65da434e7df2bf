//! What is asked for.

use std::net::SocketAddr;
use std::time::Duration;

use crate::case::Carry;
use crate::client::Target;
use crate::dialect::Dialect;
use crate::kind::Kind;

/// Scores a proxy in front of a model API: how many bytes of a planted value reach the other side.
///
/// Ends with 0 when none did, 1 when some did (or bytes changed, in `identity`; or a padded value passed, in `padding`), 2 when
/// it could not be seen: the proxy does not answer, or does not cover a dialect.
#[derive(Debug, clap::Parser)]
#[command(name = "witgate-leak", version, max_term_width = 100)]
pub(crate) struct Args {
    /// What to look at
    #[arg(value_enum, default_value_t = Mode::Score)]
    pub(crate) mode: Mode,
    /// The proxy's base URL, such as http://127.0.0.1:8080/v1; without it, no proxy: what a client would see unprotected
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Where the harness is the model; the proxy's upstream is http://ADDR/v1
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9701")]
    pub(crate) upstream_listen: SocketAddr,
    /// Only these dialects
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Dialect::ALL)]
    pub(crate) dialects: Vec<Dialect>,
    /// Only these kinds of values
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::ALL)]
    pub(crate) kinds: Vec<Kind>,
    /// Only cases whose name, without its cut, has this in it, such as "stream/content/card"
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// About so many cases, of every field some; 0: all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) sample: usize,
    /// The same seed gives the same sample
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Run one case, and print what was sent and what arrived
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Name the fields and their cases, and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// Print every field
    #[arg(long)]
    pub(crate) all: bool,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Cases at once
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(crate) connections: usize,
    /// Milliseconds between two writes of an answer; one byte a write goes without
    #[arg(long, value_name = "MS", default_value_t = 1)]
    pub(crate) gap_ms: u64,
    /// Seconds for one case
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(crate) timeout_s: u64,
    /// Sent with every request, such as "authorization: Bearer KEY"
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Where a request carries the number of its case
    #[arg(long, value_enum, default_value_t = Carry::Model)]
    pub(crate) carry: Carry,
    /// The model's name: what stands before the case, or with `--carry key` all of it
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) model: String,
    /// The proxy's process, for its memory
    #[arg(long, value_name = "PID")]
    pub(crate) pid: Option<u32>,
    /// Of `padding`: replies of up to so many KiB
    #[arg(long, value_name = "KIB", default_value_t = 64 << 10)]
    pub(crate) most_kib: usize,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// Bytes of planted values that reach the other side
    Score,
    /// Whether clean answers arrive byte for byte, and how much later
    Identity,
    /// Whether a value at the end of a long answer is seen
    Padding,
}

/// For whom it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// People
    Human,
    /// Programs
    Json,
}

impl Args {
    /// The proxy, or the upstream itself.
    pub(crate) fn target(&self, upstream: SocketAddr) -> anyhow::Result<Target> {
        let mut headers = Vec::new();
        for header in &self.header {
            let (name, value) =
                header.split_once(':').ok_or_else(|| anyhow::anyhow!("--header {header:?}: write NAME: VALUE"))?;
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        let url = self.proxy.clone().unwrap_or_else(|| format!("http://{upstream}/v1"));
        Target::parse(&url, headers, Duration::from_secs(self.timeout_s))
    }

    pub(crate) fn proxy_name(&self) -> String {
        self.proxy.clone().unwrap_or_else(|| "no proxy".to_owned())
    }
}
