//! Parties: each is known as its one live record says.

use std::collections::BTreeMap;

use super::InvariantBroken;
use crate::contract::party;
use crate::id::Address;
use crate::ledger::Ledger;
use crate::party::PartyRecord;

/// Entries and records agree; only the administrator of the genesis may stand without a record, as the genesis has it.
pub(super) fn are_as_their_records(ledger: &Ledger, found: &mut Vec<InvariantBroken>) {
    let mut records: BTreeMap<Address, Vec<PartyRecord>> = BTreeMap::new();
    for (state, unspent) in ledger.unspent_states().filter(|(_, unspent)| unspent.state.is(party::NAME, party::RECORD))
    {
        match party::read(&unspent.state) {
            Ok(record) => records.entry(record.address).or_default().push(record),
            Err(error) => found.push(InvariantBroken::Unreadable { state: *state, reason: error.to_string() }),
        }
    }
    let in_genesis = ledger.genesis().administrator_record();
    for (address, entry) in ledger.parties() {
        let is_known_so = match records.remove(address).unwrap_or_default().as_slice() {
            [] => entry.record == in_genesis,
            [record] => entry.record == *record,
            _ => false,
        };
        if !is_known_so || entry.version != entry.record.version {
            found.push(InvariantBroken::Party { party: *address });
        }
    }
    found.extend(records.into_keys().map(|party| InvariantBroken::Party { party }));
}
