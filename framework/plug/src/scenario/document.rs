//! A proposal as a careful client reads it: nothing is believed that can be recomputed.

use ledger_core::transaction::signing_bytes;
use ledger_core::{Address, Transaction, TransactionId};
use serde_json::Value;

use super::ScenarioError;

/// Who must sign a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatory {
    /// The party.
    pub party: Address,
    /// As what it signs.
    pub role: String,
    /// True once its policy is met.
    pub satisfied: bool,
    /// The bytes that the node asks to sign.
    bytes_to_sign: Vec<u8>,
}

/// A proposal whose transaction was decoded and whose id was recomputed from the bytes.
#[derive(Clone, Debug)]
pub struct ProposalDocument {
    /// Its opaque id.
    pub id: String,
    /// `OPEN`, `COMMITTED`, …
    pub status: String,
    /// The transaction, decoded.
    pub transaction: Transaction,
    /// Its id, recomputed.
    pub transaction_id: TransactionId,
    /// Who must sign.
    pub signatories: Vec<Signatory>,
    /// Height of its block, once committed.
    pub height: Option<u64>,
}

/// The selection of a proposal that [`ProposalDocument::read`] needs.
pub const PROPOSAL_SELECTION: &str = "id status transaction transactionId ledger { height } \
    requiredSignatures { party role satisfied bytesToSign }";

impl ProposalDocument {
    /// Decodes the transaction, recomputes its id and refuses a proposal that says something else than its bytes.
    ///
    /// # Errors
    /// [`ScenarioError::Dishonest`], or [`ScenarioError::Unexpected`] for a proposal without its parts.
    pub fn read(proposal: &Value) -> Result<Self, ScenarioError> {
        let dishonest = |reason: String| ScenarioError::Dishonest { reason };
        let bytes = hex::decode(text(proposal, "transaction")?).map_err(|error| dishonest(error.to_string()))?;
        let transaction = Transaction::decode(&bytes)
            .map_err(|error| dishonest(format!("the transaction does not decode: {error}")))?;
        let transaction_id = transaction.id().map_err(|error| dishonest(error.to_string()))?;
        let claimed = text(proposal, "transactionId")?;
        if transaction_id.to_string() != claimed {
            return Err(dishonest(format!("the bytes are transaction {transaction_id}, not {claimed}")));
        }
        let required = proposal["requiredSignatures"].as_array();
        let required = required.ok_or_else(|| ScenarioError::unexpected("requiredSignatures"))?;
        let height = proposal["ledger"]["height"].as_str().and_then(|height| height.parse().ok());
        Ok(Self {
            id: text(proposal, "id")?.to_owned(),
            status: text(proposal, "status")?.to_owned(),
            transaction,
            transaction_id,
            signatories: required.iter().map(signatory).collect::<Result<_, _>>()?,
            height,
        })
    }

    /// The bytes that this party signs, computed from the transaction; refused if the node asks for other bytes.
    ///
    /// # Errors
    /// [`ScenarioError::Dishonest`], also if the party need not sign.
    pub fn bytes_to_sign(&self, party: &Address) -> Result<Vec<u8>, ScenarioError> {
        let dishonest = |reason: String| ScenarioError::Dishonest { reason };
        let signatory = self.signatories.iter().find(|signatory| signatory.party == *party);
        let signatory = signatory.ok_or_else(|| dishonest(format!("{party} need not sign this")))?;
        let bytes = signing_bytes(&self.transaction.chain, &self.transaction_id, party);
        if bytes != signatory.bytes_to_sign {
            return Err(dishonest(format!("the node asks {party} to sign bytes that are not this transaction's")));
        }
        Ok(bytes)
    }

    /// True once nothing is left to do.
    pub fn is_committed(&self) -> bool {
        self.status == "COMMITTED"
    }

    /// True if this party still has to sign.
    pub fn awaits(&self, party: &Address) -> bool {
        self.signatories.iter().any(|signatory| signatory.party == *party && !signatory.satisfied)
    }
}

fn signatory(required: &Value) -> Result<Signatory, ScenarioError> {
    let party = text(required, "party")?.parse().map_err(|_| ScenarioError::unexpected("party"))?;
    let bytes = hex::decode(text(required, "bytesToSign")?).map_err(|_| ScenarioError::unexpected("bytesToSign"))?;
    Ok(Signatory {
        party,
        role: text(required, "role")?.to_owned(),
        satisfied: required["satisfied"].as_bool().unwrap_or_default(),
        bytes_to_sign: bytes,
    })
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, ScenarioError> {
    value[name].as_str().ok_or_else(|| ScenarioError::unexpected(name))
}

#[cfg(test)]
mod tests {
    use ledger_core::{Anchor, BlockHash, ChainId, CommandId, Date, TimeWindow, TransactionBuilder, TransactionFrame};
    use serde_json::json;

    use super::*;

    const PARTY: Address = Address::from_bytes([3; 32]);

    /// A proposal as an honest node shows it.
    fn honest() -> Value {
        let chain = ChainId::from_bytes([1; 32]);
        let transaction = TransactionBuilder::new(TransactionFrame {
            chain,
            salt: [2; 32],
            submitter: PARTY,
            command_id: CommandId::derive(&chain, &PARTY, "key"),
            time_window: TimeWindow { from_ms: 1, until_ms: 2 },
            effective_on: Date::of_ms(1).unwrap(),
            anchor: Anchor { height: 0, block: BlockHash::from_bytes([1; 32]) },
        })
        .build();
        let id = transaction.id().unwrap();
        json!({
            "id": "p", "status": "OPEN", "transaction": hex::encode(transaction.encode()), "transactionId": id.to_string(),
            "ledger": null,
            "requiredSignatures": [{ "party": PARTY.to_string(), "role": "owner", "satisfied": false,
                "bytesToSign": hex::encode(signing_bytes(&chain, &id, &PARTY)) }],
        })
    }

    fn is_dishonest(proposal: &Value) -> bool {
        let signed = ProposalDocument::read(proposal).and_then(|document| document.bytes_to_sign(&PARTY));
        matches!(signed, Err(ScenarioError::Dishonest { .. }))
    }

    #[test]
    fn an_honest_proposal_is_signed() {
        let document = ProposalDocument::read(&honest()).unwrap();
        assert!(document.awaits(&PARTY) && !document.is_committed());
        assert_eq!(
            hex::encode(document.bytes_to_sign(&PARTY).unwrap()),
            honest()["requiredSignatures"][0]["bytesToSign"].as_str().unwrap()
        );
    }

    #[test]
    fn a_proposal_that_shows_one_thing_and_asks_to_sign_another_is_not_signed() {
        let mut other_id = honest();
        other_id["transactionId"] = json!("ab".repeat(32));
        let mut other_bytes = honest();
        other_bytes["requiredSignatures"][0]["bytesToSign"] = json!("00");
        let mut other_transaction = honest();
        other_transaction["transaction"] = json!(format!("{}00", honest()["transaction"].as_str().unwrap()));
        let mut other_party = honest();
        other_party["requiredSignatures"][0]["party"] = json!(Address::from_bytes([9; 32]).to_string());
        for proposal in [other_id, other_bytes, other_transaction, other_party] {
            assert!(is_dishonest(&proposal), "{proposal}");
        }
    }
}
