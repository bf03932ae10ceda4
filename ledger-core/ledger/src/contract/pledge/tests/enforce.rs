use super::*;
use crate::contract::title::{self, TAKE};

/// The pledges end, the title goes to the taker.
fn enforce(world: &mut World, submitter: Who, title: StateRef, pledges: &[StateRef], to: Who) -> TransactionBuilder {
    let titled = world.state(title);
    let pledge = read_pledge(&world.state(pledges[0])).unwrap().pledge.to_vec();
    let take = wire::TitleTake { title: read_title(&titled).unwrap().title.to_vec(), to: to.address().to_vec() };
    let taken = moved(&titled, to.address(), Vec::new()).unwrap();
    let builder = world.build(submitter).input(title).output(taken);
    let builder = pledges.iter().fold(builder, |builder, pledge| builder.input(*pledge));
    let command = wire::PledgeEnforce { pledge, quantity: 6_000 };
    builder.command(ContractId::built_in(title::NAME), TAKE, &take).command(id(), ENFORCE, &command)
}

#[test]
fn the_pledgee_takes_or_sells_under_the_custodians_seal() {
    for (to, signers) in [(BankA, vec![BankA, Operator]), (Supplier, vec![BankA, Operator, Supplier])] {
        let (mut world, title, pledge) = pledged();
        for absent in &signers {
            let submitter = if *absent == BankA { Operator } else { BankA };
            let given: Vec<_> = signers.iter().copied().filter(|who| who != absent).collect();
            let builder = enforce(&mut world, submitter, title, &[pledge], to);
            assert_eq!(world.refuse(builder, &given), "AUTHORITY_SIGNATURES_MISSING");
        }
        let builder = enforce(&mut world, BankA, title, &[pledge], to);
        let (taken, _) = refs(world.accept(builder, &signers));
        assert_eq!(world.state(taken).owner, to.address());
        assert_eq!(world.replayed().unwrap().state_root(), world.ledger.state_root());
    }
}

#[test]
fn a_title_is_taken_on_its_own_pledge_only() {
    let (mut world, title, pledge) = pledged();
    let free = world.issue_title("WR-2");
    let builder = enforce(&mut world, BankA, free, &[pledge], BankA);
    assert_eq!(world.refuse(builder, &[BankA, Operator, Depositor]), "PLEDGE_DIFFERS");
    let mut bare = enforce(&mut world, BankA, title, &[pledge], BankA).build();
    bare.commands.retain(|command| command.contract.name() == title::NAME);
    bare.inputs.truncate(1);
    assert_eq!(submit(&mut world, bare, &[BankA, Operator, Depositor]), "TITLE_NOT_ENFORCED");
    let mut alone = enforce(&mut world, BankA, title, &[pledge], BankA).build();
    alone.commands.retain(|command| command.contract.name() == NAME);
    alone.outputs[0] = moved(&world.state(title), Depositor.address(), Vec::new()).unwrap();
    assert_eq!(submit(&mut world, alone, &[BankA, Operator]), "PLEDGE_STATES");
    let mut locked = enforce(&mut world, BankA, title, &[pledge], BankA).build();
    locked.outputs[0] = moved(&world.state(title), BankA.address(), world.state(title).locks).unwrap();
    assert_eq!(submit(&mut world, locked, &[BankA, Operator]), "PLEDGE_DIFFERS");
    for (to, code) in [(Operator, "TITLE_CHANGED"), (Depositor, "TITLE_HOLDER_DIFFERS")] {
        let builder = enforce(&mut world, BankA, title, &[pledge], to);
        assert_eq!(world.refuse(builder, &[BankA, Operator, Depositor]), code);
    }
}

#[test]
fn the_best_rank_enforces_and_later_ones_consent() {
    let (mut world, title, first) = pledged();
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let (title, second) = refs(world.accept(builder, &[Depositor, BankA, BankB, Operator]));
    let builder = enforce(&mut world, BankB, title, &[second, first], BankB);
    assert_eq!(world.refuse(builder, &[BankA, BankB, Operator]), "PLEDGE_NOT_SENIOR");
    let builder = enforce(&mut world, BankA, title, &[first], BankA);
    assert_eq!(world.refuse(builder, &[BankA, Operator]), "LOCK_WITHOUT_COMMAND");
    let builder = enforce(&mut world, BankA, title, &[first, second], BankA);
    assert_eq!(world.refuse(builder, &[BankA, Operator]), "AUTHORITY_SIGNATURES_MISSING");
    let builder = enforce(&mut world, BankA, title, &[first, second], BankA);
    world.accept(builder, &[BankA, BankB, Operator]);
}
