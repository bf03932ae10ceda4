//! For tests: a lot, a receipt of it, and the transaction that issues it, ready to be spoilt.

use ledger_core::contract::title::{Title, title_state};
use ledger_core::{
    Address, Amount, Anchor, BlockHash, ChainId, CommandId, Contract, ContractError, Date, Digest, LedgerTransaction,
    ResolvedState, Scale, State, StateRef, TimeWindow, TitleId, TransactionFrame, TransactionId,
};

use crate::goods::model::{BasisPoints, Goods, MassKilograms, Price, Storage};
use crate::lot::model::{Lot, lot_state};
use crate::receipt::model::{Insurance, Receipt, TITLE_UNIT, receipt_state};
use crate::receipt::transaction::{LotBooking, issue};

pub(crate) const CHAIN: ChainId = ChainId::from_bytes([1; 32]);
pub(crate) const OPERATOR: Address = Address::from_bytes([2; 32]);
pub(crate) const DEPOSITOR: Address = Address::from_bytes([3; 32]);
pub(crate) const STRANGER: Address = Address::from_bytes([4; 32]);
pub(crate) const START_MS: u64 = 1_772_668_800_000;

pub(crate) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn mass(kilograms: u64) -> MassKilograms {
    MassKilograms::new(kilograms).unwrap()
}

pub(crate) fn goods() -> Goods {
    Goods {
        commodity: "coffee_arabica".to_owned(),
        hs_code: "090111".to_owned(),
        origin_country: "BR".to_owned(),
        origin_region: "Sul de Minas".to_owned(),
        crop_year: "2025/26".to_owned(),
        grade: "NY 2".to_owned(),
        screen: "17/18".to_owned(),
        processing: "natural".to_owned(),
        packaging: "jute bag".to_owned(),
        marks: "BR 0001 2025/26 NOS 1-160".to_owned(),
        moisture: BasisPoints(1_110),
        bag_kilograms: 60,
    }
}

/// 9,600 kg in 160 bags, nothing receipted yet.
pub(crate) fn lot() -> Lot {
    Lot {
        number: "BR-26-0001".to_owned(),
        operator: OPERATOR,
        depositor: DEPOSITOR,
        goods: goods(),
        storage: Storage { warehouse_code: "TBW-03".to_owned(), place: "bay D, stack 09".to_owned() },
        mass: mass(9_600),
        bags: 160,
        gross_mass: mass(9_620),
        inbound_date: date("2026-03-04"),
        receipted: MassKilograms::ZERO,
        receipted_bags: 0,
    }
}

/// For so many bags of the lot.
pub(crate) fn receipt(number: &str, bags: u32) -> Receipt {
    let price = |minor| Price {
        amount: Amount::from_minor(minor).unwrap(),
        scale: Scale::new(2).unwrap(),
        currency: "USD".to_owned(),
    };
    let lot = lot();
    Receipt {
        number: number.to_owned(),
        lot_number: lot.number,
        operator: OPERATOR,
        depositor: DEPOSITOR,
        depositor_commitment: Digest::from_bytes([7; 32]),
        goods: lot.goods,
        storage: lot.storage,
        mass: mass(u64::from(bags) * 60),
        bags,
        loss_standard: BasisPoints(50),
        inbound_date: lot.inbound_date,
        storage_until: date("2027-03-05"),
        storage_fee: price(345),
        insurance: Some(Insurance {
            insurer: "Blue Estuary Cargo Insurance Co., Ltd.".to_owned(),
            amount: price(4_890_000),
            from_date: date("2026-03-04"),
            until_date: date("2027-03-05"),
        }),
        issuer_name: "Tidewater Bay Bonded Warehouse Co., Ltd.".to_owned(),
        issue_place: "Yangpu, Hainan".to_owned(),
        issue_date: date("2026-03-05"),
    }
}

pub(crate) fn frame() -> TransactionFrame {
    TransactionFrame {
        chain: CHAIN,
        salt: [9; 32],
        submitter: OPERATOR,
        command_id: CommandId::derive(&CHAIN, &OPERATOR, "WR-1"),
        time_window: TimeWindow { from_ms: START_MS, until_ms: START_MS + 3_600_000 },
        effective_on: date("2026-03-05"),
        anchor: Anchor { height: 0, block: BlockHash::from_bytes(*CHAIN.as_bytes()) },
    }
}

pub(crate) fn resolved(state: State) -> ResolvedState {
    let reference = StateRef { transaction: TransactionId::from_bytes([5; 32]), index: 2 };
    ResolvedState { reference, state: state.into(), claims: Vec::new() }
}

/// The transaction that issues `receipt`; the lot comes in with it, or is `before` on the ledger.
pub(crate) fn issuing(before: Option<&Lot>, receipt: &Receipt) -> LedgerTransaction {
    let input = before.map(|lot| resolved(lot_state(lot).unwrap()));
    let booking = match (&input, before) {
        (Some(input), Some(before)) => LotBooking::Book(input.reference, before.clone()),
        _ => LotBooking::Store(lot()),
    };
    let transaction = issue(frame(), &booking, receipt).unwrap();
    let inputs = input.into_iter().collect();
    LedgerTransaction { id: TransactionId::default(), transaction, inputs, references: Vec::new() }
}

/// Places of the outputs of [`issuing`].
pub(crate) const TITLE_AT: usize = 0;
pub(crate) const RECEIPT_AT: usize = 1;
pub(crate) const LOT_AT: usize = 2;

/// Changes the receipt of [`issuing`].
pub(crate) fn with_receipt(mut issuing: LedgerTransaction, change: impl FnOnce(&mut Receipt)) -> LedgerTransaction {
    let state = &mut issuing.transaction.outputs[RECEIPT_AT];
    let mut receipt = crate::receipt::model::read_receipt(state).unwrap();
    change(&mut receipt);
    *state = receipt_state(&receipt).unwrap();
    issuing
}

/// Changes the lot of [`issuing`].
pub(crate) fn with_lot(mut issuing: LedgerTransaction, change: impl FnOnce(&mut Lot)) -> LedgerTransaction {
    let state = &mut issuing.transaction.outputs[LOT_AT];
    let mut lot = crate::lot::model::read_lot(state).unwrap();
    change(&mut lot);
    *state = lot_state(&lot).unwrap();
    issuing
}

/// Puts another title in its place.
pub(crate) fn with_title(
    mut issuing: LedgerTransaction,
    number: &str,
    kilograms: u64,
    unit: &str,
    holder: Address,
) -> LedgerTransaction {
    issuing.transaction.outputs[TITLE_AT] = title_state(&title(number, kilograms, unit), holder);
    issuing
}

pub(crate) fn title(number: &str, kilograms: u64, unit: &str) -> Title {
    Title {
        title: TitleId::derive(&CHAIN, &OPERATOR, number),
        custodian: OPERATOR,
        number: number.to_owned(),
        quantity: Amount::from_minor(kilograms).unwrap(),
        unit: unit.to_owned(),
    }
}

/// What a contract says: nothing, or its code.
pub(crate) fn code(contract: Result<(), ContractError>) -> Result<(), &'static str> {
    contract.map_err(|error| ledger_core::Coded::code(&error))
}

/// Verifies with one contract.
pub(crate) fn verified(contract: &dyn Contract, transaction: &LedgerTransaction) -> Result<(), &'static str> {
    code(contract.verify(transaction))
}
