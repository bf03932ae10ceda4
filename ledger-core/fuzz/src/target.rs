//! What each fuzz target does with an input. The ledger's own tests replay the committed inputs through the same functions.
//!
//! A target answers whether it accepts the input, and panics where something holds that must not.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger_agreement::explain::{self, Language};
use ledger_agreement::template::Template;
use ledger_agreement::{BigInt, Contract, JsonForm, State as Remembered, analysis, conformance};
use ledger_core::archive::{ArchiveReplay, PastReferences, Version, record_length};
use ledger_core::contract::{loan, netting_round, obligation, party, pledge, price, purpose, title, token, trade_note};
use ledger_core::disclosure::Disclosure;
use ledger_core::encoding::{decode, encode};
use ledger_core::journal::JournalProof;
use ledger_core::signature::SignatureBatch;
use ledger_core::verify::structural;
use ledger_core::{
    Address, Amount, Block, ContractId, ContractSet, Date, Genesis, Header, InclusionProof, LedgerTransaction,
    PublicKey, ResolvedState, Scale, Signature, SignedTransaction, State, StateProof, StateRef, Wire,
};
use ledger_finance::actus::{Bound, EVENTS_MAX, Observations, Terms, Value, parse_time, schedule};

/// What a target does with an input.
pub type Target = fn(&[u8]) -> bool;

/// All targets, by the name that `FUZZ_TARGET` gives to the binary.
pub const TARGETS: &[(&str, Target)] = &[
    ("agreement_contract", agreement_contract),
    ("agreement_template", agreement_template),
    ("agreement_trace", agreement_trace),
    ("archive", archive),
    ("block", block),
    ("contract_data", contract_data),
    ("contract_rules", contract_rules),
    ("contract_terms", contract_terms),
    ("disclosure", disclosure),
    ("genesis", genesis),
    ("header", header),
    ("inclusion_proof", inclusion_proof),
    ("journal_proof", journal_proof),
    ("signatures", signatures),
    ("signed_transaction", signed_transaction),
    ("state", state),
    ("state_proof", state_proof),
    ("structural_stage", structural_stage),
    ("text", text),
];

/// What is read is written as it was.
fn read<T: Wire>(input: &[u8]) -> Option<T> {
    let value = decode::<T>(input).ok()?;
    assert_eq!(encode(&value), input, "another form is accepted");
    Some(value)
}

/// A block and the transactions in it.
pub fn block(input: &[u8]) -> bool {
    let Some(block) = read::<Block>(input) else { return false };
    block.transactions.iter().all(|bytes| signed_transaction(bytes))
}

/// A block's header.
pub fn header(input: &[u8]) -> bool {
    read::<Header>(input).is_some_and(|header| header.hash() == header.hash())
}

/// A chain's genesis.
pub fn genesis(input: &[u8]) -> bool {
    read::<Genesis>(input).is_some_and(|genesis| genesis.validate().is_ok())
}

/// A state, its fields and its digest.
pub fn state(input: &[u8]) -> bool {
    read::<State>(input).is_some_and(|state| state.digest(&[1; 32], 7).is_ok())
}

/// A transaction with signatures, and its id.
pub fn signed_transaction(input: &[u8]) -> bool {
    read::<SignedTransaction>(input).is_some_and(|signed| signed.transaction.id().is_ok())
}

/// The first stage of verification, for the chain that the transaction names.
pub fn structural_stage(input: &[u8]) -> bool {
    let Ok(signed) = SignedTransaction::decode(input) else { return false };
    let Ok(stage) = structural(input, &signed.transaction.chain) else { return false };
    assert_eq!(stage.transaction(), &signed.transaction);
    assert_eq!(Ok(stage.id()), signed.transaction.id());
    true
}

/// A proof that a transaction stands in a block.
pub fn inclusion_proof(input: &[u8]) -> bool {
    read::<InclusionProof>(input).is_some_and(|proof| proof.verify().is_ok())
}

/// A part of a transaction with its proof.
pub fn disclosure(input: &[u8]) -> bool {
    let Some(disclosure) = read::<Disclosure>(input) else { return false };
    disclosure.verify().is_ok()
}

/// A proof of what the state map held.
pub fn state_proof(input: &[u8]) -> bool {
    read::<StateProof>(input).is_some_and(|proof| proof.verify().is_ok())
}

/// A proof that the node attested an entry of its journal.
pub fn journal_proof(input: &[u8]) -> bool {
    read::<JournalProof>(input).is_some_and(|proof| proof.verify().is_ok())
}

/// A whole chain in one file, verified as an outsider does.
pub fn archive(input: &[u8]) -> bool {
    let Some((magic, mut rest)) = input.split_first_chunk::<{ Version::MAGIC_BYTES }>() else { return false };
    let Ok(version) = Version::of(magic) else { return false };
    let mut records = Vec::new();
    while let Some((prefix, after)) = rest.split_first_chunk() {
        let Ok(length) = record_length(*prefix) else { return false };
        let Some((record, after)) = after.split_at_checked(length) else { return false };
        let Ok(record) = version.decode(record) else { return false };
        records.push(record);
        rest = after;
    }
    let mut named = PastReferences::default();
    if !rest.is_empty() || records.iter().any(|record| named.take(record).is_err()) {
        return false;
    }
    let contracts = ContractSet::built_in();
    let mut replay = ArchiveReplay::new(&contracts, named);
    records.into_iter().all(|record| replay.take(record).is_ok()) && replay.finish().is_ok()
}

/// The data of a state, as each contract reads them.
pub fn contract_data(input: &[u8]) -> bool {
    let Ok(contract) = ContractId::new("fuzz", 1) else { return false };
    let state = State {
        contract,
        kind: String::new(),
        owner: Address::default(),
        participants: Vec::new(),
        locks: Vec::new(),
        data: input.to_vec(),
    };
    let record = party::read(&state).is_ok_and(|record| {
        let demands = record.authority.validate().is_ok() && record.first_policy.validate().is_ok();
        let missing: BTreeSet<_> =
            if demands { record.first_policy.missing(&BTreeSet::new()).into_iter().collect() } else { BTreeSet::new() };
        assert!(!demands || record.first_policy.is_satisfied(&missing), "what was missing is not enough");
        true
    });
    let read = [
        record,
        decode::<ledger_core::party::Permissions>(input).is_ok(),
        token::read_definition(&state).is_ok(),
        token::read_transfer_policy(&state).is_ok(),
        token::read_holding(&state).is_ok(),
        token::read_attestation(&state).is_ok(),
        title::read_title(&state).is_ok(),
        pledge::read_pledge(&state).is_ok(),
        pledge::read_cover(&state).is_ok_and(|cover| cover.adds_up() || !cover.adds_up()),
        purpose::read_purpose(&state).is_ok(),
        purpose::read_spend(&state).is_ok(),
        price::read_feed(&state).is_ok(),
        price::read_price(&state).is_ok(),
        loan::read_loan(&state).is_ok(),
        obligation::read_obligation(&state).is_ok(),
        trade_note::read_note(&state).is_ok(),
        netting_round::read_round(&state).is_ok(),
    ];
    read.contains(&true)
}

/// Every contract's rules, with the transaction's own outputs for the states that it consumes and reads.
pub fn contract_rules(input: &[u8]) -> bool {
    let Ok(SignedTransaction { transaction, .. }) = SignedTransaction::decode(input) else { return false };
    let Ok(id) = transaction.id() else { return false };
    let resolved = |(reference, state): (StateRef, &State)| ResolvedState {
        reference,
        state: Arc::new(state.clone()),
        claims: Vec::new(),
    };
    let states = || transaction.outputs.iter().cycle();
    let inputs = transaction.inputs.iter().copied().zip(states()).map(resolved).collect();
    let read = transaction.references.iter().map(|reference| reference.state);
    let references = read.zip(states()).map(resolved).collect();
    let ledger = LedgerTransaction { id, inputs, references, transaction };
    let contracts = ContractSet::built_in();
    let mut is_accepted = true;
    for id in contracts.ids() {
        let Some(contract) = contracts.get(&id) else { continue };
        is_accepted &= contract.verify(&ledger).is_ok();
        is_accepted &= contract.authorities(&ledger).is_ok() && contract.grounds(&ledger).is_ok();
        is_accepted &= contract.lock_changes(&ledger).is_ok() && contract.dues(&ledger).is_ok();
        is_accepted &= contract.claims(&ledger).is_ok() && contract.conditions(&ledger).is_ok();
        is_accepted &= contract.effects(&ledger).is_ok() && contract.unsigned_step(&ledger).is_ok();
        for state in ledger.transaction.outputs.iter().filter(|state| state.contract == id) {
            is_accepted &= contract.holding(state).is_ok();
        }
    }
    is_accepted
}

/// The schedule of terms in lines: `name=value`, values with bars between are a list; `to=time`; `code@time=value` is observed,
/// `type!time=value` an event.
pub fn contract_terms(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let (mut terms, mut data, mut events, mut to) = (Vec::new(), Vec::new(), Vec::new(), None);
    let plain = |text: &str| Value::Text(text.to_owned());
    let record = |fields: &[(&str, &str)]| {
        Value::Record(fields.iter().map(|(name, text)| ((*name).to_owned(), plain(text))).collect())
    };
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if let Some((code, time)) = name.split_once('@') {
            let points = Value::List(vec![record(&[("timestamp", time), ("value", value)])]);
            data.push((code.to_owned(), Value::Record(vec![("data".to_owned(), points)])));
        } else if let Some((kind, time)) = name.split_once('!') {
            events.push(record(&[("type", kind), ("time", time), ("value", value)]));
        } else if name == "to" {
            to = parse_time(value, name).ok();
        } else {
            let list = || Value::List(value.split('|').map(plain).collect());
            terms.push((name.to_owned(), if value.contains('|') { list() } else { plain(value) }));
        }
    }
    let Ok(terms) = Terms::read(&Value::Record(terms)) else { return false };
    let Ok(observations) = Observations::read(Some(&Value::Record(data)), Some(&Value::List(events))) else {
        return false;
    };
    let Ok(rows) = schedule(&terms, &observations, to, Bound::WIDE) else { return false };
    assert!(rows.len() <= EVENTS_MAX && rows.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(rows.iter().all(|row| terms.status_date.is_some_and(|status| row.time > status)));
    true
}

/// Signatures in a batch and alone: the answers agree. Each is key, signature, length of the message, message.
pub fn signatures(input: &[u8]) -> bool {
    let (mut batch, mut all_alone, mut rest) = (SignatureBatch::default(), true, input);
    while let Some((fixed, after)) = rest.split_at_checked(97) {
        let (Ok(key), Ok(signature)) = (PublicKey::from_bytes(&fixed[..32]), Signature::from_bytes(&fixed[32..96]))
        else {
            return false;
        };
        let Some((message, after)) = after.split_at_checked(usize::from(fixed[96])) else { break };
        all_alone &= key.verifies(message, &signature);
        batch.add(key, message.to_vec(), signature);
        rest = after;
    }
    assert_eq!(batch.verifies(), all_alone, "a batch and its members differ");
    all_alone && !batch.is_empty()
}

/// Whatever is read from text is written as the same text, or as another spelling of the same value.
pub fn text(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let mut is_accepted = false;
    for places in 0..=9 {
        let Ok(scale) = Scale::new(places) else { continue };
        if let Ok(amount) = Amount::parse_decimal(text, scale) {
            assert_eq!(Amount::parse_decimal(&amount.to_decimal(scale), scale), Ok(amount));
            is_accepted = true;
        }
    }
    is_accepted |= text.parse::<Date>().is_ok_and(|date| date.to_string() == text);
    is_accepted |= text.parse::<Address>().is_ok_and(|address| address.to_string() == text);
    is_accepted |= text.parse::<StateRef>().is_ok_and(|state| state.to_string() == text);
    is_accepted |= text.parse::<ContractId>().is_ok_and(|contract| contract.to_string() == text);
    let normal = ledger_core::claim::normalise(text);
    is_accepted && normal.len() <= text.len().saturating_mul(3)
}

/// A contract's JSON: written again as its one text, explained, and analysed.
pub fn agreement_contract(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(contract) = Contract::from_text(text) else { return false };
    let written = contract.to_text();
    assert_eq!(Contract::from_text(&written).as_ref(), Ok(&contract), "its one text is another contract");
    assert!(written.is_ascii());
    for language in [Language::English, Language::Chinese] {
        assert!(!explain::text(&contract, language).is_empty());
        assert!(explain::mermaid(&contract, language).starts_with("flowchart"));
    }
    analysis::analyse(&Arc::new(contract), &Remembered::empty(BigInt::ZERO), 0).is_ok()
}

/// A template's JSON: written again as its one text, and told.
pub fn agreement_template(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(template) = Template::read(text) else { return false };
    let written = template.text();
    assert_eq!(Template::read(&written).as_ref(), Ok(&template), "its one text is another template");
    assert!(written.is_ascii());
    for language in [Language::English, Language::Chinese] {
        assert!(!explain::template(&template, language).is_empty());
    }
    true
}

/// A request of the conformance driver: traces, transactions, values.
pub fn agreement_trace(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let answer = conformance::answer(text);
    assert!(answer.is_ascii() && !answer.contains('\n'), "an answer is one line of ASCII");
    answer.starts_with("{\"request-response\":")
}
