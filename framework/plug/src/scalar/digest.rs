//! Bytes, hashes and addresses.

use std::str::FromStr;

use ledger_core::{Address, Digest};

use super::Text;

/// Bytes of any length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

/// A 32-byte hash or id of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

/// A party's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartyAddress(pub Address);

impl From<Address> for PartyAddress {
    fn from(address: Address) -> Self {
        Self(address)
    }
}

impl Text for Hex {
    fn read(text: &str) -> Result<Self, String> {
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = hex::decode(text).ok().filter(|_| is_lower);
        bytes.map(Self).ok_or_else(|| "write bytes as an even number of digits 0-9 and a-f".to_owned())
    }

    fn write(&self) -> String {
        hex::encode(&self.0)
    }
}

impl Text for Hash {
    fn read(text: &str) -> Result<Self, String> {
        let digest = Digest::from_str(text).map_err(|_| "write 64 digits 0-9 and a-f".to_owned())?;
        Ok(Self(*digest.as_bytes()))
    }

    fn write(&self) -> String {
        hex::encode(self.0)
    }
}

impl Text for PartyAddress {
    fn read(text: &str) -> Result<Self, String> {
        let refused = || "an address is bech32m text that begins with hc1; copy it whole".to_owned();
        Address::from_str(text).map(Self).map_err(|_| refused())
    }

    fn write(&self) -> String {
        self.0.to_string()
    }
}
