//! A party's ordered rules: which policy decides for which command, asset and amount.

use thiserror::Error;

use crate::amount::Amount;
use crate::encoding::{EncodingError, Wire, at_most, plain_text, required};
use crate::id::{Address, AssetId, ContractId};
use crate::policy::{Policy, PolicyError};
use crate::signature::PublicKey;
use crate::state::State;
use crate::{codes, wire};

/// One signature that a transaction needs: which party, in which role, for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// The party whose authority is asked.
    pub party: Address,
    /// Its part in the transaction, e.g. `pledgee`.
    pub role: &'static str,
    /// What it authorises.
    pub demand: Demand,
}

impl Required {
    /// The role of a party whose lock is resolved; shown without its address.
    pub const LOCKER: &str = "locker";

    /// True when the party signs because a lock of its is resolved.
    pub fn is_of_locker(&self) -> bool {
        self.role == Self::LOCKER
    }
}

/// What a party's authority is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Demand {
    /// Contract name and command, `contract/name`.
    pub command: String,
    /// The asset that leaves the party, and how much of it in the whole transaction.
    pub outflow: Option<(AssetId, Amount)>,
}

impl Demand {
    /// What a recovery rule is for: to ask for a new authority, to take that back, and to set it.
    pub const RECOVER: &str = "party/recover";

    /// A demand without value.
    pub fn of(contract: &ContractId, name: &str) -> Self {
        Self { command: format!("{}/{name}", contract.name()), outflow: None }
    }

    fn is_recovery(&self) -> bool {
        self.command == Self::RECOVER
    }

    /// The same demand with the value that leaves the party.
    pub fn with_outflow(self, asset: AssetId, amount: Amount) -> Self {
        Self { outflow: Some((asset, amount)), ..self }
    }
}

/// One rule; it fits by command, asset, amount and end date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `contract/name`, `contract/*` or `*`; 1 to 32.
    pub commands: Vec<String>,
    /// Only for this asset.
    pub asset: Option<AssetId>,
    /// Only up to this amount of the asset.
    pub amount_up_to: Option<Amount>,
    /// Only for windows that end by then, milliseconds UTC.
    pub not_after_ms: Option<u64>,
    /// A recovery rule: for [`Demand::RECOVER`] and nothing else, and how long a recovery waits, milliseconds, 1 to 366 days.
    pub delay_ms: Option<u64>,
    /// Who signs.
    pub policy: Policy,
}

/// Ordered rules; the first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    rules: Vec<Rule>,
}

/// Why an authority is refused at registration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthorityError {
    /// No rule.
    #[error("the authority has no rule; nobody could ever sign")]
    Empty,
    /// A rule's policy is refused.
    #[error("rule {place}: {source}")]
    Policy {
        /// Place of the rule, from 1.
        place: usize,
        /// Why.
        source: PolicyError,
    },
    /// A bound without the asset it is for.
    #[error("rule {place} bounds an amount without naming the asset")]
    BoundWithoutAsset {
        /// Place of the rule, from 1.
        place: usize,
    },
    /// A rule without commands.
    #[error("rule {place} is for no command; name commands or \"*\"")]
    NoCommand {
        /// Place of the rule, from 1.
        place: usize,
    },
    /// A delay on a rule that is for more than recovery, or a rule for recovery without a delay.
    #[error(
        "rule {place}: a rule has a delay exactly if it is for \"{}\" and nothing else, without asset",
        Demand::RECOVER
    )]
    NotOfRecovery {
        /// Place of the rule, from 1.
        place: usize,
    },
    /// A delay out of its range.
    #[error("rule {place}: the delay of {delay_ms} ms is not between 1 ms and {} ms (366 days)", Rule::DELAY_MS_MAX)]
    Delay {
        /// Place of the rule, from 1.
        place: usize,
        /// The delay, milliseconds.
        delay_ms: u64,
    },
    /// Nobody can sign anything but recoveries.
    #[error("the authority has recovery rules alone; nobody could sign for the party")]
    RecoveryAlone,
}

codes!(AuthorityError {
    Empty => "AUTHORITY_EMPTY",
    Policy => "AUTHORITY_POLICY",
    BoundWithoutAsset => "AUTHORITY_BOUND_WITHOUT_ASSET",
    NoCommand => "AUTHORITY_NO_COMMAND",
    NotOfRecovery => "AUTHORITY_NOT_OF_RECOVERY",
    Delay => "AUTHORITY_DELAY",
    RecoveryAlone => "AUTHORITY_RECOVERY_ALONE",
});

impl Authority {
    /// Rules of one authority.
    pub const RULES_MAX: usize = 32;

    /// An authority of these rules; [`Authority::validate`] says whether it may be registered.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules }
    }

    /// One policy for everything.
    pub fn simple(policy: Policy) -> Self {
        let commands = vec!["*".to_owned()];
        let (asset, amount_up_to, not_after_ms, delay_ms) = (None, None, None, None);
        Self::new(vec![Rule { commands, asset, amount_up_to, not_after_ms, delay_ms, policy }])
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// True when the key stands anywhere in the rules.
    pub fn has_key(&self, key: &PublicKey) -> bool {
        self.rules.iter().any(|rule| rule.policy.has_key(key))
    }

    /// Checks every rule.
    pub fn validate(&self) -> Result<(), AuthorityError> {
        if self.rules.is_empty() {
            return Err(AuthorityError::Empty);
        }
        for (place, rule) in (1..).zip(&self.rules) {
            if rule.commands.is_empty() {
                return Err(AuthorityError::NoCommand { place });
            }
            if rule.amount_up_to.is_some() && rule.asset.is_none() {
                return Err(AuthorityError::BoundWithoutAsset { place });
            }
            rule.delay_is_sound(place)?;
            rule.policy.validate().map_err(|source| AuthorityError::Policy { place, source })?;
        }
        match self.rules.iter().all(|rule| rule.delay_ms.is_some()) {
            true => Err(AuthorityError::RecoveryAlone),
            false => Ok(()),
        }
    }

    /// The policy that decides a demand for a transaction whose window ends at `until_ms`.
    pub fn policy_for(&self, demand: &Demand, until_ms: u64) -> Option<&Policy> {
        self.rule_for(demand, until_ms).map(|rule| &rule.policy)
    }

    /// How long a recovery asked for in a window that ends at `until_ms` waits, milliseconds; none without a rule for it.
    pub fn recovery_delay_ms(&self, until_ms: u64) -> Option<u64> {
        self.rule_for(&Demand { command: Demand::RECOVER.to_owned(), outflow: None }, until_ms)?.delay_ms
    }

    fn rule_for(&self, demand: &Demand, until_ms: u64) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(demand, until_ms))
    }
}

impl Rule {
    /// The longest delay, 366 days in milliseconds.
    pub const DELAY_MS_MAX: u64 = 366 * 86_400_000;

    fn delay_is_sound(&self, place: usize) -> Result<(), AuthorityError> {
        let names_recovery = self.commands.iter().any(|command| command == Demand::RECOVER);
        let is_for_it_alone = self.commands.len() == 1 && names_recovery && self.asset.is_none();
        match self.delay_ms {
            None if names_recovery => Err(AuthorityError::NotOfRecovery { place }),
            None => Ok(()),
            Some(_) if !is_for_it_alone => Err(AuthorityError::NotOfRecovery { place }),
            Some(delay_ms) if !(1..=Self::DELAY_MS_MAX).contains(&delay_ms) => {
                Err(AuthorityError::Delay { place, delay_ms })
            }
            Some(_) => Ok(()),
        }
    }

    fn fits(&self, demand: &Demand, until_ms: u64) -> bool {
        // No "*" reaches a recovery: without a delay it would be no recovery.
        if self.delay_ms.is_some() != demand.is_recovery() {
            return false;
        }
        let contract = contract_of(&demand.command);
        let by_command = |pattern: &String| {
            pattern == "*"
                || *pattern == demand.command
                || pattern.strip_suffix("/*").is_some_and(|name| name == contract)
        };
        let by_value = match (self.asset, self.amount_up_to, demand.outflow) {
            (None, _, _) => true,
            (Some(asset), bound, Some((leaving, amount))) => {
                asset == leaving && bound.is_none_or(|bound| amount <= bound)
            }
            (Some(_), _, None) => false,
        };
        by_value && self.not_after_ms.is_none_or(|end| end >= until_ms) && self.commands.iter().any(by_command)
    }
}

/// The contract's name: everything before the last slash, as a vertical's contract has one in its name.
fn contract_of(command: &str) -> &str {
    command.rsplit_once('/').map_or("", |(contract, _)| contract)
}

impl Wire for Authority {
    type Message = wire::Authority;

    const BYTES_MAX: usize = State::DATA_BYTES_MAX;

    fn to_wire(&self) -> wire::Authority {
        wire::Authority { rules: self.rules.iter().map(rule_to_wire).collect() }
    }

    fn from_wire(message: wire::Authority) -> Result<Self, EncodingError> {
        at_most(&message.rules, Self::RULES_MAX, "authority.rules")?;
        message.rules.into_iter().map(rule_from_wire).collect::<Result<_, _>>().map(Self::new)
    }
}

fn rule_to_wire(rule: &Rule) -> wire::Rule {
    wire::Rule {
        commands: rule.commands.clone(),
        asset: rule.asset.map(|asset| asset.to_vec()).unwrap_or_default(),
        amount_up_to: rule.amount_up_to.map(Amount::minor),
        policy: Some(rule.policy.to_wire()),
        not_after_ms: rule.not_after_ms,
        delay_ms: rule.delay_ms,
    }
}

fn rule_from_wire(message: wire::Rule) -> Result<Rule, EncodingError> {
    at_most(&message.commands, 32, "rule.commands")?;
    message.commands.iter().try_for_each(|pattern| plain_text(pattern, 128, "rule.commands"))?;
    let asset = if message.asset.is_empty() { None } else { Some(message.asset.as_slice().try_into()?) };
    let bound = |minor| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field: "rule.amount_up_to" });
    Ok(Rule {
        commands: message.commands,
        asset,
        amount_up_to: message.amount_up_to.map(bound).transpose()?,
        not_after_ms: message.not_after_ms,
        delay_ms: message.delay_ms,
        policy: Policy::from_wire(required(message.policy, "rule.policy")?)?,
    })
}

#[cfg(test)]
mod tests;
