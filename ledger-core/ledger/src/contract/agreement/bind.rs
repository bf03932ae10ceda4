//! What the names in a contract mean on the ledger: roles are parties or feeds, tokens are assets or titles.

use std::collections::BTreeMap;

use ledger_agreement::{Party, Token};

use crate::contract::agreement::AgreementError;
use crate::encoding::{EncodingError, ascending, at_most, plain_text};
use crate::error::rule;
use crate::id::{Address, AssetId, FeedId, TitleId};
use crate::wire;

/// Roles and tokens of one agreement.
pub const NAMES_MAX: usize = 16;

/// A role's name.
pub type Role = String;

/// Who a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A party of the chain.
    Party(Address),
    /// A feed, whose prices are its choices.
    Feed(FeedId),
}

/// What a token is. Assets stand before titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Units of an asset, its smallest.
    Asset(AssetId),
    /// One title; one unit is the whole of it.
    Title(TitleId),
}

/// What the names of an agreement mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// By role.
    pub roles: BTreeMap<Role, Actor>,
    /// By token.
    pub tokens: BTreeMap<Token, What>,
}

impl Binding {
    /// Who somebody in the contract is.
    pub fn who(&self, party: &Party) -> Result<Actor, AgreementError> {
        match party {
            Party::Role(role) => {
                self.roles.get(role).copied().ok_or_else(|| AgreementError::RoleUnbound { role: shown(role) })
            }
            Party::Address(text) => {
                let address = text.parse().map_err(|_| AgreementError::AddressForm { text: shown(text) })?;
                Ok(Actor::Party(address))
            }
        }
    }

    /// The address of somebody who holds or is paid something; a feed is nobody.
    pub fn address(&self, party: &Party) -> Result<Address, AgreementError> {
        match (self.who(party)?, party) {
            (Actor::Party(address), _) => Ok(address),
            (Actor::Feed(_), Party::Role(name) | Party::Address(name)) => {
                Err(AgreementError::FactIsNoParty { role: shown(name) })
            }
        }
    }

    /// What a token in the contract is.
    pub fn what(&self, token: &Token) -> Result<What, AgreementError> {
        let unbound = || AgreementError::TokenUnbound { token: shown(&token.token_name) };
        self.tokens.get(token).copied().ok_or_else(unbound)
    }

    pub(super) fn to_wire(&self) -> (Vec<wire::AgreementRole>, Vec<wire::AgreementToken>) {
        let role = |(role, who): (&Role, &Actor)| wire::AgreementRole {
            role: role.clone(),
            who: Some(match who {
                Actor::Party(party) => wire::agreement_role::Who::Party(party.to_vec()),
                Actor::Feed(feed) => wire::agreement_role::Who::Feed(feed.to_vec()),
            }),
        };
        let token = |(token, what): (&Token, &What)| wire::AgreementToken {
            currency_symbol: token.currency_symbol.clone(),
            token_name: token.token_name.clone(),
            what: Some(match what {
                What::Asset(asset) => wire::agreement_token::What::Asset(asset.to_vec()),
                What::Title(title) => wire::agreement_token::What::Title(title.to_vec()),
            }),
        };
        (self.roles.iter().map(role).collect(), self.tokens.iter().map(token).collect())
    }

    pub(super) fn from_wire(
        roles: Vec<wire::AgreementRole>,
        tokens: Vec<wire::AgreementToken>,
    ) -> Result<Self, EncodingError> {
        at_most(&roles, NAMES_MAX, "agreement.roles")?;
        at_most(&tokens, NAMES_MAX, "agreement.tokens")?;
        let roles = roles.into_iter().map(role).collect::<Result<Vec<_>, EncodingError>>()?;
        let tokens = tokens.into_iter().map(token).collect::<Result<Vec<_>, EncodingError>>()?;
        ascending(&roles.iter().map(|(role, _)| role).collect::<Vec<_>>(), "agreement.roles")?;
        ascending(&tokens.iter().map(|(token, _)| token).collect::<Vec<_>>(), "agreement.tokens")?;
        Ok(Self { roles: roles.into_iter().collect(), tokens: tokens.into_iter().collect() })
    }
}

fn role(message: wire::AgreementRole) -> Result<(Role, Actor), EncodingError> {
    plain_text(&message.role, 64, "agreement.role")?;
    rule(!message.role.is_empty(), || EncodingError::Missing { field: "agreement.role" })?;
    let who = match message.who.ok_or(EncodingError::Missing { field: "agreement.who" })? {
        wire::agreement_role::Who::Party(party) => Actor::Party(party.as_slice().try_into()?),
        wire::agreement_role::Who::Feed(feed) => Actor::Feed(feed.as_slice().try_into()?),
    };
    Ok((message.role, who))
}

fn token(message: wire::AgreementToken) -> Result<(Token, What), EncodingError> {
    let wire::AgreementToken { currency_symbol, token_name, what } = message;
    plain_text(&currency_symbol, 64, "agreement.currency_symbol")?;
    plain_text(&token_name, 64, "agreement.token_name")?;
    let what = match what.ok_or(EncodingError::Missing { field: "agreement.what" })? {
        wire::agreement_token::What::Asset(asset) => What::Asset(asset.as_slice().try_into()?),
        wire::agreement_token::What::Title(title) => What::Title(title.as_slice().try_into()?),
    };
    Ok((Token { currency_symbol, token_name }, what))
}

/// A name as a message shows it.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}
