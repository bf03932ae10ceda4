//! What a pledge covers: its titles, what was pledged in all and what was released, and money that came in their place.

use crate::amount::{Amount, AmountError};
use crate::contract::pledge::{NAME, PLEDGE, Pledge, PledgeError};
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text};
use crate::id::{AssetId, ContractId, TitleId};
use crate::state::State;
use crate::wire;

/// A title under a pledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PledgedTitle {
    /// The title.
    pub title: TitleId,
    /// Its document number.
    pub number: String,
    /// Its quantity, in the pledge's unit.
    pub quantity: Amount,
}

/// Money under a pledge: surplus of titles that better ranks enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PledgedMoney {
    /// The asset.
    pub asset: AssetId,
    /// How much is under the pledge's lock, in the asset's smallest unit; over zero.
    pub amount: Amount,
}

/// A pledge with everything it covers. `pledge.title` and `pledge.number` are those of the first title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The pledge; its quantity is the sum over the titles.
    pub pledge: Pledge,
    /// The titles, older ones first; at least one while there is no money.
    pub titles: Vec<PledgedTitle>,
    /// Pledged at first, topped up and gained by substitution.
    pub pledged: Amount,
    /// Released or enforced in parts.
    pub released: Amount,
    /// Surplus under the pledge's lock; ascending by asset, at most 8.
    pub money: Vec<PledgedMoney>,
}

impl Cover {
    /// Titles under one pledge.
    pub const TITLES_MAX: usize = 64;
    /// Assets of money under one pledge.
    pub const MONEY_MAX: usize = 8;

    /// A pledge of the one title that it names, nothing released yet.
    pub fn of(pledge: Pledge) -> Self {
        let (pledged, released) = (pledge.quantity, Amount::ZERO);
        let title = PledgedTitle { title: pledge.title, number: pledge.number.clone(), quantity: pledged };
        Self { pledge, titles: vec![title], pledged, released, money: Vec::new() }
    }

    /// The same pledge over these titles; `pledged` and `released` stay.
    ///
    /// # Errors
    /// The quantities do not add up to an amount.
    pub fn over(&self, titles: Vec<PledgedTitle>) -> Result<Self, AmountError> {
        let quantity = Amount::sum(titles.iter().map(|title| title.quantity))?;
        let (title, number) = match titles.first() {
            Some(first) => (first.title, first.number.clone()),
            None => (self.pledge.title, self.pledge.number.clone()),
        };
        Ok(Self { pledge: Pledge { title, number, quantity, ..self.pledge.clone() }, titles, ..self.clone() })
    }

    /// The same pledge with more money under it.
    ///
    /// # Errors
    /// The amounts do not add up to an amount.
    pub fn with_money(&self, asset: AssetId, more: Amount) -> Result<Self, AmountError> {
        self.money_of(asset)?.checked_add(more).map(|amount| self.with_money_of(asset, amount))
    }

    /// The same pledge with less money under it.
    ///
    /// # Errors
    /// There is less than that.
    pub fn without_money(&self, asset: AssetId, less: Amount) -> Result<Self, AmountError> {
        self.money_of(asset)?.checked_sub(less).map(|amount| self.with_money_of(asset, amount))
    }

    fn money_of(&self, asset: AssetId) -> Result<Amount, AmountError> {
        Amount::sum(self.money.iter().filter(|money| money.asset == asset).map(|money| money.amount))
    }

    fn with_money_of(&self, asset: AssetId, amount: Amount) -> Self {
        let mut money: Vec<_> = self.money.iter().filter(|money| money.asset != asset).copied().collect();
        if !amount.is_zero() {
            money.push(PledgedMoney { asset, amount });
        }
        money.sort_by_key(|money| money.asset);
        Self { money, ..self.clone() }
    }

    /// True when neither titles nor money are under the pledge.
    pub fn is_empty(&self) -> bool {
        self.titles.is_empty() && self.money.is_empty()
    }

    /// True when the pledge's quantity is what its titles sum to, and what was pledged less what was released.
    pub fn adds_up(&self) -> bool {
        let of_titles = Amount::sum(self.titles.iter().map(|title| title.quantity));
        of_titles == Ok(self.pledge.quantity) && self.pledged.checked_sub(self.released) == Ok(self.pledge.quantity)
    }
}

/// The state of a pledge with its cover; pledgor and custodian see it too.
pub fn cover_state(cover: &Cover) -> State {
    let pledge = &cover.pledge;
    let participants = [pledge.pledgor, pledge.custodian];
    State::new(ContractId::built_in(NAME), PLEDGE, pledge.pledgee, participants, &cover.to_wire())
}

/// Reads a pledge with its cover.
pub fn read_cover(state: &State) -> Result<Cover, PledgeError> {
    Ok(Cover::from_wire(state.message()?)?)
}

impl Wire for Cover {
    type Message = wire::Pledge;

    fn to_wire(&self) -> wire::Pledge {
        let title = |title: &PledgedTitle| wire::PledgedTitle {
            title: title.title.to_vec(),
            number: title.number.clone(),
            quantity: title.quantity.minor(),
        };
        let money =
            |money: &PledgedMoney| wire::PledgedMoney { asset: money.asset.to_vec(), amount: money.amount.minor() };
        let cover = (*self != Self::of(self.pledge.clone())).then(|| wire::PledgeCover {
            titles: self.titles.iter().map(title).collect(),
            pledged: self.pledged.minor(),
            released: self.released.minor(),
            money: self.money.iter().map(money).collect(),
        });
        wire::Pledge { cover, ..self.pledge.to_wire() }
    }

    fn from_wire(mut message: wire::Pledge) -> Result<Self, EncodingError> {
        let cover = message.cover.take();
        let pledge = Pledge::from_wire(message)?;
        let Some(cover) = cover else { return Ok(Self::of(pledge)) };
        at_most(&cover.titles, Self::TITLES_MAX, "pledge.titles")?;
        let amount = |minor, field| Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field });
        let title = |title: wire::PledgedTitle| {
            plain_text(&title.number, 64, "pledge.number")?;
            Ok(PledgedTitle {
                title: title.title.as_slice().try_into()?,
                number: title.number,
                quantity: amount(title.quantity, "pledge.quantity")?,
            })
        };
        at_most(&cover.money, Self::MONEY_MAX, "pledge.money")?;
        let money = |money: &wire::PledgedMoney| {
            let amount = amount(money.amount, "pledge.money")?;
            Ok(PledgedMoney { asset: money.asset.as_slice().try_into()?, amount })
        };
        let money = cover.money.iter().map(money).collect::<Result<Vec<_>, EncodingError>>()?;
        ascending(&money.iter().map(|money| money.asset).collect::<Vec<_>>(), "pledge.money")?;
        Ok(Self {
            pledge,
            money,
            titles: cover.titles.into_iter().map(title).collect::<Result<_, EncodingError>>()?,
            pledged: amount(cover.pledged, "pledge.pledged")?,
            released: amount(cover.released, "pledge.released")?,
        })
    }
}
