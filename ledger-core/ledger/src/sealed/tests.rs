use prost::Message;

use super::*;
use crate::contract::trade_note::{self, DISPUTE_REASON};
use crate::disclosure::{Disclosure, Selection};
use crate::encoding::{decode, encode};
use crate::fixture::*;
use crate::{Amount, Coded, ContractId, InclusionProof, StateRef, TradeNoteId};

fn opening(salt: u8, value: &str) -> Opening {
    Opening::new([salt; 32], DISPUTE_REASON, value.as_bytes()).unwrap()
}

#[test]
fn its_own_opening_opens_a_field_and_no_other_does() {
    let good = opening(1, "3 t short");
    let sealed = good.sealed();
    assert_eq!(sealed.open(DISPUTE_REASON, &good), Ok(b"3 t short".as_slice()));
    let read: Opening = decode(&encode(&good)).unwrap();
    assert_eq!(sealed.open(DISPUTE_REASON, &read), Ok(b"3 t short".as_slice()));
    let other_label = Opening::new([1; 32], "party/telephone", b"3 t short").unwrap();
    let code = |opening: &Opening| sealed.open(DISPUTE_REASON, opening).err().map(|error| error.code());
    assert_eq!(code(&opening(2, "3 t short")), Some("SEALED_DIFFERS"));
    assert_eq!(code(&opening(1, "4 t short")), Some("SEALED_DIFFERS"));
    assert_eq!(code(&other_label), Some("SEALED_OTHER_FIELD"));
    let relabelled = other_label.sealed();
    assert_ne!(relabelled, sealed);
}

/// Of a telephone number's last digit, ten values are possible: without the salt none of them fits better than another.
#[test]
fn few_possible_values_cannot_be_guessed_without_the_salt() {
    let sealed = opening(9, "7").sealed();
    let guesses = |salt: u8| (0..10).map(move |digit: u8| opening(salt, &digit.to_string()).sealed());
    assert!((0..9).all(|salt| guesses(salt).all(|guess| guess != sealed)));
    assert_eq!(guesses(9).position(|guess| guess == sealed), Some(7), "the salt is what keeps it secret");
}

#[test]
fn one_value_under_two_salts_has_two_commitments() {
    assert_ne!(opening(1, "late").sealed(), opening(2, "late").sealed());
    // Borders between the parts count: what leaves the label does not enter the value.
    let moved = |label, value: &[u8]| Opening::new([1; 32], label, value).unwrap().sealed();
    assert_ne!(moved("ab", b"c"), moved("a", b"bc"));
}

#[test]
fn openings_are_bounded_and_keep_out_of_logs() {
    let code = |label: &str, bytes: usize| {
        Opening::new([1; 32], label, &vec![1; bytes]).map(|_| ()).map_err(|error| error.code())
    };
    let longest = "l".repeat(Opening::LABEL_BYTES_MAX);
    assert_eq!(code(&longest, Opening::VALUE_BYTES_MAX), Ok(()));
    assert_eq!(code(&format!("{longest}l"), 0), Err("ENCODING_TOO_LONG"));
    assert_eq!(code("", 1), Err("ENCODING_FIELD_MISSING"));
    assert_eq!(code("a\nb", 1), Err("ENCODING_OUT_OF_RANGE"));
    assert_eq!(code("a", Opening::VALUE_BYTES_MAX + 1), Err("ENCODING_TOO_LONG"));
    let short = wire::Opening { salt: vec![1; 31], label: "a".to_owned(), value: Vec::new() };
    assert_eq!(Opening::from_wire(short).map_err(|error| error.code()), Err("ENCODING_LENGTH"));
    let short = wire::Sealed { commitment: vec![1; 31] };
    assert_eq!(Sealed::from_wire(short).map_err(|error| error.code()), Err("ENCODING_LENGTH"));
    assert!(!format!("{:?}", opening(1, "secret")).contains("secret"));
}

/// The payer disputes a note; the proof of that transaction.
fn disputed(reason: &Opening) -> InclusionProof {
    let mut world = World::new();
    let builder = world.build(Supplier);
    let frame = builder.clone().build();
    let mut note = trade_note::TradeNote {
        note: TradeNoteId::derive(&frame.chain, &frame.command_id),
        payer: Depositor.address(),
        payee: Supplier.address(),
        asset: world.asset(),
        amount: Amount::from_minor(100).unwrap(),
        outstanding: Amount::from_minor(100).unwrap(),
        due_on: frame.effective_on,
        number: "JYD-1".to_owned(),
        files: Vec::new(),
        dispute: None,
    };
    let contract = ContractId::built_in(trade_note::NAME);
    let builder = builder.output(trade_note::note_state(&note));
    let builder = builder.command(contract.clone(), trade_note::ISSUE, &wire::TradeNoteIssue {});
    let issued = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
    let (by, sealed) = (Depositor.address(), reason.sealed());
    note.dispute = Some(trade_note::Dispute { by, reason: sealed });
    let command = wire::TradeNoteRaise { note: note.note.to_vec(), by: by.to_vec(), reason: Some(sealed.to_wire()) };
    let builder = world.build(Depositor).input(issued).output(trade_note::note_state(&note));
    let disputed = world.accept(builder.command(contract, trade_note::DISPUTE, &command), &[Depositor]);
    world.inclusion(disputed)
}

#[test]
fn a_disclosed_field_and_its_opening_prove_the_value() {
    let reason = opening(3, "12 t short of the weighbridge ticket");
    let proof = disputed(&reason);
    let text = encode(&proof.transaction.transaction);
    assert!(!text.windows(4).any(|window| window == b"12 t"), "the ledger holds the commitment alone");
    let records = crate::encoding::field_records(&proof.transaction.transaction.outputs[0].data).unwrap().len();
    let dispute = u32::try_from(records - 1).unwrap();
    let show = |field: u32| {
        let fields = [(0, [field].into())].into();
        let disclosure = Disclosure::of(&proof, &Selection { components: [].into(), fields }).unwrap();
        disclosure.verify().unwrap()
    };
    let output = show(dispute).components[0].place;
    let contract = format!("{}@1", trade_note::NAME);
    let within = SealedWithin::Output { contract, kind: proof.transaction.transaction.outputs[0].kind.clone() };
    assert_eq!(show(dispute).place_of_opening(&reason), Ok(SealedPlace { component: output, within }));
    let other = opening(4, "12 t short of the weighbridge ticket");
    assert_eq!(show(dispute).place_of_opening(&other).map_err(|error| error.code()), Err("SEALED_NOT_SHOWN"));
    assert_eq!(show(0).place_of_opening(&reason).map_err(|error| error.code()), Err("SEALED_NOT_SHOWN"));
}

/// The command shows the same commitment as the state.
#[test]
fn a_disclosed_command_shows_the_field_too() {
    let reason = opening(3, "moisture");
    let proof = disputed(&reason);
    let all: std::collections::BTreeSet<u32> = (0..u32::MAX)
        .take_while(|place| {
            Disclosure::of(&proof, &Selection { components: [*place].into(), fields: [].into() }).is_ok()
        })
        .collect();
    let holds = |place: &u32| {
        let selection = Selection { components: [*place].into(), fields: [].into() };
        Disclosure::of(&proof, &selection).unwrap().verify().unwrap().place_of_opening(&reason).is_ok()
    };
    assert_eq!(all.iter().filter(|place| holds(place)).count(), 2);
}

/// A stranger's bytes that equal a commitment say nothing of a sealed field, wherever they stand.
#[test]
fn equal_bytes_are_no_sealed_field() {
    let reason = opening(3, "moisture");
    let (sealed, proof) = (encode(&reason.sealed()), disputed(&opening(4, "other")));
    let selection = Selection { components: [0].into(), fields: [].into() };
    let disclosed = Disclosure::of(&proof, &selection).unwrap().verify().unwrap();
    let commitment = reason.sealed().commitment.to_vec();
    let record = |tag: u8, value: &[u8]| [&[tag, u8::try_from(value.len()).unwrap()], value].concat();
    let command = |arguments: Vec<u8>| {
        wire::Command { contract: "trade_note@1".to_owned(), name: "dispute".to_owned(), arguments }.encode_to_vec()
    };
    let shown = |kind: wire::ComponentKind, body: Vec<u8>| {
        let mut disclosed = disclosed.clone();
        disclosed.components[0].kind = kind.into();
        disclosed.components[0].content = Some(Content::Body(body));
        disclosed.place_of_opening(&reason).map(|place| place.within.to_string()).map_err(|error| error.code())
    };
    use wire::ComponentKind::{Attachment, Claim, Command, CommandId, Metadata};
    for kind in [CommandId, Attachment, Claim, Metadata] {
        assert_eq!(shown(kind, commitment.clone()), Err("SEALED_NOT_SHOWN"), "{kind:?}");
        assert_eq!(shown(kind, record(0x12, &sealed)), Err("SEALED_NOT_SHOWN"), "{kind:?}");
    }
    // Raw in a field, the whole of the arguments, in longer bytes, and in more messages than are looked into.
    let deep = (0..10).fold(record(0x12, &sealed), |inner, _| record(0x12, &inner));
    let longer = record(0x12, &[&sealed[..], b"more"].concat());
    for arguments in [record(0x12, &commitment), sealed.clone(), longer, deep, commitment.clone()] {
        assert_eq!(shown(Command, command(arguments)), Err("SEALED_NOT_SHOWN"));
    }
    for arguments in [record(0x12, &sealed), record(0x1a, &record(0x12, &sealed))] {
        assert_eq!(shown(Command, command(arguments)), Ok("the command dispute of trade_note@1".to_owned()));
    }
}
