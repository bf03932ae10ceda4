//! Payments that contracts count on: what is due to a party in the transaction is what it receives, counted once.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::amount::{Amount, AmountError};
use crate::codes;
use crate::contract::Due;
use crate::contract::token::{self, TokenError};
use crate::id::{Address, AssetId};
use crate::state::State;
use crate::transaction::LedgerTransaction;

/// Why the payments of a transaction are not those its contracts count on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PaymentError {
    /// A holding that cannot be read.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A total out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// No transfer of tokens.
    #[error(
        "the transaction settles a debt and transfers no tokens; pay in it with the command transfer or settle of token"
    )]
    Missing,
    /// Another amount than is due.
    #[error("{payee} receives {paid} of asset {asset}, in smallest units, where {due} are due; pay exactly that")]
    Differs {
        /// Who is paid.
        payee: Address,
        /// In which asset.
        asset: AssetId,
        /// All that is due to it here.
        due: u64,
        /// What it receives, its own inputs taken off.
        paid: u64,
    },
}

codes!(PaymentError {
    Missing => "PAYMENT_MISSING",
    Differs => "PAYMENT_DIFFERS",
} inner { Token, Amount });

/// Each payee receives the sum of what all contracts say is due to it, so that one payment never settles two debts.
pub(super) fn dues_are_paid(transaction: &LedgerTransaction, dues: &[Due]) -> Result<(), PaymentError> {
    if dues.is_empty() {
        return Ok(());
    }
    if transaction
        .command(token::NAME)
        .is_none_or(|command| ![token::TRANSFER, token::SETTLE].contains(&command.name.as_str()))
    {
        return Err(PaymentError::Missing);
    }
    let mut totals: BTreeMap<(Address, AssetId), Amount> = BTreeMap::new();
    for due in dues {
        let total = totals.entry((due.payee, due.asset)).or_default();
        *total = total.checked_add(due.amount)?;
    }
    for ((payee, asset), due) in totals {
        let paid = received(transaction, payee, asset)?;
        if paid != due {
            return Err(PaymentError::Differs { payee, asset, due: due.minor(), paid: paid.minor() });
        }
    }
    Ok(())
}

/// What the payee's free holdings of the asset grow by past all that it puts in; nothing where they shrink. Bound or locked value
/// is no payment.
fn received(transaction: &LedgerTransaction, payee: Address, asset: AssetId) -> Result<Amount, PaymentError> {
    let inputs = transaction.inputs_of(token::NAME, token::HOLDING).map(|input| input.state.as_ref());
    let outputs = transaction.outputs_of(token::NAME, token::HOLDING).map(|(_, state)| state);
    let before = held(inputs, payee, asset)?;
    let after = held(outputs.filter(|state| state.locks.is_empty()), payee, asset)?;
    Ok(after.checked_sub(before).unwrap_or_default())
}

fn held<'s>(states: impl Iterator<Item = &'s State>, owner: Address, asset: AssetId) -> Result<Amount, PaymentError> {
    let mut total = Amount::ZERO;
    for state in states.filter(|state| state.owner == owner) {
        let holding = token::read_holding(state)?;
        if holding.asset == asset && holding.purpose.is_none() {
            total = total.checked_add(holding.amount)?;
        }
    }
    Ok(total)
}
