//! Every value with a wire form: it reads back, and no other form of it is accepted, however deep in it that stands.

use proptest::prelude::*;

use super::forms::other_forms;
use super::records::{parse, transactions};
use super::samples::{Chance, sound_message};
use super::schema::Schema;
use crate::contract::{agreement, loan, netting_round, obligation, pledge, price, purpose, title, token, trade_note};
use crate::encoding::{Wire, decode, encode};
use crate::{freeze, party};

fn check<T: Wire + PartialEq + std::fmt::Debug>(message: &'static str, chance: &[u8]) -> Result<(), TestCaseError> {
    let schema = Schema::published();
    let good = sound_message(&schema, message, &mut Chance::new(chance));
    let value = decode::<T>(&good);
    prop_assert!(value.is_ok(), "{message}: {value:?}: {}", hex::encode(&good));
    let value = value.unwrap();
    prop_assert_eq!(encode(&value), good.clone(), "{}", message);
    for (what, other) in other_forms(&schema, message, &parse(&schema, message, &good, transactions)) {
        let read = decode::<T>(&other);
        prop_assert!(read.is_err(), "{message}, {what}: {}", hex::encode(&other));
    }
    for length in 0..good.len() {
        let cut = decode::<T>(&good[..length]);
        prop_assert!(cut.as_ref() != Ok(&value), "{message} cut after {length} bytes");
        prop_assert!(cut.is_err() || encode(&cut.unwrap()) == good[..length]);
    }
    Ok(())
}

macro_rules! values {
    ($($name:ident: $value:ty as $message:ident;)*) => {
        /// Values that are checked here, by type.
        pub(crate) const VALUES: &[&str] = &[$(stringify!($value)),*];

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(24))]
            $(#[test]
            fn $name(chance in prop::collection::vec(any::<u8>(), 0..500)) {
                check::<$value>(stringify!($message), &chance)?;
            })*
        }
    };
}

// A value with a wire form that is not listed here fails a test.
values! {
    policies: crate::Policy as Policy;
    authorities: crate::Authority as Authority;
    references_to_states: crate::StateRef as StateRef;
    locks: crate::Lock as Lock;
    states: crate::State as State;
    references: crate::Reference as Reference;
    commands: crate::Command as Command;
    time_windows: crate::TimeWindow as TimeWindow;
    claims: crate::Claim as Claim;
    anchors: crate::Anchor as Anchor;
    dates: crate::Date as Date;
    transactions_unsigned: crate::Transaction as Transaction;
    transactions_signed: crate::SignedTransaction as SignedTransaction;
    bounds: crate::Bounds as BlockBounds;
    configurations: crate::configuration::Configuration as Configuration;
    geneses: crate::Genesis as Genesis;
    headers: crate::Header as Header;
    blocks: crate::Block as Block;
    inclusion_proofs: crate::InclusionProof as InclusionProof;
    disclosures: crate::disclosure::Disclosure as Disclosure;
    parties: party::PartyRecord as Party;
    permissions: party::Permissions as Permissions;
    freezes: freeze::FreezeSubject as FreezeSubject;
    token_definitions: token::TokenDefinition as TokenDefinition;
    transfer_policies: token::TransferPolicy as TransferPolicy;
    attestations: token::Attestation as TokenAttestation;
    titles: title::Title as Title;
    pledges: pledge::Pledge as Pledge;
    covers: pledge::Cover as Pledge;
    publicities: pledge::Publicity as PledgePublicity;
    purposes: purpose::Purpose as Purpose;
    purpose_terms: purpose::PurposeTerms as PurposeTerms;
    purpose_payees: purpose::Payee as PurposePayee;
    spends: purpose::Spend as Spend;
    feeds: price::PriceFeed as PriceFeed;
    prices: price::Price as Price;
    obligations: obligation::Obligation as Obligation;
    netting_consents: obligation::NettingConsent as NettingConsent;
    agreements: agreement::Agreement as Agreement;
    loans: loan::Loan as Loan;
    loan_terms: loan::Term as LoanTerm;
    loan_rates: loan::Rate as LoanRate;
    loan_prepayments: loan::Prepayment as LoanPrepayment;
    loan_parts: loan::Parts as LoanParts;
    netting_rounds: netting_round::NettingRound as NettingRound;
    trade_notes: trade_note::TradeNote as TradeNote;
    disputes: trade_note::Dispute as TradeNoteDispute;
    directories: crate::Directory as Directory;
    recoveries: party::Recovery as PartyRecovery;
    learned_records: crate::contract::party::Learn as PartyLearn;
    settlements: crate::Settlement as Settlement;
    sealed_fields: crate::Sealed as Sealed;
    openings: crate::Opening as Opening;
    map_paths: crate::state_map::MapPath as MapPath;
    state_proofs: crate::StateProof as StateProof;
    journal_entries: crate::journal::JournalEntry as JournalEntry;
    journal_contents: crate::journal::JournalContent as JournalContent;
    journal_proofs: crate::journal::JournalProof as JournalProof;
    archive_records: crate::archive::Record as ArchiveRecord;
    archived_journals: crate::archive::ArchivedJournal as ArchiveJournal;
    archived_entries: crate::archive::ArchivedEntry as ArchiveJournalEntry;
    archived_readers: crate::archive::ArchivedReader as ArchiveJournalReader;
}
