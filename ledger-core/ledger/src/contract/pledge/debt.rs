//! The debt that a pledge names: what the pledge brings its pledgee is paid on that debt, by the debt's own command beside it.

use crate::amount::Amount;
use crate::contract::debt::{Payment, payment};
use crate::contract::loan::Loan;
use crate::contract::obligation::Obligation;
use crate::contract::pledge::{NAME, PLEDGE, Pledge, PledgeError, money};
use crate::encoding::{EncodingError, Wire};
use crate::error::rule;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// True where the enforcement or the collection of a pledge pays this debt here, so that the debtor need not.
///
/// Which amount, to whom, and that there is no other, the pledge's own rules say.
pub(in crate::contract) fn pays(transaction: &LedgerTransaction, debt: &[u8; 32]) -> Result<bool, EncodingError> {
    let Some(context) = money::served(transaction)? else { return Ok(false) };
    for input in transaction.inputs_of(NAME, PLEDGE) {
        let pledge = Pledge::from_wire(input.state.message::<wire::Pledge>()?)?;
        let names_it = pledge.obligation.is_some_and(|named| named.as_bytes() == debt);
        if pledge.pledge.context() == context && names_it {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the pledgee gets is paid on the debt that the pledge names, to the last unit, while the debt is the pledgee's.
pub(super) fn is_paid_on(transaction: &LedgerTransaction, pledge: &Pledge, amount: Amount) -> Result<(), PledgeError> {
    let Some(named) = pledge.obligation else { return Ok(()) };
    let expected = Payment { debt: *named.as_bytes(), creditor: (pledge.pledgee, pledge.secured_asset), amount };
    let number = pledge.number.clone();
    rule(payments(transaction)? == [expected], || PledgeError::DebtNotPaid { number, amount: amount.minor() })
}

/// Nothing is let go to the pledgee here, so no debt is paid by it.
pub(super) fn pays_nothing(transaction: &LedgerTransaction, pledge: &Pledge) -> Result<(), PledgeError> {
    let Some(named) = pledge.obligation else { return Ok(()) };
    let is_paid = payments(transaction)?.iter().any(|payment| payment.debt == *named.as_bytes());
    rule(!is_paid, || PledgeError::DebtNotPaid { number: pledge.number.clone(), amount: 0 })
}

/// All that is paid on debts that a pledge may name.
fn payments(transaction: &LedgerTransaction) -> Result<Vec<Payment>, EncodingError> {
    let paid = [payment::<Obligation>(transaction)?, payment::<Loan>(transaction)?];
    Ok(paid.into_iter().flatten().collect())
}
