//! What a round keeps of an obligation, and the leaves over it.

use crate::amount::Amount;
use crate::contract::obligation::Obligation;
use crate::encoding::EncodingError;
use crate::hash::{Domain, leaf};
use crate::id::{Address, ObligationId};
use crate::wire;

/// An obligation as it joined. Withdrawn it is the default: of no obligation, so that its row says nothing of one that joins
/// again under another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The obligation.
    pub obligation: ObligationId,
    /// Who owes.
    pub debtor: Address,
    /// To whom.
    pub creditor: Address,
    /// How much, in the asset's smallest unit.
    pub outstanding: Amount,
}

impl Row {
    /// The row of an obligation.
    pub fn of(obligation: &Obligation) -> Self {
        let Obligation { obligation, debtor, creditor, outstanding, .. } = *obligation;
        Self { obligation, debtor, creditor, outstanding }
    }

    /// Its leaf among the joined rows.
    pub(super) fn joined_leaf(&self) -> [u8; 32] {
        let outstanding = self.outstanding.minor().to_be_bytes();
        let parts: [&[u8]; 4] =
            [self.obligation.as_bytes(), self.debtor.as_bytes(), self.creditor.as_bytes(), &outstanding];
        leaf(Domain::RoundRow, &parts)
    }

    /// The row with what the result clears of it, as a check shows it.
    pub(super) fn to_wire(self, cleared: Amount) -> wire::NettingRow {
        wire::NettingRow {
            obligation: self.obligation.to_vec(),
            debtor: self.debtor.to_vec(),
            creditor: self.creditor.to_vec(),
            outstanding: self.outstanding.minor(),
            cleared: cleared.minor(),
        }
    }

    /// The row that a check shows, and what the result clears of it.
    pub(super) fn from_wire(message: &wire::NettingRow) -> Result<(Self, Amount), EncodingError> {
        let row = Self {
            obligation: message.obligation.as_slice().try_into()?,
            debtor: message.debtor.as_slice().try_into()?,
            creditor: message.creditor.as_slice().try_into()?,
            outstanding: minor(message.outstanding, "netting_row.outstanding")?,
        };
        Ok((row, minor(message.cleared, "netting_row.cleared")?))
    }
}

/// The leaf of a row in the result.
pub(super) fn result_leaf(obligation: &ObligationId, cleared: Amount) -> [u8; 32] {
    leaf(Domain::RoundResult, &[obligation.as_bytes(), &cleared.minor().to_be_bytes()])
}

/// An amount of a message.
pub(super) fn minor(minor: u64, field: &'static str) -> Result<Amount, EncodingError> {
    Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field })
}
