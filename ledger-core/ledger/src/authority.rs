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
    /// A demand without value.
    pub fn of(contract: &ContractId, name: &str) -> Self {
        Self { command: format!("{}/{name}", contract.name()), outflow: None }
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
}

codes!(AuthorityError {
    Empty => "AUTHORITY_EMPTY",
    Policy => "AUTHORITY_POLICY",
    BoundWithoutAsset => "AUTHORITY_BOUND_WITHOUT_ASSET",
    NoCommand => "AUTHORITY_NO_COMMAND",
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
        let everything = vec!["*".to_owned()];
        Self::new(vec![Rule { commands: everything, asset: None, amount_up_to: None, not_after_ms: None, policy }])
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
            rule.policy.validate().map_err(|source| AuthorityError::Policy { place, source })?;
        }
        Ok(())
    }

    /// The policy that decides a demand for a transaction whose window ends at `until_ms`.
    pub fn policy_for(&self, demand: &Demand, until_ms: u64) -> Option<&Policy> {
        self.rules.iter().find(|rule| rule.fits(demand, until_ms)).map(|rule| &rule.policy)
    }
}

impl Rule {
    fn fits(&self, demand: &Demand, until_ms: u64) -> bool {
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
        policy: Policy::from_wire(required(message.policy, "rule.policy")?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Coded, SigningKey};

    const GRAIN: AssetId = AssetId::from_bytes([1; 32]);

    fn policy(seed: u8) -> Policy {
        Policy::Key(SigningKey::from_seed(&[seed; 32]).public())
    }

    fn rule(commands: &[&str], bound: Option<u64>, not_after_ms: Option<u64>, seed: u8) -> Rule {
        Rule {
            commands: commands.iter().map(|&command| command.to_owned()).collect(),
            asset: bound.map(|_| GRAIN),
            amount_up_to: bound.map(|bound| Amount::from_minor(bound).unwrap()),
            not_after_ms,
            policy: policy(seed),
        }
    }

    fn banded() -> Authority {
        Authority::new(vec![
            rule(&["token/transfer"], Some(100), None, 1),
            rule(&["token/*"], None, Some(5_000), 2),
            rule(&["acme/receipt/*"], None, None, 3),
        ])
    }

    fn check(command: &str, amount: Option<u64>, until_ms: u64, seed: Option<u8>) {
        let outflow = amount.map(|minor| (GRAIN, Amount::from_minor(minor).unwrap()));
        let demand = Demand { command: command.to_owned(), outflow };
        assert_eq!(banded().policy_for(&demand, until_ms).cloned(), seed.map(policy), "{demand:?}");
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        check("token/transfer", Some(100), 1, Some(1));
        check("token/transfer", Some(101), 1, Some(2));
        check("token/transfer", None, 1, Some(2));
        check("token/issue", Some(1), 5_000, Some(2));
        check("token/issue", Some(1), 5_001, None);
        check("acme/receipt/issue", None, 9_999, Some(3));
        check("acme/lot/issue", None, 9_999, None);
        check("pledge/pledge", None, 1, None);
    }

    #[test]
    fn authorities_that_nobody_could_use_are_refused() {
        let code = |authority: Authority| authority.validate().map_err(|error| error.code());
        assert_eq!(code(banded()), Ok(()));
        assert_eq!(code(Authority::new(Vec::new())), Err("AUTHORITY_EMPTY"));
        assert_eq!(code(Authority::new(vec![rule(&[], None, None, 1)])), Err("AUTHORITY_NO_COMMAND"));
        let unreachable = Authority::simple(Policy::k_of_n(2, &policy(1).keys()));
        assert_eq!(code(unreachable), Err("AUTHORITY_POLICY"));
        let boundless = Rule { asset: None, ..rule(&["*"], Some(5), None, 1) };
        assert_eq!(code(Authority::new(vec![boundless])), Err("AUTHORITY_BOUND_WITHOUT_ASSET"));
    }
}
