//! Templates on a chain: published, several versions at once, taken back; and every example of the house, run to its end.

mod example;

use ledger_agreement::Json;
use ledger_agreement::template::{BUILT_IN, Template, built_in};

use super::*;

fn escrow_template() -> Template {
    built_in("escrow").unwrap().template().unwrap()
}

pub(super) fn publishing(world: &mut World, by: Who, template: &Template) -> TransactionBuilder {
    let builder = world.build(by).output(template_state(template, by.address()));
    builder.command(ContractId::built_in(NAME), PUBLISH, &wire::AgreementPublish {})
}

pub(super) fn publish(world: &mut World, template: &Template) -> StateRef {
    let builder = publishing(world, BankA, template);
    StateRef { transaction: world.accept(builder, &[BankA]), index: 0 }
}

fn retiring(world: &mut World, by: Who, state: StateRef, version: Digest) -> TransactionBuilder {
    let command = wire::AgreementRetire { template: version.to_vec() };
    world.build(by).input(state).command(ContractId::built_in(NAME), RETIRE, &command)
}

/// The example's arguments, its times moved to the fixture's.
fn arguments(now_ms: u64) -> String {
    let at = |days: u64| now_ms + days * DAY_MS;
    format!(r#"{{"price":60,"pay_by":{},"deliver_by":{},"inspect_by":{},"award_by":{}}}"#, at(1), at(2), at(3), at(4))
}

/// An escrow of the template, or of something else in its name.
fn opening(world: &mut World, made: Made, contract: Language) -> TransactionBuilder {
    let who = |name: &str, who: Who| (name.to_owned(), Actor::Party(who.address()));
    let money = Token { currency_symbol: String::new(), token_name: "Money".to_owned() };
    let binding = Binding {
        roles: [who("Buyer", Depositor), who("Seller", Supplier), who("Arbiter", Attestor)].into(),
        tokens: [(money, What::Asset(world.asset()))].into(),
    };
    let terms = Terms { contract: Arc::new(contract), binding, salt: [5; 32], template: Some(made) };
    terms.open(frame(world, Depositor)).unwrap()
}

const PARTIES: [Who; 3] = [Depositor, Supplier, Attestor];

fn made(world: &World, template: &Template, state: StateRef) -> (Made, Language) {
    let arguments = arguments(world.now_ms);
    let contract = template.instantiate(&Json::read(&arguments).unwrap()).unwrap();
    (Made { state, version: template_version(template), arguments }, contract)
}

#[test]
fn two_versions_stand_at_once_and_running_agreements_keep_theirs() {
    let mut world = World::new();
    world.define();
    let first = escrow_template();
    let mut second = first.clone();
    second.title.english.push_str(", revised");
    let states = [&first, &second].map(|template| publish(&mut world, template));
    let mut agreements = Vec::new();
    for (template, state) in [&first, &second].into_iter().zip(states) {
        let (made, contract) = made(&world, template, state);
        let builder = opening(&mut world, made, contract);
        agreements.push(StateRef { transaction: world.accept(builder, &PARTIES), index: 0 });
    }
    let retired = retiring(&mut world, BankA, states[0], template_version(&first));
    world.accept(retired, &[BankA]);
    let (made_of, contract) = made(&world, &first, states[0]);
    let gone = opening(&mut world, made_of, contract);
    assert_eq!(world.refuse(gone, &PARTIES), "STATE_NOT_UNSPENT");
    let versions = agreements.iter().map(|state| read_agreement(&world.state(*state)).unwrap().template);
    assert_eq!(versions.collect::<Vec<_>>(), [&first, &second].map(|template| Some(template_version(template))));
    // Once it is taken back it can be published again.
    publish(&mut world, &first);
    assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
}

#[test]
fn a_template_is_published_once_by_who_may_issue() {
    let mut world = World::new();
    let template = escrow_template();
    let by_buyer = publishing(&mut world, Depositor, &template);
    assert_eq!(world.refuse(by_buyer, &[Depositor]), "PERMISSION_MISSING");
    let state = publish(&mut world, &template);
    let again = publishing(&mut world, BankA, &template);
    assert_eq!(world.refuse(again, &[BankA]), "CLAIM_HELD");
    let of_another = publishing(&mut world, Operator, &template);
    world.accept(of_another, &[Operator]);
    let by_other = retiring(&mut world, Operator, state, template_version(&template));
    assert_eq!(world.refuse(by_other, &[Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let unnamed = retiring(&mut world, BankA, state, Digest::default());
    assert_eq!(world.refuse(unnamed, &[BankA]), "AGREEMENT_TEMPLATE_NOT_NAMED");
    let sound = retiring(&mut world, BankA, state, template_version(&template));
    let kept =
        sound.clone().changed(|transaction| transaction.outputs.push(template_state(&template, BankA.address())));
    assert_eq!(world.refuse(kept, &[BankA]), "AGREEMENT_TEMPLATE_STATES");
    world.accept(sound, &[BankA]);
}

#[test]
fn a_template_has_one_text_and_one_owner() {
    let mut world = World::new();
    let template = escrow_template();
    let sound = publishing(&mut world, BankA, &template);
    let mut check = |change: &dyn Fn(&mut Transaction), code: &str| {
        assert_eq!(world.refuse(sound.clone().changed(change), &[BankA]), code);
    };
    check(&|transaction| transaction.outputs.clear(), "AGREEMENT_TEMPLATE_STATES");
    check(&|transaction| transaction.outputs[0].owner = BankB.address(), "AGREEMENT_TEMPLATE_FRAME");
    check(&|transaction| transaction.outputs[0].participants.push(BankB.address()), "AGREEMENT_TEMPLATE_FRAME");
    let document = |text: String| {
        move |transaction: &mut Transaction| {
            transaction.outputs[0].data =
                prost::Message::encode_to_vec(&wire::AgreementTemplate { document: text.clone() });
        }
    };
    check(&document(format!(" {}", template.text())), "ENCODING_NOT_CANONICAL");
    check(&document("{}".to_owned()), "AGREEMENT_JSON_FIELD_MISSING");
}

#[test]
fn an_agreement_is_what_its_template_makes() {
    let mut world = World::new();
    world.define();
    let template = escrow_template();
    let state = publish(&mut world, &template);
    let (sound, contract) = made(&world, &template, state);
    let mut check = |made: Made, contract: Language, code: &str| {
        let builder = opening(&mut world, made, contract);
        assert_eq!(world.refuse(builder, &PARTIES), code);
    };
    let dearer = Made { arguments: sound.arguments.replace("60", "61"), ..sound.clone() };
    check(dearer, contract.clone(), "AGREEMENT_TEMPLATE_DIFFERS");
    let other = Made { version: Digest::default(), ..sound.clone() };
    check(other, contract.clone(), "AGREEMENT_TEMPLATE_NOT_READ");
    let nothing = Made { arguments: "{}".to_owned(), ..sound.clone() };
    check(nothing, contract.clone(), "AGREEMENT_PARAMETER_MISSING");
    let builder = opening(&mut world, sound.clone(), contract.clone());
    let unnamed = builder.clone().changed(|transaction| {
        let mut agreement = read_agreement(&transaction.outputs[0]).unwrap();
        agreement.template = None;
        transaction.outputs[0] = agreement_state(&agreement, PARTIES.map(Who::address));
    });
    assert_eq!(world.refuse(unnamed, &PARTIES), "AGREEMENT_TEMPLATE_MISSING");
    world.accept(builder, &PARTIES);
}

/// The house's templates fit into a state, and a chain takes them all.
#[test]
fn every_template_of_the_house_is_published() {
    let mut world = World::new();
    for of_house in &BUILT_IN {
        publish(&mut world, &of_house.template().unwrap());
    }
}
