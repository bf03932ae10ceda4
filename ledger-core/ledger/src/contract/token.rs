//! Contract `token`: assets defined, issued against attested backing, transferred, redeemed.

mod attestation;
mod error;
mod held;
mod rules;
mod transfer_policy;

pub(crate) use held::settles_an_exchange;

pub use attestation::{Attestation, attestation_state, read_attestation};
pub use error::TokenError;
pub use transfer_policy::{TransferPolicy, definition_under, read_transfer_policy};

use crate::amount::{Amount, Scale};
use crate::claim::{ClaimIdentity, ClaimKind};
use crate::condition::{Condition, Effect, SupplyChange};
use crate::contract::{Contract, Ground, Holding, LockChange, Signer, agreement, chain, pledge, purpose};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContractId, StateRef};
use crate::party::Permission;
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// The contract's name.
pub const NAME: &str = "token";
/// The kind of a state that defines an asset.
pub const DEFINITION: &str = "definition";
/// The kind of a state that holds a quantity.
pub const HOLDING: &str = "holding";
/// Defines an asset; issuer and attestor sign.
pub const DEFINE: &str = "define";
/// The kind of a state that attests backing, to be issued on.
pub const ATTESTATION: &str = "attestation";
/// Replaces a definition: title, backing, maximal supply and transfer policy may change; issuer and attestor sign.
pub const SUPERSEDE: &str = "supersede";
/// Attests backing ahead of issues; the attestor signs.
pub const ATTEST: &str = "attest";
/// Issues against attested backing; issuer and attestor sign, on an attestation the issuer alone.
pub const ISSUE: &str = "issue";
/// Moves holdings; totals per asset and purpose stay.
pub const TRANSFER: &str = "transfer";
/// Locks a part of a party's holdings for a settlement; the owner signs.
pub const HOLD: &str = "hold";
/// Lets what is held go as its settlement says, all legs together; the lockers sign.
pub const SETTLE: &str = "settle";
/// Gives what is held back to its owner; the locker signs. What ended by time is free without it.
pub const RELEASE: &str = "release";
/// Takes holdings back against payment; holder and issuer sign.
pub const REDEEM: &str = "redeem";
/// Every command.
pub const COMMANDS: &[&str] = &[DEFINE, SUPERSEDE, ATTEST, ISSUE, TRANSFER, HOLD, SETTLE, RELEASE, REDEEM];

/// Rules of tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenContract;

/// An asset as its issuer defines it; its transfer policy is read by [`read_transfer_policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDefinition {
    /// `H(chain, issuer, code)`.
    pub asset: AssetId,
    /// Who issues and redeems.
    pub issuer: Address,
    /// Who attests the backing.
    pub attestor: Address,
    /// Short code, `[A-Z0-9-]`, at most 16.
    pub code: String,
    /// Title for people.
    pub title: String,
    /// Decimal places.
    pub scale: Scale,
    /// ISO 4217 or UN/ECE Rec 20 code.
    pub unit: String,
    /// What stands behind it.
    pub backing: String,
    /// The most there may be, in smallest units.
    pub supply_max: Amount,
    /// Whether holders may ask for redemption.
    pub redeemable: bool,
}

/// The state that defines an asset whose transfers are open; seen by issuer and attestor, read by reference by everyone.
pub fn definition_state(definition: &TokenDefinition) -> State {
    let participants = [definition.attestor];
    State::new(ContractId::built_in(NAME), DEFINITION, definition.issuer, participants, &definition.to_wire())
}

/// A free holding.
pub fn holding_state(asset: AssetId, owner: Address, amount: Amount) -> State {
    held_state(owner, Holding { asset, purpose: None, amount })
}

/// A holding, free or bound.
pub fn held_state(owner: Address, held: Holding) -> State {
    let Holding { asset, purpose, amount } = held;
    let purpose = purpose.map(|purpose| purpose.to_vec()).unwrap_or_default();
    let message = wire::TokenHolding { asset: asset.to_vec(), amount: amount.minor(), purpose };
    State::new(ContractId::built_in(NAME), HOLDING, owner, [], &message)
}

/// Reads a holding.
pub fn read_holding(state: &State) -> Result<Holding, TokenError> {
    Ok(holding(state)?)
}

/// Reads a holding, for those who have errors of their own.
pub(crate) fn holding(state: &State) -> Result<Holding, EncodingError> {
    let message: wire::TokenHolding = state.message()?;
    let purpose = Some(message.purpose.as_slice()).filter(|purpose| !purpose.is_empty());
    let amount = Amount::from_minor(message.amount);
    Ok(Holding {
        asset: message.asset.as_slice().try_into()?,
        purpose: purpose.map(TryInto::try_into).transpose()?,
        amount: amount.map_err(|_| EncodingError::OutOfRange { field: "holding.amount" })?,
    })
}

/// Reads a definition.
pub fn read_definition(state: &State) -> Result<TokenDefinition, TokenError> {
    Ok(TokenDefinition::from_wire(state.message()?)?)
}

/// What an issue or redemption asks.
struct Asked {
    asset: AssetId,
    amount: Amount,
    reference: String,
}

impl Asked {
    fn of_issue(command: &crate::Command) -> Result<Self, TokenError> {
        let wire::TokenIssue { asset, amount, reference } = command.message()?;
        Self::new(&asset, amount, reference)
    }

    fn of_attest(command: &crate::Command) -> Result<Self, TokenError> {
        let wire::TokenAttest { asset, amount, reference } = command.message()?;
        Self::new(&asset, amount, reference)
    }

    fn of_redeem(command: &crate::Command) -> Result<Self, TokenError> {
        let wire::TokenRedeem { asset, amount, reference } = command.message()?;
        Self::new(&asset, amount, reference)
    }

    fn new(asset: &[u8], amount: u64, reference: String) -> Result<Self, TokenError> {
        plain_text(&reference, 128, "reference")?;
        if reference.is_empty() {
            return Err(EncodingError::Missing { field: "reference" }.into());
        }
        Ok(Self { asset: asset.try_into()?, amount: Amount::from_minor(amount)?, reference })
    }

    /// The asset's definition among the current references.
    fn definition(&self, transaction: &LedgerTransaction) -> Result<TokenDefinition, TokenError> {
        let definitions = transaction.current_references_of(NAME, DEFINITION);
        for resolved in definitions {
            let definition = read_definition(&resolved.state)?;
            if definition.asset == self.asset {
                return Ok(definition);
            }
        }
        Err(TokenError::DefinitionMissing { asset: self.asset })
    }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, TokenError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let of = |definition: TokenDefinition| {
        let issuer = Signer { party: definition.issuer, role: "issuer" };
        (issuer, Signer { party: definition.attestor, role: "attestor" })
    };
    match command.name.as_str() {
        DEFINE | SUPERSEDE => {
            let mut signers = Vec::new();
            for (_, state) in transaction.outputs_of(NAME, DEFINITION) {
                let (issuer, attestor) = of(read_definition(state)?);
                signers.extend([issuer, attestor]);
            }
            Ok(signers)
        }
        ISSUE => {
            let (issuer, attestor) = of(Asked::of_issue(command)?.definition(transaction)?);
            let is_attested = transaction.inputs_of(NAME, ATTESTATION).next().is_some();
            Ok(if is_attested { vec![issuer] } else { vec![issuer, attestor] })
        }
        ATTEST => Ok(vec![of(Asked::of_attest(command)?.definition(transaction)?).1]),
        REDEEM => Ok(vec![of(Asked::of_redeem(command)?.definition(transaction)?).0]),
        SETTLE | RELEASE => transfer_policy::signing_issuers(transaction),
        _ => {
            let mut on_terms = consumed_on_terms(transaction)?;
            on_terms.extend(pledge::collected_money(transaction)?.into_iter().map(|(state, _)| state));
            on_terms.extend(agreement::own_states(transaction));
            // What else an order carries out is refused by the contract chain itself.
            on_terms
                .extend(chain::executed(transaction).ok().flatten().into_iter().flat_map(|executed| executed.states));
            let inputs = transaction.inputs_of(NAME, HOLDING).filter(|input| !on_terms.contains(&input.reference));
            let payers = inputs.map(|input| Signer { party: input.state.owner, role: "payer" });
            Ok(payers.chain(transfer_policy::signing_issuers(transaction)?).collect())
        }
    }
}

/// Holdings bound to a purpose that has ended: its terms let the lender take them back.
fn consumed_on_terms(transaction: &LedgerTransaction) -> Result<Vec<StateRef>, TokenError> {
    let Ok(Some(ended)) = purpose::ended_for_lender(transaction) else { return Ok(Vec::new()) };
    let mut consumed = Vec::new();
    for input in transaction.inputs_of(NAME, HOLDING) {
        if read_holding(&input.state)?.purpose == Some(ended) {
            consumed.push(input.reference);
        }
    }
    Ok(consumed)
}

fn supply_change(transaction: &LedgerTransaction) -> Result<Option<SupplyChange>, TokenError> {
    let Some(command) = transaction.command(NAME) else { return Ok(None) };
    let (asked, is_issue) = match command.name.as_str() {
        ISSUE => (Asked::of_issue(command)?, true),
        REDEEM => (Asked::of_redeem(command)?, false),
        _ => return Ok(None),
    };
    let maximum = asked.definition(transaction)?.supply_max;
    let (issued, redeemed) = if is_issue { (asked.amount, Amount::ZERO) } else { (Amount::ZERO, asked.amount) };
    Ok(Some(SupplyChange { asset: asked.asset, issued, redeemed, maximum }))
}

fn claims(transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, TokenError> {
    let mut claims = Vec::new();
    for (output, state) in transaction.outputs_of(NAME, DEFINITION) {
        let TokenDefinition { issuer, code, .. } = read_definition(state)?;
        let parts = vec![issuer.to_string(), code];
        claims.push(ClaimIdentity { class: "token code", parts, output, kind: ClaimKind::Exclusive, near: Vec::new() });
    }
    // A reference is used once: by an attestation, or by an issue that stands on none.
    let Some(command) = transaction.command(NAME) else { return Ok(claims) };
    let (asked, kind) = match command.name.as_str() {
        ATTEST => (Asked::of_attest(command)?, ATTESTATION),
        ISSUE if transaction.inputs_of(NAME, ATTESTATION).next().is_none() => (Asked::of_issue(command)?, HOLDING),
        _ => return Ok(claims),
    };
    if let Some((output, _)) = transaction.outputs_of(NAME, kind).next() {
        let parts = vec![asked.asset.to_string(), asked.reference];
        claims.push(ClaimIdentity { class: "issue reference", parts, output, kind: ClaimKind::Once, near: Vec::new() });
    }
    Ok(claims)
}

impl Contract for TokenContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[DEFINITION, ATTESTATION, HOLDING]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        let on_terms = consumed_on_terms(transaction).map_err(ContractError::new)?;
        let let_go = held::let_go(transaction).map_err(ContractError::new)?;
        let on_terms = on_terms.into_iter().map(|state| (state, Ground::Signers));
        Ok(on_terms.chain(let_go.into_iter().map(|(state, context)| (state, Ground::Locker(context)))).collect())
    }

    /// A step of an agreement moves the agreement's own without anybody.
    fn unsigned_step(&self, transaction: &LedgerTransaction) -> Result<Option<String>, ContractError> {
        let command = transaction.command(NAME).filter(|command| command.name == TRANSFER);
        let step = command.filter(|_| agreement::stepping(transaction).is_some());
        Ok(step.map(|_| format!("{NAME}/{TRANSFER}")))
    }

    fn lock_changes(&self, transaction: &LedgerTransaction) -> Result<Vec<LockChange>, ContractError> {
        let context = held::context(transaction).map_err(ContractError::new)?;
        Ok(context.map(|context| LockChange { contract: NAME, context }).into_iter().collect())
    }

    fn claims(&self, transaction: &LedgerTransaction) -> Result<Vec<ClaimIdentity>, ContractError> {
        claims(transaction).map_err(ContractError::new)
    }

    fn conditions(&self, transaction: &LedgerTransaction) -> Result<Vec<Condition>, ContractError> {
        let defined = transaction.outputs_of(NAME, DEFINITION);
        let mut conditions: Vec<_> =
            defined.map(|(_, state)| Condition::PartyMay(state.owner, Permission::Issue)).collect();
        let change = supply_change(transaction).map_err(ContractError::new)?;
        conditions.extend(change.map(Condition::SupplyIsWithin));
        let unread = transfer_policy::assets_without_definition(transaction).map_err(ContractError::new)?;
        conditions.extend(unread.into_iter().map(Condition::TransferIsOpen));
        Ok(conditions)
    }

    fn effects(&self, transaction: &LedgerTransaction) -> Result<Vec<Effect>, ContractError> {
        let change = supply_change(transaction).map_err(ContractError::new)?;
        let policies = transfer_policy::effects(transaction).map_err(ContractError::new)?;
        Ok(change.map(Effect::ChangeSupply).into_iter().chain(policies).collect())
    }

    fn holding(&self, state: &State) -> Result<Option<Holding>, ContractError> {
        if state.kind != HOLDING {
            return Ok(None);
        }
        read_holding(state).map(Some).map_err(ContractError::new)
    }

    fn plain_holding(&self, owner: Address, asset: AssetId, amount: Amount) -> Option<State> {
        Some(holding_state(asset, owner, amount))
    }
}

impl Wire for TokenDefinition {
    type Message = wire::TokenDefinition;

    fn to_wire(&self) -> wire::TokenDefinition {
        wire::TokenDefinition {
            asset: self.asset.to_vec(),
            issuer: self.issuer.to_vec(),
            attestor: self.attestor.to_vec(),
            code: self.code.clone(),
            title: self.title.clone(),
            scale: u32::from(self.scale.places()),
            unit: self.unit.clone(),
            backing: self.backing.clone(),
            supply_max: self.supply_max.minor(),
            redeemable: self.redeemable,
            policy: None,
        }
    }

    fn from_wire(message: wire::TokenDefinition) -> Result<Self, EncodingError> {
        plain_text(&message.title, 128, "token.title")?;
        plain_text(&message.unit, 16, "token.unit")?;
        plain_text(&message.backing, 256, "token.backing")?;
        let out_of_range = |field| EncodingError::OutOfRange { field };
        Ok(Self {
            asset: message.asset.as_slice().try_into()?,
            issuer: message.issuer.as_slice().try_into()?,
            attestor: message.attestor.as_slice().try_into()?,
            code: message.code,
            title: message.title,
            scale: Scale::new(message.scale).map_err(|_| out_of_range("token.scale"))?,
            unit: message.unit,
            backing: message.backing,
            supply_max: Amount::from_minor(message.supply_max).map_err(|_| out_of_range("token.supply_max"))?,
            redeemable: message.redeemable,
        })
    }
}

#[cfg(test)]
mod tests;
