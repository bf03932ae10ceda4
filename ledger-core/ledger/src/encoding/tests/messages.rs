//! Every message of the schema: any of it reads back, and no other form of it is accepted.

use proptest::prelude::*;

use super::forms::other_forms;
use super::records::{nothing, parse};
use super::samples::{Chance, any_message};
use super::schema::Schema;
use crate::encoding::{EncodingError, decode_message};
use crate::wire;

/// Reads a message and writes it again.
type Again = fn(&[u8]) -> Result<Vec<u8>, EncodingError>;

fn again<M: prost::Message + Default>(bytes: &[u8]) -> Result<Vec<u8>, EncodingError> {
    Ok(decode_message::<M>(bytes)?.encode_to_vec())
}

macro_rules! messages {
    ($($message:ident)*) => {
        const MESSAGES: &[(&str, Again)] = &[$((stringify!($message), again::<wire::$message>)),*];
    };
}

// A message that the schema has and this list has not fails a test.
messages! {
    Policy Threshold Member Rule Authority
    StateRef Lock State
    Reference Command TimeWindow Claim Anchor Metadata Date Component Transaction PartySignature SignedTransaction
    BlockBounds Configuration Genesis Header Block
    InclusionProof Disclosure ShownComponent ShownState ShownField
    Sealed Opening
    Directory MapPath MapNeighbour StateProof ProvedUnspent ProvedSpent ProvedClaim ProvedSupply ProvedFreeze
    JournalEntry JournalContent JournalProof ArchiveRecord ArchiveEnd
    ArchiveJournal ArchiveJournalEntry ArchiveJournalReader
    Party PartyRecovery PartyRegister PartyChange PartyRequestRecovery PartyCancelRecovery PartyWithdrawRecovery
    PartyRecover PartyLearn
    SettlementLeg Settlement TokenHold TokenSettle TokenRelease PledgedMoney PledgeCollect SpendOrigin PurposePassOn
    Permissions ChainGrant ChainConfigure FreezeSubject ChainFreeze ChainUnfreeze ChainExecute
    TokenDefinition TransferPolicy ListedParties IssuerSigns TokenHolding TokenDefine TokenSupersede TokenAttestation
    TokenAttest TokenIssue TokenTransfer TokenRedeem
    Title TitleIssue TitleOffer TitleAccept TitleRefuse TitleWithdraw TitleSplit TitleMerge TitleTake TitleCarry
    Pledge PledgeCover PledgePublicity PledgePublicise PledgedTitle PledgeCreate PledgeRelease PledgeEnforce PledgeTopUp
    PledgeSubstitute PledgeRank
    PurposePayee PurposeTerms PurposeSpent Purpose Spend PurposeOpen PurposeBind PurposeUnbind PurposeSpend
    PurposeRefund PurposeReturn
    PriceFeed PricePoint Price PriceDefine PriceQuote PricePublish
    Obligation NettingConsent ObligationCreate ObligationSettle ObligationAssign ObligationConsent ObligationCancel
    ObligationNet
    Loan LoanTerm LoanRate LoanPrepayment LoanParts LoanOpen LoanRepay LoanObserve LoanAssign LoanCancel
    NettingRound NettingRoundGathering NettingRoundChecking NettingRoundCommitted NettingRoundVoided
    NettingRoundOpen NettingRoundJoin NettingRoundWithdraw NettingRoundPropose NettingRoundCheck NettingRoundVoid
    NettingRoundApply NettingRoundRelease NettingRow NettedRow
    Agreement AgreementRole AgreementToken AgreementOpen AgreementStep AgreementTemplate AgreementPublish AgreementRetire
    TradeNote TradeNoteDispute TradeNoteIssue TradeNoteRaise TradeNoteResolve TradeNotePay TradeNoteVoid
}

#[test]
fn every_message_of_the_schema_is_in_the_list() {
    let mut listed: Vec<_> = MESSAGES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(Schema::published().names().collect::<Vec<_>>(), listed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_message_is_accepted_in_its_one_form_alone(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let schema = Schema::published();
        for (name, again) in MESSAGES {
            let good = any_message(&schema, name, &mut Chance::new(&bytes));
            prop_assert_eq!(again(&good), Ok(good.clone()), "{}", name);
            let records = parse(&schema, name, &good, nothing);
            for (what, other) in other_forms(&schema, name, &records) {
                prop_assert!(again(&other).is_err(), "{name}, {what}: {}", hex::encode(&other));
            }
            let mut ends = vec![0];
            records.iter().for_each(|record| ends.push(ends.last().unwrap() + record.bytes().len()));
            for length in 0..good.len() {
                let is_whole = ends.contains(&length);
                prop_assert_eq!(again(&good[..length]).is_ok(), is_whole, "{} cut after {} bytes", name, length);
            }
        }
    }
}
