//! Purposes: what is bound is what is left, what was spent is what the records say.

use std::collections::BTreeMap;

use crate::contract::{loan, purpose, token};
use crate::id::{Address, AssetId, ObligationId, PurposeId, SpendId, StateRef};
use crate::invariant::InvariantBroken;
use crate::ledger::Ledger;
use crate::state::State;

/// Where value bound to a purpose stands.
type Place = (PurposeId, Address, AssetId);

/// Quantities counted from unspent states, in smallest units.
#[derive(Default)]
struct Counted {
    /// Holdings bound to a purpose, by where they stand.
    bound: BTreeMap<Place, u128>,
    records: Vec<purpose::Spend>,
    purposes: Vec<purpose::Purpose>,
    /// Loans that were lent for a purpose.
    loans: BTreeMap<PurposeId, ObligationId>,
}

/// The supply counts every purpose's holdings; here each purpose is checked against its own.
pub(super) fn agree_with_holdings_and_records(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut counted = Counted::default();
    for (reference, unspent) in ledger.unspent_states() {
        if let Err(unreadable) = count(*reference, &unspent.state, &mut counted) {
            found.push(unreadable);
        }
    }
    let Counted { mut bound, records, purposes, loans } = counted;
    end_with_their_loans(&purposes, loans, found);
    for ((id, party, asset), kept) in kept_bound(&purposes, &records) {
        let held = bound.remove(&(id, party, asset)).unwrap_or_default();
        // A purpose that spent more than it had is broken, whatever is held.
        if kept.map(u128::from) != Some(held) {
            found.push(broken_balance(id, kept.unwrap_or_default(), held));
        }
    }
    let stray = bound.into_iter().filter(|(_, held)| *held > 0);
    found.extend(stray.map(|((id, ..), held)| broken_balance(id, 0, held)));
    let mut recorded = received(&records);
    for purpose in &purposes {
        let id = purpose.terms.purpose;
        for (payee, spent) in &purpose.spent {
            let (amount, passed_on) = recorded.remove(&(id, *payee)).unwrap_or_default();
            if (u128::from(spent.amount.minor()), u128::from(spent.passed_on.minor())) != (amount, passed_on) {
                found.push(broken_spent(id, *payee, spent.amount.minor(), amount));
            }
        }
    }
    let stray = recorded.into_iter().filter(|(_, (sum, passed_on))| *sum > 0 || *passed_on > 0);
    found.extend(stray.map(|((id, payee), (sum, _))| broken_spent(id, payee, 0, sum)));
    passed_on_is_what_came_out(&records, found);
}

/// A purpose that is lent under a loan is bound while the loan goes on, and freed once it has ended.
fn end_with_their_loans(
    purposes: &[purpose::Purpose],
    mut loans: BTreeMap<PurposeId, ObligationId>,
    found: &mut Vec<InvariantBroken>,
) {
    for purpose::Purpose { terms, freed, .. } in purposes {
        let lent = loans.remove(&terms.purpose);
        if lent != terms.loan.filter(|_| !freed) {
            found.push(InvariantBroken::PurposeLoan { purpose: terms.purpose });
        }
    }
    found.extend(loans.into_keys().map(|purpose| InvariantBroken::PurposeLoan { purpose }));
}

/// What each party has bound by the purposes and the records; none = more went out than came in.
fn kept_bound(purposes: &[purpose::Purpose], records: &[purpose::Spend]) -> BTreeMap<Place, Option<u64>> {
    let mut kept = BTreeMap::new();
    let mut of_purpose: BTreeMap<PurposeId, Vec<&purpose::Spend>> = BTreeMap::new();
    for record in records {
        of_purpose.entry(record.purpose).or_default().push(record);
    }
    for purpose in purposes {
        let terms = &purpose.terms;
        let balance = purpose.balance().ok().map(|balance| balance.minor());
        kept.insert((terms.purpose, terms.borrower, terms.asset), balance);
        let records = of_purpose.get(&terms.purpose).into_iter().flatten();
        for record in records.filter(|record| record.is_bound(terms)) {
            let of_record = record.kept().ok().map(|kept| kept.minor());
            let entry = kept.entry((terms.purpose, record.payee, terms.asset)).or_insert(Some(0));
            *entry = entry.zip(of_record).and_then(|(sum, more)| sum.checked_add(more));
        }
    }
    kept
}

/// What each payee's records say it received, less refunds, and what of it it passed on or returned.
fn received(records: &[purpose::Spend]) -> BTreeMap<(PurposeId, Address), (u128, u128)> {
    let mut received: BTreeMap<_, (u128, u128)> = BTreeMap::new();
    for record in records {
        let (sum, passed_on) = received.entry((record.purpose, record.payee)).or_default();
        let came = record.amount.minor().saturating_sub(record.refunded.minor());
        *sum = sum.saturating_add(u128::from(came));
        let went = record.passed_on.minor().saturating_add(record.returned.minor());
        *passed_on = passed_on.saturating_add(u128::from(went));
    }
    received
}

fn passed_on_is_what_came_out(records: &[purpose::Spend], found: &mut Vec<InvariantBroken>) {
    let mut came_out: BTreeMap<SpendId, u64> = BTreeMap::new();
    for record in records {
        if let Some(origin) = record.origin {
            let entry = came_out.entry(origin.spend).or_default();
            *entry = entry.saturating_add(record.amount.minor().saturating_sub(record.refunded.minor()));
        }
    }
    for record in records {
        let (spend, passed_on) = (record.spend, record.passed_on.minor());
        let recorded = came_out.remove(&spend).unwrap_or_default();
        if recorded != passed_on {
            found.push(InvariantBroken::PurposePassedOn { spend, passed_on, recorded });
        }
    }
    let stray = came_out.into_iter().filter(|(_, recorded)| *recorded > 0);
    found.extend(stray.map(|(spend, recorded)| InvariantBroken::PurposePassedOn { spend, passed_on: 0, recorded }));
}

fn count(reference: StateRef, state: &State, counted: &mut Counted) -> Result<(), InvariantBroken> {
    let unreadable =
        |reason: &dyn std::error::Error| InvariantBroken::Unreadable { state: reference, reason: reason.to_string() };
    if state.is(purpose::NAME, purpose::PURPOSE) {
        counted.purposes.push(purpose::read_purpose(state).map_err(|error| unreadable(&error))?);
    } else if state.is(purpose::NAME, purpose::SPENT) {
        let spend = purpose::read_spend(state).map_err(|error| unreadable(&error))?;
        spend.kept().map_err(|error| unreadable(&error))?;
        counted.records.push(spend);
    } else if state.is(loan::NAME, loan::LOAN) {
        // One that cannot be read is found where loans are checked.
        let Ok(loan) = loan::read_loan(state) else { return Ok(()) };
        counted.loans.extend(loan.purpose.map(|purpose| (purpose, loan.loan)));
    } else if state.is(token::NAME, token::HOLDING) {
        // One that cannot be read is found where the supply is counted.
        let Ok(holding) = token::read_holding(state) else { return Ok(()) };
        if let Some(purpose) = holding.purpose {
            let entry = counted.bound.entry((purpose, state.owner, holding.asset)).or_default();
            *entry = entry.saturating_add(u128::from(holding.amount.minor()));
        }
    }
    Ok(())
}

fn broken_balance(purpose: PurposeId, balance: u64, held: u128) -> InvariantBroken {
    InvariantBroken::PurposeBalance { purpose, balance, bound: u64::try_from(held).unwrap_or(u64::MAX) }
}

fn broken_spent(purpose: PurposeId, payee: Address, spent: u64, sum: u128) -> InvariantBroken {
    InvariantBroken::PurposeSpent { purpose, payee, spent, recorded: u64::try_from(sum).unwrap_or(u64::MAX) }
}
