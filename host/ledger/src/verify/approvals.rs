//! Whether APPROVAL records stand where a writer puts them.

use super::Run;
use crate::body::Body;
use crate::envelope::Envelope;
use crate::record::Record;
use crate::words::Approved;

impl Run<'_> {
    /// An APPROVAL. The asking belongs into its exchange; what became of it may stand behind the exchange's end.
    pub(super) fn approval(&self, payload: &[u8], envelope: &Envelope<'_>) -> Result<(), (&'static str, String)> {
        let Ok(Body::Approval(approval)) = Record::decode(payload).map(|record| record.body) else {
            return Err(("entry_undecodable", "the APPROVAL record cannot be read".to_owned()));
        };
        let asks = matches!(approval.outcome, Approved::Unavailable | Approved::Requested);
        let exchange = &*envelope.exchange;
        match asks && !self.order.is_open(exchange) {
            true => {
                let message = format!("exchange {exchange} has no INTENT before this APPROVAL, or ended before it");
                Err(("approval_without_intent", message))
            }
            false => Ok(()),
        }
    }
}
