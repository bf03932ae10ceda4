//! Contract `pledge`: a title secures a debt. The title is locked for the pledgee, whoever else would sign.
//!
//! When the best rank is enforced, later ranks are not asked: their locks pass to the surplus, money of the pledgor's, in their
//! order. So none of them can hold an enforcement up, and none loses what stands behind the better ranks.

mod change;
mod cover;
mod debt;
mod error;
mod money;
mod publicity;
mod rules;

pub use cover::{Cover, PledgedMoney, PledgedTitle, cover_state, read_cover};
pub(super) use debt::pays;
pub use error::PledgeError;
pub use publicity::Publicity;

use crate::amount::Amount;
use crate::authority::Required;
use crate::contract::{Contract, Due, Ground, LockChange, PassedLock, Signer, title, token};
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::ContractError;
use crate::id::{Address, AssetId, ContextId, ContractId, ObligationId, PledgeId, StateRef, TitleId};
use crate::lock::{Lock, LockKind};
use crate::state::State;
use crate::transaction::LedgerTransaction;
use crate::wire;

/// The contract's name.
pub const NAME: &str = "pledge";
/// The kind of a pledge's state.
pub const PLEDGE: &str = "pledge";
/// Pledges a title; pledgor, pledgee and custodian sign.
pub const CREATE: &str = "pledge";
/// Frees all titles or some; the pledgee signs.
pub const RELEASE: &str = "release";
/// Puts further titles under a pledge; pledgor, pledgee and custodian sign.
pub const TOP_UP: &str = "top_up";
/// Titles leave, others come; pledgor, pledgee and custodian sign.
pub const SUBSTITUTE: &str = "substitute";
/// Changes ranks; pledgors and all pledgees of the titles concerned sign.
pub const RANK: &str = "rank";
/// Hands a title to its taker for what it brings; the pledgee signs, neither the pledgor nor later ranks.
pub const ENFORCE: &str = "enforce";
/// Takes what is owed out of money under the pledge and lets the rest go; the pledgee signs.
pub const COLLECT: &str = "collect";
/// Notes where and since when the pledge stands in a public register; the pledgee signs.
pub const PUBLICISE: &str = "publicise";
/// Every command.
pub const COMMANDS: &[&str] = &[CREATE, RELEASE, TOP_UP, SUBSTITUTE, RANK, ENFORCE, COLLECT, PUBLICISE];

/// Rules of pledges.
#[derive(Clone, Copy, Debug, Default)]
pub struct PledgeContract;

/// A pledge of a title. The state's owner is the pledgee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pledge {
    /// `H(chain, command id)`; also the context of the title's lock.
    pub pledge: PledgeId,
    /// The title.
    pub title: TitleId,
    /// The title's document number.
    pub number: String,
    /// Whose title it is.
    pub pledgor: Address,
    /// For whom it is locked.
    pub pledgee: Address,
    /// Who keeps the goods.
    pub custodian: Address,
    /// Pledged quantity, in `unit`.
    pub quantity: Amount,
    /// The title's unit.
    pub unit: String,
    /// The asset of the secured debt.
    pub secured_asset: AssetId,
    /// The most that it secures, in the asset's smallest unit.
    pub secured_maximum: Amount,
    /// 1 is the senior rank.
    pub rank: u32,
    /// The one obligation or loan that it secures; none = whatever the pledgee is owed in the secured asset, up to the maximum.
    pub obligation: Option<ObligationId>,
    /// Where it is public beside this chain; none = its block alone makes it public.
    pub publicity: Option<Publicity>,
}

/// The state of a pledge of one title; pledgor and custodian see it too.
pub fn pledge_state(pledge: &Pledge) -> State {
    cover_state(&Cover::of(pledge.clone()))
}

/// Reads a pledge, without the list of its titles.
pub fn read_pledge(state: &State) -> Result<Pledge, PledgeError> {
    Ok(Pledge::from_wire(state.message()?)?)
}

/// The lock that a pledge puts on its title.
pub fn pledge_lock(pledge: &Pledge) -> Lock {
    let context = pledge.pledge.context();
    Lock { kind: LockKind::Pledge, locker: pledge.pledgee, context, rank: pledge.rank, amount: None, until_ms: None }
}

fn authorities(transaction: &LedgerTransaction) -> Result<Vec<Signer>, PledgeError> {
    let Some(command) = transaction.command(NAME) else { return Ok(Vec::new()) };
    let created = transaction.outputs_of(NAME, PLEDGE).map(|(_, state)| state);
    let consumed = transaction.inputs_of(NAME, PLEDGE).map(|input| input.state.as_ref());
    let of_name = |name| command.name == name;
    let pledges: Vec<&State> = if of_name(CREATE) { created.collect() } else { consumed.collect() };
    let served = money::served(transaction)?;
    let mut signers = Vec::new();
    for state in pledges {
        let pledge = read_pledge(state)?;
        let Pledge { pledgor, pledgee, custodian, .. } = pledge;
        let by_pledgee = Signer { party: pledgee, role: "pledgee" };
        let (by_pledgor, by_custodian) =
            (Signer { party: pledgor, role: "pledgor" }, Signer { party: custodian, role: "custodian" });
        match command.name.as_str() {
            CREATE | TOP_UP | SUBSTITUTE => signers.extend([by_pledgor, by_pledgee, by_custodian]),
            RANK => signers.extend([by_pledgor, by_pledgee]),
            RELEASE => signers.push(by_pledgee),
            _ if served == Some(pledge.pledge.context()) => signers.extend(money::signers(transaction, &pledge)?),
            _ => {}
        }
    }
    if of_name(CREATE) || of_name(RANK) {
        // Whoever holds a pledge on the title already consents; as a locker, so that a refusal does not name it.
        for input in transaction.inputs_of(title::NAME, title::TITLE) {
            let lockers = change::pledges_on(transaction, &input.state).map(|lock| lock.locker);
            signers.extend(lockers.map(|party| Signer { party, role: Required::LOCKER }));
        }
    }
    Ok(signers)
}

/// Titles released or enforced and money collected are consumed on their pledge; pledges of later ranks change unasked.
fn grounds(transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, PledgeError> {
    let mut grounds = money::collected_money(transaction)?;
    let released = resolved_context(transaction, RELEASE)?;
    if let Some(context) = released.or(resolved_context(transaction, ENFORCE)?) {
        let is_under = |state: &State| {
            state.is(title::NAME, title::TITLE) && state.locks.iter().any(|lock| lock.context == context)
        };
        let titles = transaction.inputs.iter().filter(|title| is_under(&title.state));
        grounds.extend(titles.map(|title| (title.reference, context)));
    }
    let on_locks = grounds.into_iter().map(|(state, context)| (state, Ground::Locker(context)));
    let others = money::others(transaction)?.into_iter().map(|state| (state, Ground::Signers));
    Ok(on_locks.chain(others).collect())
}

/// The lock's context of the pledge that this command (release, enforce or collect) resolves here, whole or in part.
pub(crate) fn resolved_context(
    transaction: &LedgerTransaction,
    name: &str,
) -> Result<Option<ContextId>, EncodingError> {
    let Some(command) = transaction.command(NAME).filter(|command| command.name == name) else { return Ok(None) };
    let pledge = match name {
        ENFORCE => command.message::<wire::PledgeEnforce>()?.pledge,
        COLLECT => command.message::<wire::PledgeCollect>()?.pledge,
        _ => command.message::<wire::PledgeRelease>()?.pledge,
    };
    let context = PledgeId::try_from(pledge.as_slice())?.context();
    Ok(moving_contexts(transaction)?.contains(&context).then_some(context))
}

/// Contexts of the pledges consumed under a command of this contract, whose rules keep them and their titles together.
pub(crate) fn moving_contexts(transaction: &LedgerTransaction) -> Result<Vec<ContextId>, EncodingError> {
    if transaction.command(NAME).is_none() {
        return Ok(Vec::new());
    }
    let inputs = transaction.inputs_of(NAME, PLEDGE);
    inputs.map(|input| Ok(Pledge::from_wire(input.state.message()?)?.pledge.context())).collect()
}

pub(crate) use money::{collected_money, money_contexts};

/// The pledges that begin, change or end here: their titles, and the money that an enforcement leaves under them.
fn lock_changes(transaction: &LedgerTransaction) -> Result<Vec<LockChange>, PledgeError> {
    let mut contexts = moving_contexts(transaction)?;
    if transaction.command(NAME).is_some_and(|command| command.name == CREATE) {
        for (_, state) in transaction.outputs_of(NAME, PLEDGE) {
            contexts.push(read_pledge(state)?.pledge.context());
        }
    }
    let contracts = match transaction.command(NAME).map(|command| command.name.as_str()) {
        Some(ENFORCE | COLLECT) => [title::NAME, token::NAME].as_slice(),
        _ => &[title::NAME],
    };
    let changes = |contract: &&'static str| {
        let contract = *contract;
        contexts.iter().map(move |context| LockChange { contract, context: *context })
    };
    Ok(contracts.iter().flat_map(changes).collect())
}

impl Contract for PledgeContract {
    fn id(&self) -> ContractId {
        ContractId::built_in(NAME)
    }

    fn kinds(&self) -> &'static [&'static str] {
        &[PLEDGE]
    }

    fn verify(&self, transaction: &LedgerTransaction) -> Result<(), ContractError> {
        rules::verify(transaction).map_err(ContractError::new)
    }

    fn authorities(&self, transaction: &LedgerTransaction) -> Result<Vec<Signer>, ContractError> {
        authorities(transaction).map_err(ContractError::new)
    }

    fn grounds(&self, transaction: &LedgerTransaction) -> Result<Vec<(StateRef, Ground)>, ContractError> {
        grounds(transaction).map_err(ContractError::new)
    }

    fn lock_changes(&self, transaction: &LedgerTransaction) -> Result<Vec<LockChange>, ContractError> {
        lock_changes(transaction).map_err(ContractError::new)
    }

    fn passed_locks(&self, transaction: &LedgerTransaction) -> Result<Vec<PassedLock>, ContractError> {
        money::passed_locks(transaction).map_err(ContractError::new)
    }

    fn dues(&self, transaction: &LedgerTransaction) -> Result<Vec<Due>, ContractError> {
        money::dues(transaction).map_err(ContractError::new)
    }
}

impl Wire for Pledge {
    type Message = wire::Pledge;

    fn to_wire(&self) -> wire::Pledge {
        wire::Pledge {
            pledge: self.pledge.to_vec(),
            title: self.title.to_vec(),
            number: self.number.clone(),
            pledgor: self.pledgor.to_vec(),
            pledgee: self.pledgee.to_vec(),
            custodian: self.custodian.to_vec(),
            quantity: self.quantity.minor(),
            unit: self.unit.clone(),
            secured_asset: self.secured_asset.to_vec(),
            secured_maximum: self.secured_maximum.minor(),
            rank: self.rank,
            cover: None,
            obligation: self.obligation.map(|obligation| obligation.to_vec()).unwrap_or_default(),
            publicity: self.publicity.as_ref().map(Publicity::to_wire),
        }
    }

    fn from_wire(message: wire::Pledge) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "pledge.number")?;
        plain_text(&message.unit, 16, "pledge.unit")?;
        let amount = |minor, field| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field });
        let obligation = Some(message.obligation).filter(|id| !id.is_empty());
        Ok(Self {
            pledge: message.pledge.as_slice().try_into()?,
            title: message.title.as_slice().try_into()?,
            number: message.number,
            pledgor: message.pledgor.as_slice().try_into()?,
            pledgee: message.pledgee.as_slice().try_into()?,
            custodian: message.custodian.as_slice().try_into()?,
            quantity: amount(message.quantity, "pledge.quantity")?,
            unit: message.unit,
            secured_asset: message.secured_asset.as_slice().try_into()?,
            secured_maximum: amount(message.secured_maximum, "pledge.secured_maximum")?,
            rank: message.rank,
            obligation: obligation.map(|id| id.as_slice().try_into()).transpose()?,
            publicity: message.publicity.map(Publicity::from_wire).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
