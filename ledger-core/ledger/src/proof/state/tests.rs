use proptest::prelude::*;

use super::*;
use crate::claim::ClaimIdentity;
use crate::contract::chain;
use crate::encoding::{Wire, encode};
use crate::fixture::*;
use crate::{Coded, ContractId, TitleId, wire};

const COURT: &str = "Court of Harbin, 2026/17";

/// A title pledged to bank A, another that is free, dollars paid away, and a frozen address.
struct Market {
    world: World,
    pledged: StateRef,
    free: StateRef,
    spent: StateRef,
}

fn market() -> Market {
    let mut world = World::new();
    let definition = world.define();
    let spent = world.issue(definition, Depositor, 100);
    let payment = world.transfer(Depositor, &[spent], &[(Supplier, 60), (Depositor, 40)]);
    world.accept(payment, &[Depositor]);
    let title = world.issue_title("WR-1");
    let pledge = world.pledge(title, Depositor, BankA);
    let pledged = StateRef { transaction: world.accept(pledge, &[Depositor, BankA, Operator]), index: 0 };
    let free = world.issue_title("WR-2");
    let subjects = vec![FreezeSubject::Address(BankB.address()).to_wire()];
    let order = wire::ChainFreeze { subjects, reference: COURT.to_owned() };
    let freeze = world.build(Administrator).command(ContractId::built_in(chain::NAME), chain::FREEZE, &order);
    world.accept(freeze, &[Administrator]);
    Market { world, pledged, free, spent }
}

/// The genesis is no block: a header of height 0 holds the root after nothing.
#[test]
fn a_header_without_a_height_proves_nothing() {
    let mut world = World::empty();
    let mut proof = world.prove(&Question::Supply(AssetId::default())).unwrap();
    assert!(proof.verify().is_ok());
    proof.header.height = 0;
    proof.finality = crate::block::seal(&proof.header.hash(), &World::recorder());
    assert_eq!(proof.verify().map(|_| ()).map_err(|error| error.code()), Err("STATE_PROOF_HEADER_HEIGHT"));
}

fn claim_of(world: &World, number: &str) -> ClaimKey {
    let parts = vec![Operator.address().to_string(), number.to_owned()];
    let kind = ClaimKind::Exclusive;
    world.secret.key(&ClaimIdentity { class: "document number", parts, output: 0, kind, near: Vec::new() })
}

/// Every kind of subject, each with a proof that holds after the wire.
fn every_proof(market: &mut Market) -> Vec<StateProof> {
    let world = &mut market.world;
    let (held, unknown) = (claim_of(world, "wr 1"), claim_of(world, "WR-9"));
    let asset = world.asset();
    let questions = [
        Question::State(market.free, BTreeSet::from([3])),
        Question::State(market.pledged, BTreeSet::new()),
        Question::State(market.spent, BTreeSet::new()),
        Question::Claim(held),
        Question::Claim(unknown),
        Question::Supply(asset),
        Question::Supply(AssetId::from_bytes([7; 32])),
        Question::Freeze(FreezeSubject::Address(BankB.address())),
        Question::Freeze(FreezeSubject::Address(BankA.address())),
    ];
    questions
        .iter()
        .map(|question| world.prove(question).unwrap_or_else(|error| panic!("{question:?}: {error}")))
        .collect()
}

#[test]
fn every_subject_is_proved_there_or_not() {
    let mut market = market();
    let proofs = every_proof(&mut market);
    let height = market.world.ledger.height() - u64::try_from(proofs.len()).unwrap();
    for (place, proof) in (0u64..).zip(&proofs) {
        let read: StateProof = decode(&encode(proof)).unwrap();
        assert_eq!(&read, proof);
        let proved = read.verify().unwrap();
        assert_eq!((proved.chain, proved.height), (market.world.ledger.chain(), height + place));
    }
    let claim = claim_of(&market.world, "WR-1");
    let asset = market.world.asset();
    let [free, pledged, spent, held, unknown, supply, none, frozen, not_frozen] = proofs.as_slice() else { panic!() };
    assert!(matches!(&free.subject, Subject::Unspent(state, _) if *state == market.free));
    assert!(matches!(&pledged.subject, Subject::Unspent(state, _) if *state == market.pledged));
    assert!(
        matches!(&spent.subject, Subject::Spent(created, 0) if created.verify().unwrap().transaction == market.spent.transaction)
    );
    assert_eq!(held.subject, Subject::ClaimHeld(claim, ClaimKind::Exclusive, BTreeSet::from([market.pledged])));
    assert!(matches!(unknown.subject, Subject::ClaimFree(_)));
    assert_eq!(supply.subject, Subject::Supply(asset, Some(Amount::from_minor(100).unwrap())));
    assert_eq!(none.subject, Subject::Supply(AssetId::from_bytes([7; 32]), None));
    let subject = FreezeSubject::Address(BankB.address());
    assert_eq!(frozen.subject, Subject::Frozen(subject, BTreeSet::from([COURT.to_owned()])));
    assert!(matches!(not_frozen.subject, Subject::NotFrozen(_)));
}

/// A title is shown to be free without its number; a pledged one is not.
#[test]
fn a_title_is_unpledged_or_not_without_its_other_fields() {
    let mut market = market();
    let free = market.world.prove(&Question::State(market.free, BTreeSet::from([3]))).unwrap();
    let pledged = market.world.prove(&Question::State(market.pledged, BTreeSet::new())).unwrap();
    let spent = market.world.prove(&Question::State(market.spent, BTreeSet::new())).unwrap();
    let proved = free.verify().unwrap();
    assert!(proved.is_unpledged());
    assert_eq!(proved.frame.unwrap().owner, Depositor.address());
    // Field 4, the quantity: 6,000 kg.
    assert_eq!(free.fields(), BTreeMap::from([(3, [0x20, 0xf0, 0x2e].as_slice())]));
    assert!(!encode(&free).windows(4).any(|window| window == b"WR-2"));
    assert!(!pledged.verify().unwrap().is_unpledged());
    assert!(!spent.verify().unwrap().is_unpledged());
}

/// No byte of a proof can be changed. What is absent is absent on the same path for other keys too, so that a changed key
/// may prove, truly, that another subject is absent; never anything else of the subject asked for.
#[test]
fn a_flipped_byte_proves_nothing_else() {
    for proof in every_proof(&mut market()) {
        let bytes = encode(&proof);
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            let Ok(damaged) = decode::<StateProof>(&damaged) else { continue };
            if damaged.verify().is_ok() {
                let says = (damaged.subject.is_there(), damaged.subject.entry().unwrap().0);
                assert!(!says.0 && !proof.subject.is_there(), "byte {place} of {} of {:?}", bytes.len(), proof.subject);
                assert_ne!(says.1, proof.subject.entry().unwrap().0);
            }
        }
    }
}

#[test]
fn a_proof_of_another_subject_height_or_chain_is_refused() {
    let mut market = market();
    let proofs = every_proof(&mut market);
    let check = |proof: StateProof, code: &str| assert_eq!(proof.verify().map_err(|error| error.code()), Err(code));
    let [free, pledged, spent, held, unknown, ..] = proofs.as_slice() else { panic!() };
    let Subject::Unspent(_, shown) = &free.subject else { panic!() };
    check(
        StateProof { subject: Subject::Unspent(market.pledged, shown.clone()), ..free.clone() },
        "STATE_PROOF_NOT_IN_MAP",
    );
    check(StateProof { subject: unknown.subject.clone(), ..held.clone() }, "STATE_PROOF_NOT_IN_MAP");
    // An older header carries another root: the state was free before it was pledged.
    let earlier = market.world.blocks[2].clone();
    check(
        StateProof { header: earlier.header, finality: earlier.finality, ..pledged.clone() },
        "STATE_PROOF_NOT_IN_MAP",
    );
    check(StateProof { finality: crate::Signature::from_bytes(&[0; 64]).unwrap(), ..free.clone() }, "PROOF_NOT_SEALED");
    let genesis = Genesis { name: "another".to_owned(), ..free.genesis.clone() };
    check(StateProof { genesis, ..free.clone() }, "PROOF_OTHER_CHAIN");
    let Subject::Spent(created, _) = &spent.subject else { panic!() };
    let other = StateProof { subject: Subject::Spent(created.clone(), 9), ..spent.clone() };
    assert!(other.verify().is_err());
}

/// A state that was not created yet is absent too, and yet not spent.
#[test]
fn what_is_created_later_or_never_is_not_spent() {
    let mut market = market();
    let world = &mut market.world;
    let before = world.ledger.clone();
    let sealing = |world: &World, height: u64| world.blocks[usize::try_from(height).unwrap() - 1].clone();
    let later = world.issue_title("WR-3");
    let created = world.inclusion(later.transaction);
    let refused = |question: &Question, created: Option<&InclusionProof>| {
        let sealing = sealing(world, before.height() + 1);
        let answer = Answer::of(&before, question, created)?;
        answer.sealed(before.genesis().clone(), sealing.header, sealing.finality)
    };
    let height = before.height();
    let question = Question::State(later, BTreeSet::new());
    let later_than_proof = Err(StateProofError::CreatedLater { created: height + 1, height });
    assert_eq!(refused(&question, Some(&created)), later_than_proof);
    assert_eq!(refused(&question, None), Err(StateProofError::CreationMissing { state: later }));
    let other = Question::State(market.free, BTreeSet::new());
    assert_eq!(refused(&other, Some(&created)), Err(StateProofError::CreationMissing { state: market.free }));
    let never = Question::State(StateRef { index: 5, ..later }, BTreeSet::new());
    assert_eq!(refused(&never, Some(&created)), Err(StateProofError::NoSuchOutput { output: 5 }));
}

proptest! {
    /// Whatever is asked of whatever freezes, the proof says what a plain list says.
    #[test]
    fn freezes_are_proved_as_a_list_says(frozen in prop::collection::btree_set(any::<u8>(), 1..20), asked in any::<u8>()) {
        let mut world = World::new();
        let title = |number: u8| FreezeSubject::Title(TitleId::from_bytes([number; 32]));
        let subjects = frozen.iter().map(|number| title(*number).to_wire()).collect();
        let order = wire::ChainFreeze { subjects, reference: COURT.to_owned() };
        let freeze = world.build(Administrator).command(ContractId::built_in(chain::NAME), chain::FREEZE, &order);
        world.accept(freeze, &[Administrator]);
        let proof = world.prove(&Question::Freeze(title(asked))).unwrap();
        let says = matches!(proof.subject, Subject::Frozen(..));
        prop_assert!(proof.verify().is_ok());
        prop_assert_eq!(says, frozen.contains(&asked));
        let orders = BTreeSet::from([COURT.to_owned()]);
        let opposite = if says { Subject::NotFrozen(title(asked)) } else { Subject::Frozen(title(asked), orders) };
        let wrong = StateProof { subject: opposite, ..proof };
        prop_assert!(wrong.verify().is_err());
    }
}
