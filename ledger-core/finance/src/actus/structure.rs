//! What a combined contract refers to: the contracts it covers, and what covers them.

use super::choice::{ContractType, choices, unknown};
use super::error::ActusError;
use super::terms::{Term, Terms};
use super::value::{Value, inside};

choices! {
    /// What a reference names.
    ReferenceType {
        /// A contract with its terms.
        Contract = "CNT",
        /// A contract by its identifier.
        ContractIdentifier = "CID",
        /// A market object by its code.
        MarketObject = "MOC",
    }
    /// What the object is in the combined contract.
    ReferenceRole {
        /// Covered.
        Covered = "COVE",
        /// Covering.
        Covering = "COVI",
    }
}

/// A reference to what a combined contract is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Its terms: all of a contract's, or an identifier or a code alone.
    pub object: Terms,
    /// What it names.
    pub kind: ReferenceType,
    /// What it is in the combined contract.
    pub role: ReferenceRole,
}

impl Term for Reference {
    fn read(value: &Value, path: &str) -> Result<Self, ActusError> {
        let (mut object, mut kind, mut role) = (None, None, None);
        for (name, value) in value.fields(path)? {
            let at = inside(path, name);
            match name.as_str() {
                "object" => object = Some(part(value, &at)?),
                "referenceType" => kind = Some(ReferenceType::read(value, &at)?),
                "referenceRole" => role = Some(ReferenceRole::read(value, &at)?),
                _ => return Err(ActusError::NameUnknown { path: at }),
            }
        }
        let missing =
            |name| ActusError::Missing { path: inside(path, name), why: "a reference has object, type and role" };
        let object = object.ok_or_else(|| missing("object"))?;
        let kind = kind.ok_or_else(|| missing("referenceType"))?;
        let role = role.ok_or_else(|| missing("referenceRole"))?;
        let at = inside(path, "object");
        let needs = |name, why| ActusError::Missing { path: inside(&at, name), why };
        match kind {
            ReferenceType::Contract => {
                let contract = object.contract_type.ok_or_else(|| needs("contractType", "a contract has one"))?;
                let is_cover = role == ReferenceRole::Covering && contract == ContractType::Com;
                if matches!(contract, ContractType::Ceg | ContractType::Cec | ContractType::Com) && !is_cover {
                    return Err(ActusError::Nested { path: at });
                }
            }
            ReferenceType::ContractIdentifier if object.contract_id.is_none() => {
                return Err(needs("contractIdentifier", "the reference is to a contract by its identifier"));
            }
            ReferenceType::MarketObject if object.market_object_code.is_none() => {
                return Err(needs("marketObjectCode", "the reference is to a market object"));
            }
            ReferenceType::ContractIdentifier | ReferenceType::MarketObject => {}
        }
        Ok(Self { object, kind, role })
    }
}

/// The terms of a part, which has no parts itself; asked before they are read, so that no depth is ever entered.
fn part(object: &Value, path: &str) -> Result<Terms, ActusError> {
    let has_parts = object.fields(path)?.iter().any(|(name, _)| name == "contractStructure");
    if has_parts { Err(ActusError::Nested { path: path.to_owned() }) } else { Terms::read_at(object, path) }
}
