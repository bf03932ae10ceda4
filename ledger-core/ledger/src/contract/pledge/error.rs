//! Why a pledge transaction is refused.

use thiserror::Error;

use crate::amount::AmountError;
use crate::codes;
use crate::encoding::EncodingError;

/// Why a pledge transaction is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PledgeError {
    /// Not its wire form.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A quantity out of bounds.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The title is not readable.
    #[error(transparent)]
    Title(#[from] crate::contract::title::TitleError),
    /// Not a command of the contract.
    #[error(
        "the contract pledge has no command {name:?}; it has pledge, release, top_up, substitute, rank, enforce, collect and publicise"
    )]
    CommandUnknown {
        /// The name.
        name: String,
    },
    /// The title is pledged already.
    #[error("the document {number} is pledged already; it can be pledged again when that pledge is released")]
    Exists {
        /// The document's number.
        number: String,
    },
    /// The title is offered for transfer.
    #[error("the document {number} is offered for transfer; it can be pledged when the offer is refused or has ended")]
    Offered {
        /// The document's number.
        number: String,
    },
    /// Not one title and its one pledge.
    #[error("pledge locks one title and creates its one pledge, and consumes no pledge")]
    CreateStates,
    /// The obligation that it secures is not at hand.
    #[error(
        "the pledge of {number} secures an obligation or a loan that the transaction does not read; name its state as a current reference"
    )]
    ObligationNotRead {
        /// The document's number.
        number: String,
    },
    /// Somebody else's claim, or in another asset.
    #[error("the pledge of {number} secures an obligation or a loan owed to its pledgee, in its secured asset")]
    ObligationDiffers {
        /// The document's number.
        number: String,
    },
    /// Public only later.
    #[error(
        "the pledge of {number} is public from {at_ms}, after the time window's beginning {from_ms}; note it once it is"
    )]
    PublicLater {
        /// The document's number.
        number: String,
        /// Since when, milliseconds UTC.
        at_ms: u64,
        /// When the window begins, milliseconds UTC.
        from_ms: u64,
    },
    /// It stands in a register.
    #[error("the pledge of {number} names its register and entry already; they do not change")]
    PublicAlready {
        /// The document's number.
        number: String,
    },
    /// Another title than the command names.
    #[error("the document {number} is not the one that the command names")]
    TitleNotNamed {
        /// The document's number.
        number: String,
    },
    /// An id that is another's.
    #[error("the id of the pledge of {number} does not follow from chain and command")]
    IdDiffers {
        /// The document's number.
        number: String,
    },
    /// A pledge of another title.
    #[error("the pledge names another title than that of the document {number}")]
    TitleDiffers {
        /// The document's number.
        number: String,
    },
    /// A pledge of another document.
    #[error("the pledge names another document than {number}, which is its title's")]
    NumberDiffers {
        /// The document's number.
        number: String,
    },
    /// The pledgor is not the title's holder.
    #[error("the holder of {number} is not the pledgor")]
    PledgorDiffers {
        /// The document's number.
        number: String,
    },
    /// The custodian is not the title's.
    #[error("the custodian of {number} is not the pledge's")]
    CustodianDiffers {
        /// The document's number.
        number: String,
    },
    /// The pledgee stands on another side too.
    #[error("the pledgee of {number} is its holder or its custodian; name another party")]
    PledgeeIsParty {
        /// The document's number.
        number: String,
    },
    /// Another quantity than the title's.
    #[error("the pledge of {number} is of another quantity than its title; pledge the whole title")]
    QuantityDiffers {
        /// The document's number.
        number: String,
    },
    /// Another unit than the title's.
    #[error("the unit of {number} is not the pledge's")]
    UnitDiffers {
        /// The document's number.
        number: String,
    },
    /// Nothing is secured.
    #[error("the pledge of {number} secures at most zero; name a maximum over zero")]
    SecuresNothing {
        /// The document's number.
        number: String,
    },
    /// Not the rank after the last.
    #[error("the pledge of {number} takes the rank after the last on its title, and 1 on a free one")]
    RankDiffers {
        /// The document's number.
        number: String,
    },
    /// Owner, participants or locks of the pledge's state.
    #[error("the state of the pledge of {number} is its pledgee's, seen by pledgor and custodian, without locks")]
    FrameDiffers {
        /// The document's number.
        number: String,
    },
    /// The title's lock is not the pledge's.
    #[error("the document {number} does not carry the locks that its pledges put on it, and those that stood before")]
    LockDiffers {
        /// The document's number.
        number: String,
    },
    /// The pledge named is not consumed.
    #[error("{command} consumes the pledge that it names")]
    NotConsumed {
        /// The command.
        command: &'static str,
    },
    /// A pledge that is not consumed, or stands twice.
    #[error("a pledge of {number} is created that is not consumed here, or created twice")]
    CreatedUnasked {
        /// The document's number.
        number: String,
    },
    /// A pledge ends that goes on by the command.
    #[error("the pledge of {number} goes on by this command; create it anew")]
    EndsUnasked {
        /// The document's number.
        number: String,
    },
    /// Other pledges are consumed than the command is for.
    #[error("{command} consumes other pledges than those it is for; leave them out")]
    OthersTouched {
        /// The command.
        command: &'static str,
    },
    /// No pledge is consumed to change its rank.
    #[error("rank consumes at least one pledge and creates it with another rank")]
    NothingRanked,
    /// More is released than is pledged.
    #[error("{asked} {unit} of {number} are to be released, {pledged} are pledged; release at most that")]
    OverRelease {
        /// The document's number.
        number: String,
        /// Quantity asked.
        asked: u64,
        /// Quantity pledged.
        pledged: u64,
        /// Unit of both.
        unit: String,
    },
    /// Less is released than the whole, and the pledge is not created anew over the rest.
    #[error(
        "{asked} {unit} of {number} are to be released, {pledged} are pledged; create the pledge anew over the rest, or release the whole"
    )]
    PartialRelease {
        /// The document's number.
        number: String,
        /// Quantity asked.
        asked: u64,
        /// Quantity pledged.
        pledged: u64,
        /// Unit of both.
        unit: String,
    },
    /// Nothing is released.
    #[error("nothing of {number} is released; name a quantity over zero")]
    ReleasesNothing {
        /// The document's number.
        number: String,
    },
    /// Everything is released and the pledge goes on.
    #[error("all of {number} is released and no money is under the pledge; create it no more")]
    WholeGoesOn {
        /// The document's number.
        number: String,
    },
    /// What stays is not what is not released.
    #[error("the titles that stay under the pledge of {number} do not sum to what is not released")]
    RestDiffers {
        /// The document's number.
        number: String,
    },
    /// A title of the pledge is not consumed under its lock.
    #[error("the command is for every title of the pledge of {number}; consume them all")]
    TitleNotConsumed {
        /// The document's number.
        number: String,
    },
    /// The lock of a pledge that ends stays on a title.
    #[error("the pledge of {number} ends, and its lock stays on a title; take it off")]
    LockStays {
        /// The document's number.
        number: String,
    },
    /// A title comes under the pledge.
    #[error("a title comes under the pledge of {number}; further titles come by top_up and substitute")]
    TitleComes {
        /// The document's number.
        number: String,
    },
    /// No title comes.
    #[error("no title comes under the pledge of {number}; bring at least one that is free")]
    NothingComes {
        /// The document's number.
        number: String,
    },
    /// A title leaves.
    #[error("a title leaves the pledge of {number}; titles leave by release and substitute")]
    TitleLeaves {
        /// The document's number.
        number: String,
    },
    /// No title leaves.
    #[error("no title leaves the pledge of {number}; without that top_up is the command")]
    NothingLeaves {
        /// The document's number.
        number: String,
    },
    /// Less stands under the pledge than before.
    #[error("less stands under the pledge of {number} than before; bring at least the same quantity")]
    Shrinks {
        /// The document's number.
        number: String,
    },
    /// A pledge not named changes its quantity.
    #[error("the pledge of {number} is not named and changes its quantity")]
    QuantityChanges {
        /// The document's number.
        number: String,
    },
    /// Titles change with the rank.
    #[error("the titles of the pledge of {number} change; rank changes ranks alone")]
    TitlesChange {
        /// The document's number.
        number: String,
    },
    /// The rank stays.
    #[error("the pledge of {number} keeps its rank; leave it out")]
    RankUnchanged {
        /// The document's number.
        number: String,
    },
    /// The pledge created anew is another than follows.
    #[error(
        "the pledge of {number} afterwards is not what follows from the pledge before and the titles and money under its lock"
    )]
    NotWhatFollows {
        /// The document's number.
        number: String,
    },
    /// The title is not handed over.
    #[error("enforce hands one title of the pledge to its taker by title/take; add that command")]
    NotTaken,
    /// Another pledge has a better rank.
    #[error("another pledge with a better rank stands on {number}; that one is released, enforced or collected first")]
    NotSenior {
        /// The document's number.
        number: String,
    },
    /// The title brings nothing.
    #[error("the document {number} is enforced for nothing; name what it brings")]
    NoProceeds {
        /// The document's number.
        number: String,
    },
    /// More is kept than the title brings.
    #[error("{satisfied} are to be kept of {proceeds} that the title brings, in smallest units; keep at most that")]
    ProceedsExceeded {
        /// Kept by the pledgee.
        satisfied: u64,
        /// What the title brings.
        proceeds: u64,
    },
    /// More is kept than the pledge secures.
    #[error("{asked} are to be kept, the pledge secures at most {secured}, in smallest units; keep at most that")]
    SecuredExceeded {
        /// Kept by the pledgee.
        asked: u64,
        /// The secured maximum.
        secured: u64,
    },
    /// The surplus is not under the later ranks' locks.
    #[error(
        "of the surplus {locked} smallest units are the pledgor's under the locks of later ranks, in their order, as one holding; create exactly that"
    )]
    SurplusDiffers {
        /// What is locked.
        locked: u64,
    },
    /// Not one holding of money under the pledge.
    #[error("collect consumes one holding of money under the pledge that it names, and no other")]
    CollectStates,
    /// More is collected than there is.
    #[error("{asked} are to be collected of {held}, in smallest units; collect at most that")]
    CollectExceeds {
        /// To be collected.
        asked: u64,
        /// In the holding.
        held: u64,
    },
    /// The holdings after a collection are others than follow.
    #[error(
        "what is collected goes to the pledgee, the rest stays under later ranks up to what they secure, or is the pledgor's; create exactly those holdings"
    )]
    MoneyDiffers,
    /// What comes in for the pledgee is not paid on the debt that the pledge names.
    #[error(
        "the pledge of {number} names a debt, on which {amount} are paid here, in smallest units; pay exactly that with obligation/settle or loan/repay in the same transaction, while the pledgee is its creditor"
    )]
    DebtNotPaid {
        /// The title's document number.
        number: String,
        /// What is paid on it; zero = nothing.
        amount: u64,
    },
    /// Money under a pledge is touched by another command.
    #[error("{command} touches money under a pledge; that moves by the command collect")]
    MoneyTouched {
        /// The command.
        command: String,
    },
}

codes!(PledgeError {
    ObligationNotRead => "PLEDGE_OBLIGATION_NOT_READ",
    ObligationDiffers => "PLEDGE_OBLIGATION_DIFFERS",
    PublicLater => "PLEDGE_PUBLIC_LATER",
    PublicAlready => "PLEDGE_PUBLIC_ALREADY",
    CommandUnknown => "PLEDGE_COMMAND_UNKNOWN",
    Exists => "PLEDGE_EXISTS",
    Offered => "PLEDGE_TITLE_OFFERED",
    CreateStates => "PLEDGE_CREATE_STATES",
    TitleNotNamed => "PLEDGE_TITLE_NOT_NAMED",
    IdDiffers => "PLEDGE_ID_DIFFERS",
    TitleDiffers => "PLEDGE_TITLE_DIFFERS",
    NumberDiffers => "PLEDGE_NUMBER_DIFFERS",
    PledgorDiffers => "PLEDGE_PLEDGOR_DIFFERS",
    CustodianDiffers => "PLEDGE_CUSTODIAN_DIFFERS",
    PledgeeIsParty => "PLEDGE_PLEDGEE_IS_PARTY",
    QuantityDiffers => "PLEDGE_QUANTITY_DIFFERS",
    UnitDiffers => "PLEDGE_UNIT_DIFFERS",
    SecuresNothing => "PLEDGE_SECURES_NOTHING",
    RankDiffers => "PLEDGE_RANK_DIFFERS",
    FrameDiffers => "PLEDGE_FRAME_DIFFERS",
    LockDiffers => "PLEDGE_LOCK_DIFFERS",
    NotConsumed => "PLEDGE_NOT_CONSUMED",
    CreatedUnasked => "PLEDGE_CREATED_UNASKED",
    EndsUnasked => "PLEDGE_ENDS_UNASKED",
    OthersTouched => "PLEDGE_OTHERS_TOUCHED",
    NothingRanked => "PLEDGE_NOTHING_RANKED",
    OverRelease => "PLEDGE_OVER_RELEASE",
    PartialRelease => "PLEDGE_PARTIAL_RELEASE",
    ReleasesNothing => "PLEDGE_RELEASES_NOTHING",
    WholeGoesOn => "PLEDGE_WHOLE_GOES_ON",
    RestDiffers => "PLEDGE_REST_DIFFERS",
    TitleNotConsumed => "PLEDGE_TITLE_NOT_CONSUMED",
    LockStays => "PLEDGE_LOCK_STAYS",
    TitleComes => "PLEDGE_TITLE_COMES",
    NothingComes => "PLEDGE_NOTHING_COMES",
    TitleLeaves => "PLEDGE_TITLE_LEAVES",
    NothingLeaves => "PLEDGE_NOTHING_LEAVES",
    Shrinks => "PLEDGE_SHRINKS",
    QuantityChanges => "PLEDGE_QUANTITY_CHANGES",
    TitlesChange => "PLEDGE_TITLES_CHANGE",
    RankUnchanged => "PLEDGE_RANK_UNCHANGED",
    NotWhatFollows => "PLEDGE_NOT_WHAT_FOLLOWS",
    NotTaken => "PLEDGE_NOT_TAKEN",
    NotSenior => "PLEDGE_NOT_SENIOR",
    NoProceeds => "PLEDGE_NO_PROCEEDS",
    ProceedsExceeded => "PLEDGE_PROCEEDS_EXCEEDED",
    SecuredExceeded => "PLEDGE_SECURED_EXCEEDED",
    SurplusDiffers => "PLEDGE_SURPLUS_DIFFERS",
    CollectStates => "PLEDGE_COLLECT_STATES",
    CollectExceeds => "PLEDGE_COLLECT_EXCEEDS",
    MoneyDiffers => "PLEDGE_MONEY_DIFFERS",
    DebtNotPaid => "PLEDGE_DEBT_NOT_PAID",
    MoneyTouched => "PLEDGE_MONEY_TOUCHED",
} inner { Encoding, Amount, Title });
