//! Proofs: inclusion of a transaction, disclosure of a part of it, what a state map holds.

use std::collections::BTreeSet;

use ledger_core::disclosure::Disclosure;
use ledger_core::fork;
use ledger_core::proof::Included;
use ledger_core::proof::state::{Proved as StateProved, StateProofError, Subject};
use ledger_core::{ClaimKind, FreezeSubject, InclusionProof, LockKind, Rejection, State, StateProof, encoding};
use serde_json::{Value, json};

use super::journal::{of_journal, with_opening};
use super::{Evidence, Proved, utc};

/// Checks a proof of any kind.
pub(super) fn check(bytes: &[u8]) -> Result<Proved, Rejection> {
    if let Ok(proof) = encoding::decode::<StateProof>(bytes) {
        return of_state(&proof);
    }
    if let Ok(proof) = encoding::decode(bytes) {
        return of_journal(&proof);
    }
    match encoding::decode::<Disclosure>(bytes) {
        Ok(disclosure) => of_disclosure(&disclosure),
        Err(_) => of_inclusion(bytes),
    }
}

/// Checks a disclosure, and an opening of a sealed field that it shows.
pub(super) fn check_opening(bytes: &[u8], opening: &[u8]) -> Result<Proved, Rejection> {
    let disclosure: Disclosure = encoding::decode(bytes).map_err(|_| Rejection {
        code: "SEALED_NOT_SHOWN".to_owned(),
        message: "an opening goes with a disclosure, which this is not".to_owned(),
    })?;
    with_opening(of_disclosure(&disclosure)?, &disclosure.verify()?, &encoding::decode(opening)?)
}

fn of_inclusion(bytes: &[u8]) -> Result<Proved, Rejection> {
    let proof: InclusionProof = encoding::decode(bytes)?;
    let included = proof.verify()?;
    let signers: BTreeSet<_> = proof.transaction.signatures.iter().map(|signature| signature.party).collect();
    let signers: Vec<String> = signers.iter().map(ToString::to_string).collect();
    let parties = if signers.len() == 1 { "party" } else { "parties" };
    let (chain, place) = (proof.header.chain.to_string(), format!("place {} of ", proof.index));
    let signed = match signers.len() {
        0 => ", signed for nobody".to_owned(),
        count => format!(
            ", with valid signatures for {count} {parties} by the keys given beside them; that these keys are the parties' \
             own rests on the recorder's seal"
        ),
    };
    Ok(Proved {
        sentence: sentence(&included, &place, (&proof.genesis.name, &chain), &signed),
        as_json: json!({
            "proved": "inclusion",
            "chain": chain,
            "chainName": proof.genesis.name,
            "transaction": included.transaction.to_string(),
            "height": included.height,
            "position": proof.index,
            "timeMs": included.time_ms,
            "signers": signers,
        }),
        evidence: Evidence::Sightings(fork::of_inclusion(&proof)?),
        chain,
    })
}

fn of_disclosure(disclosure: &Disclosure) -> Result<Proved, Rejection> {
    let disclosed = disclosure.verify()?;
    let genesis = disclosure.genesis()?;
    let (chain, count) = (genesis.chain_id().to_string(), disclosed.components.len());
    let shown = format!(", of which {count} of {} components are shown", disclosure.component_count());
    Ok(Proved {
        sentence: sentence(&disclosed.included, "", (&genesis.name, &chain), &shown),
        as_json: json!({
            "proved": "disclosure",
            "chain": chain,
            "chainName": genesis.name,
            "transaction": disclosed.included.transaction.to_string(),
            "height": disclosed.included.height,
            "timeMs": disclosed.included.time_ms,
            "componentsShown": count,
            "components": disclosure.component_count(),
        }),
        evidence: Evidence::Sightings(fork::of_disclosure(disclosure, disclosed.included.transaction)?),
        chain,
    })
}

fn sentence(included: &Included, place: &str, (name, chain): (&str, &str), rest: &str) -> String {
    format!(
        "Proved: transaction {} stands at {place}block {} of chain {name:?} ({chain}), sealed by its recorder at {}{rest}.",
        included.transaction,
        included.height,
        utc(included.time_ms),
    )
}

fn of_state(proof: &StateProof) -> Result<Proved, Rejection> {
    let proved = proof.verify()?;
    let (chain, name) = (proved.chain.to_string(), &proof.genesis.name);
    let (says, facts) = says(proof, &proved)?;
    let sealed = utc(proved.sealed_at_ms);
    let height = proved.height;
    let mut as_json = json!({
        "proved": "state",
        "chain": chain,
        "chainName": name,
        "height": height,
        "sealedAtMs": proved.sealed_at_ms,
        "stateRoot": proof.header.state_root.to_string(),
    });
    if let (Some(all), Value::Object(facts)) = (as_json.as_object_mut(), facts) {
        all.extend(facts);
    }
    Ok(Proved {
        sentence: format!(
            "Proved: after block {height} of chain {name:?} ({chain}), sealed by its recorder at {sealed}, {says}."
        ),
        as_json,
        evidence: Evidence::Sightings(fork::of_state_proof(proof)?),
        chain,
    })
}

/// What a state proof says, in words and as facts.
fn says(proof: &StateProof, proved: &StateProved) -> Result<(String, Value), StateProofError> {
    Ok(match &proof.subject {
        Subject::Unspent(state, shown) => {
            let fields = proof.fields();
            let count = format!("{} of {} fields are shown", fields.len(), shown.field_count);
            let frame = proved.frame.as_ref();
            let locks = frame.map_or_else(String::new, described);
            let records: Vec<Value> = (fields.iter())
                .map(|(place, record)| json!({ "place": place, "record": hex::encode(record) }))
                .collect();
            let facts = json!({ "subject": "state", "state": state.to_string(), "unspent": true,
                "unpledged": proved.is_unpledged(), "contract": frame.map(|frame| frame.contract.to_string()),
                "kind": frame.map(|frame| frame.kind.clone()), "owner": frame.map(|frame| frame.owner.to_string()),
                "locks": frame.map_or(0, |frame| frame.locks.len()), "fields": records });
            (format!("the state {state} is unspent, {locks}; {count}"), facts)
        }
        Subject::Spent(created, output) => {
            let created = created.verify()?;
            let state = format!("{}:{output}", created.transaction);
            let facts = json!({ "subject": "state", "state": state, "unspent": false, "createdAt": created.height });
            (format!("the state {state}, created in block {}, is consumed", created.height), facts)
        }
        Subject::ClaimHeld(key, kind, holders) => {
            let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
            let says = match (kind, holders.as_slice()) {
                (ClaimKind::Once, []) => format!("the claim {key} is used up for ever"),
                (ClaimKind::Once, _) => format!("the claim {key} is used, once for ever, by {}", holders.join(", ")),
                (ClaimKind::Exclusive, _) => format!("the claim {key} is held by {}", holders.join(", ")),
            };
            (says, json!({ "subject": "claim", "claim": key.to_string(), "held": true, "holders": holders }))
        }
        Subject::ClaimFree(key) => {
            let facts = json!({ "subject": "claim", "claim": key.to_string(), "held": false });
            (format!("nobody holds the claim {key}"), facts)
        }
        Subject::Supply(asset, supply) => {
            let minor = supply.map(|supply| supply.minor());
            let says = match minor {
                Some(minor) => format!("the supply of asset {asset} is {minor} in its smallest unit"),
                None => format!("nothing of asset {asset} was ever issued"),
            };
            (says, json!({ "subject": "supply", "asset": asset.to_string(), "supplyMinor": minor }))
        }
        Subject::Frozen(subject, orders) => {
            let list = orders.iter().cloned().collect::<Vec<_>>().join("; ");
            let facts = json!({ "subject": "freeze", "frozen": true, "of": id(subject), "orders": orders });
            (format!("the {} {} is frozen by order: {list}", subject.name(), id(subject)), facts)
        }
        Subject::NotFrozen(subject) => {
            let facts = json!({ "subject": "freeze", "frozen": false, "of": id(subject) });
            (format!("no order freezes the {} {}", subject.name(), id(subject)), facts)
        }
    })
}

/// Whose a state is, and what locks it.
fn described(frame: &State) -> String {
    let pledges = frame.locks.iter().filter(|lock| lock.kind == LockKind::Pledge).count();
    let locks = match (frame.locks.len(), pledges) {
        (0, _) => "carries no lock".to_owned(),
        (1, 1) => "is pledged".to_owned(),
        (all, pledges) => format!("carries {all} locks, {pledges} of them pledges"),
    };
    format!("is a {} of {} owned by {}, and {locks}", frame.kind, frame.contract, frame.owner)
}

fn id(subject: &FreezeSubject) -> String {
    match subject {
        FreezeSubject::Address(address) => address.to_string(),
        FreezeSubject::Asset(asset) => asset.to_string(),
        FreezeSubject::Title(title) => title.to_string(),
    }
}
