//! Netting rounds go on by themselves: checked, applied, voided and released by the node, whoever is gone.

use std::time::Duration;

use ledger_core::contract::chain::{CONFIGURE, FREEZE, UNFREEZE};
use ledger_core::contract::netting_round::{
    self, Book, NettingRound, OPEN, Phase, ROUND, book, read_round, round_state,
};
use ledger_core::contract::obligation::{
    self, CREATE, NettingConsent, OBLIGATION, Obligation, obligation_state, read_obligation,
};
use ledger_core::{
    CommandId, Configuration, Date, EvidenceHash, FreezeSubject, Ledger, ObligationId, RoundId, SignedTransaction,
    StateRef, Transaction, Wire, wire,
};

use super::configuration::{configure, next};
use super::market::{DAY_MS, Market, Party, START_MS, amount, contract, eventually, sign, timer};

const CUT_OFF_MS: u64 = START_MS + DAY_MS;
const VOID_AFTER_MS: u64 = START_MS + 2 * DAY_MS;

/// Payer, payee and attestor owe each other in a ring.
const RING: [(usize, usize, u64); 3] = [(0, 1, 100), (1, 2, 80), (2, 0, 60)];

/// A market whose issuer runs a round, in which payer, payee and attestor owe each other.
struct Room {
    market: Market,
    round: RoundId,
}

impl Room {
    /// A round into which these debts have joined: who owes whom how much.
    async fn of(owed: &[(usize, usize, u64)]) -> Self {
        let market = Market::open().await;
        let builder = market.builder(&market.issuer, "open");
        let frame = builder.clone().build();
        let round = RoundId::derive(&frame.chain, &frame.command_id);
        let names = (round, market.issuer.address, market.asset);
        let opened = NettingRound::new(names, (CUT_OFF_MS, VOID_AFTER_MS), [5; 32]);
        let builder = builder.output(round_state(&opened));
        let builder = builder.command(contract(netting_round::NAME), OPEN, &wire::NettingRoundOpen {});
        market.submit(builder, &[&market.issuer]).await.unwrap();
        let room = Self { market, round };
        room.owe(owed).await;
        let held = room.owed();
        for held in held.chunks(netting_round::OBLIGATIONS_MAX) {
            let (state, round) = room.at();
            let builder = room.market.builder(&room.market.issuer, &format!("join {}", held[0].1.number));
            let borrowed: Vec<_> = held.iter().map(|(state, owed)| (*state, owed)).collect();
            let builder = book::join(builder, (state, &round), &borrowed).unwrap();
            room.market.submit(builder, &[&room.market.issuer]).await.unwrap();
        }
        room.market.opens_as_replayed().await;
        room
    }

    fn member(&self, place: usize) -> &Party {
        [&self.market.payer, &self.market.payee, &self.market.attestor][place]
    }

    async fn owe(&self, owed: &[(usize, usize, u64)]) {
        let consent = NettingConsent { operator: self.market.issuer.address, until_ms: VOID_AFTER_MS };
        let mut all = Vec::new();
        for (place, (debtor, creditor, minor)) in owed.iter().enumerate() {
            let (debtor, creditor) = (self.member(*debtor), self.member(*creditor));
            let number = format!("INV-{place:04}");
            let builder = self.market.builder(debtor, &number);
            let frame = builder.clone().build();
            let owed = Obligation {
                obligation: ObligationId::derive(&frame.chain, &frame.command_id),
                debtor: debtor.address,
                creditor: creditor.address,
                asset: self.market.asset,
                amount: amount(*minor),
                outstanding: amount(*minor),
                due_on: frame.effective_on,
                issuer: creditor.address,
                number,
                document: EvidenceHash::from_bytes([7; 32]),
                debtor_nets: Some(consent),
                creditor_nets: Some(consent),
                round: None,
            };
            let builder = builder.attachment(owed.document).output(obligation_state(&owed));
            let builder = builder.command(contract(obligation::NAME), CREATE, &wire::ObligationCreate {});
            all.push(self.market.signed(builder, &[debtor, creditor]).await);
        }
        for accepted in self.market.node.submit_all(&self.market.chain, all).await {
            accepted.unwrap();
        }
    }

    fn read<R: Send>(&self, read: impl FnOnce(&Ledger) -> R + Send) -> R {
        self.market.ledger(read)
    }

    fn at(&self) -> (StateRef, NettingRound) {
        let find = |ledger: &Ledger| {
            let mut states = ledger.unspent_states();
            let round = states.find(|(_, unspent)| unspent.state.is(netting_round::NAME, ROUND));
            round.map(|(reference, unspent)| (*reference, read_round(&unspent.state).unwrap()))
        };
        self.read(find).unwrap()
    }

    /// The obligations that exist, by number.
    fn owed(&self) -> Vec<(StateRef, Obligation)> {
        let mut owed: Vec<_> = self.read(|ledger| {
            let states = ledger.unspent_states();
            let of = states.filter(|(_, unspent)| unspent.state.is(obligation::NAME, OBLIGATION));
            of.map(|(reference, unspent)| (*reference, read_obligation(&unspent.state).unwrap())).collect()
        });
        owed.sort_by(|(_, one), (_, other)| one.number.cmp(&other.number));
        owed
    }

    fn outstanding(&self) -> Vec<u64> {
        self.owed().iter().map(|(_, owed)| owed.outstanding.minor()).collect()
    }

    fn are_all_free(&self) -> bool {
        self.owed().iter().all(|(_, owed)| owed.round.is_none())
    }

    /// The round's book, from the blocks alone.
    async fn book(&self) -> Book {
        let mut book = Book::new(self.round);
        for height in 1..=self.market.height() {
            let block = self.market.node.block(&self.market.chain, height).await.unwrap().unwrap();
            for bytes in &block.transactions {
                book.take(&SignedTransaction::decode(bytes).unwrap().transaction).unwrap();
            }
        }
        book
    }

    /// The cut-off passes, and the operator proposes a result.
    async fn propose(&self, result: impl FnOnce(Book) -> Book) -> Book {
        self.market.clock.advance(DAY_MS);
        let book = result(self.book().await);
        let (state, round) = self.at();
        let builder = book.propose(self.market.builder(&self.market.issuer, "propose"), (state, &round)).unwrap();
        self.submit_after_cut_off(builder.build(), &self.market.issuer).await;
        book
    }

    /// Submits in a window of the second day.
    async fn submit_after_cut_off(&self, mut transaction: Transaction, signer: &Party) {
        transaction.time_window.from_ms = CUT_OFF_MS;
        transaction.time_window.until_ms = VOID_AFTER_MS;
        transaction.effective_on = Date::of_ms(CUT_OFF_MS).unwrap();
        let filled = self.market.node.fill_claims(&self.market.chain, transaction).await.unwrap();
        self.market.node.submit(&self.market.chain, sign(filled, &[signer])).await.unwrap();
    }

    async fn order(&self, name: &str, party: &Party) {
        let (subjects, reference) = (vec![FreezeSubject::Address(party.address).to_wire()], "order 1".to_owned());
        let builder = self.market.builder(&self.market.administrator, name);
        let chain = contract(ledger_core::contract::chain::NAME);
        let builder = match name {
            FREEZE => builder.command(chain, name, &wire::ChainFreeze { subjects, reference }),
            _ => builder.command(chain, name, &wire::ChainUnfreeze { subjects, reference }),
        };
        let mut transaction = builder.build();
        transaction.time_window.until_ms = VOID_AFTER_MS;
        let bytes = sign(transaction, &[&self.market.administrator]);
        self.market.node.submit(&self.market.chain, bytes).await.unwrap();
    }

    async fn reopen(self) -> Self {
        Self { market: self.market.reopen().await, ..self }
    }

    async fn is_audited(&self) {
        self.market.opens_as_replayed().await;
        assert_eq!(self.market.node.audit(|_| {}).await.unwrap().findings, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_goes_from_its_proposal_to_its_residuals_by_itself() {
    let room = Room::of(&[RING.as_slice(), &[(0, 1, 5)]].concat()).await;
    assert_eq!(timer(&room.market.node).await, Some(VOID_AFTER_MS));
    room.propose(|book| book.clear().unwrap()).await;
    eventually("every obligation has left the round", async || room.are_all_free()).await;
    // The first of two debts of the same parties goes first.
    assert_eq!(room.outstanding(), [40, 20, 5]);
    assert!(matches!(room.at().1.phase, Phase::Committed { cleared, .. } if cleared == amount(180)));
    assert_eq!(timer(&room.market.node).await, None);
    room.is_audited().await;
    room.market.node.close_chain(&room.market.chain).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_which_nothing_is_proposed_ends_at_its_time() {
    let room = Room::of(&RING).await;
    room.market.clock.advance(2 * DAY_MS - 2_000);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(matches!(room.at().1.phase, Phase::Gathering { .. }), "a second is left");
    room.market.clock.advance(1_000);
    eventually("the obligations are free", async || room.are_all_free()).await;
    assert_eq!((room.at().1.phase, room.outstanding()), (Phase::Voided, vec![100, 80, 60]));
    room.is_audited().await;
}

/// The result with less than the most of it.
fn less(book: Book) -> Book {
    let book = book.clear().unwrap();
    let cleared = book.cleared().iter().map(|cleared| amount(cleared.minor() / 2)).collect();
    book.with_result(cleared)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_not_the_algorithms_waits_for_its_time() {
    let room = Room::of(&RING).await;
    room.propose(less).await;
    let height = room.market.height();
    // With work under way the chain could not be closed; the deadline alone does not hold it.
    let idle = async || room.market.node.close_chain(&room.market.chain).await.is_ok();
    room.market.opens_as_replayed().await;
    eventually("nothing is to be done", idle).await;
    room.market.clock.advance(DAY_MS);
    eventually("the timer is gone", async || timer(&room.market.node).await.is_none()).await;
    eventually("the chain is closed again", async || !room.market.is_open()).await;
    room.market.node.open_chain(&room.market.chain).await.unwrap();
    assert!(room.are_all_free());
    assert_eq!((room.at().1.phase, room.outstanding()), (Phase::Voided, vec![100, 80, 60]));
    assert_eq!(room.market.height(), height + 2, "one void and one release");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_the_rows_of_another_result_commits_it_and_the_node_goes_on() {
    let room = Room::of(&RING).await;
    let book = room.propose(less).await;
    let (state, round) = room.at();
    let check = book.check(room.market.chain, (state, &round)).unwrap();
    let operator = &room.market.issuer;
    let command_id = CommandId::derive(&room.market.chain, &operator.address, "check");
    room.submit_after_cut_off(Transaction { submitter: operator.address, command_id, ..check }, operator).await;
    eventually("every obligation has left the round", async || room.are_all_free()).await;
    assert_eq!(room.outstanding(), [70, 50, 30]);
    room.is_audited().await;
}

/// The attestor is owed nothing before the second check, and is frozen, so that the round stands still there.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stopped_between_two_checks_goes_on() {
    let there_and_back = [(0, 1, 3), (1, 0, 3)].repeat(128);
    let room = Room::of(&[there_and_back.as_slice(), &RING].concat()).await;
    room.order(FREEZE, &room.market.attestor).await;
    room.propose(|book| book.clear().unwrap()).await;
    let is_half_way =
        |room: &Room| matches!(&room.at().1.phase, Phase::Checking(checking) if checking.checked_rows == 256);
    eventually("the first rows are checked", async || is_half_way(&room)).await;
    room.market.opens_as_replayed().await;
    let room = room.reopen().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(is_half_way(&room));
    room.order(UNFREEZE, &room.market.attestor).await;
    room.market.clock.advance(10_000);
    eventually("every obligation has left the round", async || room.are_all_free()).await;
    assert_eq!(room.outstanding(), [40, 20]);
    room.is_audited().await;
}

/// Obligations stand still by order of the administrator, so that the round is committed and nothing follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stopped_before_the_residuals_goes_on() {
    let room = Room::of(&RING).await;
    let before = room.market.summary().configuration;
    let mut without = next(&room.market);
    without.contracts.retain(|contract| contract.name() != obligation::NAME);
    configure(&room.market, &without).await.unwrap();
    room.propose(|book| book.clear().unwrap()).await;
    eventually("it is committed", async || matches!(room.at().1.phase, Phase::Committed { .. })).await;
    room.market.opens_as_replayed().await;
    let room = room.reopen().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(room.outstanding(), [100, 80, 60]);
    let configuration = Some(Configuration { version: without.version + 1, ..before }.to_wire());
    let builder = room.market.builder(&room.market.administrator, "enable");
    let builder = builder.command(contract("chain"), CONFIGURE, &wire::ChainConfigure { configuration });
    room.submit_after_cut_off(builder.build(), &room.market.administrator).await;
    room.market.clock.advance(10_000);
    eventually("every obligation has left the round", async || room.are_all_free()).await;
    assert_eq!(room.outstanding(), [40, 20]);
    room.is_audited().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chain_is_opened_for_the_end_of_its_round() {
    let room = Room::of(&RING).await;
    room.market.node.close_chain(&room.market.chain).await.unwrap();
    assert_eq!(timer(&room.market.node).await, Some(VOID_AFTER_MS));
    room.market.clock.advance(2 * DAY_MS);
    eventually("the timer is gone", async || timer(&room.market.node).await.is_none()).await;
    eventually("the chain is closed again", async || !room.market.is_open()).await;
    room.market.node.open_chain(&room.market.chain).await.unwrap();
    assert!(room.are_all_free());
    assert_eq!(room.at().1.phase, Phase::Voided);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_whose_time_passed_while_the_node_was_down_ends_when_it_is_back() {
    let room = Room::of(&RING).await;
    room.market.node.shutdown().await;
    room.market.clock.advance(100 * DAY_MS);
    let room = room.reopen().await;
    eventually("the obligations are free", async || room.are_all_free()).await;
    assert_eq!(room.at().1.phase, Phase::Voided);
    room.is_audited().await;
}
