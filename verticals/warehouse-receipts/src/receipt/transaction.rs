//! Builds the transactions of receipts out of states at hand. Pure: service, importer, scenario and tests build alike.

use ledger_core::contract::pledge::{self, Pledge, pledge_lock, pledge_state};
use ledger_core::contract::title::{self, Title, TitleError, moved, offer_lock, read_title, title_state};
use ledger_core::{
    Address, Amount, AssetId, ContractId, EncodingError, PledgeId, ResolvedState, StateRef, TitleId, Transaction,
    TransactionBuilder, TransactionFrame, codes, wire as ledger_wire,
};
use thiserror::Error;

use crate::lot::model::{self as lot, Lot, lot_state};
use crate::receipt::model::{self as receipt, Receipt, TITLE_UNIT, receipt_state};
use crate::wire;

/// Why a transaction cannot be built from these states.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A state does not read.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A title does not read.
    #[error(transparent)]
    Title(#[from] TitleError),
    /// A pledge does not read.
    #[error(transparent)]
    Pledge(#[from] pledge::PledgeError),
    /// More has been receipted than numbers hold.
    #[error("receipts of the lot {number} make more than the ledger counts")]
    LotOverflow {
        /// The lot's number.
        number: String,
    },
}

codes!(BuildError {
    LotOverflow => "LOT_OVERFLOW",
} inner { Encoding, Title, Pledge });

/// What a pledge secures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secured {
    /// The asset of the debt.
    pub asset: AssetId,
    /// At most so much, in the asset's smallest unit.
    pub maximum: Amount,
}

fn built_in(name: &str) -> Result<ContractId, EncodingError> {
    ContractId::new(name, 1)
}

/// Where a receipt's goods are booked.
#[derive(Clone, Debug)]
pub enum LotBooking {
    /// The lot comes in with this transaction.
    Store(Lot),
    /// The lot is on the ledger.
    Book(StateRef, Lot),
}

impl LotBooking {
    fn lot(&self) -> &Lot {
        match self {
            Self::Store(lot) | Self::Book(_, lot) => lot,
        }
    }
}

/// Issues a receipt and its title, and books it against its lot. Operator and depositor sign.
///
/// # Errors
/// More is booked than numbers hold.
pub fn issue(frame: TransactionFrame, booking: &LotBooking, receipt: &Receipt) -> Result<Transaction, BuildError> {
    let (chain, before) = (frame.chain, booking.lot());
    let overflow = || BuildError::LotOverflow { number: before.number.clone() };
    let after = before.with_receipted(receipt.mass, receipt.bags).ok_or_else(overflow)?;
    let title = Title {
        title: TitleId::derive(&chain, &receipt.operator, &receipt.number),
        custodian: receipt.operator,
        number: receipt.number.clone(),
        quantity: receipt.mass.quantity(),
        unit: TITLE_UNIT.to_owned(),
    };
    let builder = TransactionBuilder::new(frame)
        .output(title_state(&title, receipt.depositor))
        .output(receipt_state(receipt)?)
        .output(lot_state(&after)?)
        .command(built_in(title::NAME)?, title::ISSUE, &ledger_wire::TitleIssue {})
        .command(receipt::contract_id()?, receipt::ISSUE, &wire::ReceiptIssue {});
    let builder = match booking {
        LotBooking::Store(_) => builder.command(lot::contract_id()?, lot::STORE, &wire::LotStore {}),
        LotBooking::Book(reference, _) => {
            builder.input(*reference).command(lot::contract_id()?, lot::BOOK, &wire::LotBook {})
        }
    };
    Ok(builder.build())
}

/// Offers a title to a transferee until a time. The holder signs.
///
/// # Errors
/// The state is no title.
pub fn offer(
    frame: TransactionFrame,
    state: &ResolvedState,
    to: Address,
    until_ms: u64,
) -> Result<Transaction, BuildError> {
    let lock = offer_lock(&frame.chain, &frame.command_id, to, until_ms);
    let title = read_title(&state.state)?;
    let arguments =
        ledger_wire::TitleOffer { title: title.title.to_vec(), to: to.to_vec(), until_ms, settlement: None };
    Ok(TransactionBuilder::new(frame)
        .input(state.reference)
        .output(moved(&state.state, state.state.owner, vec![lock])?)
        .command(built_in(title::NAME)?, title::OFFER, &arguments)
        .build())
}

/// Takes over an offered title. The transferee signs, the custodian seals.
///
/// # Errors
/// The state is no title.
pub fn accept(frame: TransactionFrame, state: &ResolvedState, transferee: Address) -> Result<Transaction, BuildError> {
    let title = read_title(&state.state)?.title.to_vec();
    let arguments = ledger_wire::TitleAccept { title, settlement: None };
    Ok(TransactionBuilder::new(frame)
        .input(state.reference)
        .output(moved(&state.state, transferee, Vec::new())?)
        .command(built_in(title::NAME)?, title::ACCEPT, &arguments)
        .build())
}

/// Refuses an offered title. The transferee signs.
///
/// # Errors
/// The state is no title.
pub fn refuse(frame: TransactionFrame, state: &ResolvedState) -> Result<Transaction, BuildError> {
    let arguments = ledger_wire::TitleRefuse { title: read_title(&state.state)?.title.to_vec() };
    Ok(TransactionBuilder::new(frame)
        .input(state.reference)
        .output(moved(&state.state, state.state.owner, Vec::new())?)
        .command(built_in(title::NAME)?, title::REFUSE, &arguments)
        .build())
}

/// Takes an ended offer back. The holder signs.
///
/// # Errors
/// The state is no title.
pub fn withdraw(frame: TransactionFrame, state: &ResolvedState) -> Result<Transaction, BuildError> {
    let arguments = ledger_wire::TitleWithdraw { title: read_title(&state.state)?.title.to_vec() };
    Ok(TransactionBuilder::new(frame)
        .input(state.reference)
        .output(moved(&state.state, state.state.owner, Vec::new())?)
        .command(built_in(title::NAME)?, title::WITHDRAW, &arguments)
        .build())
}

/// Pledges a title for a debt. Pledgor, pledgee and custodian sign.
///
/// # Errors
/// The state is no title.
pub fn pledge(
    frame: TransactionFrame,
    state: &ResolvedState,
    pledgee: Address,
    secured: Secured,
) -> Result<Transaction, BuildError> {
    let title = read_title(&state.state)?;
    let pledge = Pledge {
        pledge: PledgeId::derive(&frame.chain, &frame.command_id),
        title: title.title,
        number: title.number,
        pledgor: state.state.owner,
        pledgee,
        custodian: title.custodian,
        quantity: title.quantity,
        unit: title.unit,
        secured_asset: secured.asset,
        secured_maximum: secured.maximum,
        rank: 1,
        obligation: None,
        publicity: None,
    };
    let arguments = ledger_wire::PledgeCreate { title: title.title.to_vec() };
    Ok(TransactionBuilder::new(frame)
        .input(state.reference)
        .output(moved(&state.state, state.state.owner, vec![pledge_lock(&pledge)])?)
        .output(pledge_state(&pledge))
        .command(built_in(pledge::NAME)?, pledge::CREATE, &arguments)
        .build())
}

/// Ends a pledge and frees its title. The pledgee signs.
///
/// # Errors
/// One of the states is not what it should be.
pub fn release(
    frame: TransactionFrame,
    titled: &ResolvedState,
    pledged: &ResolvedState,
    quantity: Amount,
) -> Result<Transaction, BuildError> {
    let pledge = pledge::read_pledge(&pledged.state)?;
    let lock = pledge_lock(&pledge);
    let remaining = titled.state.locks.iter().filter(|held| **held != lock).cloned().collect();
    let arguments = ledger_wire::PledgeRelease { pledge: pledge.pledge.to_vec(), quantity: quantity.minor() };
    Ok(TransactionBuilder::new(frame)
        .input(titled.reference)
        .input(pledged.reference)
        .output(moved(&titled.state, titled.state.owner, remaining)?)
        .command(built_in(pledge::NAME)?, pledge::RELEASE, &arguments)
        .build())
}
