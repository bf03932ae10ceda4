//! What value is lent for, and what became of it.

use std::collections::BTreeMap;

use crate::amount::{Amount, AmountError};
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text, required};
use crate::id::{Address, AssetId, ObligationId, PurposeId};
use crate::wire;

/// A party that may be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payee {
    /// The party.
    pub party: Address,
    /// The most that may be spent at it in all, in smallest units; none = no bound of its own.
    pub cap: Option<Amount>,
    /// Its controller as registered; may be empty.
    pub controller: String,
}

/// What value is lent for; fixed when the purpose is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeTerms {
    /// `H(chain, command id)`.
    pub purpose: PurposeId,
    /// Whose money it is; what is not spent returns to it.
    pub lender: Address,
    /// Who spends.
    pub borrower: Address,
    /// The borrower's controller as registered; may be empty.
    pub borrower_controller: String,
    /// The asset.
    pub asset: AssetId,
    /// What may be paid for; ascending, 1 to 16.
    pub codes: Vec<String>,
    /// Who may be paid; ascending by party, at most 32.
    pub payees: Vec<Payee>,
    /// Parties registered in this role may be paid too; empty = the listed ones alone.
    pub payee_role: String,
    /// The most that may be spent at one payee of the role, in smallest units.
    pub payee_role_cap: Option<Amount>,
    /// The most that may be spent in all, in smallest units.
    pub cap: Amount,
    /// First millisecond UTC at which value may be spent.
    pub valid_from_ms: u64,
    /// The millisecond after the last; from then on value only returns to the lender.
    pub valid_to_ms: u64,
    /// Whether each spend names and attaches a document, used once for ever.
    pub documents_required: bool,
    /// How often payees may pass bound value on, at most 8; 0 = a payee holds free tokens.
    pub onward_depth: u32,
    /// The loan that is opened beside it and lent for it, which what is returned repays; none = lent without one.
    pub loan: Option<ObligationId>,
}

/// What came to one payee and what of it went on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpentAt {
    /// Received, less what it refunded, in smallest units.
    pub amount: Amount,
    /// Passed on to other payees, less what they refunded, and given back to the lender, in smallest units.
    pub passed_on: Amount,
}

impl SpentAt {
    /// What the payee keeps, bound or free.
    pub fn kept(&self) -> Result<Amount, AmountError> {
        self.amount.checked_sub(self.passed_on)
    }
}

/// A purpose with what became of its money. Invariant: balance = disbursed − returned − spent, never below zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The terms.
    pub terms: PurposeTerms,
    /// Bound to it so far, in smallest units.
    pub disbursed: Amount,
    /// Given back to the lender, in smallest units.
    pub returned: Amount,
    /// Spent at each payee; at most 256.
    pub spent: BTreeMap<Address, SpentAt>,
    /// True once its loan has ended: nothing is bound in the borrower's hands any more, and refunds come to it free.
    pub freed: bool,
}

impl PurposeTerms {
    /// Codes of one purpose.
    pub const CODES_MAX: usize = 16;
    /// Listed payees of one purpose: each is read by reference when it is opened.
    pub const PAYEES_MAX: usize = 32;
    /// How often value may be passed on.
    pub const ONWARD_DEPTH_MAX: u32 = 8;

    /// The listed payee of this address.
    pub fn payee(&self, party: &Address) -> Option<&Payee> {
        self.payees.iter().find(|payee| payee.party == *party)
    }
}

impl Purpose {
    /// Payees that were paid out of one purpose.
    pub const SPENT_MAX: usize = 256;

    /// A purpose that was just opened.
    pub fn opened(terms: PurposeTerms, disbursed: Amount) -> Self {
        Self { terms, disbursed, returned: Amount::ZERO, spent: BTreeMap::new(), freed: false }
    }

    /// Spent in all: what all payees keep.
    pub fn spent_in_all(&self) -> Result<Amount, AmountError> {
        self.spent.values().try_fold(Amount::ZERO, |sum, spent| sum.checked_add(spent.kept()?))
    }

    /// Received by one payee, less what it refunded.
    pub fn spent_at(&self, payee: &Address) -> Amount {
        self.at(payee).amount
    }

    fn at(&self, payee: &Address) -> SpentAt {
        self.spent.get(payee).copied().unwrap_or_default()
    }

    fn with_spent(mut self, payee: Address, spent: SpentAt) -> Self {
        if spent == SpentAt::default() {
            self.spent.remove(&payee);
        } else {
            self.spent.insert(payee, spent);
        }
        self
    }

    /// What is still bound in the borrower's hands.
    pub fn balance(&self) -> Result<Amount, AmountError> {
        self.disbursed.checked_sub(self.returned)?.checked_sub(self.spent_in_all()?)
    }

    /// The purpose after more value was bound.
    pub fn after_bind(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.disbursed = self.disbursed.checked_add(amount)?;
        Ok(self)
    }

    /// The purpose after value was freed or bound to another purpose.
    pub fn after_unbind(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.balance()?.checked_sub(amount)?;
        self.disbursed = self.disbursed.checked_sub(amount)?;
        Ok(self)
    }

    /// The purpose after its loan has ended, and what was still bound in the borrower's hands: it is free.
    pub fn after_its_loan(self) -> Result<(Self, Amount), AmountError> {
        let left = self.balance()?;
        Ok((Self { freed: true, ..self.after_unbind(left)? }, left))
    }

    /// The purpose after a payment of the borrower's.
    pub fn after_spend(self, payee: Address, amount: Amount) -> Result<Self, AmountError> {
        self.balance()?.checked_sub(amount)?;
        self.received(payee, amount)
    }

    fn received(self, payee: Address, amount: Amount) -> Result<Self, AmountError> {
        let spent = self.at(&payee);
        let received = spent.amount.checked_add(amount)?;
        Ok(self.with_spent(payee, SpentAt { amount: received, ..spent }))
    }

    /// The purpose after a payee passed value on to another.
    pub fn after_pass(self, payer: Address, payee: Address, amount: Amount) -> Result<Self, AmountError> {
        self.passed_on(payer, amount)?.received(payee, amount)
    }

    fn passed_on(self, payer: Address, amount: Amount) -> Result<Self, AmountError> {
        let spent = self.at(&payer);
        spent.kept()?.checked_sub(amount)?;
        let passed_on = spent.passed_on.checked_add(amount)?;
        Ok(self.with_spent(payer, SpentAt { passed_on, ..spent }))
    }

    /// The purpose after a refund, to the borrower or to the payee who passed the value on.
    pub fn after_refund(self, payee: Address, payer: Option<Address>, amount: Amount) -> Result<Self, AmountError> {
        let spent = self.at(&payee);
        spent.kept()?.checked_sub(amount)?;
        let left = spent.amount.checked_sub(amount)?;
        let refunded = self.with_spent(payee, SpentAt { amount: left, ..spent });
        let Some(payer) = payer else {
            return if refunded.freed { refunded.after_unbind(amount) } else { Ok(refunded) };
        };
        let spent = refunded.at(&payer);
        let passed_on = spent.passed_on.checked_sub(amount)?;
        Ok(refunded.with_spent(payer, SpentAt { passed_on, ..spent }))
    }

    /// The purpose after a payee gave value back to the lender.
    pub fn after_return_by(self, payee: Address, amount: Amount) -> Result<Self, AmountError> {
        let mut given = self.passed_on(payee, amount)?;
        given.returned = given.returned.checked_add(amount)?;
        Ok(given)
    }

    /// The purpose after the borrower's value went back to the lender.
    pub fn after_return(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.balance()?.checked_sub(amount)?;
        self.returned = self.returned.checked_add(amount)?;
        Ok(self)
    }
}

pub(super) fn amount(minor: u64, field: &'static str) -> Result<Amount, EncodingError> {
    Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field })
}

impl Wire for Payee {
    type Message = wire::PurposePayee;

    fn to_wire(&self) -> wire::PurposePayee {
        wire::PurposePayee {
            party: self.party.to_vec(),
            cap: self.cap.map(Amount::minor),
            controller: self.controller.clone(),
        }
    }

    fn from_wire(message: wire::PurposePayee) -> Result<Self, EncodingError> {
        plain_text(&message.controller, 128, "purpose.payee.controller")?;
        Ok(Self {
            party: message.party.as_slice().try_into()?,
            cap: message.cap.map(|minor| amount(minor, "purpose.payee.cap")).transpose()?,
            controller: message.controller,
        })
    }
}

impl Wire for PurposeTerms {
    type Message = wire::PurposeTerms;

    fn to_wire(&self) -> wire::PurposeTerms {
        wire::PurposeTerms {
            purpose: self.purpose.to_vec(),
            lender: self.lender.to_vec(),
            borrower: self.borrower.to_vec(),
            borrower_controller: self.borrower_controller.clone(),
            asset: self.asset.to_vec(),
            codes: self.codes.clone(),
            payees: self.payees.iter().map(Payee::to_wire).collect(),
            payee_role: self.payee_role.clone(),
            payee_role_cap: self.payee_role_cap.map(Amount::minor),
            cap: self.cap.minor(),
            valid_from_ms: self.valid_from_ms,
            valid_to_ms: self.valid_to_ms,
            documents_required: self.documents_required,
            onward_depth: self.onward_depth,
            loan: self.loan.as_ref().map(ObligationId::to_vec).unwrap_or_default(),
        }
    }

    fn from_wire(message: wire::PurposeTerms) -> Result<Self, EncodingError> {
        plain_text(&message.borrower_controller, 128, "purpose.borrower_controller")?;
        plain_text(&message.payee_role, 32, "purpose.payee_role")?;
        at_most(&message.codes, Self::CODES_MAX, "purpose.codes")?;
        ascending(&message.codes, "purpose.codes")?;
        message.codes.iter().try_for_each(|code| plain_text(code, 32, "purpose.codes"))?;
        at_most(&message.payees, Self::PAYEES_MAX, "purpose.payees")?;
        let payees = message.payees.into_iter().map(Payee::from_wire).collect::<Result<Vec<_>, _>>()?;
        ascending(&payees.iter().map(|payee| payee.party).collect::<Vec<_>>(), "purpose.payees")?;
        Ok(Self {
            purpose: message.purpose.as_slice().try_into()?,
            lender: message.lender.as_slice().try_into()?,
            borrower: message.borrower.as_slice().try_into()?,
            borrower_controller: message.borrower_controller,
            asset: message.asset.as_slice().try_into()?,
            codes: message.codes,
            payees,
            payee_role: message.payee_role,
            payee_role_cap: message.payee_role_cap.map(|cap| amount(cap, "purpose.payee_role_cap")).transpose()?,
            cap: amount(message.cap, "purpose.cap")?,
            valid_from_ms: message.valid_from_ms,
            valid_to_ms: message.valid_to_ms,
            documents_required: message.documents_required,
            onward_depth: message.onward_depth,
            loan: (!message.loan.is_empty()).then(|| message.loan.as_slice().try_into()).transpose()?,
        })
    }
}

impl Wire for Purpose {
    type Message = wire::Purpose;

    fn to_wire(&self) -> wire::Purpose {
        let spent = |(party, spent): (&Address, &SpentAt)| wire::PurposeSpent {
            party: party.to_vec(),
            amount: spent.amount.minor(),
            passed_on: spent.passed_on.minor(),
        };
        wire::Purpose {
            terms: Some(self.terms.to_wire()),
            disbursed: self.disbursed.minor(),
            returned: self.returned.minor(),
            spent: self.spent.iter().map(spent).collect(),
            freed: self.freed,
        }
    }

    fn from_wire(message: wire::Purpose) -> Result<Self, EncodingError> {
        at_most(&message.spent, Self::SPENT_MAX, "purpose.spent")?;
        let spent = |entry: &wire::PurposeSpent| {
            let passed_on = amount(entry.passed_on, "purpose.passed_on")?;
            let at = SpentAt { amount: amount(entry.amount, "purpose.spent")?, passed_on };
            Ok((entry.party.as_slice().try_into()?, at))
        };
        let spent = message.spent.iter().map(spent).collect::<Result<Vec<(Address, SpentAt)>, EncodingError>>()?;
        ascending(&spent.iter().map(|(party, _)| *party).collect::<Vec<_>>(), "purpose.spent")?;
        Ok(Self {
            terms: PurposeTerms::from_wire(required(message.terms, "purpose.terms")?)?,
            disbursed: amount(message.disbursed, "purpose.disbursed")?,
            returned: amount(message.returned, "purpose.returned")?,
            spent: spent.into_iter().collect(),
            freed: message.freed,
        })
    }
}
