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

    /// A loan of 3,000.00 whose terms allow no prepayment, beside a purpose of so much; each as the test likes.
    fn opening_bound(
        &mut self,
        amount: u64,
        change: impl Fn(&mut Loan),
        change_terms: impl Fn(&mut PurposeTerms),
    ) -> TransactionBuilder {
        let builder = self.opening("L-1", bullet(), change);
        let frame = builder.clone().build();
        let purpose = PurposeId::derive(&frame.chain, &frame.command_id);
        let supplier = Payee { party: Supplier.address(), cap: None, controller: Supplier.record().controller };
        let mut terms = PurposeTerms {
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
            loan: Some(ObligationId::of_loan(&frame.chain, &frame.command_id)),
        };
        change_terms(&mut terms);
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

    /// A loan of 3,000.00 for a purpose, just opened.
    pub(crate) fn bound() -> Self {
        let mut scene = Self::with(1_000_000);
        let id = scene.purpose_of_next_opening();
        let builder = scene.opening_bound(300_000, |loan| loan.purpose = Some(id), |_| {});
        scene.world.accept(builder, &BOTH);
        scene.loan = scene.find(|state| state.is(NAME, LOAN));
        scene
    }

    /// Commands of the fixture are numbered, so a scene made in the same way has the same next one.
    fn purpose_of_next_opening(&self) -> PurposeId {
        let frame = Self::with(self.funds.1).opening("L-1", bullet(), |_| {}).build();
        PurposeId::derive(&self.world.ledger.chain(), &frame.command_id)
    }

    fn purpose(&self) -> (StateRef, Purpose) {
        let reference = self.find(|state| state.is(purpose::NAME, purpose::PURPOSE));
        (reference, read_purpose(&self.world.state(reference)).unwrap())
    }

    /// The one holding bound to the loan's purpose, and how much it is; none once all is spent or free.
    fn bound_money(&self) -> Option<(StateRef, u64)> {
        let own = self.purpose().1.terms.purpose;
        let held = |state: &State| token::read_holding(state).ok().filter(|held| held.purpose == Some(own));
        let mut unspent = self.world.ledger.unspent_states();
        unspent.find_map(|(reference, unspent)| held(&unspent.state).map(|held| (*reference, held.amount.minor())))
    }

    /// Gives value back out of the purpose, beside a repayment of so much; what an ended loan leaves bound becomes free.
    fn giving_back(&mut self, by: Who, returned: u64, amount: u64) -> TransactionBuilder {
        let (purpose_ref, before) = self.purpose();
        let id_of = before.terms.purpose;
        let (bound, has) = self.bound_money().unwrap();
        let builder = self.world.build(by).input(bound).input(purpose_ref).input(self.loan);
        let on = builder.clone().build().effective_on;
        let loan = self.read();
        let after = loan.satisfied(minor(amount), on).unwrap_or_else(|_| Some(loan.clone()));
        let mut after_return = before.clone().after_return(minor(returned)).unwrap();
        let rest = has - returned;
        let left = if after.is_some() { self.held(id_of, rest) } else { self.world.holding(BORROWER, rest) };
        if after.is_none() {
            after_return = after_return.after_its_loan().unwrap().0;
        }
        let mut builder = builder.output(self.world.holding(LENDER, returned));
        if rest > 0 {
            builder = builder.output(left);
        }
        let builder = builder.output(purpose_state(&after_return));
        let builder = after.into_iter().fold(builder, |builder, after| builder.output(loan_state(&after)));
        let give = wire::PurposeReturn { purpose: id_of.to_vec(), amount: returned, ..Default::default() };
        builder
            .command(ContractId::built_in(purpose::NAME), purpose::RETURN, &give)
            .command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
            .command(id(), REPAY, &wire::LoanRepay { loan: loan.loan.to_vec(), amount })
    }

    /// Gives so much back out of the purpose; the loan goes on.
    fn give_back(&mut self, by: Who, returned: u64) {
        let builder = self.giving_back(by, returned, returned);
        self.world.accept(builder, &[by]);
        self.loan = self.find(|state| state.is(NAME, LOAN));
    }

    /// Repays with the borrower's own tokens and frees so much of what is bound.
    fn repaying_and_freeing(&mut self, amount: u64, freed: u64) -> TransactionBuilder {
        let (purpose_ref, before) = self.purpose();
        let (bound, _) = self.bound_money().unwrap();
        let unbind = wire::PurposeUnbind { purpose: before.terms.purpose.to_vec(), amount: freed };
        let after = before.after_its_loan().unwrap().0;
        let builder = self.repayment(amount).input(bound).input(purpose_ref);
        let builder = builder.output(self.world.holding(BORROWER, freed)).output(purpose_state(&after));
        builder.command(ContractId::built_in(purpose::NAME), purpose::UNBIND, &unbind)
    }
}

#[test]
fn a_loan_is_disbursed_by_binding_all_of_it() {
    let mut scene = Scene::with(1_000_000);
    let own = scene.purpose_of_next_opening();
    let none = |_: &mut PurposeTerms| {};
    let less = scene.opening_bound(299_999, |loan| loan.purpose = Some(own), none);
    assert_eq!(scene.world.refuse(less, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let without = scene.opening("L-1", bullet(), |loan| loan.purpose = Some(own));
    assert_eq!(scene.world.refuse(without, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let elsewhere = Some(PurposeId::default());
    let other = scene.opening_bound(300_000, |loan| loan.purpose = elsewhere, |terms| terms.loan = None);
    assert_eq!(scene.world.refuse(other, &BOTH), "LOAN_PURPOSE_DIFFERS");
    let mut scene = Scene::with(1_000_000);
    let silent = scene.opening_bound(300_000, |loan| loan.purpose = Some(own), |terms| terms.loan = None);
    assert_eq!(scene.world.refuse(silent, &BOTH), "PURPOSE_LOAN_DIFFERS");
    let scene = Scene::bound();
    assert_eq!((scene.read().purpose, scene.purpose().1.terms.loan), (Some(own), Some(scene.read().loan)));
    assert!(scene.replays());
}

#[test]
fn what_comes_back_out_of_the_purpose_repays_the_loan() {
    let mut scene = Scene::bound();
    let more = scene.on("2026-03-16").giving_back(BORROWER, 100_000, 100_001);
    assert_eq!(scene.world.refuse(more, &[BORROWER]), "LOAN_RETURN_DIFFERS");
    let forged = scene.giving_back(LENDER, 100_000, 100_000);
    assert_eq!(scene.world.refuse(forged, &[LENDER]), "AUTHORITY_SIGNATURES_MISSING");
    scene.give_back(BORROWER, 100_000);
    assert_eq!((scene.read().paid, scene.read().due), (parts(0, 0, 100_000), Parts::default()));
    // After the purpose's end the lender takes the rest back alone: interest that is due first, then principal.
    scene.on(END).give_back(LENDER, 200_000);
    assert_eq!(scene.read().paid, parts(0, 1_250 + 2 * 1_000, 296_750));
    assert!(scene.replays());
}

#[test]
fn nothing_returns_to_a_lender_beside_its_loan() {
    let mut scene = Scene::bound();
    let alone = scene.on(END).giving_back(LENDER, 100_000, 100_000).changed(|transaction| {
        transaction.inputs.pop();
        transaction.outputs.pop();
        transaction.commands.pop();
    });
    assert_eq!(scene.world.refuse(alone, &[LENDER]), "PURPOSE_LOAN_NOT_REPAID");
    let (purpose, before) = scene.purpose();
    let more = before.clone().after_bind(minor(1)).unwrap();
    let bind = wire::PurposeBind { purpose: before.terms.purpose.to_vec(), amount: 1, ..Default::default() };
    let binding = scene.world.build(LENDER).input(purpose).output(purpose_state(&more));
    let binding = binding.command(ContractId::built_in(purpose::NAME), purpose::BIND, &bind);
    assert_eq!(scene.world.refuse(binding, &BOTH), "PURPOSE_OF_A_LOAN");
}

#[test]
fn when_the_loan_ends_what_is_left_bound_is_the_borrowers_without_the_lender() {
    let mut scene = Scene::bound();
    scene.on("2026-03-16");
    scene.give_back(BORROWER, 200_000);
    // At its maturity 1,000.00 and the interest are due; they are paid with other money.
    scene.on("2027-03-01");
    let owed = scene.read().carried_out_to(date("2027-03-01")).unwrap().due.total().unwrap().minor();
    let leaving = scene.repayment(owed);
    assert_eq!(scene.world.refuse(leaving, &[BORROWER]), "LOAN_LEAVES_BOUND");
    let less = scene.repaying_and_freeing(owed, 99_999);
    assert_eq!(scene.world.refuse(less, &[BORROWER]), "PURPOSE_LEFT_DIFFERS");
    let kept = scene.repaying_and_freeing(owed, 100_000).changed(|transaction| {
        for output in &mut transaction.outputs {
            if let Ok(freed) = read_purpose(output) {
                *output = purpose_state(&Purpose { freed: false, ..freed });
            }
        }
    });
    assert_eq!(scene.world.refuse(kept, &[BORROWER]), "PURPOSE_DIFFERS");
    let builder = scene.repaying_and_freeing(owed, 100_000);
    scene.world.accept(builder, &[BORROWER]);
    assert_eq!((scene.bound_money(), scene.purpose().1.freed), (None, true));
    assert!(scene.replays());
}

#[test]
fn the_lender_takes_back_no_more_than_it_is_owed() {
    let mut scene = Scene::bound();
    scene.on("2026-03-16");
    scene.give_back(BORROWER, 100_000);
    scene.on("2027-03-01");
    let loan = scene.read();
    let owed = loan.carried_out_to(date("2027-03-01")).unwrap().due.total().unwrap().minor();
    scene.repay(owed - 150_000).unwrap();
    let builder = scene.giving_back(LENDER, 150_001, 150_001);
    assert_eq!(scene.world.refuse(builder, &[LENDER]), "LOAN_OVERPAID");
    let builder = scene.giving_back(LENDER, 150_000, 150_000);
    scene.world.accept(builder, &[LENDER]);
    assert_eq!((scene.bound_money(), scene.purpose().1.freed), (None, true));
    let has = |state: &State| *state == scene.world.holding(BORROWER, 50_000);
    assert!(scene.world.ledger.unspent_states().any(|(_, unspent)| has(&unspent.state)));
    assert!(scene.replays());
}

#[test]
fn a_loan_for_a_purpose_stays_with_its_lender() {
    let mut scene = Scene::bound();
    let assigned = scene.assignment(Attestor, |_| {});
    assert_eq!(scene.world.refuse(assigned, &[LENDER, Attestor]), "LOAN_BOUND_STAYS");
}
