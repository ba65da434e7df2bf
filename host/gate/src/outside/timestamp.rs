//! A time-stamping authority over HTTP (RFC 3161, 3.4): a token over each checkpoint, which shows when its records were there at
//! the latest.

use hyper::StatusCode;
use witgate_ledger::{Ask, Asking};

use super::post::{Post, Question};
use crate::config::Service;
use crate::tsp::{Request, Token};

#[derive(Debug)]
pub(super) struct Authority {
    post: Post,
}

impl Authority {
    pub(super) fn new(said: &Service) -> anyhow::Result<Self> {
        Ok(Self { post: Post::new(said)? })
    }
}

impl Ask for Authority {
    /// The answer as it came, once it is for this question. Its signature is the auditor's to check.
    fn ask(&self, asking: &Asking<'_>) -> Result<Vec<u8>, String> {
        let wanted = Request::over(asking.signed.to_string().as_bytes()).map_err(|error| error.to_string())?;
        let question = Question {
            path: "",
            kind: "application/timestamp-query",
            accepts: "application/timestamp-reply",
            body: wanted.der(),
        };
        let answer = self.post.ask(question, asking)?;
        if answer.status != StatusCode::OK {
            return Err(format!("it gave no token: {}", answer.told()));
        }
        let token = Token::read(&answer.body).map_err(|error| error.to_string())?;
        token.answers(&wanted).map_err(|error| error.to_string())?;
        Ok(answer.body.to_vec())
    }
}
