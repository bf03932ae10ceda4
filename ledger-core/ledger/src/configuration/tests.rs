use super::*;
use crate::Coded;
use crate::encoding::decode;

fn sound() -> Configuration {
    let contracts = vec!["chain@1".parse().unwrap(), "party@1".parse().unwrap(), "party@2".parse().unwrap()];
    Configuration { version: 7, name: "harbour".to_owned(), bounds: Bounds::default(), contracts }
}

#[test]
fn each_bound_holds_at_its_ends_and_not_past_them() {
    let check = |change: fn(&mut Bounds, u32), inside: [u32; 2], outside: [u32; 2]| {
        let validated = |value: u32| {
            let mut configuration = sound();
            change(&mut configuration.bounds, value);
            configuration.validate().map_err(|error| error.code())
        };
        for value in inside {
            assert_eq!(validated(value), Ok(()), "{value}");
        }
        for value in outside {
            assert_eq!(validated(value), Err("CONFIGURATION_BOUND"), "{value}");
        }
    };
    check(|bounds, value| bounds.block_transactions_max = value, [1, 100_000], [0, 100_001]);
    check(|bounds, value| bounds.block_bytes_max = value, [65_536, 64 << 20], [65_535, (64 << 20) + 1]);
    check(|bounds, value| bounds.block_interval_ms = value, [1, 600_000], [0, 600_001]);
    check(|bounds, value| bounds.journal_interval_ms = value, [1, 86_400_000], [0, 86_400_001]);
}

#[test]
fn a_configuration_reads_back_and_its_contracts_ascend() {
    let configuration = sound();
    assert_eq!(decode::<Configuration>(&encode(&configuration)), Ok(configuration.clone()));
    let mut unordered = configuration.clone();
    unordered.contracts.reverse();
    assert!(decode::<Configuration>(&encode(&unordered)).is_err());
    let long = Configuration { name: "n".repeat(129), ..configuration.clone() };
    assert!(decode::<Configuration>(&encode(&long)).is_err());
    assert!(configuration.enables(&"party@2".parse().unwrap()) && !configuration.enables(&"chain@2".parse().unwrap()));
}

#[test]
fn everything_in_it_reaches_the_hash() {
    let configuration = sound();
    let changed = [
        Configuration { version: 8, ..configuration.clone() },
        Configuration { name: "port".to_owned(), ..configuration.clone() },
        Configuration { bounds: Bounds { block_interval_ms: 999, ..Bounds::default() }, ..configuration.clone() },
        Configuration { contracts: Vec::new(), ..configuration.clone() },
    ];
    for other in changed {
        assert_ne!(other.parameters_hash(), configuration.parameters_hash());
    }
}
