//! Who may receive an asset, and whether its issuer signs each transfer.

use std::collections::{BTreeMap, BTreeSet};

use crate::amount::Amount;
use crate::condition::Effect;
use crate::contract::token::{
    DEFINE, DEFINITION, HOLDING, NAME, SETTLE, SUPERSEDE, TRANSFER, TokenDefinition, TokenError, read_definition,
    read_holding,
};
use crate::contract::{Signer, agreement};
use crate::encoding::{EncodingError, Wire, ascending, at_most};
use crate::id::{Address, AssetId, ContractId};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;
use crate::wire::transfer_policy::Kind;

/// What a definition says of transfers. Transfers under any but the first read the definition by reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TransferPolicy {
    /// Anybody holds it, owners alone transfer it.
    #[default]
    Open,
    /// The issuer and these parties alone receive it; ascending, 1 to 256.
    Listed(Vec<Address>),
    /// The issuer signs each transfer too.
    IssuerSigns,
}

impl TransferPolicy {
    /// Parties of one list.
    pub const LISTED_MAX: usize = 256;
}

/// The state of a definition with a transfer policy; [`super::definition_state`] gives an open one.
pub fn definition_under(definition: &TokenDefinition, policy: &TransferPolicy) -> State {
    let mut message = definition.to_wire();
    message.policy = (*policy != TransferPolicy::Open).then(|| policy.to_wire());
    let participants = [definition.attestor];
    State::new(ContractId::built_in(NAME), DEFINITION, definition.issuer, participants, &message)
}

/// Reads a definition's transfer policy.
pub fn read_transfer_policy(state: &State) -> Result<TransferPolicy, TokenError> {
    let message: wire::TokenDefinition = state.message()?;
    Ok(message.policy.map(TransferPolicy::from_wire).transpose()?.unwrap_or_default())
}

/// Policies that the transaction reads, with the issuers.
fn policies(transaction: &LedgerTransaction) -> Result<BTreeMap<AssetId, (Address, TransferPolicy)>, TokenError> {
    let mut policies = BTreeMap::new();
    for resolved in transaction.current_references_of(NAME, DEFINITION) {
        let TokenDefinition { asset, issuer, .. } = read_definition(&resolved.state)?;
        policies.insert(asset, (issuer, read_transfer_policy(&resolved.state)?));
    }
    Ok(policies)
}

fn by_owner<'s>(states: impl Iterator<Item = &'s State>) -> Result<BTreeMap<(AssetId, Address), Amount>, TokenError> {
    let mut totals: BTreeMap<_, Amount> = BTreeMap::new();
    for state in states {
        let holding = read_holding(state)?;
        let entry = totals.entry((holding.asset, state.owner)).or_default();
        *entry = entry.checked_add(holding.amount)?;
    }
    Ok(totals)
}

/// Nobody but the issuer and listed parties has more of the asset afterwards.
pub(super) fn only_listed_receive(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let policies = policies(transaction)?;
    if !policies.values().any(|(_, policy)| matches!(policy, TransferPolicy::Listed(_))) {
        return Ok(());
    }
    let before = by_owner(transaction.inputs_of(NAME, HOLDING).map(|input| input.state.as_ref()))?;
    let after = by_owner(transaction.outputs_of(NAME, HOLDING).map(|(_, state)| state))?;
    for ((asset, owner), amount) in after {
        let Some((issuer, TransferPolicy::Listed(listed))) = policies.get(&asset) else { continue };
        let gains = amount > before.get(&(asset, owner)).copied().unwrap_or_default();
        if gains && owner != *issuer && listed.binary_search(&owner).is_err() {
            return Err(TokenError::NotListed { asset, party: owner });
        }
    }
    Ok(())
}

/// Issuers whose policy has them sign the transfers of this transaction.
pub(super) fn signing_issuers(transaction: &LedgerTransaction) -> Result<Vec<Signer>, TokenError> {
    let moved = assets_transferred(transaction)?;
    let signs = |(asset, (issuer, policy)): (AssetId, (Address, TransferPolicy))| {
        let is_asked = policy == TransferPolicy::IssuerSigns && moved.contains(&asset);
        is_asked.then_some(Signer { party: issuer, role: "issuer" })
    };
    Ok(policies(transaction)?.into_iter().filter_map(signs).collect())
}

/// Assets transferred here without reading their definition; they must be open. What an agreement pays out was let in under the
/// policy of then: no deadline fails on a later one.
pub(super) fn assets_without_definition(transaction: &LedgerTransaction) -> Result<Vec<AssetId>, TokenError> {
    let policies = policies(transaction)?;
    Ok(assets_transferred(transaction)?.into_iter().filter(|asset| !policies.contains_key(asset)).collect())
}

fn assets_transferred(transaction: &LedgerTransaction) -> Result<BTreeSet<AssetId>, TokenError> {
    if transaction.command(NAME).is_none_or(|command| ![TRANSFER, SETTLE].contains(&command.name.as_str())) {
        return Ok(BTreeSet::new());
    }
    let asset = |state: &State| Ok(read_holding(state)?.asset);
    let own = agreement::stepping(transaction);
    let inputs = transaction.inputs_of(NAME, HOLDING).filter(|input| Some(input.state.owner) != own);
    inputs.map(|input| asset(&input.state)).collect()
}

/// Whether a definition made here leaves transfers open; new open ones need no entry.
pub(super) fn effects(transaction: &LedgerTransaction) -> Result<Vec<Effect>, TokenError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let mut effects = Vec::new();
    if command.name == DEFINE || command.name == SUPERSEDE {
        for (_, state) in transaction.outputs_of(NAME, DEFINITION) {
            let is_open = read_transfer_policy(state)? == TransferPolicy::Open;
            if command.name == SUPERSEDE || !is_open {
                effects.push(Effect::RestrictTransfer(read_definition(state)?.asset, !is_open));
            }
        }
    }
    Ok(effects)
}

impl Wire for TransferPolicy {
    type Message = wire::TransferPolicy;

    fn to_wire(&self) -> wire::TransferPolicy {
        let kind = match self {
            Self::Open => None,
            Self::Listed(parties) => {
                Some(Kind::Listed(wire::ListedParties { parties: parties.iter().map(Address::to_vec).collect() }))
            }
            Self::IssuerSigns => Some(Kind::IssuerSigns(wire::IssuerSigns {})),
        };
        wire::TransferPolicy { kind }
    }

    fn from_wire(message: wire::TransferPolicy) -> Result<Self, EncodingError> {
        let missing = EncodingError::Missing { field: "token.policy" };
        match message.kind.ok_or(missing.clone())? {
            Kind::IssuerSigns(wire::IssuerSigns {}) => Ok(Self::IssuerSigns),
            Kind::Listed(wire::ListedParties { parties }) => {
                at_most(&parties, Self::LISTED_MAX, "token.policy")?;
                let parties = parties.iter().map(|party| party.as_slice().try_into());
                let parties = parties.collect::<Result<Vec<Address>, EncodingError>>()?;
                ascending(&parties, "token.policy")?;
                if parties.is_empty() { Err(missing) } else { Ok(Self::Listed(parties)) }
            }
        }
    }
}
