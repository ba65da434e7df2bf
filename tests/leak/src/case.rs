//! Runs one case: registers what the upstream answers, asks the proxy, and gives back what both ends saw.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::client::{Answer, Ask, Client};
use crate::cut::{Cut, pieces};
use crate::dialect::Dialect;
use crate::fields::Form;
use crate::live::{Register, Reply};
use crate::plan::Case;

/// Where the case's number stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Carry {
    /// In the model's name
    Model,
    /// In the bearer key, for proxies that only know certain models; see `--model`
    Key,
}

/// How cases are run.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub(crate) register: Arc<Register>,
    pub(crate) carry: Carry,
    /// The model asked for: a prefix of its name, or with [`Carry::Key`] the whole.
    pub(crate) model: String,
    /// Between two writes.
    pub(crate) gap: Duration,
    /// Each dialect's clean unary answer.
    pub(crate) clean: Arc<Vec<(Dialect, String)>>,
}

/// What a case came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) case: Case,
    pub(crate) answer: Answer,
    pub(crate) upstream_requests: usize,
    pub(crate) upstream_saw: Vec<u8>,
    pub(crate) writes: Vec<(usize, Instant)>,
}

impl Runner {
    pub(crate) async fn run(&self, client: &mut Client, case: Case) -> Ran {
        let (number, mark, live) = self.register.begin(self.reply(&case));
        let answer = client.ask(&self.ask(&case, &mark)).await;
        self.register.end(number);
        let seen = std::mem::take(&mut *live.seen());
        Ran { case, answer, upstream_requests: seen.requests, upstream_saw: seen.bytes, writes: seen.writes }
    }

    fn reply(&self, case: &Case) -> Reply {
        let script = &case.script;
        let block = &script.block;
        let stream = block.form == Form::Stream;
        let content_type = match block.form {
            Form::Stream => "text/event-stream",
            Form::Unary | Form::Request => "application/json",
        };
        let content_type = block.content_type.clone().unwrap_or_else(|| content_type.to_owned());
        if block.form == Form::Request {
            let clean = self.clean.iter().find(|(dialect, _)| *dialect == block.dialect);
            let body = Bytes::from(clean.map(|(_, body)| body.clone()).unwrap_or_default());
            let (headers, pieces) = (Vec::new(), vec![body]);
            return Reply { status: 200, content_type, headers, chunked: false, pieces, gap: Duration::ZERO };
        }
        Reply {
            status: block.status,
            content_type,
            headers: script.headers.clone(),
            chunked: stream,
            pieces: pieces(&script.body, &case.cut.places(script.body.len(), &script.bounds)),
            // A byte a write is long enough without.
            gap: if case.cut == Cut::Bytes { Duration::ZERO } else { self.gap },
        }
    }

    fn ask(&self, case: &Case, mark: &str) -> Ask {
        let script = &case.script;
        let block = &script.block;
        let model = if self.carry == Carry::Model { format!("{}{mark}", self.model) } else { self.model.clone() };
        let mut headers = Vec::new();
        let key = if self.carry == Carry::Key { format!("sk-{mark}") } else { "sk-leak".to_owned() };
        if block.dialect == Dialect::Messages {
            headers.push(("x-api-key".to_owned(), key.clone()));
            headers.push(("anthropic-version".to_owned(), "2023-06-01".to_owned()));
        }
        headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        let mut path = block.dialect.path().to_owned();
        let pieces = if block.form == Form::Request {
            headers.extend(script.headers.iter().cloned());
            if !script.query.is_empty() {
                path = format!("{path}?{}", script.query);
            }
            let body = with_model(&script.body, &model);
            let places = case.cut.places(body.len(), &[]);
            pieces(&body, &places)
        } else {
            vec![Bytes::from(block.dialect.question(block.form == Form::Stream).replace("<model>", &model))]
        };
        Ask { path, headers, pieces }
    }
}

/// The model's name where the body says so, else as its first member.
fn with_model(body: &Bytes, model: &str) -> Bytes {
    const PLACE: &[u8] = b"<model>";
    let (at, length, text) = match body.windows(PLACE.len()).position(|window| window == PLACE) {
        Some(at) => (at, PLACE.len(), model.to_owned()),
        None => (1, 0, format!("\"model\":\"{model}\",")),
    };
    let mut out = body.to_vec();
    out.splice(at..at + length, text.into_bytes());
    out.into()
}

#[cfg(test)]
mod tests;
