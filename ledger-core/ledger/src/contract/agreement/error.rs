//! Why an agreement's transaction is refused.

use ledger_agreement::analysis::AnalysisError;
use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::contract::agreement::open::OUTPUTS_MAX;
use crate::encoding::EncodingError;
use crate::error::Coded;
use crate::id::{Address, AgreementId, ContractId, FeedId};
use crate::state::State;

/// Why an agreement's transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AgreementError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A quantity out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// A title that cannot be read.
    #[error(transparent)]
    Title(#[from] crate::contract::title::TitleError),
    /// Not a command of the contract.
    #[error("the contract agreement has no command {name:?}; it has open and step")]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// Not one new agreement.
    #[error("open creates one agreement and nothing else, and consumes nothing")]
    OpenStates,
    /// An id that is another's.
    #[error("the id of the agreement does not follow from chain and command")]
    IdDiffers,
    /// It has taken a step, or holds something, or begins at another time.
    #[error("a new agreement has taken no step, remembers nothing, and begins with the time window at {from_ms}")]
    NotNew {
        /// When the window begins, milliseconds UTC.
        from_ms: u64,
    },
    /// A contract that does not wait for anything first.
    #[error(
        "the contract does not begin with a \"when\"; let it wait for its first deposit or choice until a deadline"
    )]
    NotWaiting,
    /// The first deadline is past before the agreement stands.
    #[error("the first deadline {deadline} is before the end of the time window {until_ms}; open it earlier")]
    DeadlinePast {
        /// Milliseconds UTC, as the contract has it.
        deadline: String,
        /// When the window ends, milliseconds UTC.
        until_ms: u64,
    },
    /// It could leave the ledger's bounds.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// What it comes to remember could be more than a state holds.
    #[error(
        "the agreement could come to {bytes} bytes, more than {}; name fewer accounts, choices and values, or split it",
        State::DATA_BYTES_MAX
    )]
    CouldOutgrow {
        /// As many as it could come to.
        bytes: usize,
    },
    /// A value is where a step's interval begins or ends.
    #[error(
        "the contract reads the time of a step; whoever sends the step would choose it, so state times as constants"
    )]
    ReadsInterval,
    /// A role that is nobody.
    #[error("the role {role:?} is bound to no party")]
    RoleUnbound {
        /// The role.
        role: String,
    },
    /// A role that the contract does not have.
    #[error("the contract has no role {role:?}; leave it out")]
    RoleUnused {
        /// The role.
        role: String,
    },
    /// A party that is no address.
    #[error("{text:?} is no address; write it as hc1…, or use a role")]
    AddressForm {
        /// What stands there.
        text: String,
    },
    /// A feed that holds something, or pays or is paid.
    #[error("the role {role:?} is a feed; it chooses, and neither holds nor pays nor is paid")]
    FactIsNoParty {
        /// The role.
        role: String,
    },
    /// A token that is nothing.
    #[error("the token {token:?} is bound to no asset or title")]
    TokenUnbound {
        /// The token's name.
        token: String,
    },
    /// A token that the contract does not have.
    #[error("the contract has no token {token:?}; leave it out")]
    TokenUnused {
        /// The token's name.
        token: String,
    },
    /// Two tokens that are one thing.
    #[error("two tokens are bound to one asset or title; name it by one token")]
    TokenTwice,
    /// Owner, participants or locks of its state.
    #[error("an agreement is its own, seen by all its parties and nobody else, without locks")]
    FrameDiffers,
    /// Not one agreement.
    #[error("step consumes the one agreement that it names")]
    NotNamed,
    /// No case takes what was done.
    #[error("the agreement {agreement} waits for none of this; read its present state for what it waits for")]
    NoMatch {
        /// The agreement.
        agreement: AgreementId,
    },
    /// A deadline within the window.
    #[error("the deadline {deadline} lies within the time window; let the window end there, or begin")]
    DeadlineWithinWindow {
        /// Milliseconds UTC, as the contract has it.
        deadline: String,
    },
    /// The window ends before the agreement's last step.
    #[error("the time window ends before the agreement's last step at {since}")]
    WindowPast {
        /// Milliseconds UTC, as the agreement remembers it.
        since: String,
    },
    /// Nothing would happen.
    #[error("nothing would happen by this step; wait for the deadline, or do what the agreement waits for")]
    Useless,
    /// A number too large to compute.
    #[error("a value of the contract has {bits} bits, more than are computed")]
    ValueTooLarge {
        /// As many as it has.
        bits: u64,
    },
    /// More than an amount can be.
    #[error("{amount} are to be paid in, more than an amount can be")]
    AmountTooLarge {
        /// As the contract has it.
        amount: String,
    },
    /// A title in parts or many times.
    #[error("a title is paid in and out whole: 1 of its token, not {amount}")]
    TitleInParts {
        /// As the contract has it.
        amount: String,
    },
    /// Something else is asked beside a step.
    #[error("a step stands beside token/transfer and title/carry alone, not beside a command for {contract}; split it")]
    CommandBeside {
        /// The contract.
        contract: ContractId,
    },
    /// What the transaction makes is not what the step makes.
    #[error("the outputs are not those of the step; let the node build them")]
    OutputsDiffer,
    /// Something is consumed that the step does not move.
    #[error("the step consumes something of {owner} that it does not move; leave it out")]
    InputUnasked {
        /// Whose.
        owner: Address,
    },
    /// A depositor consumes less than it pays in.
    #[error("{depositor} pays in {asked} and consumes {consumed}, in smallest units; consume more of its holdings")]
    DepositShort {
        /// Who pays in.
        depositor: Address,
        /// How much.
        asked: u64,
        /// What it consumes of the asset.
        consumed: u64,
    },
    /// The title that moves is not consumed.
    #[error("a title that the step moves is not consumed by it, or not its depositor's")]
    TitleNotConsumed,
    /// The price is not at hand.
    #[error(
        "the step takes a price of the feed {feed} and refers to none with its value; refer to the price's state as past"
    )]
    FactNotReferred {
        /// The feed.
        feed: FeedId,
    },
    /// A price beside something else.
    #[error("the step takes a price of the feed {feed} beside something else; take it alone")]
    FactBeside {
        /// The feed.
        feed: FeedId,
    },
    /// A price past the deadline.
    #[error("the step takes a price of the feed {feed} after the deadline; end the time window there")]
    FactAfterDeadline {
        /// The feed.
        feed: FeedId,
    },
    /// A wait for prices of several kinds.
    #[error("the contract waits for several prices at once; let it wait for one, and then for the next")]
    SeveralFacts,
    /// A deadline carried out from a moment of the sender's choice.
    #[error("the step that a deadline allows begins at {from_ms}; begin its time window there")]
    DeadlineBegin {
        /// Where it begins, milliseconds UTC.
        from_ms: u64,
    },
    /// More outputs than a transaction has.
    #[error("a step could make {outputs} outputs, more than {OUTPUTS_MAX}; name fewer parties or tokens")]
    TooManyOutputs {
        /// As many as it could make.
        outputs: usize,
    },
    /// A title that comes and goes in one step.
    #[error("a title comes or goes more than once in one step; let something be waited for in between")]
    TitleTwice,
    /// The custodian would come to hold its own document.
    #[error(
        "the custodian of a title that is paid in is a party of the agreement; it cannot come to hold its own document"
    )]
    CustodianIsParty,
    /// A price from before the agreement's present state, or from after the step.
    #[error("the price of {time_ms} is not from after the agreement's last step and before the time window")]
    FactOfOtherTime {
        /// When it was published for, milliseconds UTC.
        time_ms: u64,
    },
    /// Nobody signs, and neither a deadline nor a price allows that.
    #[error("somebody must sign this step: neither a deadline nor a price allows it alone")]
    SomebodyMustSign,
    /// Something of an unsigned step is a choice.
    #[error("a step that nobody signs is built in one way alone, and this is another; let the node build it")]
    UnsignedDiffers,
}

codes!(AgreementError {
    CommandUnknown => "AGREEMENT_COMMAND_UNKNOWN",
    OpenStates => "AGREEMENT_OPEN_STATES",
    IdDiffers => "AGREEMENT_ID_DIFFERS",
    NotNew => "AGREEMENT_NOT_NEW",
    NotWaiting => "AGREEMENT_NOT_WAITING",
    DeadlinePast => "AGREEMENT_DEADLINE_PAST",
    CouldOutgrow => "AGREEMENT_COULD_OUTGROW",
    ReadsInterval => "AGREEMENT_READS_INTERVAL",
    RoleUnbound => "AGREEMENT_ROLE_UNBOUND",
    RoleUnused => "AGREEMENT_ROLE_UNUSED",
    AddressForm => "AGREEMENT_ADDRESS_FORM",
    FactIsNoParty => "AGREEMENT_FACT_IS_NO_PARTY",
    TokenUnbound => "AGREEMENT_TOKEN_UNBOUND",
    TokenUnused => "AGREEMENT_TOKEN_UNUSED",
    TokenTwice => "AGREEMENT_TOKEN_TWICE",
    FrameDiffers => "AGREEMENT_FRAME_DIFFERS",
    NotNamed => "AGREEMENT_NOT_NAMED",
    NoMatch => "AGREEMENT_NO_MATCH",
    DeadlineWithinWindow => "AGREEMENT_DEADLINE_WITHIN_WINDOW",
    WindowPast => "AGREEMENT_WINDOW_PAST",
    Useless => "AGREEMENT_STEP_USELESS",
    ValueTooLarge => "AGREEMENT_STEP_VALUE_TOO_LARGE",
    AmountTooLarge => "AGREEMENT_AMOUNT_TOO_LARGE",
    TitleInParts => "AGREEMENT_TITLE_IN_PARTS",
    CommandBeside => "AGREEMENT_COMMAND_BESIDE",
    OutputsDiffer => "AGREEMENT_OUTPUTS_DIFFER",
    InputUnasked => "AGREEMENT_INPUT_UNASKED",
    DepositShort => "AGREEMENT_DEPOSIT_SHORT",
    TitleNotConsumed => "AGREEMENT_TITLE_NOT_CONSUMED",
    FactNotReferred => "AGREEMENT_FACT_NOT_REFERRED",
    FactBeside => "AGREEMENT_FACT_BESIDE",
    FactAfterDeadline => "AGREEMENT_FACT_AFTER_DEADLINE",
    SeveralFacts => "AGREEMENT_SEVERAL_FACTS",
    DeadlineBegin => "AGREEMENT_DEADLINE_BEGIN",
    TooManyOutputs => "AGREEMENT_TOO_MANY_OUTPUTS",
    TitleTwice => "AGREEMENT_TITLE_TWICE",
    CustodianIsParty => "AGREEMENT_CUSTODIAN_IS_PARTY",
    FactOfOtherTime => "AGREEMENT_FACT_OF_OTHER_TIME",
    SomebodyMustSign => "AGREEMENT_SOMEBODY_MUST_SIGN",
    UnsignedDiffers => "AGREEMENT_UNSIGNED_DIFFERS",
} inner { Encoding, Amount, Title, Analysis });

impl Coded for AnalysisError {
    fn code(&self) -> &'static str {
        self.code()
    }
}
