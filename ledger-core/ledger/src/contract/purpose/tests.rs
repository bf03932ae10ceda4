//! A cooperative borrows from bank B for seed, fertiliser and freight; every rule with its accepting neighbour.

mod freezing;
mod invariants;
mod lifecycle;
mod model;
mod onward;
mod scenario;
mod spending;

use crate::contract::party;
use crate::contract::purpose::*;
use crate::contract::token;
use crate::fixture::*;
use crate::{Address, Amount, ContractId, EvidenceHash, Holding, StateRef, TransactionBuilder, wire};

/// Bank B lends, the depositor borrows.
pub(super) const LENDER: Who = BankB;
pub(super) const BORROWER: Who = Depositor;
pub(super) const DAY_MS: u64 = 86_400_000;

pub(super) fn minor(amount: u64) -> Amount {
    Amount::from_minor(amount).unwrap()
}

pub(super) fn id() -> ContractId {
    ContractId::built_in(NAME)
}

/// A payment as the borrower asks for it.
#[derive(Clone)]
pub(super) struct Payment {
    pub(super) payee: Who,
    pub(super) amount: u64,
    pub(super) code: &'static str,
    pub(super) invoice: &'static str,
    pub(super) file: u8,
    pub(super) consents: bool,
}

/// To a payee for seed, with invoice and file.
pub(super) fn pay(payee: Who, amount: u64, invoice: &'static str, file: u8) -> Payment {
    Payment { payee, amount, code: "seed", invoice, file, consents: false }
}

/// A chain on which a purpose can be opened; the lender has free tokens.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) definition: StateRef,
    pub(super) purpose: PurposeId,
}

impl Scene {
    pub(super) fn new(lent: u64) -> Self {
        let mut world = World::new();
        let more = [Carrier, Trader, Relation];
        let builder = world.register(&more);
        world.accept(builder, &[Administrator, Carrier, Trader, Relation]);
        let definition = token::TokenDefinition { supply_max: minor(1_000_000_000_000), ..world.definition() };
        let builder = world.build(BankA).output(token::definition_state(&definition)).command(
            ContractId::built_in(token::NAME),
            token::DEFINE,
            &wire::TokenDefine {},
        );
        let definition = StateRef { transaction: world.accept(builder, &[BankA, Attestor]), index: 0 };
        world.issue(definition, LENDER, lent);
        Self { world, definition, purpose: PurposeId::default() }
    }

    /// The same with an open purpose of all the lender has.
    pub(super) fn opened(lent: u64) -> Self {
        let mut scene = Self::new(lent);
        let builder = scene.open(lent, |_| {});
        scene.world.accept(builder, &[LENDER, BORROWER]);
        scene
    }

    /// Listed: supplier (at most 30,000,000), operator, the borrower's relation; carriers by their role.
    pub(super) fn terms(&self, purpose: PurposeId) -> PurposeTerms {
        let payee = |who: Who, cap: Option<u64>| Payee {
            party: who.address(),
            cap: cap.map(minor),
            controller: who.record().controller,
        };
        let mut payees = vec![payee(Supplier, Some(30_000_000)), payee(Operator, None), payee(Relation, None)];
        payees.sort_by_key(|payee| payee.party);
        PurposeTerms {
            purpose,
            lender: LENDER.address(),
            borrower: BORROWER.address(),
            borrower_controller: BORROWER.record().controller,
            asset: self.world.asset(),
            codes: ["fertiliser", "freight", "seed"].map(str::to_owned).to_vec(),
            payees,
            payee_role: "freight".to_owned(),
            payee_role_cap: Some(minor(8_000_000)),
            cap: minor(80_000_000),
            valid_from_ms: START_MS,
            valid_to_ms: START_MS + 180 * DAY_MS,
            documents_required: true,
            onward_depth: 0,
            loan: None,
        }
    }

    pub(super) fn record_of(&self, who: Who) -> StateRef {
        self.find(|state| state.is(party::NAME, party::RECORD) && state.owner == who.address())
    }

    pub(super) fn find(&self, wanted: impl Fn(&State) -> bool) -> StateRef {
        *self.world.ledger.unspent_states().find(|(_, unspent)| wanted(&unspent.state)).unwrap().0
    }

    pub(super) fn purpose_ref(&self, purpose: PurposeId) -> StateRef {
        self.find(|state| state.is(NAME, PURPOSE) && read_purpose(state).unwrap().terms.purpose == purpose)
    }

    pub(super) fn purpose(&self) -> Purpose {
        read_purpose(&self.world.state(self.purpose_ref(self.purpose))).unwrap()
    }

    pub(super) fn held(&self, owner: Who, purpose: Option<PurposeId>) -> Vec<(StateRef, u64)> {
        let states = self.world.ledger.unspent_states();
        let mine = states.filter(|(_, unspent)| {
            unspent.state.is(token::NAME, token::HOLDING) && unspent.state.owner == owner.address()
        });
        mine.map(|(reference, unspent)| (*reference, token::read_holding(&unspent.state).unwrap()))
            .filter(|(_, holding)| holding.purpose == purpose)
            .map(|(reference, holding)| (reference, holding.amount.minor()))
            .collect()
    }

    pub(super) fn balance(&self, owner: Who, purpose: Option<PurposeId>) -> u64 {
        self.held(owner, purpose).iter().map(|(_, amount)| amount).sum()
    }

    pub(super) fn holding(&self, owner: Who, purpose: Option<PurposeId>, amount: u64) -> State {
        let asset = self.world.asset();
        token::held_state(owner.address(), Holding { asset, purpose, amount: minor(amount) })
    }

    /// Moves value from all that the first has, with change.
    pub(super) fn moving(
        &self,
        mut builder: TransactionBuilder,
        (from, bound): (Who, Option<PurposeId>),
        (to, bound_then): (Who, Option<PurposeId>),
        amount: u64,
    ) -> TransactionBuilder {
        for (reference, _) in self.held(from, bound) {
            builder = builder.input(reference);
        }
        builder = builder.output(self.holding(to, bound_then, amount));
        let change = self.balance(from, bound).saturating_sub(amount);
        if change > 0 {
            builder = builder.output(self.holding(from, bound, change));
        }
        builder.command(ContractId::built_in(token::NAME), token::TRANSFER, &wire::TokenTransfer {})
    }

    /// The lender's tokens bound to a new purpose, the terms changed as the test likes.
    pub(super) fn open(&mut self, amount: u64, change: impl Fn(&mut PurposeTerms)) -> TransactionBuilder {
        let builder = self.world.build(LENDER);
        let command_id = builder.clone().build().command_id;
        self.purpose = PurposeId::derive(&self.world.ledger.chain(), &command_id);
        let mut terms = self.terms(self.purpose);
        change(&mut terms);
        let mut builder = self.moving(builder, (LENDER, None), (BORROWER, Some(self.purpose)), amount);
        for who in [BORROWER, Supplier, Operator, Relation] {
            builder = builder.current(self.record_of(who));
        }
        let opened = Purpose::opened(terms, minor(amount));
        builder.output(purpose_state(&opened)).command(id(), OPEN, &wire::PurposeOpen { amount })
    }

    pub(super) fn spend(&mut self, payment: &Payment) -> TransactionBuilder {
        let Payment { payee, amount, code, invoice, file, consents } = payment.clone();
        let builder = self.world.build(BORROWER);
        let frame = builder.clone().build();
        let before = self.purpose();
        let held_as = (before.terms.onward_depth > 0).then_some(self.purpose);
        let mut builder = self.moving(builder, (BORROWER, Some(self.purpose)), (payee, held_as), amount);
        let record = Spend {
            spend: crate::SpendId::derive(&frame.chain, &frame.command_id),
            purpose: self.purpose,
            lender: LENDER.address(),
            borrower: BORROWER.address(),
            payee: payee.address(),
            asset: self.world.asset(),
            amount: minor(amount),
            refunded: Amount::ZERO,
            code: code.to_owned(),
            document: invoice.to_owned(),
            hop: 0,
            origin: None,
            passed_on: Amount::ZERO,
            returned: Amount::ZERO,
        };
        if file > 0 {
            builder = builder.attachment(EvidenceHash::from_bytes([file; 32]));
        }
        let after = before.clone().after_spend(payee.address(), minor(amount)).unwrap_or(before);
        let command = wire::PurposeSpend {
            purpose: self.purpose.to_vec(),
            payee: payee.address().to_vec(),
            amount,
            code: code.to_owned(),
            document: invoice.to_owned(),
            lender_consents: consents,
        };
        builder
            .input(self.purpose_ref(self.purpose))
            .current(self.record_of(payee))
            .output(purpose_state(&after))
            .output(spend_state(&record))
            .command(id(), SPEND, &command)
    }

    pub(super) fn paid(&mut self, payment: &Payment) -> StateRef {
        let builder = self.spend(payment);
        let outputs = builder.clone().build().outputs;
        let place = outputs.iter().position(|state| state.is(NAME, SPENT)).unwrap();
        let signers: &[Who] = if payment.consents { &[BORROWER, LENDER] } else { &[BORROWER] };
        StateRef { transaction: self.world.accept(builder, signers), index: u32::try_from(place).unwrap() }
    }

    pub(super) fn refund(&mut self, record: StateRef, amount: u64) -> TransactionBuilder {
        let spend = read_spend(&self.world.state(record)).unwrap();
        let payee = [Supplier, Operator, Carrier].into_iter().find(|who| who.address() == spend.payee).unwrap();
        let builder = self.world.build(payee);
        let before = self.purpose();
        let held_as = spend.is_bound(&before.terms).then_some(self.purpose);
        let builder = self.moving(builder, (payee, held_as), (BORROWER, Some(self.purpose)), amount);
        let after = before.clone().after_refund(spend.payee, None, minor(amount)).unwrap_or(before);
        let command = wire::PurposeRefund { spend: spend.spend.to_vec(), amount };
        let record_after = spend.clone().after_refund(minor(amount)).unwrap_or(spend);
        builder
            .input(self.purpose_ref(self.purpose))
            .input(record)
            .output(purpose_state(&after))
            .output(spend_state(&record_after))
            .command(id(), REFUND, &command)
    }

    pub(super) fn give_back(&mut self, submitter: Who, amount: u64) -> TransactionBuilder {
        let builder = self.world.build(submitter);
        let builder = self.moving(builder, (BORROWER, Some(self.purpose)), (LENDER, None), amount);
        let before = self.purpose();
        let after = before.clone().after_return(minor(amount)).unwrap_or(before);
        let command = wire::PurposeReturn { purpose: self.purpose.to_vec(), amount, spend: Vec::new() };
        builder.input(self.purpose_ref(self.purpose)).output(purpose_state(&after)).command(id(), RETURN, &command)
    }

    #[track_caller]
    pub(super) fn refuses(&mut self, builder: TransactionBuilder, signers: &[Who], code: &str) {
        assert_eq!(self.world.refuse(builder, signers), code);
    }
}

/// The address that no purpose lists.
pub(super) fn unlisted() -> Address {
    Trader.address()
}
