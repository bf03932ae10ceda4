//! Loans for a purpose: what is lent is bound, and what comes back out of it repays the loan.

use super::*;
use crate::contract::party;
use crate::contract::purpose::{self, Payee, Purpose, PurposeTerms, purpose_state, read_purpose};
use crate::{Holding, State};

/// When the purpose ends.
const END: &str = "2026-06-01";

impl Scene {
    fn find(&self, wanted: impl Fn(&State) -> bool) -> StateRef {
        *self.world.ledger.unspent_states().find(|(_, unspent)| wanted(&unspent.state)).unwrap().0
    }

    fn held(&self, purpose: PurposeId, amount: u64) -> State {
        let held = Holding { asset: self.world.asset(), purpose: Some(purpose), amount: minor(amount) };
        token::held_state(BORROWER.address(), held)
    }

    /// A loan of 3,000.00 beside a purpose of so much.
    fn opening_bound(&mut self, amount: u64, change: impl Fn(&mut Loan)) -> TransactionBuilder {
        let terms = with(bullet(), &[("prepaymentEffect", "A")]);
        let builder = self.opening("L-1", terms, change);
        let frame = builder.clone().build();
        let purpose = PurposeId::derive(&frame.chain, &frame.command_id);
        let supplier = Payee { party: Supplier.address(), cap: None, controller: Supplier.record().controller };
        let terms = PurposeTerms {
            purpose,
            lender: LENDER.address(),
            borrower: BORROWER.address(),
            borrower_controller: BORROWER.record().controller,
            asset: self.world.asset(),
            codes: vec!["seed".to_owned()],
            payees: vec![supplier],
            payee_role: String::new(),
            payee_role_cap: None,
            cap: minor(amount),
            valid_from_ms: START_MS,
            valid_to_ms: u64::try_from(date(END).days()).unwrap() * 86_400_000,
            documents_required: false,
            onward_depth: 0,
        };
        let record = |who: Who| self.find(|state| state.is(party::NAME, party::RECORD) && state.owner == who.address());
        let builder = builder.current(record(BORROWER)).current(record(Supplier));
        let opened = purpose_state(&Purpose::opened(terms, minor(amount)));
        let builder = builder.output(opened).command(
            ContractId::built_in(purpose::NAME),
            purpose::OPEN,
            &wire::PurposeOpen { amount },
        );
        let (bound, rest) = (self.held(purpose, amount), self.world.holding(LENDER, self.funds.1 - amount));
        builder.changed(|transaction| (transaction.outputs[0], transaction.outputs[1]) = (bound, rest))
    }

    /// The purpose's id in a loan of this opening.
    fn bound() -> Self {
        let mut scene = Self::with(1_000_000);
        let id = scene.purpose_of_next_opening();
        let builder = scene.opening_bound(300_000, |loan| loan.purpose = Some(id));
        scene.world.accept(builder, &BOTH);
        scene.loan = scene.find(|state| state.is(NAME, LOAN));
        scene
    }

    /// Commands of the fixture are numbered, so a scene made in the same way has the same next one.
    fn purpose_of_next_opening(&self) -> PurposeId {
        let frame = Self::with(self.funds.1).opening("L-1", bullet(), |_| {}).build();
        PurposeId::derive(&self.world.ledger.chain(), &frame.command_id)
    }

    /// Gives value back out of the purpose, beside a repayment of so much.
    fn giving_back(&mut self, by: Who, returned: u64, amount: u64) -> TransactionBuilder {
        let purpose_ref = self.find(|state| state.is(purpose::NAME, purpose::PURPOSE));
        let before = read_purpose(&self.world.state(purpose_ref)).unwrap();
        let id_of = before.terms.purpose;
        let bound = self.find(|state| token::read_holding(state).is_ok_and(|held| held.purpose == Some(id_of)));
        let has = token::read_holding(&self.world.state(bound)).unwrap().amount.minor();
        let builder = self.world.build(by).input(bound).input(purpose_ref).input(self.loan);
        let on = builder.clone().build().effective_on;
        let loan = self.read();
        let after = loan.repaid(minor(amount), on).unwrap_or_else(|_| Some(loan.clone()));
        let after_return = Purpose { returned: before.returned.checked_add(minor(returned)).unwrap(), ..before };
        let mut builder = builder.output(self.world.holding(LENDER, returned));
        if has > returned {
            builder = builder.output(self.held(id_of, has - returned));
        }
        let builder = builder.output(purpose_state(&after_return));
        let builder = after.into_iter().fold(builder, |builder, after| builder.output(loan_state(&after)));
        let give = wire::PurposeReturn { purpose: id_of.to_vec(), amount: returned, ..Default::default() };
        builder
            .command(ContractId::built_in(purpose::NAME), purpose::RETURN, &give)
            .command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
            .command(id(), REPAY, &wire::LoanRepay { loan: loan.loan.to_vec(), amount })
    }
}

#[test]
fn a_loan_is_disbursed_by_binding_all_of_it() {
    let mut scene = Scene::with(1_000_000);
    let own = scene.purpose_of_next_opening();
    let less = scene.opening_bound(299_999, |loan| loan.purpose = Some(own));
    assert_eq!(scene.world.refuse(less, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let other = scene.opening_bound(300_000, |loan| loan.purpose = Some(PurposeId::default()));
    assert_eq!(scene.world.refuse(other, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let unnamed = scene.opening_bound(300_000, |_| {});
    assert_eq!(scene.world.refuse(unnamed, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let without = scene.opening("L-1", bullet(), |loan| loan.purpose = Some(own));
    assert_eq!(scene.world.refuse(without, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let scene = Scene::bound();
    assert!(scene.read().purpose.is_some() && scene.replays());
}

#[test]
fn what_comes_back_out_of_the_purpose_repays_the_loan() {
    let mut scene = Scene::bound();
    let more = scene.on("2026-03-16").giving_back(BORROWER, 100_000, 100_001);
    assert_eq!(scene.world.refuse(more, &[BORROWER]), "LOAN_RETURN_DIFFERS");
    let forged = scene.giving_back(LENDER, 100_000, 100_000);
    assert_eq!(scene.world.refuse(forged, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = scene.giving_back(BORROWER, 100_000, 100_000);
    scene.world.accept(builder, &[BORROWER]);
    scene.loan = scene.find(|state| state.is(NAME, LOAN));
    assert_eq!((scene.read().paid, scene.read().due), (parts(0, 0, 100_000), Parts::default()));
    // After the purpose's end the lender takes the rest back alone: interest that is due first, then principal.
    let builder = scene.on(END).giving_back(LENDER, 200_000, 200_000);
    scene.world.accept(builder, &[LENDER]);
    scene.loan = scene.find(|state| state.is(NAME, LOAN));
    assert_eq!(scene.read().paid, parts(0, 1_250 + 2 * 1_000, 296_750));
    assert!(scene.replays());
}

#[test]
fn a_loan_for_a_purpose_stays_with_its_lender() {
    let mut scene = Scene::bound();
    let assigned = scene.assignment(Attestor, |_| {});
    assert_eq!(scene.world.refuse(assigned, &[LENDER, Attestor]), "LOAN_BOUND_STAYS");
}
