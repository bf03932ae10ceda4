//! The plug itself: what a vertical hands to the framework. The framework names no vertical.

use async_graphql::{ObjectType, SubscriptionType};
use hive_chain::Projection;
use ledger_core::Contract;

use crate::locale::LocaleFile;
use crate::scenario::{Importer, Scenario};

/// A line of business: models, contracts, projections and a GraphQL schema, nothing else.
///
/// The roots are merged with the ledger's and the platform's own fields, so their type names begin with the vertical's name
/// (`GrainQuery`, not `Query`) and their field names collide with no field of the framework.
pub trait Vertical: Send + Sync + 'static {
    /// Lower-case words with `-`: endpoint `/graphql/<NAME>`, file `schema/<NAME>.graphql`, prefix of tables (with `_`).
    const NAME: &'static str;
    /// Fields of the query root.
    type Query: ObjectType + Default;
    /// Fields of the mutation root.
    type Mutation: ObjectType + Default;
    /// Fields of the subscription root.
    type Subscription: SubscriptionType + Default;
    /// Exactly one field, named as the vertical in lowerCamelCase, which holds what a supervisor reads.
    type Regulator: ObjectType + Default;
    /// What a supervisor subscribes to.
    type RegulatorSubscription: SubscriptionType + Default;

    /// What the vertical is.
    fn manifest() -> Manifest;
    /// The contracts that govern its states.
    fn contracts() -> Vec<Box<dyn Contract>>;
    /// What folds blocks into its tables, each with its migrations.
    fn projections() -> Vec<Box<dyn Projection>>;
    /// Worked examples, run by tests and by `hive demo`.
    fn scenarios() -> Vec<Scenario>;
    /// What `hive import <NAME> FILE` can read.
    fn importers() -> Vec<Importer>;
}

/// What a vertical is, in data.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Its own version, semantic.
    pub version: &'static str,
    /// The framework's version it was built with, semantic; the node refuses another minor version before 1.0.
    pub framework_version: &'static str,
    /// Its texts; the message `<NAME>-title` is its name for people.
    pub locales: &'static [LocaleFile],
    /// Kinds of the events its projections emit, e.g. `receipt.pledged`.
    pub events: &'static [&'static str],
}

/// The framework's version, for [`Manifest::framework_version`].
pub const FRAMEWORK_VERSION: &str = env!("CARGO_PKG_VERSION");
