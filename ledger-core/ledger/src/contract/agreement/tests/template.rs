//! What the house's templates come to is opened on a chain.

use ledger_agreement::template::{BUILT_IN, Named, RoleKind, Template, TokenKind};
use ledger_agreement::{Json, example::Example};

use super::*;
use crate::{FeedId, TitleId};

/// The names that a role or a token stands for with these arguments.
fn names<K>(named: &Named<K>, arguments: &Json) -> Vec<String> {
    let Some(list) = &named.for_each else { return vec![named.name.clone()] };
    let Json::Object(fields) = arguments else { panic!("arguments are an object") };
    let entries = fields.iter().find_map(|(name, value)| match value {
        Json::Array(entries) if name == list => Some(entries.len()),
        _ => None,
    });
    (1..=entries.expect("the list is given")).map(|number| format!("{} {number}", named.name)).collect()
}

/// Parties are depositor and supplier in turn, prices come from a feed, and what is no money is a title.
fn bound(world: &World, template: &Template, example: &Example) -> Binding {
    let mut binding = Binding::default();
    let mut parties = [Depositor, Supplier].into_iter().cycle();
    for role in &template.roles {
        for name in names(role, &example.parameters) {
            let actor = match role.kind {
                RoleKind::Party => Actor::Party(parties.next().unwrap().address()),
                RoleKind::Feed => Actor::Feed(FeedId::derive(&world.ledger.chain(), &BankA.address(), "AL-A00")),
            };
            binding.roles.insert(name, actor);
        }
    }
    for (token, id) in template.tokens.iter().zip(1..) {
        let what = match (token.kind, token.name.as_str()) {
            (TokenKind::Asset, "Money") => What::Asset(world.asset()),
            _ => What::Title(TitleId::from_bytes([id; 32])),
        };
        for token_name in names(token, &example.parameters) {
            binding.tokens.insert(Token { currency_symbol: String::new(), token_name }, what);
        }
    }
    binding
}

#[test]
fn every_template_with_its_example_is_opened() {
    for built_in in &BUILT_IN {
        let (template, example) = (built_in.template().unwrap(), built_in.example().unwrap());
        let contract = Arc::new(template.instantiate(&example.parameters).unwrap());
        let mut world = World::new();
        world.define();
        world.now_ms = world.now_ms.max(u64::try_from(&example.opened_at).unwrap());
        let terms = Terms {
            contract: Arc::clone(&contract),
            binding: bound(&world, &template, &example),
            salt: [5; 32],
            template: Some(template_version(&template)),
        };
        let builder = terms.open(frame(&mut world, Depositor)).unwrap();
        let agreement = StateRef { transaction: world.accept(builder, &[Depositor, Supplier]), index: 0 };
        let opened = read_agreement(&world.state(agreement)).unwrap();
        assert_eq!(
            (opened.contract, opened.template),
            (contract, Some(template_version(&template))),
            "{}",
            built_in.name
        );
    }
}
