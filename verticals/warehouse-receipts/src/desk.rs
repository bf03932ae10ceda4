//! Where the use cases of all nouns begin: who asks, and the receipt's present title on the ledger.

use hive_chain::{ChainError, Node};
use hive_platform::proposal::summary::{Direction, SummaryItem, SummaryLine};
use hive_platform::{Platform, Principal, ProposalError};
use ledger_core::contract::title::{Title, read_title};
use ledger_core::view::View;
use ledger_core::{Address, ChainId, EncodingError, Ledger, Rejection, ResolvedState, StateRef, TransactionId, codes};
use thiserror::Error;

use crate::filter::{TimePoint, Viewer};
use crate::receipt::query::{self as receipts, Model as ReceiptRow};

/// Who asks, and the node that answers.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its platform.
    pub platform: &'a Platform,
    /// Who asks.
    pub principal: &'a Principal,
}

/// A receipt as people name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptName {
    /// The chain.
    pub chain: ChainId,
    /// The operator's serial.
    pub number: String,
    /// The operator; needed only where two have the same serial.
    pub operator: Option<Address>,
}

/// Why a use case cannot begin. What the ledger's rules say comes from them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeskError {
    /// Unknown, or not the caller's to see.
    #[error("there is no receipt {number} that you may see")]
    ReceiptUnknown {
        /// The number asked for.
        number: String,
    },
    /// Two operators have issued the number.
    #[error("two operators have issued a receipt {number}; name the operator")]
    OperatorNeeded {
        /// The number asked for.
        number: String,
    },
    /// It changed while the request was on its way.
    #[error("the receipt {number} has just changed; ask for it again")]
    ReceiptMoved {
        /// The receipt's number.
        number: String,
    },
    /// The lot is neither on the ledger nor described.
    #[error("the lot {number} is not on the ledger yet; describe it with its first receipt")]
    LotUnknown {
        /// The lot's number.
        number: String,
    },
    /// The lot is on the ledger with another description.
    #[error("the lot {number} is on the ledger with another description; leave the description out or give the same")]
    LotDescribedOtherwise {
        /// The lot's number.
        number: String,
    },
    /// There is no live pledge of the receipt that the caller may see.
    #[error("there is no pledge of the receipt {number} that you may see")]
    PledgeUnknown {
        /// The receipt's number.
        number: String,
    },
    /// A row does not read.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A title does not read.
    #[error(transparent)]
    Title(#[from] ledger_core::contract::title::TitleError),
}

codes!(DeskError {
    ReceiptUnknown => "RECEIPT_UNKNOWN",
    OperatorNeeded => "RECEIPT_OPERATOR_NEEDED",
    ReceiptMoved => "RECEIPT_MOVED",
    LotUnknown => "RECEIPT_LOT_UNKNOWN",
    LotDescribedOtherwise => "RECEIPT_LOT_DESCRIBED_OTHERWISE",
    PledgeUnknown => "RECEIPT_PLEDGE_UNKNOWN",
} inner { Encoding, Title });

/// A receipt with its title as it stands on the ledger now.
#[derive(Clone, Debug)]
pub struct PresentReceipt {
    /// What lists show of it.
    pub row: ReceiptRow,
    /// The title's state.
    pub state: ResolvedState,
    /// What the state says.
    pub title: Title,
}

impl Desk<'_> {
    /// The caller's own party.
    pub fn party(&self) -> Address {
        self.principal.party()
    }

    /// Whose eyes look.
    pub fn viewer(&self) -> Viewer {
        Viewer::Party(self.party())
    }

    /// The receipt, if the caller sees it. A refusal is kept for the moment a proposal is drafted, so that a repeated
    /// write gets its first answer again whatever has become of the receipt since.
    ///
    /// # Errors
    /// The database fails.
    pub async fn receipt(&self, name: &ReceiptName) -> Result<Result<PresentReceipt, DeskError>, ProposalError> {
        let view = self.node.read_view(&[name.chain]);
        let time = TimePoint::default();
        let rows = receipts::by_number(&view, self.viewer(), &name.chain, &name.number, name.operator.as_ref(), time);
        let mut rows = rows.await.map_err(ChainError::from)?;
        let number = || name.number.clone();
        Ok(match (rows.pop(), rows.pop()) {
            (None, _) => Err(DeskError::ReceiptUnknown { number: number() }),
            (Some(_), Some(_)) => Err(DeskError::OperatorNeeded { number: number() }),
            (Some(row), None) => match state_reference(&row.transaction_id, row.output_index) {
                Ok(reference) => present(row, self.state(&name.chain, &reference).await?),
                Err(error) => Err(error.into()),
            },
        })
    }

    /// An unspent state of the chain.
    ///
    /// # Errors
    /// The chain cannot be read.
    pub async fn state(&self, chain: &ChainId, reference: &StateRef) -> Result<Option<ResolvedState>, ChainError> {
        self.node.read_ledger(chain, |ledger: &Ledger| ledger.state(reference)).await
    }
}

fn present(row: ReceiptRow, state: Option<ResolvedState>) -> Result<PresentReceipt, DeskError> {
    let state = state.ok_or_else(|| DeskError::ReceiptMoved { number: row.number.clone() })?;
    let title = read_title(&state.state)?;
    Ok(PresentReceipt { row, state, title })
}

/// The reference that a row's columns hold.
///
/// # Errors
/// The row is damaged.
pub fn state_reference(transaction: &[u8], output: i64) -> Result<StateRef, EncodingError> {
    let out_of_range = |_| EncodingError::OutOfRange { field: "output_index" };
    Ok(StateRef {
        transaction: TransactionId::try_from(transaction)?,
        index: u32::try_from(output).map_err(out_of_range)?,
    })
}

/// The refusal of anything that has a code.
pub(crate) fn refusal(error: impl ledger_core::Coded) -> Rejection {
    error.into()
}

/// The title as a line's item.
pub(crate) fn titled(title: &Title) -> SummaryItem {
    SummaryItem::Title {
        title: title.title,
        number: title.number.clone(),
        quantity: title.quantity,
        unit: title.unit.clone(),
    }
}

/// A right over the receipt, seen from both its sides.
pub(crate) fn right(kind: &str, title: &Title, over: Address, by: Address) -> Vec<SummaryLine> {
    let line = |party, counterparty| SummaryLine {
        direction: Direction::Stays,
        party,
        counterparty: Some(counterparty),
        item: SummaryItem::Right { kind: kind.to_owned(), number: title.number.clone() },
    };
    vec![line(over, by), line(by, over)]
}
