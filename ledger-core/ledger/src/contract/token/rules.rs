//! What each token command allows.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::contract::Holding;
use crate::contract::purpose;
use crate::contract::token::attestation::{attests_as_commanded, is_issued_on_attestation};
use crate::contract::token::transfer_policy::{only_listed_receive, read_transfer_policy};
use crate::contract::token::{
    ATTEST, ATTESTATION, Asked, DEFINE, DEFINITION, HOLD, HOLDING, ISSUE, NAME, REDEEM, RELEASE, SETTLE, SUPERSEDE,
    TRANSFER, TokenDefinition, TokenError, held, read_definition, read_holding,
};
use crate::error::rule;
use crate::id::{Address, AssetId, ChainId, PurposeId};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

pub(super) fn verify(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let Some(command) = transaction.command(NAME) else { return Ok(()) };
    let moved = Moved::of(transaction)?;
    holdings_are_not_empty(&moved)?;
    holdings_are_seen_by_their_owners(transaction)?;
    held::locked_value_stays(transaction, command)?;
    bound_value_stays(transaction, &moved)?;
    only_listed_receive(transaction)?;
    match command.name.as_str() {
        DEFINE => {
            command.message::<wire::TokenDefine>()?;
            defines_one_asset(transaction)
        }
        SUPERSEDE => {
            command.message::<wire::TokenSupersede>()?;
            supersedes_one_definition(transaction)
        }
        ATTEST => attests_as_commanded(transaction, &Asked::of_attest(command)?),
        ISSUE => issues_as_commanded(transaction, &moved, &Asked::of_issue(command)?),
        TRANSFER => {
            command.message::<wire::TokenTransfer>()?;
            transfers_conserving(transaction, &moved)
        }
        REDEEM => redeems_as_commanded(transaction, &moved, &Asked::of_redeem(command)?),
        HOLD => {
            moves_holdings_alone(transaction, HOLD)?;
            held::holds_as_agreed(transaction, command)
        }
        SETTLE => {
            moves_holdings_alone(transaction, SETTLE)?;
            held::settles_every_leg(transaction, command)
        }
        RELEASE => {
            moves_holdings_alone(transaction, RELEASE)?;
            held::releases_to_owners(transaction, command)
        }
        name => Err(TokenError::CommandUnknown { name: name.to_owned() }),
    }
}

/// Nobody shows a party's money to others by putting them beside it.
fn holdings_are_seen_by_their_owners(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let mut after = transaction.outputs_of(NAME, HOLDING);
    rule(after.all(|(_, state)| state.participants.is_empty()), || TokenError::HoldingParticipants)
}

fn holdings_are_not_empty(moved: &Moved) -> Result<(), TokenError> {
    rule(moved.after.iter().all(|(_, holding)| !holding.amount.is_zero()), || TokenError::Zero)
}

/// What is bound stays with its owner and its purpose, unless the contract purpose has a command here: then its rules decide.
fn bound_value_stays(transaction: &LedgerTransaction, moved: &Moved) -> Result<(), TokenError> {
    if transaction.command(purpose::NAME).is_some() {
        return Ok(());
    }
    let before = bound(&moved.before)?;
    let after = bound(&moved.after)?;
    let changed = |key: &&(PurposeId, AssetId, Address)| before.get(key) != after.get(key);
    match before.keys().chain(after.keys()).find(changed) {
        Some((purpose, ..)) => Err(TokenError::PurposeBound { purpose: *purpose }),
        None => Ok(()),
    }
}

fn bound(held: &[(Address, Holding)]) -> Result<BTreeMap<(PurposeId, AssetId, Address), Amount>, TokenError> {
    let mut totals: BTreeMap<_, Amount> = BTreeMap::new();
    for (owner, Holding { asset, purpose, amount }) in held {
        if let Some(purpose) = purpose {
            let entry = totals.entry((*purpose, *asset, *owner)).or_default();
            *entry = entry.checked_add(*amount)?;
        }
    }
    Ok(totals)
}

fn defines_one_asset(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let definitions: Vec<_> = transaction.outputs_of(NAME, DEFINITION).collect();
    let [(_, state)] = definitions.as_slice() else { return Err(TokenError::DefineStates) };
    if transaction.inputs_of(NAME, DEFINITION).next().is_some() || touches_other_than_definitions(transaction) {
        return Err(TokenError::DefineStates);
    }
    let definition = read_definition(state)?;
    definition_is_sound(&definition, state, &transaction.transaction.chain)
}

/// The definition after differs from the one before in title, backing, maximal supply and transfer policy alone.
fn supersedes_one_definition(transaction: &LedgerTransaction) -> Result<(), TokenError> {
    let before: Vec<_> = transaction.inputs_of(NAME, DEFINITION).collect();
    let after: Vec<_> = transaction.outputs_of(NAME, DEFINITION).collect();
    let ([before], [(_, state)]) = (before.as_slice(), after.as_slice()) else {
        return Err(TokenError::SupersedeStates);
    };
    rule(!touches_other_than_definitions(transaction), || TokenError::SupersedeStates)?;
    let (before, after) = (read_definition(&before.state)?, read_definition(state)?);
    let kept = [
        ("the asset", before.asset == after.asset),
        ("the code", before.code == after.code),
        ("the issuer", before.issuer == after.issuer),
        ("the attestor", before.attestor == after.attestor),
        ("the scale", before.scale == after.scale),
        ("the unit", before.unit == after.unit),
        ("whether it is redeemable", before.redeemable == after.redeemable),
    ];
    if let Some((field, _)) = kept.into_iter().find(|(_, is_kept)| !is_kept) {
        return Err(TokenError::SupersedeChanges { code: before.code, field });
    }
    definition_is_sound(&after, state, &transaction.transaction.chain)
}

fn touches_other_than_definitions(transaction: &LedgerTransaction) -> bool {
    touches(transaction, HOLDING) || touches(transaction, ATTESTATION)
}

fn touches(transaction: &LedgerTransaction, kind: &'static str) -> bool {
    transaction.inputs_of(NAME, kind).next().is_some() || transaction.outputs_of(NAME, kind).next().is_some()
}

fn touches_other_than_holdings(transaction: &LedgerTransaction) -> bool {
    touches(transaction, DEFINITION) || touches(transaction, ATTESTATION)
}

fn moves_holdings_alone(transaction: &LedgerTransaction, command: &'static str) -> Result<(), TokenError> {
    rule(!touches_other_than_holdings(transaction), || TokenError::HoldingsAlone { command })
}

fn definition_is_sound(definition: &TokenDefinition, state: &State, chain: &ChainId) -> Result<(), TokenError> {
    let TokenDefinition { asset, issuer, attestor, code, unit, .. } = definition;
    read_transfer_policy(state)?;
    let code_of = || code.chars().take(16).collect();
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let is_code = (1..=16).contains(&code.len()) && code.bytes().all(is_plain);
    rule(is_code, || TokenError::CodeForm { code: code_of() })?;
    let follows = *asset == AssetId::derive(chain, issuer, code);
    rule(follows, || TokenError::AssetIdDiffers { code: code_of() })?;
    let is_issuers = state.owner == *issuer && state.locks.is_empty();
    rule(is_issuers, || TokenError::DefinitionOwner { code: code_of() })?;
    rule(issuer != attestor, || TokenError::AttestorIsIssuer { code: code_of() })?;
    rule(!unit.is_empty(), || TokenError::UnitMissing { code: code_of() })
}

/// The holdings of the transaction with their owners, read once for all rules.
struct Moved {
    before: Vec<(Address, Holding)>,
    after: Vec<(Address, Holding)>,
}

impl Moved {
    fn of(transaction: &LedgerTransaction) -> Result<Self, TokenError> {
        let held = |state: &State| Ok((state.owner, read_holding(state)?));
        let before = transaction.inputs_of(NAME, HOLDING).map(|input| held(&input.state));
        let after = transaction.outputs_of(NAME, HOLDING).map(|(_, state)| held(state));
        Ok(Self {
            before: before.collect::<Result<_, TokenError>>()?,
            after: after.collect::<Result<_, TokenError>>()?,
        })
    }
}

fn totals(held: &[(Address, Holding)]) -> Result<BTreeMap<AssetId, Amount>, TokenError> {
    let mut totals: BTreeMap<AssetId, Amount> = BTreeMap::new();
    for (_, holding) in held {
        let entry = totals.entry(holding.asset).or_default();
        *entry = entry.checked_add(holding.amount)?;
    }
    Ok(totals)
}

fn issues_as_commanded(transaction: &LedgerTransaction, moved: &Moved, asked: &Asked) -> Result<(), TokenError> {
    let (before, after) = (totals(&moved.before)?, totals(&moved.after)?);
    if touches(transaction, DEFINITION) || !before.is_empty() || after.keys().any(|asset| *asset != asked.asset) {
        return Err(TokenError::IssueStates);
    }
    asked.definition(transaction)?;
    let changed = after.get(&asked.asset).copied().unwrap_or_default();
    amount_is_as_commanded(asked, changed)?;
    is_issued_on_attestation(transaction, asked)
}

fn redeems_as_commanded(transaction: &LedgerTransaction, moved: &Moved, asked: &Asked) -> Result<(), TokenError> {
    let (before, after) = (totals(&moved.before)?, totals(&moved.after)?);
    let is_other = |asset: &AssetId| *asset != asked.asset;
    if touches_other_than_holdings(transaction) || before.keys().any(is_other) || after.keys().any(is_other) {
        return Err(TokenError::RedeemStates);
    }
    if !asked.definition(transaction)?.redeemable {
        return Err(TokenError::NotRedeemable { asset: asked.asset });
    }
    let of_asset = |totals: &BTreeMap<AssetId, Amount>| totals.get(&asked.asset).copied().unwrap_or_default();
    amount_is_as_commanded(asked, of_asset(&before).checked_sub(of_asset(&after))?)
}

fn amount_is_as_commanded(asked: &Asked, changed: Amount) -> Result<(), TokenError> {
    if asked.amount.is_zero() {
        return Err(TokenError::Zero);
    }
    if changed != asked.amount {
        return Err(TokenError::AmountDiffers { commanded: asked.amount.minor(), changed: changed.minor() });
    }
    Ok(())
}

fn transfers_conserving(transaction: &LedgerTransaction, moved: &Moved) -> Result<(), TokenError> {
    moves_holdings_alone(transaction, TRANSFER)?;
    let (before, after) = (totals(&moved.before)?, totals(&moved.after)?);
    if before.is_empty() && after.is_empty() {
        return Err(TokenError::TransferOfNothing);
    }
    for asset in before.keys().chain(after.keys()) {
        let of = |totals: &BTreeMap<AssetId, Amount>| totals.get(asset).copied().unwrap_or_default().minor();
        if of(&before) != of(&after) {
            return Err(TokenError::NotConserved { asset: *asset, before: of(&before), after: of(&after) });
        }
    }
    Ok(())
}
