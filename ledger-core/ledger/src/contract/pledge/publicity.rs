//! What makes a pledge hold against third parties: which debt it secures, and since when it is public.

use crate::contract::loan::{self, read_loan};
use crate::contract::obligation::{self, read_obligation};
use crate::contract::pledge::{NAME, PLEDGE, Pledge, PledgeError, cover_state, read_cover};
use crate::contract::title;
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::error::rule;
use crate::id::PledgeId;
use crate::transaction::{Command, LedgerTransaction};
use crate::wire;

/// An entry of a public register: ranks of equal footing go by its time (Civil Code of the PRC, article 414).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publicity {
    /// The register; 1 to 64 bytes.
    pub register: String,
    /// The entry's number there; 1 to 64 bytes.
    pub number: String,
    /// Since when it is public, milliseconds UTC.
    pub at_ms: u64,
}

/// A pledge for one obligation or loan secures what the pledgee is owed, in the asset of its maximum; the debt is read here.
pub(super) fn secures_the_pledgees_claim(transaction: &LedgerTransaction, pledge: &Pledge) -> Result<(), PledgeError> {
    let Some(named) = pledge.obligation else { return Ok(()) };
    let number = || pledge.number.clone();
    let obligations = transaction.current_references_of(obligation::NAME, obligation::OBLIGATION);
    let obligations = obligations.filter_map(|read| read_obligation(&read.state).ok());
    let loans = transaction.current_references_of(loan::NAME, loan::LOAN);
    let loans = loans.filter_map(|read| read_loan(&read.state).ok());
    let owed = obligations.map(|owed| (owed.obligation, owed.creditor, owed.asset));
    let secured = owed.chain(loans.map(|lent| (lent.loan, lent.lender, lent.asset))).find(|(id, ..)| *id == named);
    let (_, creditor, asset) = secured.ok_or_else(|| PledgeError::ObligationNotRead { number: number() })?;
    let is_pledgees = creditor == pledge.pledgee && asset == pledge.secured_asset;
    rule(is_pledgees, || PledgeError::ObligationDiffers { number: number() })
}

/// Nothing is public before it has happened.
pub(super) fn is_public_already(transaction: &LedgerTransaction, pledge: &Pledge) -> Result<(), PledgeError> {
    let from_ms = transaction.transaction.time_window.from_ms;
    match &pledge.publicity {
        Some(Publicity { at_ms, .. }) if *at_ms > from_ms => {
            Err(PledgeError::PublicLater { number: pledge.number.clone(), at_ms: *at_ms, from_ms })
        }
        _ => Ok(()),
    }
}

/// A pledge that was not in a register yet is now; nothing else of it changes, and no title is touched.
pub(super) fn publicises(transaction: &LedgerTransaction, command: &Command) -> Result<(), PledgeError> {
    let wire::PledgePublicise { pledge, publicity } = command.message()?;
    let named: PledgeId = pledge.as_slice().try_into()?;
    let publicity = publicity.ok_or(EncodingError::Missing { field: "publicise.publicity" })?;
    let publicity = Publicity::from_wire(publicity)?;
    let before: Vec<_> = transaction.inputs_of(NAME, PLEDGE).collect();
    let after: Vec<_> = transaction.outputs_of(NAME, PLEDGE).collect();
    let ([before], [(_, after)]) = (before.as_slice(), after.as_slice()) else {
        return Err(PledgeError::OthersTouched { command: super::PUBLICISE });
    };
    // Its lock may change under a command of this contract, so its titles stay out of this one.
    let touches_titles = transaction.inputs_of(title::NAME, title::TITLE).next().is_some();
    rule(!touches_titles, || PledgeError::OthersTouched { command: super::PUBLICISE })?;
    let mut cover = read_cover(&before.state)?;
    let number = cover.pledge.number.clone();
    rule(cover.pledge.pledge == named, || PledgeError::NotConsumed { command: super::PUBLICISE })?;
    rule(cover.pledge.publicity.is_none(), || PledgeError::PublicAlready { number: number.clone() })?;
    cover.pledge.publicity = Some(publicity);
    is_public_already(transaction, &cover.pledge)?;
    rule(**after == cover_state(&cover), || PledgeError::NotWhatFollows { number })
}

impl Wire for Publicity {
    type Message = wire::PledgePublicity;

    fn to_wire(&self) -> wire::PledgePublicity {
        wire::PledgePublicity { register: self.register.clone(), number: self.number.clone(), at_ms: self.at_ms }
    }

    fn from_wire(message: wire::PledgePublicity) -> Result<Self, EncodingError> {
        let wire::PledgePublicity { register, number, at_ms } = message;
        for (text, field) in [(&register, "publicity.register"), (&number, "publicity.number")] {
            plain_text(text, 64, field)?;
            rule(!text.is_empty(), || EncodingError::Missing { field })?;
        }
        Ok(Self { register, number, at_ms })
    }
}
