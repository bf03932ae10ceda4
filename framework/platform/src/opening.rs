//! Openings of sealed fields, off the ledger: each is sealed to the party that may read it, and can be destroyed.
//!
//! The node keeps bytes that it cannot open. Whoever seals does so at home, with `hive_chain::seal` or any other HPKE of
//! RFC 9180; the opened bytes are a canonical `Opening` message, which the ledger's commitment proves.

use std::collections::BTreeSet;
use std::sync::Arc;

use hive_chain::seal::SEAL_BYTES;
use hive_chain::{ChainError, Clock, Database, JournalRecord, Node, SubmitError};
use ledger_core::view::View;
use ledger_core::{Address, ChainId, Digest, Opening, Sealed, SignedTransaction, State, StateRef};
use serde_json::json;
use thiserror::Error;

use crate::session::principal::{AccessError, Principal};
use crate::storage::{StorageError, opening as rows};

/// Recipients of one opening.
pub const RECIPIENTS_MAX: usize = 16;
/// Recipients for whom a party keeps openings of one field.
pub const KEPT_MAX: usize = 64;
/// Bytes of one sealed opening: the longest message, its encoding and the seal.
pub const SEALED_BYTES_MAX: usize = Opening::VALUE_BYTES_MAX + Opening::LABEL_BYTES_MAX + 64 + SEAL_BYTES;

/// A sealed field on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedField {
    /// The chain.
    pub chain: ChainId,
    /// The field's commitment.
    pub commitment: Digest,
}

/// An opening as it is handed in: the bytes that only this recipient opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFor {
    /// Who opens it.
    pub recipient: Address,
    /// Sealed to its encryption key.
    pub sealed: Vec<u8>,
}

/// An opening as its recipient gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedOpening {
    /// Who put it there; whether it is true, the commitment tells.
    pub put_by: Address,
    /// When, milliseconds UTC.
    pub put_at_ms: u64,
    /// Sealed to the recipient's encryption key.
    pub sealed: Vec<u8>,
}

/// Why openings are not kept, given or destroyed.
#[derive(Debug, Error)]
pub enum OpeningError {
    /// The caller takes no part in the chain.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// No such state, or none of the caller's; one answer for both.
    #[error("there is no such state, or the party takes no part in it; name a state of your own that holds the field")]
    NotParty,
    /// The state has no such field.
    #[error("the state holds no sealed field with the commitment {commitment}; take it from the state's data")]
    NoSuchField {
        /// The commitment.
        commitment: Digest,
    },
    /// None or too many recipients, or one named twice.
    #[error("an opening has 1 to {RECIPIENTS_MAX} recipients, each once; here are {actual}")]
    Recipients {
        /// How many there are.
        actual: usize,
    },
    /// The party keeps openings of the field for too many recipients.
    #[error("a party keeps openings of one field for at most {KEPT_MAX} recipients; destroy those that are not needed")]
    TooMany,
    /// A recipient is not on the chain.
    #[error("the recipient {recipient} is not registered on the chain; name a party that is")]
    RecipientUnknown {
        /// The recipient.
        recipient: Address,
    },
    /// Too short to be sealed, or too long to be an opening.
    #[error("a sealed opening has {SEAL_BYTES} to {SEALED_BYTES_MAX} bytes; this one has {actual}")]
    SealedLength {
        /// Its bytes.
        actual: usize,
    },
    /// The platform's tables failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The chain could not be read.
    #[error("the chain could not be read: {0}")]
    Chain(#[from] ChainError),
    /// The journal did not take the entry, so nothing was done.
    #[error("the journal did not take the entry, so nothing was done: {0}")]
    Journal(#[from] SubmitError),
}

ledger_core::codes!(OpeningError {
    NotParty => "OPENING_NOT_PARTY",
    NoSuchField => "OPENING_NO_SUCH_FIELD",
    Recipients => "OPENING_RECIPIENTS",
    TooMany => "OPENING_TOO_MANY",
    RecipientUnknown => "OPENING_RECIPIENT_UNKNOWN",
    SealedLength => "OPENING_SEALED_LENGTH",
    Journal => "OPENING_JOURNAL",
} inner { Access, Storage, Chain });

/// The sealed openings of this node. Cheap to clone.
#[derive(Clone)]
pub struct Openings {
    node: Node,
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Openings {
    pub(crate) fn new(node: Node, database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { node, database, clock }
    }

    /// Keeps an opening for its recipients; what the caller had put for the same field and recipient gives way. The caller
    /// is a party of a state, unspent or not, that holds the field.
    ///
    /// # Errors
    /// The caller is no party of the state, the state has no such field, a recipient or its bytes do not fit, or the journal
    /// does not take the entry.
    pub async fn put(
        &self,
        principal: &Principal,
        field: &SealedField,
        state: &StateRef,
        openings: &[SealedFor],
    ) -> Result<(), OpeningError> {
        principal.require_participation(&field.chain)?;
        let held = self.state(&field.chain, state).await?;
        let held = held.filter(|state| state.is_seen_by(&principal.party())).ok_or(OpeningError::NotParty)?;
        let commitment = field.commitment;
        if !(Sealed { commitment }).stands_in(&held.data) {
            return Err(OpeningError::NoSuchField { commitment });
        }
        self.recipients_are_sound(&field.chain, openings).await?;
        let kept = rows::recipients_of(&self.database, field, principal.party()).await?;
        let recipients = kept.into_iter().chain(openings.iter().map(|opening| opening.recipient));
        if recipients.collect::<BTreeSet<_>>().len() > KEPT_MAX {
            return Err(OpeningError::TooMany);
        }

        let recipients: Vec<String> = openings.iter().map(|opening| opening.recipient.to_string()).collect();
        let details = json!({ "recipients": recipients });
        self.on_record(principal, "opening_stored", field, details).await?;
        rows::keep(&self.database, field, principal.party(), self.clock.now_ms(), openings).await?;
        Ok(())
    }

    /// The openings of a field that are sealed to the caller; none for anybody else.
    ///
    /// # Errors
    /// The caller takes no part in the chain, or the journal does not take the entry.
    pub async fn fetch(&self, principal: &Principal, field: &SealedField) -> Result<Vec<SealedOpening>, OpeningError> {
        principal.require_participation(&field.chain)?;
        let openings = rows::of_recipient(&self.database, field, principal.party()).await?;
        if !openings.is_empty() {
            self.on_record(principal, "opening_downloaded", field, json!({})).await?;
        }
        Ok(openings)
    }

    /// Destroys every opening that the caller put for a field, and says how many there were. The commitment stays on the
    /// ledger; once no copy of the salt is left anywhere, nobody can open it. Backups and free pages of the database may
    /// hold the sealed bytes for a while yet, which the recipient alone opens.
    ///
    /// # Errors
    /// The caller takes no part in the chain, or the journal does not take the entry.
    pub async fn destroy(&self, principal: &Principal, field: &SealedField) -> Result<u64, OpeningError> {
        principal.require_participation(&field.chain)?;
        if rows::count_put_by(&self.database, field, principal.party()).await? == 0 {
            return Ok(0);
        }
        self.on_record(principal, "opening_destroyed", field, json!({})).await?;
        Ok(rows::destroy_put_by(&self.database, field, principal.party()).await?)
    }

    /// A state of the chain's history, spent or not.
    async fn state(&self, chain: &ChainId, state: &StateRef) -> Result<Option<State>, OpeningError> {
        let Some(committed) = self.node.transaction(chain, &state.transaction).await? else { return Ok(None) };
        let signed = SignedTransaction::decode(&committed.bytes).map_err(ChainError::from)?;
        let place = usize::try_from(state.index).unwrap_or(usize::MAX);
        Ok(signed.transaction.outputs.into_iter().nth(place))
    }

    async fn recipients_are_sound(&self, chain: &ChainId, openings: &[SealedFor]) -> Result<(), OpeningError> {
        let recipients: BTreeSet<_> = openings.iter().map(|opening| opening.recipient).collect();
        if openings.is_empty() || openings.len() > RECIPIENTS_MAX || recipients.len() != openings.len() {
            return Err(OpeningError::Recipients { actual: openings.len() });
        }
        for SealedFor { recipient, sealed } in openings {
            let is_registered = self.node.read_ledger(chain, |ledger| ledger.party(recipient).is_some()).await?;
            if !is_registered {
                return Err(OpeningError::RecipientUnknown { recipient: *recipient });
            }
            if !(SEAL_BYTES..=SEALED_BYTES_MAX).contains(&sealed.len()) {
                return Err(OpeningError::SealedLength { actual: sealed.len() });
            }
        }
        Ok(())
    }

    async fn on_record(
        &self,
        principal: &Principal,
        kind: &str,
        field: &SealedField,
        details: serde_json::Value,
    ) -> Result<(), OpeningError> {
        let record = JournalRecord {
            actor: principal.party(),
            kind: kind.to_owned(),
            subject: field.commitment.to_string(),
            content: details.to_string().into_bytes(),
        };
        self.node.journal(&field.chain, record).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
