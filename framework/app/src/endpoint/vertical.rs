//! A vertical's schema: its own fields merged with those of ledger and platform; and the list of a node's verticals.

use async_graphql::{
    EmptyMutation, EmptySubscription, MergedObject, MergedSubscription, ObjectType, Schema, SubscriptionType,
};
use hive_chain::Projection;
use hive_plug::scenario::{Importer, Scenario};
use hive_plug::{Manifest, Vertical};
use ledger_core::Contract;

use super::platform::{PlatformMutation, PlatformQuery, ProposalSubscription};
use super::{Services, close};
use crate::endpoint::regulator::{Joined, JoinedSubscription};
use crate::server::schema::Endpoint;

/// What may be read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct VerticalQuery<V: Vertical>(PlatformQuery, V::Query);

/// What may be written.
#[derive(MergedObject)]
#[graphql(name = "Mutation")]
pub struct VerticalMutation<V: Vertical>(PlatformMutation, V::Mutation);

/// What may be followed.
#[derive(MergedSubscription)]
#[graphql(name = "Subscription")]
pub struct VerticalSubscription<V: Vertical>(ProposalSubscription, V::Subscription);

/// A vertical without its type: what the server and the command line need of it.
#[derive(Clone)]
pub struct Registered {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub manifest: Manifest,
    /// The contracts that govern its states.
    pub contracts: fn() -> Vec<Box<dyn Contract>>,
    /// What folds blocks into its tables.
    pub projections: fn() -> Vec<Box<dyn Projection>>,
    /// Its worked examples.
    pub scenarios: Vec<Scenario>,
    /// Its readers of files.
    pub importers: Vec<Importer>,
    /// Its endpoint, with services or only to be printed.
    pub endpoint: fn(Option<&Services>) -> Endpoint,
    /// The regulator's part alone, to be inspected.
    pub regulator: fn() -> Endpoint,
}

impl Registered {
    /// What the framework needs of a vertical.
    pub fn of<V: Vertical>() -> Self {
        Self {
            name: V::NAME,
            manifest: V::manifest(),
            contracts: V::contracts,
            projections: V::projections,
            scenarios: V::scenarios(),
            importers: V::importers(),
            endpoint: endpoint::<V>,
            regulator: regulator::<V>,
        }
    }
}

fn endpoint<V: Vertical>(services: Option<&Services>) -> Endpoint {
    let query = VerticalQuery::<V>(PlatformQuery::default(), V::Query::default());
    let mutation = VerticalMutation::<V>(PlatformMutation::default(), V::Mutation::default());
    let subscription = VerticalSubscription::<V>(ProposalSubscription, V::Subscription::default());
    close(Schema::build(query, mutation, subscription), services)
}

fn regulator<V: Vertical>() -> Endpoint {
    close(Schema::build(V::Regulator::default(), EmptyMutation, EmptySubscription), None)
}

/// The verticals of a node: `(A, (B, ()))`. A node names them once, in its `main`.
pub trait Verticals: 'static {
    /// All regulators' fields.
    type Regulator: ObjectType + Default;
    /// All regulators' subscriptions.
    type RegulatorSubscription: SubscriptionType + Default;

    /// Each vertical without its type, in order.
    fn registered() -> Vec<Registered>;
}

impl Verticals for () {
    type Regulator = EmptyMutation;
    type RegulatorSubscription = EmptySubscription;

    fn registered() -> Vec<Registered> {
        Vec::new()
    }
}

impl<V: Vertical, R: Verticals> Verticals for (V, R) {
    type Regulator = Joined<V::Regulator, R::Regulator>;
    type RegulatorSubscription = JoinedSubscription<V::RegulatorSubscription, R::RegulatorSubscription>;

    fn registered() -> Vec<Registered> {
        std::iter::once(Registered::of::<V>()).chain(R::registered()).collect()
    }
}
