//! The record that each payment out of a purpose leaves.

use crate::amount::{Amount, AmountError};
use crate::contract::purpose::PurposeTerms;
use crate::contract::purpose::terms::amount;
use crate::encoding::{EncodingError, Wire, plain_text};
use crate::id::{Address, AssetId, PurposeId, SpendId};
use crate::wire;

/// One payment out of a purpose. The state's owner is the payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// `H(chain, command id)`.
    pub spend: SpendId,
    /// The purpose it was paid out of.
    pub purpose: PurposeId,
    /// Who lent; sees the record.
    pub lender: Address,
    /// Who borrowed.
    pub borrower: Address,
    /// Who was paid.
    pub payee: Address,
    /// The asset.
    pub asset: AssetId,
    /// Paid, in smallest units.
    pub amount: Amount,
    /// Paid back since, in smallest units; at most `amount`.
    pub refunded: Amount,
    /// What for.
    pub code: String,
    /// Number of the document behind it; may be empty.
    pub document: String,
    /// How often the value was passed on before.
    pub hop: u32,
    /// Who passed it on; none = the borrower paid.
    pub origin: Option<Origin>,
    /// Passed on to other payees, less what they refunded, in smallest units.
    pub passed_on: Amount,
    /// Given back to the lender, in smallest units.
    pub returned: Amount,
}

/// Where passed on value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The record out of which it was paid.
    pub spend: SpendId,
    /// That record's payee; sees this one.
    pub payer: Address,
}

impl Spend {
    /// Bytes of a document's number.
    pub const DOCUMENT_BYTES_MAX: usize = 128;

    /// What the payee kept.
    pub fn kept(&self) -> Result<Amount, AmountError> {
        self.amount.checked_sub(self.refunded)?.checked_sub(self.passed_on)?.checked_sub(self.returned)
    }

    /// True when the payee holds what it kept bound to the purpose.
    pub fn is_bound(&self, terms: &PurposeTerms) -> bool {
        self.hop < terms.onward_depth
    }

    /// The record after a refund.
    pub fn after_refund(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.kept()?.checked_sub(amount)?;
        self.refunded = self.refunded.checked_add(amount)?;
        Ok(self)
    }

    /// The record after value was passed on.
    pub fn after_pass(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.kept()?.checked_sub(amount)?;
        self.passed_on = self.passed_on.checked_add(amount)?;
        Ok(self)
    }

    /// The record after passed on value came back.
    pub fn after_refund_of_passed(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.passed_on = self.passed_on.checked_sub(amount)?;
        Ok(self)
    }

    /// The record after value went back to the lender.
    pub fn after_return(mut self, amount: Amount) -> Result<Self, AmountError> {
        self.kept()?.checked_sub(amount)?;
        self.returned = self.returned.checked_add(amount)?;
        Ok(self)
    }
}

impl Wire for Spend {
    type Message = wire::Spend;

    fn to_wire(&self) -> wire::Spend {
        wire::Spend {
            spend: self.spend.to_vec(),
            purpose: self.purpose.to_vec(),
            lender: self.lender.to_vec(),
            borrower: self.borrower.to_vec(),
            payee: self.payee.to_vec(),
            asset: self.asset.to_vec(),
            amount: self.amount.minor(),
            refunded: self.refunded.minor(),
            code: self.code.clone(),
            document: self.document.clone(),
            hop: self.hop,
            origin: self
                .origin
                .map(|Origin { spend, payer }| wire::SpendOrigin { spend: spend.to_vec(), payer: payer.to_vec() }),
            passed_on: self.passed_on.minor(),
            returned: self.returned.minor(),
        }
    }

    fn from_wire(message: wire::Spend) -> Result<Self, EncodingError> {
        plain_text(&message.code, 32, "spend.code")?;
        plain_text(&message.document, Self::DOCUMENT_BYTES_MAX, "spend.document")?;
        let origin = |origin: wire::SpendOrigin| {
            Ok::<_, EncodingError>(Origin {
                spend: origin.spend.as_slice().try_into()?,
                payer: origin.payer.as_slice().try_into()?,
            })
        };
        Ok(Self {
            spend: message.spend.as_slice().try_into()?,
            purpose: message.purpose.as_slice().try_into()?,
            lender: message.lender.as_slice().try_into()?,
            borrower: message.borrower.as_slice().try_into()?,
            payee: message.payee.as_slice().try_into()?,
            asset: message.asset.as_slice().try_into()?,
            amount: amount(message.amount, "spend.amount")?,
            refunded: amount(message.refunded, "spend.refunded")?,
            code: message.code,
            document: message.document,
            hop: message.hop,
            origin: message.origin.map(origin).transpose()?,
            passed_on: amount(message.passed_on, "spend.passed_on")?,
            returned: amount(message.returned, "spend.returned")?,
        })
    }
}
