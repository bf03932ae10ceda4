mod bound;
pub(super) mod cost;
mod figures;
mod model;
mod observing;
mod opening;
mod repaying;

use super::*;
use crate::contract::token;
use crate::fixture::*;
use crate::{Transaction, TransactionBuilder, TransactionId};

fn id() -> ContractId {
    ContractId::built_in(NAME)
}

const LENDER: Who = BankB;
const BORROWER: Who = Depositor;
const BOTH: [Who; 2] = [LENDER, BORROWER];
const DOCUMENT: EvidenceHash = EvidenceHash::from_bytes([7; 32]);

pub(super) fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

fn parts(fees: u64, interest: u64, principal: u64) -> Parts {
    Parts { fees: minor(fees), interest: minor(interest), principal: minor(principal) }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// Terms in any order, as a loan has them.
fn terms(pairs: &[(&str, &str)]) -> Vec<Term> {
    let mut terms: Vec<_> = pairs.iter().map(|(name, value)| Term::new(name, value)).collect();
    terms.sort_by(|one, other| one.name.cmp(&other.name));
    terms
}

/// The same with some terms set or, where the value is empty, left out.
fn with(mut base: Vec<Term>, changes: &[(&str, &str)]) -> Vec<Term> {
    base.retain(|term| changes.iter().all(|(name, _)| term.name != *name));
    base.extend(changes.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| Term::new(name, value)));
    base.sort_by(|one, other| one.name.cmp(&other.name));
    base
}

/// 3,000.00 for six months at 6 % a year, interest each month, all principal at the end.
fn bullet() -> Vec<Term> {
    terms(&[
        ("contractType", "PAM"),
        ("contractRole", "RPA"),
        ("statusDate", "2026-02-28"),
        ("initialExchangeDate", "2026-03-01"),
        ("maturityDate", "2026-09-01"),
        ("currency", "USD"),
        ("notionalPrincipal", "3000"),
        ("nominalInterestRate", "0.06"),
        ("dayCountConvention", "30E360"),
        ("cycleOfInterestPayment", "P1ML1"),
    ])
}

/// Terms changed, and the code that refuses them.
type Case<'c> = (&'c [(&'c str, &'c str)], Option<&'c str>);

/// A loan in the fixture's world, with what the borrower has to pay with.
pub(crate) struct Scene {
    pub(crate) world: World,
    definition: StateRef,
    /// The lender's tokens before anything is lent.
    funds: (StateRef, u64),
    pub(crate) loan: StateRef,
    /// What the borrower has beside what it was lent.
    purse: (StateRef, u64),
    /// The feed that an opening reads.
    feed: Option<Feed>,
}

impl Scene {
    /// Lender and borrower with as many tokens each; nothing is lent yet.
    fn with(funds: u64) -> Self {
        let mut world = World::new();
        let definition = token::TokenDefinition { supply_max: minor(4 * funds), ..world.definition() };
        let builder = world.build(BankA).output(token::definition_state(&definition));
        let builder = builder.command(ContractId::built_in(token::NAME), token::DEFINE, &wire::TokenDefine {});
        let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
        let lent = world.issue(definition, LENDER, funds);
        let purse = world.issue(definition, BORROWER, funds);
        Self { world, definition, funds: (lent, funds), loan: lent, purse: (purse, funds), feed: None }
    }

    /// The bullet, just opened.
    pub(crate) fn lent() -> Self {
        Self::opened(bullet())
    }

    /// A loan that was opened on the first day of March 2026.
    fn opened(terms: Vec<Term>) -> Self {
        let mut scene = Self::with(1_000_000);
        scene.open(terms);
        scene
    }

    fn open(&mut self, terms: Vec<Term>) {
        let builder = self.opening("L-1", terms, |_| {});
        let opened = self.world.accept(builder, &BOTH);
        self.loan = last(&self.world, opened);
    }

    /// Builds an opening that disburses what the terms say, or nothing where they say nothing; the loan as the test likes.
    fn opening(&mut self, number: &str, terms: Vec<Term>, change: impl Fn(&mut Loan)) -> TransactionBuilder {
        let frame = self.world.build(LENDER);
        let transaction = frame.clone().build();
        let mut loan = Loan {
            loan: ObligationId::of_loan(&transaction.chain, &transaction.command_id),
            lender: LENDER.address(),
            borrower: BORROWER.address(),
            asset: self.world.asset(),
            scale: Scale::new(2).unwrap(),
            terms,
            rates: Vec::new(),
            prepayments: Vec::new(),
            as_of: transaction.effective_on,
            carried_out: 0,
            due: Parts::default(),
            paid: Parts::default(),
            originator: LENDER.address(),
            number: number.to_owned(),
            document: DOCUMENT,
            purpose: None,
        };
        loan = loan.carried_out_to(loan.as_of).unwrap_or(loan);
        change(&mut loan);
        let (funds, has) = self.funds;
        let mut builder = frame.input(funds).current(self.definition).attachment(DOCUMENT);
        let lent = loan.disbursed().map(Amount::minor).unwrap_or(1).min(has);
        for (who, amount) in [(BORROWER, lent), (LENDER, has - lent)] {
            builder = if amount == 0 { builder } else { builder.output(self.world.holding(who, amount)) };
        }
        builder = self.feed.iter().fold(builder, |builder, feed| builder.past(feed.state));
        let builder = builder.output(loan_state(&loan)).command(id(), OPEN, &wire::LoanOpen {});
        builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
    }

    pub(crate) fn read(&self) -> Loan {
        read_loan(&self.world.state(self.loan)).unwrap()
    }

    /// A second into a day (UTC), or later on that day.
    fn on(&mut self, day: &str) -> &mut Self {
        let second = u64::try_from(date(day).days()).unwrap() * 86_400_000 + 1_000;
        self.world.now_ms = self.world.now_ms.max(second);
        self
    }

    /// Builds a repayment as the loan's own rules make it; where they refuse it, of the loan unchanged.
    fn repayment(&mut self, amount: u64) -> TransactionBuilder {
        let before = self.read();
        let (coin, has) = self.purse;
        let mut builder = self.world.build(BORROWER).input(coin).input(self.loan);
        let on = builder.clone().build().effective_on;
        for (who, share) in [(BORROWER, has - amount), (LENDER, amount)] {
            builder = if share == 0 { builder } else { builder.output(self.world.holding(who, share)) };
        }
        let after = before.repaid(minor(amount), on).unwrap_or_else(|_| Some(before.clone()));
        builder = after.into_iter().fold(builder, |builder, after| builder.output(loan_state(&after)));
        let builder = builder.command(id(), REPAY, &wire::LoanRepay { loan: before.loan.to_vec(), amount });
        builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
    }

    /// Pays; the loan after it, or none where it is over.
    fn repay(&mut self, amount: u64) -> Result<Option<Loan>, String> {
        let builder = self.repayment(amount);
        let paid = self.world.submit(builder, &[BORROWER]).map_err(|rejection| rejection.code)?;
        self.purse = (StateRef { transaction: paid, index: 0 }, self.purse.1 - amount);
        self.loan = last(&self.world, paid);
        let goes_on = self.world.state(self.loan).is(NAME, LOAN);
        Ok(goes_on.then(|| self.read()))
    }

    fn assignment(&mut self, to: Who, after: impl Fn(&mut Loan)) -> TransactionBuilder {
        let before = self.read();
        let mut assigned = before.assigned(to.address());
        after(&mut assigned);
        let command = wire::LoanAssign { loan: before.loan.to_vec(), to: to.address().to_vec() };
        self.world.build(LENDER).input(self.loan).output(loan_state(&assigned)).command(id(), ASSIGN, &command)
    }

    fn replays(&self) -> bool {
        self.world.replayed().unwrap().state_root() == self.world.ledger.state_root()
    }
}

fn last(world: &World, transaction: TransactionId) -> StateRef {
    let of_transaction = world.ledger.unspent_states().filter(|(state, _)| state.transaction == transaction);
    *of_transaction.last().unwrap().0
}

/// Changes the loan that a transaction makes.
fn changing(builder: TransactionBuilder, change: impl Fn(&mut Loan)) -> TransactionBuilder {
    builder.changed(|transaction: &mut Transaction| {
        let state = transaction.outputs.iter_mut().find(|state| state.is(NAME, LOAN)).unwrap();
        let mut loan = read_loan(state).unwrap();
        change(&mut loan);
        *state = loan_state(&loan);
    })
}

#[test]
fn an_assignment_needs_both_lenders_and_shows_the_borrower() {
    let mut scene = Scene::opened(bullet());
    for (to, signers, code) in [
        (BankA, [LENDER, BORROWER], "AUTHORITY_SIGNATURES_MISSING"),
        (BankA, [BankA, BORROWER], "AUTHORITY_SIGNATURES_MISSING"),
        (BORROWER, BOTH, "LOAN_ASSIGNEE_IS_PARTY"),
        (LENDER, BOTH, "LOAN_ASSIGNEE_IS_PARTY"),
    ] {
        let builder = scene.assignment(to, |_| {});
        assert_eq!(scene.world.refuse(builder, &signers), code);
    }
    let builder = scene.assignment(BankA, |assigned| assigned.originator = BankA.address());
    assert_eq!(scene.world.refuse(builder, &[LENDER, BankA]), "DEBT_CHANGED");
    let builder = scene.assignment(BankA, |_| {});
    let assigned = scene.world.accept(builder, &[LENDER, BankA]);
    scene.loan = last(&scene.world, assigned);
    assert_eq!(scene.world.state(scene.loan).owner, BankA.address());
    assert!(scene.world.state(scene.loan).is_seen_by(&BORROWER.address()));
    assert_eq!(scene.on("2026-04-01").repay(1_500), Err("PAYMENT_DIFFERS".to_owned()), "paid to the first lender");
    let builder = scene.repayment(1_500).changed(|transaction| transaction.outputs[1].owner = BankA.address());
    scene.world.accept(builder, &[BORROWER]);
    assert!(scene.replays());
}

#[test]
fn both_sides_cancel_and_the_document_stays_used() {
    let mut scene = Scene::opened(bullet());
    let loan = scene.read().loan.to_vec();
    let reference = scene.loan;
    let cancel = |world: &mut World, loan: &[u8]| {
        world.build(BORROWER).input(reference).command(id(), CANCEL, &wire::LoanCancel { loan: loan.to_vec() })
    };
    for signer in BOTH {
        let builder = cancel(&mut scene.world, &loan).changed(|transaction| transaction.submit_as(signer.address()));
        assert_eq!(scene.world.refuse(builder, &[signer]), "AUTHORITY_SIGNATURES_MISSING");
    }
    let builder = cancel(&mut scene.world, &[0; 32]);
    assert_eq!(scene.world.refuse(builder, &BOTH), "DEBT_NOT_NAMED");
    let builder = cancel(&mut scene.world, &loan).output(scene.world.state(reference));
    assert_eq!(scene.world.refuse(builder, &BOTH), "DEBT_GOES_ON_OR_ENDS");
    let unknown = scene.world.build(BORROWER).input(reference).command(id(), "forgive", &wire::LoanOpen {});
    assert_eq!(scene.world.refuse(unknown, &BOTH), "LOAN_COMMAND_UNKNOWN");
    let builder = cancel(&mut scene.world, &loan);
    scene.world.accept(builder, &BOTH);
    assert!(!scene.world.ledger.unspent_states().any(|(_, unspent)| unspent.state.is(NAME, LOAN)));
    scene.funds.0 = scene.world.issue(scene.definition, LENDER, scene.funds.1);
    let again = scene.opening("l 1", bullet(), |_| {});
    assert_eq!(scene.world.refuse(again, &BOTH), "CLAIM_HELD");
    let another = scene.opening("L-2", bullet(), |_| {});
    scene.world.accept(another, &BOTH);
}
