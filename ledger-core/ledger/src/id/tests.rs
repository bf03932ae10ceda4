use super::*;

#[test]
fn addresses_are_bech32m_and_read_back() {
    let address = Address::from_bytes([7; 32]);
    let text = address.to_string();
    assert!(text.starts_with("hc1"));
    assert_eq!(text.parse::<Address>(), Ok(address));
    assert_eq!(address.short().chars().count(), 12);
}

#[test]
fn damaged_addresses_are_refused() {
    let text = Address::from_bytes([7; 32]).to_string();
    let other_part = bech32::encode::<Bech32m>(Hrp::parse_unchecked("bc"), &[7; 32]).unwrap();
    let other_checksum = bech32::encode::<bech32::Bech32>(Hrp::parse_unchecked("hc"), &[7; 32]).unwrap();
    let short = bech32::encode::<Bech32m>(Hrp::parse_unchecked("hc"), &[7; 31]).unwrap();
    let damaged = text.replace(&text[10..11], if &text[10..11] == "q" { "p" } else { "q" });
    for refused in [text.to_uppercase(), other_part, other_checksum, short, damaged, String::new()] {
        assert!(refused.parse::<Address>().is_err(), "{refused}");
    }
}

#[test]
fn references_and_contracts_have_one_text_form() {
    let reference = StateRef { transaction: TransactionId::from_bytes([3; 32]), index: 12 };
    assert_eq!(reference.to_string().parse::<StateRef>(), Ok(reference));
    assert!(reference.to_string().replace(":12", ":012").parse::<StateRef>().is_err());
    assert!(reference.to_string().replace("03", "0G").parse::<StateRef>().is_err());
    assert_eq!("token@1".parse::<ContractId>().unwrap().to_string(), "token@1");
    for refused in ["token", "token@0", "token@01", "Token@1", "@1", "token@", "to ken@1"] {
        assert!(refused.parse::<ContractId>().is_err(), "{refused}");
    }
}

#[test]
fn built_in_contracts_are_those_named() {
    let ids: Vec<_> = contract::ContractSet::built_in().ids();
    assert_eq!(ids, contract::BUILT_IN.map(|(name, _)| ContractId::built_in(name)));
}
