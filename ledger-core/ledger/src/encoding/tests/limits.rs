//! Every bound of a decoder: the largest that it reads, and one past that, refused with its code.

use prost::Message;

use super::samples::{Chance, sound_message};
use super::schema::Schema;
use super::*;
use crate::contract::{loan, netting_round, obligation, pledge, price, purpose, title, token, trade_note};
use crate::disclosure::Disclosure;
use crate::*;

const TOO_MANY: &str = "ENCODING_TOO_MANY";
const TOO_LONG: &str = "ENCODING_TOO_LONG";
const OUT_OF_RANGE: &str = "ENCODING_OUT_OF_RANGE";
const LENGTH: &str = "ENCODING_LENGTH";

/// A sound message of a type.
fn sound<M: Message + Default>() -> M {
    let name = std::any::type_name::<M>().rsplit("::").next().unwrap();
    let bytes = sound_message(&Schema::published(), name, &mut Chance::new(&[1; 2_000]));
    M::decode(bytes.as_slice()).unwrap()
}

/// Sets something of a sound message to a number, which is read, and to another, which is refused.
fn check<T: Wire>(set: impl Fn(&mut T::Message, usize), at: usize, past: usize, code: &str) {
    let read = |number| {
        let mut message = sound::<T::Message>();
        set(&mut message, number);
        decode::<T>(&message.encode_to_vec()).map(|_| ()).map_err(|error| error.code())
    };
    let name = std::any::type_name::<T>();
    assert_eq!(read(at), Ok(()), "{name} at {at}");
    assert_eq!(read(past), Err(code), "{name} at {past}");
}

/// At the bound, and one past it.
fn most<T: Wire>(set: impl Fn(&mut T::Message, usize), bound: usize, code: &str) {
    check::<T>(set, bound, bound + 1, code);
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

/// Ids in ascending order.
fn ids(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| [vec![0; 24], (number as u64).to_be_bytes().to_vec()].concat()).collect()
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:04}")).collect()
}

/// Amounts end at `i64::MAX`.
fn amount<T: Wire>(set: impl Fn(&mut T::Message, u64)) {
    most::<T>(|message, minor| set(message, minor as u64), i64::MAX as usize, OUT_OF_RANGE);
}

#[test]
fn policies_and_authorities_are_bounded() {
    let key = || Some(wire::Policy { kind: Some(wire::policy::Kind::Key(vec![1; 32])) });
    let member = || wire::Member { weight: 1, group: 0, policy: key() };
    let threshold = |count| wire::Threshold { need: 1, of: (0..count).map(|_| member()).collect() };
    most::<Policy>(|m, n| m.kind = Some(wire::policy::Kind::Threshold(threshold(n))), 64, TOO_MANY);
    check::<Policy>(|m, n| m.kind = Some(wire::policy::Kind::Key(vec![1; n])), 32, 33, LENGTH);
    let rule = |commands| wire::Rule { commands, policy: key(), ..Default::default() };
    most::<Authority>(|m, n| m.rules = vec![rule(texts(1)); n], 32, TOO_MANY);
    most::<Authority>(|m, n| m.rules = vec![rule(texts(n))], 32, TOO_MANY);
    most::<Authority>(|m, n| m.rules = vec![rule(vec![text(n)])], 128, TOO_LONG);
    amount::<Authority>(|m, n| m.rules = vec![wire::Rule { amount_up_to: Some(n), ..rule(texts(1)) }]);
}

#[test]
fn parties_are_bounded() {
    most::<PartyRecord>(|m, n| m.controller = text(n), 128, TOO_LONG);
    most::<PartyRecord>(|m, n| m.roles = texts(n), 16, TOO_MANY);
    most::<PartyRecord>(|m, n| m.roles = vec![text(n)], 32, TOO_LONG);
    check::<PartyRecord>(|m, n| m.nonce = vec![1; n], 16, 17, LENGTH);
    check::<PartyRecord>(|m, n| m.nonce = vec![1; n], 16, 15, LENGTH);
    check::<PartyRecord>(|m, n| m.encryption_key = vec![1; n], 32, 33, LENGTH);
    check::<PartyRecord>(|m, n| m.encryption_key = vec![1; n], 0, 31, LENGTH);
    most::<party::Permissions>(|m, n| m.permissions = (1..=n as i32).collect(), 7, OUT_OF_RANGE);
}

#[test]
fn states_and_locks_are_bounded() {
    let lock = |rank| wire::Lock { kind: 1, locker: vec![1; 32], context: vec![1; 32], rank, ..Default::default() };
    most::<State>(|m, n| m.participants = ids(n), State::PARTICIPANTS_MAX, TOO_MANY);
    most::<State>(|m, n| m.locks = (1..=n as u32).map(lock).collect(), Lock::PER_STATE_MAX, TOO_MANY);
    most::<State>(|m, n| m.kind = text(n), 32, TOO_LONG);
    most::<State>(|m, n| m.contract = format!("{}@1", text(n)), 64, OUT_OF_RANGE);
    most::<State>(|m, n| m.data = vec![1; n], State::DATA_BYTES_MAX, TOO_LONG);
    check::<Lock>(|m, n| m.rank = n as u32, 1, 0, OUT_OF_RANGE);
    amount::<Lock>(|m, n| m.amount = Some(n));
    let days = |m: &mut wire::Date, n: usize| m.days = n as i32;
    most::<Date>(days, 2_932_896, OUT_OF_RANGE);
    check::<Date>(|m, n| m.days = -(n as i32), 719_162, 719_163, OUT_OF_RANGE);
}

/// A transaction whose components of one kind are these.
fn with_components(message: &mut wire::Transaction, kind: wire::ComponentKind, bodies: Vec<Vec<u8>>) {
    let kind = i32::from(kind);
    message.components.retain(|component| component.kind < kind.min(7));
    message.components.extend(bodies.into_iter().map(|body| wire::Component { kind, body }));
}

#[test]
fn lists_of_transactions_are_bounded() {
    use wire::ComponentKind as Kind;
    let state = |number: usize| wire::StateRef { transaction: vec![1; 32], index: number as u32 };
    let each = |count: usize, body: &dyn Fn(usize) -> Vec<u8>| (0..count).map(body).collect::<Vec<_>>();
    let list = |kind, bound, body: &dyn Fn(usize) -> Vec<u8>| {
        most::<Transaction>(|m, n| with_components(m, kind, each(n, body)), bound, TOO_MANY);
    };
    list(Kind::Input, 256, &|n| state(n).encode_to_vec());
    list(Kind::Reference, 64, &|n| wire::Reference { state: Some(state(n)), kind: 1 }.encode_to_vec());
    list(Kind::Output, 256, &|_| sound::<wire::State>().encode_to_vec());
    list(Kind::Command, 16, &|_| sound::<wire::Command>().encode_to_vec());
    list(Kind::Attachment, 64, &|_| vec![1; 32]);
    list(Kind::Claim, 512, &|n| {
        wire::Claim { key: vec![1; 32], output: n as u32, kind: 1, ..Default::default() }.encode_to_vec()
    });
    let metadata = |key: String, value: String| wire::Metadata { key, value }.encode_to_vec();
    list(Kind::Metadata, 16, &|n| metadata(format!("{n:04}"), String::new()));
    let one = |m: &mut wire::Transaction, body| with_components(m, Kind::Metadata, vec![body]);
    most::<Transaction>(|m, n| one(m, metadata(text(n), text(1))), 64, TOO_LONG);
    most::<Transaction>(|m, n| one(m, metadata(text(1), text(n))), 1_024, TOO_LONG);
    most::<Command>(|m, n| m.name = text(n), 32, TOO_LONG);
    most::<Command>(|m, n| m.arguments = vec![1; n], State::DATA_BYTES_MAX, TOO_LONG);
}

#[test]
fn signatures_and_bytes_of_transactions_are_bounded() {
    let signature = |party: Vec<u8>| wire::PartySignature { party, key: vec![1; 32], signature: vec![1; 64] };
    let signed = |m: &mut wire::SignedTransaction, n| m.signatures = ids(n).into_iter().map(signature).collect();
    most::<SignedTransaction>(signed, SignedTransaction::SIGNATURES_MAX, TOO_MANY);
    // Outputs of nearly 64 kB, the last one so long that the whole has just so many bytes.
    let of_bytes = |m: &mut wire::Transaction, bytes: usize| {
        let state = |data| wire::State { data: vec![1; data], ..sound() }.encode_to_vec();
        let fill = |last| [vec![state(60_000); 17], vec![state(last)]].concat();
        with_components(m, wire::ComponentKind::Output, fill(20_000));
        let short = bytes - m.encoded_len();
        with_components(m, wire::ComponentKind::Output, fill(20_000 + short));
        assert_eq!(m.encoded_len(), bytes);
    };
    most::<Transaction>(of_bytes, 1 << 20, TOO_LONG);
}

#[test]
fn chains_blocks_and_proofs_are_bounded() {
    most::<Genesis>(|m, n| m.name = text(n), 128, TOO_LONG);
    let contracts = |n: usize| texts(n).into_iter().map(|name| format!("{name}@1")).collect();
    most::<Genesis>(|m, n| m.contracts = contracts(n), 1_024, TOO_MANY);
    most::<Block>(|m, n| m.transactions = vec![Vec::new(); n], Block::TRANSACTIONS_MAX, TOO_MANY);
    most::<InclusionProof>(|m, n| m.path = ids(n), 32, TOO_MANY);
    most::<Disclosure>(|m, n| m.path = ids(n), 32, TOO_MANY);
    most::<Disclosure>(|m, n| m.hidden = ids(n), 1_190, TOO_MANY);
    most::<Disclosure>(|m, n| m.components = vec![Default::default(); n], 1_190, TOO_MANY);
}

#[test]
fn tokens_and_titles_are_bounded() {
    most::<token::TokenDefinition>(|m, n| m.title = text(n), 128, TOO_LONG);
    most::<token::TokenDefinition>(|m, n| m.unit = text(n), 16, TOO_LONG);
    most::<token::TokenDefinition>(|m, n| m.backing = text(n), 256, TOO_LONG);
    most::<token::TokenDefinition>(|m, n| m.scale = n as u32, 9, OUT_OF_RANGE);
    amount::<token::TokenDefinition>(|m, n| m.supply_max = n);
    let listed = |m: &mut wire::TransferPolicy, n| {
        m.kind = Some(wire::transfer_policy::Kind::Listed(wire::ListedParties { parties: ids(n) }));
    };
    most::<token::TransferPolicy>(listed, token::TransferPolicy::LISTED_MAX, TOO_MANY);
    check::<token::TransferPolicy>(listed, 1, 0, "ENCODING_FIELD_MISSING");
    most::<token::Attestation>(|m, n| m.reference = text(n), 128, TOO_LONG);
    amount::<token::Attestation>(|m, n| m.amount = n);
    most::<title::Title>(|m, n| m.number = text(n), 64, TOO_LONG);
    most::<title::Title>(|m, n| m.unit = text(n), 16, TOO_LONG);
    amount::<title::Title>(|m, n| m.quantity = n);
}

#[test]
fn pledges_and_purposes_are_bounded() {
    most::<pledge::Pledge>(|m, n| m.number = text(n), 64, TOO_LONG);
    most::<pledge::Pledge>(|m, n| m.unit = text(n), 16, TOO_LONG);
    amount::<pledge::Pledge>(|m, n| m.quantity = n);
    amount::<pledge::Pledge>(|m, n| m.secured_maximum = n);
    let pledged = |number: String| wire::PledgedTitle { title: vec![1; 32], number, quantity: 1 };
    let cover = |titles| Some(wire::PledgeCover { titles, pledged: 9, released: 1, ..Default::default() });
    most::<pledge::Cover>(|m, n| m.cover = cover(vec![pledged(text(1)); n]), pledge::Cover::TITLES_MAX, TOO_MANY);
    most::<pledge::Cover>(|m, n| m.cover = cover(vec![pledged(text(n))]), 64, TOO_LONG);
    most::<purpose::PurposeTerms>(|m, n| m.borrower_controller = text(n), 128, TOO_LONG);
    most::<purpose::PurposeTerms>(|m, n| m.payee_role = text(n), 32, TOO_LONG);
    most::<purpose::PurposeTerms>(|m, n| m.codes = texts(n), purpose::PurposeTerms::CODES_MAX, TOO_MANY);
    most::<purpose::PurposeTerms>(|m, n| m.codes = vec![text(n)], 32, TOO_LONG);
    let payee = |party| wire::PurposePayee { party, ..Default::default() };
    let payees = |n| ids(n).into_iter().map(payee).collect();
    most::<purpose::PurposeTerms>(|m, n| m.payees = payees(n), purpose::PurposeTerms::PAYEES_MAX, TOO_MANY);
    amount::<purpose::PurposeTerms>(|m, n| m.cap = n);
    amount::<purpose::PurposeTerms>(|m, n| m.payee_role_cap = Some(n));
    most::<purpose::Payee>(|m, n| m.controller = text(n), 128, TOO_LONG);
    amount::<purpose::Payee>(|m, n| m.cap = Some(n));
    let spent =
        |n| ids(n).into_iter().map(|party| wire::PurposeSpent { party, amount: 1, ..Default::default() }).collect();
    most::<purpose::Purpose>(|m, n| m.spent = spent(n), purpose::Purpose::SPENT_MAX, TOO_MANY);
    amount::<purpose::Purpose>(|m, n| m.disbursed = n);
    amount::<purpose::Purpose>(|m, n| m.returned = n);
    most::<purpose::Spend>(|m, n| m.code = text(n), 32, TOO_LONG);
    most::<purpose::Spend>(|m, n| m.document = text(n), purpose::Spend::DOCUMENT_BYTES_MAX, TOO_LONG);
    amount::<purpose::Spend>(|m, n| m.amount = n);
    amount::<purpose::Spend>(|m, n| m.refunded = n);
}

#[test]
fn prices_and_debts_are_bounded() {
    most::<price::PriceFeed>(|m, n| m.code = text(n), 16, TOO_LONG);
    most::<price::PriceFeed>(|m, n| m.currency = text(n), 16, TOO_LONG);
    most::<price::PriceFeed>(|m, n| m.unit = text(n), 16, TOO_LONG);
    most::<price::PriceFeed>(|m, n| m.scale = n as u32, 9, OUT_OF_RANGE);
    most::<price::PriceFeed>(|m, n| m.publishers = ids(n), price::PUBLISHERS_MAX, TOO_MANY);
    amount::<price::PriceFeed>(|m, n| m.last = Some(wire::PricePoint { value: n, time_ms: 1 }));
    most::<price::Price>(|m, n| m.currency = text(n), 16, TOO_LONG);
    most::<price::Price>(|m, n| m.scale = n as u32, 9, OUT_OF_RANGE);
    amount::<price::Price>(|m, n| m.value = n);
    most::<obligation::Obligation>(|m, n| m.number = text(n), 64, TOO_LONG);
    amount::<obligation::Obligation>(|m, n| m.amount = n);
    amount::<obligation::Obligation>(|m, n| m.outstanding = n);
    most::<trade_note::TradeNote>(|m, n| m.number = text(n), 64, TOO_LONG);
    most::<trade_note::TradeNote>(|m, n| m.files = ids(n), trade_note::TradeNote::FILES_MAX, TOO_MANY);
    amount::<trade_note::TradeNote>(|m, n| m.amount = n);
    amount::<trade_note::TradeNote>(|m, n| m.outstanding = n);
}

#[test]
fn loans_are_bounded() {
    let term = |name: usize, values| wire::LoanTerm { name: format!("{name:04}"), values };
    let day = |days: usize| Some(wire::Date { days: days as i32 });
    let rate = |on: usize| wire::LoanRate { on: day(on), value: 1, scale: 1 };
    let prepayment = |on: usize| wire::LoanPrepayment { on: day(on), amount: 1 };
    let parts = |fees, interest, principal| Some(wire::LoanParts { fees, interest, principal });
    most::<loan::Loan>(|m, n| m.number = text(n), 64, TOO_LONG);
    most::<loan::Loan>(|m, n| m.scale = n as u32, 9, OUT_OF_RANGE);
    most::<loan::Loan>(|m, n| m.terms = (0..n).map(|name| term(name, texts(1))).collect(), 64, TOO_MANY);
    most::<loan::Loan>(|m, n| m.terms = vec![term(0, texts(100)), term(1, texts(n - 100))], 256, TOO_MANY);
    most::<loan::Loan>(|m, n| m.terms = vec![wire::LoanTerm { name: text(n), values: texts(1) }], 64, TOO_LONG);
    most::<loan::Loan>(|m, n| m.terms = vec![term(0, vec![text(n)])], 64, TOO_LONG);
    most::<loan::Loan>(|m, n| m.rates = (0..n).map(rate).collect(), 256, TOO_MANY);
    most::<loan::Loan>(|m, n| m.rates = vec![wire::LoanRate { scale: n as u32, ..rate(1) }], 9, OUT_OF_RANGE);
    amount::<loan::Loan>(|m, value| m.rates = vec![wire::LoanRate { value, ..rate(1) }]);
    most::<loan::Loan>(|m, n| m.rates = vec![wire::LoanRate { value: 0, scale: n as u32, ..rate(1) }], 0, OUT_OF_RANGE);
    most::<loan::Loan>(|m, n| m.prepayments = (0..n).map(prepayment).collect(), 128, TOO_MANY);
    amount::<loan::Loan>(|m, amount| m.prepayments = vec![wire::LoanPrepayment { amount, ..prepayment(1) }]);
    for place in 0..3 {
        let due = |n| [0, 1, 2].map(|part| if part == place { n } else { 0 });
        amount::<loan::Loan>(|m, n| m.due = parts(due(n)[0], due(n)[1], due(n)[2]));
        amount::<loan::Loan>(|m, n| m.paid = parts(due(n)[0], due(n)[1], due(n)[2]));
    }
    amount::<loan::Loan>(|m, n| m.due = parts(1, 1, n.saturating_sub(2)));
    for (names, code) in [([0, 1], None), ([1, 0], Some("ENCODING_UNORDERED")), ([1, 1], Some("ENCODING_UNORDERED"))] {
        let set: [fn(&mut wire::Loan, [usize; 2]); 3] = [
            |m, of| m.terms = of.map(|name| wire::LoanTerm { name: format!("{name}"), values: vec![] }).to_vec(),
            |m, of| {
                m.rates = of
                    .map(|on| wire::LoanRate { on: Some(wire::Date { days: on as i32 }), value: 1, scale: 1 })
                    .to_vec()
            },
            |m, of| {
                let on = |on| Some(wire::Date { days: on as i32 });
                m.prepayments = of.map(|day| wire::LoanPrepayment { on: on(day), amount: 1 }).to_vec();
            },
        ];
        for set in set {
            let mut message = sound::<wire::Loan>();
            set(&mut message, names);
            let read = decode::<loan::Loan>(&message.encode_to_vec()).err().map(|error| error.code());
            assert_eq!(read, code, "{names:?}");
        }
    }
}

#[test]
fn netting_rounds_are_bounded() {
    use wire::netting_round::Phase;
    let checking = |cleared, checked_cleared| {
        let (joined, result, balance) = (vec![1; 32], vec![2; 32], vec![3; 32]);
        wire::NettingRoundChecking { joined, result, cleared, checked_rows: 1, checked_cleared, balance }
    };
    let gathering = |peaks| Some(Phase::Gathering(wire::NettingRoundGathering { peaks }));
    most::<netting_round::NettingRound>(|m, n| m.algorithm = text(n), 64, TOO_LONG);
    most::<netting_round::NettingRound>(|m, n| m.phase = gathering(ids(n)), crate::merkle::PATH_MAX, TOO_MANY);
    amount::<netting_round::NettingRound>(|m, n| m.gross = n);
    amount::<netting_round::NettingRound>(|m, n| m.phase = Some(Phase::Checking(checking(n, 1))));
    amount::<netting_round::NettingRound>(|m, n| m.phase = Some(Phase::Checking(checking(1, n))));
    let committed = |cleared| wire::NettingRoundCommitted { result: vec![1; 32], cleared };
    amount::<netting_round::NettingRound>(|m, n| m.phase = Some(Phase::Committed(committed(n))));
}

#[test]
fn journals_in_archives_are_bounded() {
    use archive::{ArchivedEntry, ArchivedJournal, ArchivedReader};
    let entry = sound::<wire::ArchiveJournalEntry>;
    most::<ArchivedJournal>(|m, n| m.entries = vec![entry(); n], ArchivedJournal::ENTRIES_MAX, TOO_MANY);
    check::<ArchivedJournal>(|m, n| m.entries.truncate(n), 1, 0, "ENCODING_FIELD_MISSING");
    most::<ArchivedEntry>(|m, n| m.sealed = vec![7; n], ArchivedEntry::SEALED_BYTES_MAX, TOO_LONG);
    let reader = sound::<wire::ArchiveJournalReader>;
    most::<ArchivedEntry>(|m, n| m.readers = vec![reader(); n], ArchivedEntry::READERS_MAX, TOO_MANY);
    most::<ArchivedReader>(|m, n| m.sealed_key = vec![7; n], ArchivedReader::SEALED_KEY_BYTES_MAX, TOO_LONG);
    check::<ArchivedReader>(|m, n| m.encryption_key = vec![7; n], 32, 31, LENGTH);
}
