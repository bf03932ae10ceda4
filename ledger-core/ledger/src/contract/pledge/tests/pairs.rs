//! Every rule of the commands that keep a pledge going has a transaction that breaks it alone.

use super::*;
use crate::contract::title::{SPLIT, Title, title_state};
use crate::{State, Transaction};

const EVERYBODY: [Who; 5] = [Depositor, BankA, BankB, Operator, Supplier];

fn minor(minor: u64) -> Amount {
    Amount::from_minor(minor).unwrap()
}

fn named(state: &State) -> PledgedTitle {
    let Title { title, number, quantity, .. } = read_title(state).unwrap();
    PledgedTitle { title, number, quantity }
}

/// The pledge of WR-1 with two further titles of the depositor's that are free.
struct Scene {
    world: World,
    title: StateRef,
    pledge: StateRef,
    further: [StateRef; 2],
}

fn scene() -> Scene {
    let (mut world, title, pledge) = pledged();
    let further = ["WR-2", "WR-3"].map(|number| world.issue_title(number));
    Scene { world, title, pledge, further }
}

impl Scene {
    fn cover(&self) -> Cover {
        read_cover(&self.world.state(self.pledge)).unwrap()
    }

    fn locked(&self, title: StateRef) -> State {
        let state = self.world.state(title);
        moved(&state, state.owner, vec![pledge_lock(&self.cover().pledge)]).unwrap()
    }

    fn freed(&self, title: StateRef) -> State {
        let state = self.world.state(title);
        moved(&state, state.owner, Vec::new()).unwrap()
    }

    /// The pledge over these titles, so much more of it pledged.
    fn over(&self, titles: &[&State], more: u64) -> State {
        let cover = self.cover();
        let after = cover.over(titles.iter().map(|state| named(state)).collect()).unwrap();
        cover_state(&Cover { pledged: cover.pledged.checked_add(minor(more)).unwrap(), ..after })
    }

    fn check(
        &mut self,
        inputs: &[StateRef],
        outputs: Vec<State>,
        name: &str,
        message: &impl prost::Message,
        code: &str,
    ) {
        let builder = inputs.iter().fold(self.world.build(BankA), |builder, input| builder.input(*input));
        let builder = outputs.into_iter().fold(builder, TransactionBuilder::output);
        let mut transaction: Transaction = builder.build();
        let (name, arguments) = (name.to_owned(), message.encode_to_vec());
        transaction.commands = vec![crate::Command { contract: id(), name, arguments }];
        assert_eq!(submit(&mut self.world, transaction, &EVERYBODY), code);
    }
}

#[test]
fn commands_are_for_the_pledges_they_name() {
    let mut scene = scene();
    let [first, second] = scene.further;
    let other = scene.world.pledge(first, Depositor, BankB);
    let (first, other) = refs(scene.world.accept(other, &EVERYBODY));
    let (title, pledge) = (scene.title, scene.pledge);
    let id_of = |scene: &Scene, pledge| read_pledge(&scene.world.state(pledge)).unwrap().pledge.to_vec();
    let (named_id, other_id) = (id_of(&scene, pledge), id_of(&scene, other));
    let release = wire::PledgeRelease { pledge: other_id.clone(), quantity: 6_000 };
    let free = scene.freed(title);
    scene.check(&[title, pledge], vec![free], RELEASE, &release, "PLEDGE_NOT_CONSUMED");
    let top_up = wire::PledgeTopUp { pledge: named_id.clone() };
    let (kept, comes, others) = (scene.world.state(title), scene.locked(second), scene.world.state(other));
    let after = scene.over(&[&kept, &comes], 6_000);
    scene.check(&[second], vec![comes.clone()], TOP_UP, &top_up, "PLEDGE_NOT_CONSUMED");
    scene.check(&[second], vec![comes.clone(), after.clone()], TOP_UP, &top_up, "PLEDGE_CREATED_UNASKED");
    let with_other = vec![comes.clone(), after.clone(), others.clone()];
    scene.check(&[second, pledge, other], with_other, TOP_UP, &top_up, "PLEDGE_OTHERS_TOUCHED");
    scene.check(&[second, pledge], vec![comes.clone()], TOP_UP, &top_up, "PLEDGE_ENDS_UNASKED");
    let doubled = vec![comes.clone(), after.clone(), after.clone()];
    scene.check(&[second, pledge], doubled, TOP_UP, &top_up, "PLEDGE_CREATED_UNASKED");
    scene.check(&[second, pledge], vec![comes, after, others.clone()], TOP_UP, &top_up, "PLEDGE_CREATED_UNASKED");
    let none = wire::PledgeSubstitute { pledges: Vec::new() };
    scene.check(&[pledge], vec![scene.world.state(pledge)], SUBSTITUTE, &none, "PLEDGE_NOT_CONSUMED");
    let one = wire::PledgeSubstitute { pledges: vec![named_id.clone()] };
    let both = vec![scene.world.state(pledge), others];
    scene.check(&[pledge, other], both, SUBSTITUTE, &one, "PLEDGE_OTHERS_TOUCHED");
    let stays = vec![scene.world.state(pledge)];
    scene.check(&[pledge], stays, SUBSTITUTE, &one, "PLEDGE_NOTHING_LEAVES");
    scene.check(&[], Vec::new(), RANK, &wire::PledgeRank {}, "PLEDGE_NOTHING_RANKED");
    scene.check(&[first], vec![scene.world.state(first)], "melt", &wire::PledgeRank {}, "PLEDGE_COMMAND_UNKNOWN");
}

#[test]
fn titles_come_and_leave_by_their_commands() {
    let mut scene = scene();
    let ([first, _], title, pledge) = (scene.further, scene.title, scene.pledge);
    let id = scene.cover().pledge.pledge.to_vec();
    let (comes, goes, kept) = (scene.locked(first), scene.freed(title), scene.world.state(title));
    let top_up = wire::PledgeTopUp { pledge: id.clone() };
    let after = scene.over(&[&comes], 0);
    let outputs = vec![comes.clone(), goes.clone(), after];
    scene.check(&[first, title, pledge], outputs, TOP_UP, &top_up, "PLEDGE_TITLE_LEAVES");
    let more = vec![comes.clone(), scene.over(&[&kept, &comes], 5_999)];
    scene.check(&[first, pledge], more, TOP_UP, &top_up, "PLEDGE_NOT_WHAT_FOLLOWS");
    let release = wire::PledgeRelease { pledge: id, quantity: 1 };
    let outputs = vec![comes.clone(), scene.over(&[&kept, &comes], 6_000)];
    scene.check(&[first, pledge], outputs, RELEASE, &release, "PLEDGE_TITLE_COMES");
    // A rank changes with every title, and with nothing else.
    let ranked = |scene: &Scene, titles: &[&State]| {
        let cover = read_cover(&scene.over(titles, 0)).unwrap();
        Cover { pledge: Pledge { rank: 2, ..cover.pledge.clone() }, ..cover }
    };
    let rank = wire::PledgeRank {};
    let at = |state: &State, cover: &Cover| moved(state, state.owner, vec![pledge_lock(&cover.pledge)]).unwrap();
    let same = ranked(&scene, &[&kept]);
    scene.check(&[pledge], vec![cover_state(&same)], RANK, &rank, "PLEDGE_TITLE_NOT_CONSUMED");
    let with_further = ranked(&scene, &[&kept, &comes]);
    let outputs = vec![at(&kept, &same), at(&comes, &same), cover_state(&with_further)];
    scene.check(&[title, first, pledge], outputs, RANK, &rank, "PLEDGE_TITLES_CHANGE");
    let cheaper = Cover { pledge: Pledge { secured_maximum: minor(1), ..same.pledge.clone() }, ..same.clone() };
    let outputs = vec![at(&kept, &same), cover_state(&cheaper)];
    scene.check(&[title, pledge], outputs, RANK, &rank, "PLEDGE_NOT_WHAT_FOLLOWS");
    scene.check(&[title, pledge], vec![goes.clone()], RANK, &rank, "PLEDGE_ENDS_UNASKED");
    let outputs = vec![goes, cover_state(&same)];
    scene.check(&[title, pledge], outputs, RANK, &rank, "PLEDGE_TITLES_CHANGE");
}

#[test]
fn titles_under_a_pledge_are_of_its_holder_custodian_and_unit() {
    let mut scene = scene();
    let pledge = scene.pledge;
    let top_up = wire::PledgeTopUp { pledge: scene.cover().pledge.pledge.to_vec() };
    type Change = fn(&mut Title);
    let cases: [(Change, Who, &str); 2] = [
        (|_| {}, Supplier, "PLEDGE_PLEDGOR_DIFFERS"),
        (|title| title.unit = "C62".to_owned(), Depositor, "PLEDGE_UNIT_DIFFERS"),
    ];
    for (place, (change, holder, code)) in cases.into_iter().enumerate() {
        let mut title = scene.world.title(&format!("WR-{}", place + 7));
        change(&mut title);
        let contract = ContractId::built_in(crate::contract::title::NAME);
        let builder = scene.world.build(Operator).output(title_state(&title, holder.address()));
        let builder = builder.command(contract, crate::contract::title::ISSUE, &wire::TitleIssue {});
        let (further, _) = refs(scene.world.accept(builder, &[Operator, holder]));
        let (kept, comes) = (scene.world.state(scene.title), scene.locked(further));
        let outputs = vec![comes.clone(), scene.over(&[&kept, &comes], 6_000)];
        scene.check(&[further, pledge], outputs, TOP_UP, &top_up, code);
    }
    // Under another lock of the pledge's context the title is not its own.
    let further = scene.further[0];
    let (kept, mut comes) = (scene.world.state(scene.title), scene.locked(further));
    comes.locks[0].until_ms = Some(u64::MAX);
    let outputs = vec![comes.clone(), scene.over(&[&kept, &comes], 6_000)];
    scene.check(&[further, pledge], outputs, TOP_UP, &top_up, "PLEDGE_LOCK_DIFFERS");
}

/// A pledge that another's release only carries along keeps what it covers.
#[test]
fn a_pledge_that_is_carried_along_keeps_its_quantity() {
    let (mut world, title, first) = pledged();
    let builder = world.pledge_ranked(title, Depositor, BankB, 2);
    let (title, second) = refs(world.accept(builder, &EVERYBODY));
    let covers = [first, second].map(|pledge| read_cover(&world.state(pledge)).unwrap());
    let locks = world.state(title).locks;
    let part = |number: &str, quantity, locks: &[crate::Lock]| {
        let title = Title { quantity: minor(quantity), ..world.title(number) };
        title_state(&title, Depositor.address()).with_locks(locks.to_vec())
    };
    let (freed, kept) = (part("WR-1A", 2_000, &locks[1..]), part("WR-1B", 4_000, &locks));
    let bare = part("WR-1A", 2_000, &[]);
    let over = |cover: &Cover, titles: &[&State], released: u64| {
        let after = cover.over(titles.iter().map(|state| named(state)).collect()).unwrap();
        cover_state(&Cover { released: minor(released), ..after })
    };
    let split = wire::TitleSplit { title: named(&world.state(title)).title.to_vec() };
    let release = wire::PledgeRelease { pledge: covers[0].pledge.pledge.to_vec(), quantity: 2_000 };
    let mut check = |freed: &State, after: Option<State>, code: &str| {
        let builder = world.build(BankA).input(title).input(first).input(second);
        let builder = builder.output(freed.clone()).output(kept.clone()).output(over(&covers[0], &[&kept], 2_000));
        let builder = after.into_iter().fold(builder, TransactionBuilder::output);
        let builder = builder.command(ContractId::built_in(crate::contract::title::NAME), SPLIT, &split);
        world.submit(builder.command(id(), RELEASE, &release), &EVERYBODY).map_err(|rejection| {
            assert_eq!(rejection.code, code);
        })
    };
    assert!(check(&freed, None, "PLEDGE_ENDS_UNASKED").is_err());
    assert!(check(&bare, Some(over(&covers[1], &[&kept], 0)), "PLEDGE_QUANTITY_CHANGES").is_err());
    assert!(check(&freed, Some(over(&covers[1], &[&freed, &kept], 1)), "PLEDGE_NOT_WHAT_FOLLOWS").is_err());
    assert!(check(&freed, Some(over(&covers[1], &[&freed, &kept], 0)), "").is_ok());
}
