//! Fields of the ledger and the platform. They stand on `/graphql/platform`, and on every vertical's endpoint too.

use async_graphql::{MergedObject, MergedSubscription};

mod account;
mod holding;
mod journal;
mod ledger;
mod node;
mod parties;
mod preparation;
mod proposal;
mod session;
mod state_proof;
mod submission;
mod succession;
mod token;

pub use account::AccountQuery;
pub use holding::HoldingQuery;
pub use journal::{JournalQuery, OpeningMutation, OpeningQuery};
pub use ledger::LedgerQuery;
pub use node::NodeQuery;
pub use preparation::PreparationQuery;
pub use proposal::{ProposalMutation, ProposalRootQuery, ProposalSubscription};
pub use session::{SessionMutation, SessionQuery};
pub use state_proof::StateProofQuery;
pub use submission::SubmissionMutation;
pub use token::TokenMutation;

/// What may be read.
#[derive(Default, MergedObject)]
pub struct Query(PlatformQuery);

/// What may be written.
#[derive(Default, MergedObject)]
pub struct Mutation(PlatformMutation);

/// What may be followed.
#[derive(Default, MergedSubscription)]
pub struct Subscription(ProposalSubscription);

/// The framework's fields for reading, to be merged with others.
#[derive(Default, MergedObject)]
pub struct PlatformQuery(
    NodeQuery,
    AccountQuery,
    ProposalRootQuery,
    LedgerQuery,
    PreparationQuery,
    HoldingQuery,
    SessionQuery,
    StateProofQuery,
    JournalQuery,
    OpeningQuery,
);

/// The framework's fields for writing, to be merged with others.
#[derive(Default, MergedObject)]
pub struct PlatformMutation(ProposalMutation, SubmissionMutation, TokenMutation, SessionMutation, OpeningMutation);
