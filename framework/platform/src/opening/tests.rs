use hive_chain::seal::{EncryptionKey, SealPurpose, seal_to};
use ledger_core::contract::trade_note::{self, DISPUTE_REASON, Dispute, TradeNote};
use ledger_core::encoding::{decode, encode};
use ledger_core::{AssetId, Coded, Contract, Date, Sealed, TradeNoteId, Wire, wire};

use super::*;
use crate::fixture::market::{Market, Member, amount, market};

const REASON: &str = "12 t short of the weighbridge ticket";

fn encryption_key() -> EncryptionKey {
    EncryptionKey::from_bytes(&[77; 32]).unwrap()
}

struct Disputed {
    market: Market,
    field: SealedField,
    state: StateRef,
    opening: Opening,
}

/// Bob is to be paid by alice under a note that alice disputes, for a reason between the two.
async fn disputed() -> Disputed {
    let market = market().await;
    let (alice, bob) = (market.alice, market.bob);
    let keys = [alice, bob].map(|member| (member.address, member.keys().remove(0)));
    let contract = trade_note::TradeNoteContract.id();
    let builder = market.builder(&market.chain, bob.address, "note");
    let frame = builder.clone().build();
    let mut note = TradeNote {
        note: TradeNoteId::derive(&frame.chain, &frame.command_id),
        payer: alice.address,
        payee: bob.address,
        asset: AssetId::from_bytes([4; 32]),
        amount: amount(100),
        outstanding: amount(100),
        due_on: Date::from_days(frame.effective_on.days() + 30).unwrap(),
        number: "JYD-1".to_owned(),
        files: Vec::new(),
        dispute: None,
    };
    let builder = builder.output(trade_note::note_state(&note));
    let builder = builder.command(contract.clone(), trade_note::ISSUE, &wire::TradeNoteIssue {});
    let issued = committed(&market, builder.build(), &keys).await;
    let opening = Opening::new([9; 32], DISPUTE_REASON, REASON.as_bytes()).unwrap();
    let reason: Sealed = opening.sealed();
    note.dispute = Some(Dispute { by: alice.address, reason });
    let command =
        wire::TradeNoteRaise { note: note.note.to_vec(), by: alice.address.to_vec(), reason: Some(reason.to_wire()) };
    let builder = market.builder(&market.chain, alice.address, "dispute").input(issued);
    let builder = builder.output(trade_note::note_state(&note)).command(contract, trade_note::DISPUTE, &command);
    let state = committed(&market, builder.build(), &keys[..1]).await;
    let field = SealedField { chain: market.chain, commitment: reason.commitment };
    Disputed { market, field, state, opening }
}

/// The first output of a transaction, once it is committed.
async fn committed(
    market: &Market,
    transaction: ledger_core::Transaction,
    keys: &[(Address, ledger_core::SigningKey)],
) -> StateRef {
    let (chain, command) = (transaction.chain, transaction.command_id);
    market.submit(transaction, keys).await;
    let committed = market.node().command(&chain, &command).await.unwrap().unwrap();
    StateRef { transaction: committed.id, index: 0 }
}

impl Disputed {
    fn sealed_for(&self, member: &Member) -> SealedFor {
        let purpose = SealPurpose::Opening { chain: &self.field.chain, commitment: &self.field.commitment };
        let sealed = seal_to(&encryption_key().public(), &purpose, &encode(&self.opening)).unwrap();
        SealedFor { recipient: member.address, sealed }
    }

    async fn put(&self, by: &Member, openings: &[SealedFor]) -> Result<(), &'static str> {
        let principal = self.market.principal(by);
        let put = self.market.platform.openings().put(&principal, &self.field, &self.state, openings).await;
        put.map_err(|error| error.code())
    }

    async fn fetch(&self, by: &Member) -> Vec<SealedOpening> {
        self.market.platform.openings().fetch(&self.market.principal(by), &self.field).await.unwrap()
    }

    async fn destroy(&self, by: &Member) -> u64 {
        self.market.platform.openings().destroy(&self.market.principal(by), &self.field).await.unwrap()
    }

    async fn journal(&self) -> Vec<String> {
        let subject = self.field.commitment.to_string();
        crate::storage::journal_kinds_for_tests(self.market.node().database(), &subject).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recipient_alone_fetches_what_a_party_put_for_it() {
    let disputed = disputed().await;
    let (alice, bob, bank) = (disputed.market.alice, disputed.market.bob, disputed.market.bank);
    disputed.put(&alice, &[disputed.sealed_for(&bob)]).await.unwrap();
    for other in [alice, bank] {
        assert_eq!(disputed.fetch(&other).await, []);
    }
    let fetched = disputed.fetch(&bob).await.remove(0);
    assert_eq!(fetched.put_by, alice.address);
    assert!(!fetched.sealed.windows(4).any(|window| window == &REASON.as_bytes()[..4]));
    let field = &disputed.field;
    let purpose = SealPurpose::Opening { chain: &field.chain, commitment: &field.commitment };
    let opening: Opening = decode(&encryption_key().open(&purpose, &fetched.sealed).unwrap()).unwrap();
    let sealed = Sealed { commitment: field.commitment };
    assert_eq!(sealed.open(DISPUTE_REASON, &opening), Ok(REASON.as_bytes()));
    assert_eq!(disputed.journal().await, ["opening_stored", "opening_downloaded"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_put_an_opening_destroys_it_and_the_commitment_stays() {
    let disputed = disputed().await;
    let (alice, bob, bank) = (disputed.market.alice, disputed.market.bob, disputed.market.bank);
    disputed.put(&alice, &[disputed.sealed_for(&bob), disputed.sealed_for(&bank)]).await.unwrap();
    disputed.put(&bob, &[disputed.sealed_for(&bank)]).await.unwrap();
    assert_eq!(disputed.destroy(&bank).await, 0, "a recipient destroys nothing");
    assert_eq!(disputed.fetch(&bank).await.len(), 2);
    assert_eq!(disputed.destroy(&alice).await, 2);
    assert_eq!(disputed.destroy(&alice).await, 0);
    assert_eq!(disputed.fetch(&bob).await, []);
    assert_eq!(disputed.fetch(&bank).await.len(), 1);
    let unspent = |ledger: &ledger_core::Ledger| ledger.unspent(&disputed.state).is_some();
    assert!(disputed.market.node().read_ledger(&disputed.field.chain, unspent).await.unwrap());
    let kinds = ["opening_stored", "opening_stored", "opening_downloaded", "opening_destroyed", "opening_downloaded"];
    assert_eq!(disputed.journal().await, kinds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_puts_its_opening_again() {
    let disputed = disputed().await;
    let (alice, bob) = (disputed.market.alice, disputed.market.bob);
    disputed.put(&alice, &[disputed.sealed_for(&bob)]).await.unwrap();
    let again = disputed.sealed_for(&bob);
    disputed.put(&alice, std::slice::from_ref(&again)).await.unwrap();
    let fetched = disputed.fetch(&bob).await;
    assert_eq!(fetched.iter().map(|opening| &opening.sealed).collect::<Vec<_>>(), [&again.sealed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_other_fields_and_misfits_are_refused() {
    let mut disputed = disputed().await;
    let (alice, bob, bank) = (disputed.market.alice, disputed.market.bob, disputed.market.bank);
    let good = disputed.sealed_for(&bob);
    assert_eq!(disputed.put(&bank, std::slice::from_ref(&good)).await, Err("OPENING_NOT_PARTY"));
    let outsider = disputed.market.outsider;
    assert_eq!(disputed.put(&outsider, std::slice::from_ref(&good)).await, Err("ACCESS_NOT_PARTICIPANT"));
    assert_eq!(disputed.put(&alice, &[]).await, Err("OPENING_RECIPIENTS"));
    assert_eq!(disputed.put(&alice, &[good.clone(), good.clone()]).await, Err("OPENING_RECIPIENTS"));
    let abroad = SealedFor { recipient: outsider.address, ..good.clone() };
    assert_eq!(disputed.put(&alice, &[abroad]).await, Err("OPENING_RECIPIENT_UNKNOWN"));
    for (bytes, outcome) in [
        (SEAL_BYTES - 1, Err("OPENING_SEALED_LENGTH")),
        (SEAL_BYTES, Ok(())),
        (SEALED_BYTES_MAX, Ok(())),
        (SEALED_BYTES_MAX + 1, Err("OPENING_SEALED_LENGTH")),
    ] {
        let sized = SealedFor { sealed: vec![1; bytes], ..good.clone() };
        assert_eq!(disputed.put(&alice, &[sized]).await, outcome, "{bytes} bytes");
    }
    let longest = Opening::new([1; 32], &"l".repeat(64), &[1; Opening::VALUE_BYTES_MAX]).unwrap();
    assert!(encode(&longest).len() + SEAL_BYTES <= SEALED_BYTES_MAX);
    // The note's asset is thirty-two bytes of its data too.
    for bytes in [[1; 32], [4; 32]] {
        disputed.field.commitment = Digest::from_bytes(bytes);
        assert_eq!(disputed.put(&alice, std::slice::from_ref(&good)).await, Err("OPENING_NO_SUCH_FIELD"));
    }
    disputed.state.index = 7;
    assert_eq!(disputed.put(&alice, std::slice::from_ref(&good)).await, Err("OPENING_NOT_PARTY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_keeps_openings_of_a_field_for_so_many_and_no_more() {
    let disputed = disputed().await;
    let (alice, bob, bank) = (disputed.market.alice, disputed.market.bob, disputed.market.bank);
    let others: Vec<SealedFor> = (0..u8::try_from(KEPT_MAX - 1).unwrap())
        .map(|number| SealedFor { recipient: Address::from_bytes([number; 32]), sealed: vec![1; SEAL_BYTES] })
        .collect();
    rows::keep(disputed.market.node().database(), &disputed.field, alice.address, 1, &others).await.unwrap();
    let (for_bob, for_bank) = (disputed.sealed_for(&bob), disputed.sealed_for(&bank));
    for _ in 0..2 {
        assert_eq!(disputed.put(&alice, std::slice::from_ref(&for_bob)).await, Ok(()), "and again for the same");
    }
    assert_eq!(disputed.put(&alice, std::slice::from_ref(&for_bank)).await, Err("OPENING_TOO_MANY"));
    assert_eq!(disputed.put(&bob, std::slice::from_ref(&for_bank)).await, Ok(()), "each party has its own bound");
    disputed.destroy(&alice).await;
    assert_eq!(disputed.put(&alice, std::slice::from_ref(&for_bank)).await, Ok(()));
}
