//! What happens to receipts, as subscribers are told.

use hive_chain::ProjectionWriter;
use ledger_core::contract::title::Title;
use ledger_core::contract::{pledge, title};
use ledger_core::{Address, LedgerTransaction, TransactionId};
use serde_json::json;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptEvent {
    /// It was issued.
    Issued,
    /// It was offered to a transferee.
    Offered,
    /// The transferee has it.
    Transferred,
    /// The transferee refused it.
    Refused,
    /// The holder took an ended offer back.
    Withdrawn,
    /// It was pledged.
    Pledged,
    /// Its pledge was released.
    Released,
}

impl ReceiptEvent {
    /// Every event.
    pub const ALL: [Self; 7] =
        [Self::Issued, Self::Offered, Self::Transferred, Self::Refused, Self::Withdrawn, Self::Pledged, Self::Released];
    /// The kinds of all events.
    pub const KINDS: [&'static str; 7] = [
        Self::Issued.kind(),
        Self::Offered.kind(),
        Self::Transferred.kind(),
        Self::Refused.kind(),
        Self::Withdrawn.kind(),
        Self::Pledged.kind(),
        Self::Released.kind(),
    ];

    /// The kind under which it stands in the outbox.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Issued => "receipt.issued",
            Self::Offered => "receipt.offered",
            Self::Transferred => "receipt.transferred",
            Self::Refused => "receipt.refused",
            Self::Withdrawn => "receipt.withdrawn",
            Self::Pledged => "receipt.pledged",
            Self::Released => "receipt.released",
        }
    }

    /// The event of a kind.
    pub fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.kind() == kind)
    }

    /// What the transaction's commands do to the titles it moves.
    pub(crate) fn of(transaction: &LedgerTransaction) -> Option<Self> {
        let name = |contract| transaction.command(contract).map(|command| command.name.as_str());
        match (name(title::NAME), name(pledge::NAME)) {
            (_, Some(pledge::CREATE)) => Some(Self::Pledged),
            (_, Some(pledge::RELEASE)) => Some(Self::Released),
            (Some(title::OFFER), _) => Some(Self::Offered),
            (Some(title::ACCEPT), _) => Some(Self::Transferred),
            (Some(title::REFUSE), _) => Some(Self::Refused),
            (Some(title::WITHDRAW), _) => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// Tells those concerned. The payload names the receipt and nothing of anybody's terms.
    pub(crate) fn emit(
        self,
        writer: &mut ProjectionWriter<'_>,
        parties: &[Address],
        title: &Title,
        transaction: &TransactionId,
    ) {
        let payload = json!({
            "receiptNumber": title.number,
            "operator": title.custodian.to_string(),
            "title": title.title.to_string(),
            "transactionId": transaction.to_string(),
        });
        writer.emit(self.kind(), parties, &payload);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for event in ReceiptEvent::ALL {
            assert_eq!(ReceiptEvent::of_kind(event.kind()), Some(event));
        }
        assert_eq!(ReceiptEvent::of_kind("receipt.burnt"), None);
    }
}
