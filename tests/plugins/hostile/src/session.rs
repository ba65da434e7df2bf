//! One channel.

use witgate_sdk::{Fault, Session, Step};

use crate::config::{Config, Deed, Stage};
use crate::deed;

/// The state of one channel.
#[derive(Debug)]
pub struct Channel {
    config: Config,
    pushed: u64,
    pieces: u32,
}

impl Channel {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, pushed: 0, pieces: 0 }
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        let before = self.pushed;
        self.pushed += text.len() as u64;
        self.pieces += 1;
        if self.config.at != Stage::Inspection {
            return Ok(Step::settled(self.pushed));
        }
        let settled = match (self.config.deed, self.pieces) {
            (Deed::SettleBack, 2) => 0,
            (Deed::SettleBeyond, _) => self.pushed + 1024,
            _ => self.pushed,
        };
        match self.pieces {
            1 => Ok(Step { settled, decision: deed::act(self.config, text, before)? }),
            _ => Ok(Step::settled(settled)),
        }
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        Ok(Step::settled(self.pushed))
    }
}
