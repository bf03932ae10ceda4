//! The replay corpus: committed chains that every later release must accept, bit for bit.
//!
//! A chain is what a test of a contract committed, recorded while that test runs with `HIVE_WRITE_CORPUS=1`. What the files
//! hold, and when they may be written, `corpus/README.md` says.

// The corpus is files, and only a person asks for writing them: nothing of this is compiled into the library.
#![expect(clippy::disallowed_methods, reason = "tests read and write the committed files")]

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use crate::encoding::{decode, encode};
use crate::fixture::World;
use crate::verify::{Depth, Rules, replay};
use crate::{Block, ClaimCheck, ClaimSecret, ContractSet, Genesis, Ledger};

/// The tests whose chains are recorded; together they exercise every command of every built-in contract.
const SCENARIOS: &[&str] = &[
    "contract::party::tests::keys_change_by_the_old_authority_and_bind_at_once",
    "contract::party::tests::recovery::a_lost_key_is_recovered_after_the_delay_and_not_a_millisecond_before",
    "contract::party::tests::recovery::the_owner_cancels_within_the_delay",
    "contract::party::tests::recovery::the_guardian_withdraws",
    "contract::party::tests::learn::a_party_acts_on_a_chain_that_has_learned_its_record",
    "contract::chain::tests::permissions_are_replaced_by_the_administrator",
    "contract::chain::tests::configure::a_disabled_contract_takes_no_command_and_loses_no_state",
    "contract::chain::tests::order::orders_are_the_administrators_and_each_is_lifted_by_itself",
    "contract::chain::tests::execute::what_an_order_froze_is_paid_out_without_its_owner",
    "contract::chain::tests::permission::permissions_change_with_the_next_block",
    "contract::token::tests::define_issue_transfer_and_redeem_run_through",
    "contract::token::tests::backing::issues_consume_an_attestation_until_nothing_is_left",
    "contract::token::tests::succession::title_backing_and_maximal_supply_may_change",
    "contract::token::tests::transfer_policy::listed_parties_and_the_issuer_receive",
    "contract::purpose::tests::lifecycle::the_lender_binds_more_and_frees",
    "contract::purpose::tests::lifecycle::value_moves_between_purposes_of_the_same_parties",
    "contract::purpose::tests::lifecycle::refunds_restore_the_same_purpose_up_to_what_was_paid",
    "contract::purpose::tests::scenario::misuse_of_purpose_bound_funds_is_refused_and_the_rest_returns",
    "contract::purpose::tests::scenario::three_payees_get_what_was_lent_for_them",
    "contract::purpose::tests::onward::refunds_go_back_hop_by_hop",
    "contract::purpose::tests::onward::after_the_end_bound_value_returns_from_every_holder",
    "settlement::tests::a_part_is_settled_and_the_rest_stays_held_or_returns",
    "settlement::tests::the_locker_releases_to_the_owner_alone",
    "settlement::tests::delivery::title_and_money_change_hands_in_one_transaction",
    "contract::title::tests::an_offer_is_accepted_under_the_custodians_seal",
    "contract::title::tests::a_refused_offer_leaves_the_holder",
    "contract::title::tests::an_open_offer_binds_the_holder_and_an_ended_one_the_transferee",
    "contract::title::tests::split::a_title_is_split_by_holder_and_custodian_and_merged_again",
    "contract::pledge::tests::the_pledgee_alone_releases_the_whole_once",
    "contract::pledge::tests::cover::a_part_is_released_by_splitting_the_title",
    "contract::pledge::tests::cover::ranks_change_with_the_consent_of_all",
    "contract::pledge::tests::exchange::a_pledge_is_topped_up_and_released_title_by_title",
    "contract::pledge::tests::exchange::a_title_is_substituted_by_one_of_at_least_its_quantity",
    "contract::pledge::tests::enforce::the_pledgee_sells_under_the_custodians_seal",
    "contract::pledge::tests::money::ranks_collect_in_their_order_and_the_rest_is_the_pledgors",
    "contract::pledge::tests::debt::an_enforcement_pays_the_debt_once_and_the_debtor_need_not_sign",
    "contract::pledge::tests::publicity::a_pledge_is_noted_in_a_register_once",
    "contract::agreement::tests::an_escrow_pays_the_seller_when_the_buyer_accepts",
    "contract::agreement::tests::deadline::deadlines_that_follow_each_other_are_taken_at_once",
    "contract::agreement::tests::delivery::title_and_money_change_hands_in_one_step",
    "contract::agreement::tests::fact::a_price_that_the_contract_waits_for_is_taken_without_anybody",
    "contract::agreement::tests::template::two_versions_stand_at_once_and_running_agreements_keep_theirs",
    "contract::price::tests::the_median_is_published_without_the_owner",
    "contract::obligation::tests::the_debtor_settles_in_parts_with_payments_to_the_creditor",
    "contract::obligation::tests::an_assignment_needs_both_creditors_and_shows_the_debtor",
    "contract::obligation::tests::each_side_consents_to_netting_for_itself",
    "contract::obligation::tests::both_sides_cancel_and_nothing_is_left",
    "contract::loan::tests::an_assignment_needs_both_lenders_and_shows_the_borrower",
    "contract::loan::tests::both_sides_cancel_and_the_document_stays_used",
    "contract::loan::tests::bound::what_comes_back_out_of_the_purpose_repays_the_loan",
    "contract::loan::tests::bound::when_the_loan_ends_what_is_left_bound_is_the_borrowers_without_the_lender",
    "contract::loan::tests::figures::the_handbooks_annuity_is_paid_to_the_fen",
    "contract::loan::tests::observing::the_rate_follows_its_feed_and_nothing_falls_due_past_a_reset_before",
    "contract::loan::tests::repaying::principal_is_paid_early_where_the_terms_allow_it",
    "contract::netting_round::tests::a_ring_of_six_debts_is_cleared_as_far_as_cycles_go",
    "contract::netting_round::tests::gathering::a_member_withdraws_and_joins_again",
    "contract::netting_round::tests::after::a_voided_round_frees_what_it_held",
    "contract::trade_note::tests::the_payer_pays_in_parts_exactly_what_the_payee_receives",
    "contract::trade_note::tests::a_disputed_note_is_not_paid_until_both_resolve_it",
    "contract::trade_note::tests::both_void_a_note_disputed_or_not",
];

/// A chain of the corpus.
struct Chain {
    /// Folder and file, e.g. `0.1/title-split-…`.
    name: String,
    genesis: Genesis,
    secret: ClaimSecret,
    blocks: Vec<Block>,
    /// As committed beside it: height, tip and state root.
    expected: String,
}

thread_local! {
    /// Blocks of the longest chain that this thread's test has recorded.
    static LONGEST: Cell<usize> = const { Cell::new(0) };
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}

/// Height, tip and state root of a chain, as the corpus notes them.
fn outcome(ledger: &Ledger) -> String {
    format!("height {}\ntip {}\nstate root {}\n", ledger.height(), ledger.tip(), ledger.state_root())
}

/// Writes the chain of a test that is a scenario; the longest one, where the test makes several.
pub(crate) fn record(world: &World) {
    if std::env::var("HIVE_WRITE_CORPUS").as_deref() != Ok("1") {
        return;
    }
    let thread = std::thread::current();
    let Some(scenario) = SCENARIOS.iter().find(|scenario| thread.name() == Some(scenario)) else { return };
    if world.blocks.len() <= LONGEST.get() {
        return;
    }
    LONGEST.set(world.blocks.len());
    let folder = root().join(concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR")));
    fs::create_dir_all(&folder).unwrap();
    let mut bytes = Vec::new();
    let blocks = world.blocks.iter().map(encode);
    for part in [encode(world.ledger.genesis()), World::SECRET.to_vec()].into_iter().chain(blocks) {
        bytes.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        bytes.extend(part);
    }
    let file = scenario.trim_start_matches("contract::").replace("::tests", "").replace("::", "-");
    fs::write(folder.join(format!("{file}.chain")), bytes).unwrap();
    // The last block is recorded before it is applied, so the outcome is what a replay of all gives.
    let chain = read(folder.join(format!("{file}.chain")), String::new());
    fs::write(folder.join(format!("{file}.txt")), outcome(&chain.replayed())).unwrap();
}

fn parts(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (part, after) = rest.split_at(usize::try_from(u32::from_be_bytes(*length)).unwrap());
        parts.push(part);
        bytes = after;
    }
    assert!(bytes.is_empty(), "a chain's file ends with its last block");
    parts
}

fn read(path: PathBuf, expected: String) -> Chain {
    let bytes = fs::read(&path).unwrap();
    let parts = parts(&bytes);
    let name = path.strip_prefix(root()).unwrap().with_extension("").display().to_string();
    Chain {
        name,
        genesis: decode(parts[0]).unwrap(),
        secret: ClaimSecret::from_bytes(parts[1].try_into().unwrap()),
        blocks: parts[2..].iter().map(|block| decode(block).unwrap()).collect(),
        expected,
    }
}

/// The committed chains of all releases, by name.
fn stored() -> Vec<Chain> {
    let mut chains = Vec::new();
    for release in fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let files = fs::read_dir(release).unwrap().map(|entry| entry.unwrap().path());
        for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "chain")) {
            let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
            chains.push(read(path, expected));
        }
    }
    chains.sort_by(|one, other| one.name.cmp(&other.name));
    chains
}

impl Chain {
    /// Everything verified, as an outsider would.
    fn replayed(&self) -> Ledger {
        let contracts = ContractSet::built_in();
        let rules = Rules { contracts: &contracts, claims: ClaimCheck::Secret(&self.secret) };
        let mut ledger = Ledger::from_genesis(self.genesis.clone()).unwrap();
        for block in &self.blocks {
            let verified = replay(block, &ledger, &ledger, rules, Depth::Everything);
            let verified = verified.unwrap_or_else(|error| panic!("{}: {error}", self.name));
            ledger.apply(&verified).unwrap();
        }
        ledger
    }
}

#[cfg(test)]
mod tests;
