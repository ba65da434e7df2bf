//! Where a ledger begins: with its first record, or where its operator let older ones go and said so in a RETENTION record.

use std::collections::BTreeMap;

use super::Run;
use crate::body::{Body, Retention};
use crate::directory::SegmentName;
use crate::fixed_bytes::Mac;
use crate::head::Head;
use crate::header::Header;
use crate::record::Record;
use crate::verify_report::LetGo;

/// A stable code and a sentence.
type Wrong = (&'static str, String);

/// What is known of the records that are not there.
#[derive(Default)]
pub(super) struct Beginning {
    /// The last record that is not there; 0 in a whole ledger.
    pub(super) floor: u64,
    /// The records that segments follow, and their MACs: a RETENTION record names one of them, or one before all.
    links: BTreeMap<u64, Mac>,
    /// The RETENTION record that goes farthest.
    said: Option<(u64, u64, Retention)>,
}

impl Beginning {
    /// A segment that follows this record.
    pub(super) fn follows(&mut self, before: u64, mac: Mac) {
        if self.links.is_empty() {
            self.floor = before;
        }
        self.links.insert(before, mac);
    }

    /// A RETENTION record.
    pub(super) fn retention(&mut self, payload: &[u8], seq: u64, time_ms: u64) -> Result<(), Wrong> {
        let Ok(Body::Retention(said)) = Record::decode(payload).map(|record| record.body) else {
            return Err(("entry_undecodable", "the RETENTION record cannot be read".to_owned()));
        };
        let through = said.through;
        let differs =
            |what: &str| Err(("retention_differs", format!("it lets go of the records to {through}, {what}")));
        match self.links.get(&through) {
            _ if through >= seq => return differs("which it does not follow"),
            Some(mac) if *mac != said.mac => return differs("which are others than it says"),
            None if through > self.floor => return differs("where no segment ends"),
            Some(_) | None => {}
        }
        if self.said.as_ref().is_none_or(|(_, _, farthest)| farthest.through <= through) {
            self.said = Some((seq, time_ms, said));
        }
        Ok(())
    }

    /// What was let go, once all was read. `vouched` is up to which record somebody vouches: what is said behind it does not count.
    pub(super) fn end(&self, vouched: u64) -> Result<Option<LetGo>, Wrong> {
        if self.floor == 0 {
            return Ok(None);
        }
        let floor = self.floor;
        match &self.said {
            Some((seq, time_ms, said)) if said.through >= floor && *seq <= vouched => Ok(Some(LetGo {
                through: floor,
                seq: *seq,
                time_ms: *time_ms,
                until_ms: said.until_ms,
                rule: said.rule.clone(),
                bound: said.bound,
                shipped: said.shipped,
            })),
            _ => Err((
                "first_segment_missing",
                format!("the ledger begins with record {}, and nothing in it lets go of those before", floor + 1),
            )),
        }
    }
}

impl Run<'_> {
    /// The ledger begins with a later record. A RETENTION record further on must say that those before were let go.
    pub(super) fn begin_late(&mut self, name: &SegmentName, header: &Header) -> bool {
        let floor = header.first_seq - 1;
        self.step = Some(header.step);
        self.report.head = Head { seq: floor, mac: header.previous };
        self.order.begin_late();
        if let Err((code, message)) = self.roots.begin_late(floor) {
            self.fail(Some(name), 0, code, message);
            return false;
        }
        match self.report.expected {
            Some(noted) if noted.seq < floor => {
                let message =
                    format!("the head that was noted is record {}, the ledger begins behind record {floor}", noted.seq);
                self.fail(Some(name), 0, "expected_let_go", message);
            }
            Some(noted) if noted.seq == floor && noted.mac != header.previous => {
                self.fail(Some(name), 0, "head_differs", "the ledger does not follow the record whose head was noted");
            }
            _ => return true,
        }
        false
    }
}
