//! Which witnesses cosigned a ledger's checkpoints, and how far.

use crate::checkpoint::SignedCheckpoint;
use crate::cosignature::WitnessKey;
use crate::outside::WITNESSED;
use crate::verify_report::WitnessedPart;

/// The largest of the checkpoints that each of the witnesses cosigned. A witness of none is wrong.
pub(super) fn of_each(
    witnesses: &[WitnessKey],
    checkpoints: &[&SignedCheckpoint],
) -> Result<Vec<WitnessedPart>, (&'static str, String)> {
    witnesses.iter().map(|witness| of_one(witness, checkpoints)).collect()
}

fn of_one(witness: &WitnessKey, checkpoints: &[&SignedCheckpoint]) -> Result<WitnessedPart, (&'static str, String)> {
    let cosigned = checkpoints.iter().filter_map(|signed| Some((signed.checkpoint.size, signed.cosigned(witness)?)));
    match (cosigned.max(), checkpoints.is_empty()) {
        (Some((records, time_s)), _) => Ok(WitnessedPart { records, witness: witness.name().to_owned(), time_s }),
        (None, true) => {
            let message = format!(
                "no checkpoint is there that witness {} could have cosigned: neither the file `{WITNESSED}` nor one kept elsewhere",
                witness.name()
            );
            Err(("witness_missing", message))
        }
        (None, false) => {
            let message = format!("no checkpoint has a cosignature of witness {} with the key given", witness.name());
            Err(("witness_wrong_key", message))
        }
    }
}
