//! One channel.

use witgate_sdk::{Fault, Session, Step};

use crate::Hostile;
use crate::config::{Deed, Stage};

/// The state of one channel.
#[derive(Debug)]
pub struct Channel {
    policy: &'static Hostile,
    pushed: u64,
    pieces: u32,
}

impl Channel {
    pub(crate) fn new(policy: &'static Hostile) -> Self {
        Self { policy, pushed: 0, pieces: 0 }
    }
}

impl Session for Channel {
    fn push(&mut self, text: &str) -> Result<Step, Fault> {
        let before = self.pushed;
        self.pushed += text.len() as u64;
        self.pieces += 1;
        self.policy.count();
        let settled = match (self.policy.deed(), self.pieces) {
            (Some(Deed::SettleBack), 2) => 0,
            (Some(Deed::SettleBeyond), _) => self.pushed + 1024,
            _ => self.pushed,
        };
        match (self.policy.is_at(Stage::Inspection), self.pieces) {
            (false, _) => Ok(Step::settled(self.pushed)),
            (true, 1) => Ok(Step { settled, decision: self.policy.act(Stage::Inspection, text, before)? }),
            (true, _) => Ok(Step::settled(settled)),
        }
    }

    fn finish(&mut self) -> Result<Step, Fault> {
        self.policy.count();
        Ok(Step::settled(self.pushed))
    }
}
