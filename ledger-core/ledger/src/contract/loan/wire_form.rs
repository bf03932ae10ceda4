//! The published wire form of loans.

use crate::amount::{Amount, Scale};
use crate::contract::loan::{Loan, Parts, Prepayment, Rate, Term};
use crate::date::Date;
use crate::encoding::{EncodingError, Wire, ascending, at_most, plain_text, required};
use crate::id::PurposeId;
use crate::wire;

fn amount(minor: u64, field: &'static str) -> Result<Amount, EncodingError> {
    Amount::from_minor(minor).map_err(|_| EncodingError::OutOfRange { field })
}

fn scale(places: u32, field: &'static str) -> Result<Scale, EncodingError> {
    Scale::new(places).map_err(|_| EncodingError::OutOfRange { field })
}

fn all<T: Wire>(messages: Vec<T::Message>) -> Result<Vec<T>, EncodingError> {
    messages.into_iter().map(T::from_wire).collect()
}

impl Wire for Loan {
    type Message = wire::Loan;

    fn to_wire(&self) -> wire::Loan {
        wire::Loan {
            loan: self.loan.to_vec(),
            lender: self.lender.to_vec(),
            borrower: self.borrower.to_vec(),
            asset: self.asset.to_vec(),
            scale: u32::from(self.scale.places()),
            terms: self.terms.iter().map(Wire::to_wire).collect(),
            rates: self.rates.iter().map(Wire::to_wire).collect(),
            prepayments: self.prepayments.iter().map(Wire::to_wire).collect(),
            as_of: Some(self.as_of.to_wire()),
            carried_out: self.carried_out,
            due: Some(self.due.to_wire()),
            paid: Some(self.paid.to_wire()),
            originator: self.originator.to_vec(),
            number: self.number.clone(),
            document: self.document.to_vec(),
            purpose: self.purpose.as_ref().map(PurposeId::to_vec).unwrap_or_default(),
        }
    }

    fn from_wire(message: wire::Loan) -> Result<Self, EncodingError> {
        plain_text(&message.number, 64, "loan.number")?;
        at_most(&message.terms, Self::TERMS_MAX, "loan.terms")?;
        at_most(&message.rates, Self::RATES_MAX, "loan.rates")?;
        at_most(&message.prepayments, Self::PREPAYMENTS_MAX, "loan.prepayments")?;
        let values: Vec<_> = message.terms.iter().flat_map(|term| &term.values).collect();
        at_most(&values, Self::VALUES_MAX, "loan.terms.values")?;
        let (terms, rates) = (all::<Term>(message.terms)?, all::<Rate>(message.rates)?);
        let prepayments = all::<Prepayment>(message.prepayments)?;
        ascending(&terms.iter().map(|term| term.name.as_str()).collect::<Vec<_>>(), "loan.terms")?;
        ascending(&rates.iter().map(|rate| rate.on).collect::<Vec<_>>(), "loan.rates")?;
        ascending(&prepayments.iter().map(|paid| paid.on).collect::<Vec<_>>(), "loan.prepayments")?;
        Ok(Self {
            loan: message.loan.as_slice().try_into()?,
            lender: message.lender.as_slice().try_into()?,
            borrower: message.borrower.as_slice().try_into()?,
            asset: message.asset.as_slice().try_into()?,
            scale: scale(message.scale, "loan.scale")?,
            terms,
            rates,
            prepayments,
            as_of: Date::from_wire(required(message.as_of, "loan.as_of")?)?,
            carried_out: message.carried_out,
            due: Parts::from_wire(required(message.due, "loan.due")?)?,
            paid: Parts::from_wire(required(message.paid, "loan.paid")?)?,
            originator: message.originator.as_slice().try_into()?,
            number: message.number,
            document: message.document.as_slice().try_into()?,
            purpose: (!message.purpose.is_empty()).then(|| message.purpose.as_slice().try_into()).transpose()?,
        })
    }
}

impl Wire for Term {
    type Message = wire::LoanTerm;

    fn to_wire(&self) -> wire::LoanTerm {
        wire::LoanTerm { name: self.name.clone(), values: self.values.clone() }
    }

    fn from_wire(message: wire::LoanTerm) -> Result<Self, EncodingError> {
        let wire::LoanTerm { name, values } = message;
        plain_text(&name, Self::BYTES_MAX, "term.name")?;
        values.iter().try_for_each(|value| plain_text(value, Self::BYTES_MAX, "term.values"))?;
        Ok(Self { name, values })
    }
}

impl Wire for Rate {
    type Message = wire::LoanRate;

    fn to_wire(&self) -> wire::LoanRate {
        let (value, scale) = self.value.map_or((0, 0), |(value, scale)| (value.minor(), u32::from(scale.places())));
        wire::LoanRate { on: Some(self.on.to_wire()), value, scale }
    }

    fn from_wire(message: wire::LoanRate) -> Result<Self, EncodingError> {
        let on = Date::from_wire(required(message.on, "rate.on")?)?;
        // A price is over zero, so zero is none, and then nothing has decimal places.
        let (value, scale) = (amount(message.value, "rate.value")?, scale(message.scale, "rate.scale")?);
        if value.is_zero() && scale.places() != 0 {
            return Err(EncodingError::OutOfRange { field: "rate.scale" });
        }
        Ok(Self { on, value: (!value.is_zero()).then_some((value, scale)) })
    }
}

impl Wire for Prepayment {
    type Message = wire::LoanPrepayment;

    fn to_wire(&self) -> wire::LoanPrepayment {
        wire::LoanPrepayment { on: Some(self.on.to_wire()), amount: self.amount.minor() }
    }

    fn from_wire(message: wire::LoanPrepayment) -> Result<Self, EncodingError> {
        let on = Date::from_wire(required(message.on, "prepayment.on")?)?;
        Ok(Self { on, amount: amount(message.amount, "prepayment.amount")? })
    }
}

impl Wire for Parts {
    type Message = wire::LoanParts;

    fn to_wire(&self) -> wire::LoanParts {
        let [fees, interest, principal] = self.in_order().map(Amount::minor);
        wire::LoanParts { fees, interest, principal }
    }

    fn from_wire(message: wire::LoanParts) -> Result<Self, EncodingError> {
        let parts = Self {
            fees: amount(message.fees, "parts.fees")?,
            interest: amount(message.interest, "parts.interest")?,
            principal: amount(message.principal, "parts.principal")?,
        };
        parts.total().map_err(|_| EncodingError::OutOfRange { field: "parts" })?;
        Ok(parts)
    }
}
