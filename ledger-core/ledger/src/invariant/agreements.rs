//! Agreements: what they say their accounts hold stands under their own address, and nothing else does.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::agreement::{self, What};
use crate::contract::{title, token};
use crate::id::{Address, AgreementId};
use crate::invariant::InvariantBroken;
use crate::ledger::Ledger;

/// What an address holds.
type Held = BTreeMap<What, Amount>;

pub(super) fn hold_what_they_say(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut said: BTreeMap<Address, (AgreementId, Held)> = BTreeMap::new();
    let agreements = ledger.unspent_states();
    for (state, unspent) in agreements.filter(|(_, unspent)| unspent.state.is(agreement::NAME, agreement::AGREEMENT)) {
        let read = agreement::read_agreement(&unspent.state).and_then(|read| Ok((read.agreement, read.holds()?)));
        match read {
            Ok(holds) => drop(said.insert(unspent.state.owner, holds)),
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
    if said.is_empty() {
        return;
    }
    let mut held: BTreeMap<Address, Option<Held>> = BTreeMap::new();
    for (_, unspent) in ledger.unspent_states().filter(|(_, unspent)| said.contains_key(&unspent.state.owner)) {
        let (what, amount) = if unspent.state.is(token::NAME, token::HOLDING) {
            match token::read_holding(&unspent.state) {
                Ok(holding) if holding.purpose.is_none() => (What::Asset(holding.asset), holding.amount),
                _ => continue,
            }
        } else if unspent.state.is(title::NAME, title::TITLE) {
            match title::read_title(&unspent.state) {
                // A title is one of its token, whatever its goods' quantity.
                Ok(title) => (What::Title(title.title), Amount::from_minor(1).unwrap_or_default()),
                Err(_) => continue,
            }
        } else {
            continue;
        };
        let totals = held.entry(unspent.state.owner).or_insert_with(|| Some(Held::new()));
        let sum =
            totals.as_ref().and_then(|totals| totals.get(&what).copied().unwrap_or_default().checked_add(amount).ok());
        *totals = totals.take().zip(sum).map(|(mut totals, sum)| {
            totals.insert(what, sum);
            totals
        });
    }
    for (address, (agreement, says)) in said {
        let holds = held.remove(&address).unwrap_or_else(|| Some(Held::new()));
        if holds != Some(says) {
            found.push(InvariantBroken::Agreement { agreement });
        }
    }
}
