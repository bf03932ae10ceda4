//! The regulator's schema: one field per vertical, nothing to write.

use std::borrow::Cow;
use std::pin::Pin;

use async_graphql::registry::Registry;
use async_graphql::{
    Context, EmptyMutation, MergedObject, MergedSubscription, ObjectType, OutputType, Response, Schema,
    SubscriptionType, TypeName,
};
use futures_util::Stream;

use super::platform::{AccountQuery, JournalQuery, NodeQuery};
use super::vertical::Verticals;
use super::{Services, close};
use crate::server::schema::Endpoint;

/// What a supervisor may read.
#[derive(MergedObject)]
#[graphql(name = "Query")]
pub struct RegulatorQuery<R: ObjectType>(NodeQuery, AccountQuery, JournalQuery, R);

/// The endpoint `/graphql/regulator` of these verticals.
pub fn of_regulator<L: Verticals>(services: Option<&Services>) -> Endpoint {
    let query = RegulatorQuery(NodeQuery, AccountQuery, JournalQuery, L::Regulator::default());
    let subscription = RegulatorSubscription(L::RegulatorSubscription::default());
    close(Schema::build(query, EmptyMutation, subscription), services)
}

/// What a supervisor may follow; nothing at all if no vertical has something.
struct RegulatorSubscription<S>(S);

/// What a supervisor may follow.
/// What a supervisor may follow.
#[derive(MergedSubscription)]
#[graphql(name = "Subscription")]
struct Named<S: SubscriptionType>(S);

impl<S: SubscriptionType> SubscriptionType for RegulatorSubscription<S> {
    fn type_name() -> Cow<'static, str> {
        <Named<S> as SubscriptionType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Named<S> as SubscriptionType>::create_type_info(registry)
    }

    fn is_empty() -> bool {
        S::is_empty()
    }

    fn create_field_stream<'a>(&'a self, context: &'a Context<'_>) -> Option<FieldStream<'a>> {
        self.0.create_field_stream(context)
    }
}

/// The fields of two objects as one. Its own name never reaches a schema: it is always merged into a root.
#[derive(Default, MergedObject)]
#[graphql(name_type)]
pub struct Joined<A: ObjectType, B: ObjectType>(A, B);

impl<A: ObjectType, B: ObjectType> TypeName for Joined<A, B> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}_{}", <A as OutputType>::type_name(), <B as OutputType>::type_name()))
    }
}

/// The fields of two subscriptions as one; either may be empty.
#[derive(Default)]
pub struct JoinedSubscription<A, B>(A, B);

#[derive(MergedSubscription)]
#[graphql(name_type)]
struct Both<A: SubscriptionType, B: SubscriptionType>(A, B);

impl<A: SubscriptionType, B: SubscriptionType> TypeName for Both<A, B> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}_{}", A::type_name(), B::type_name()))
    }
}

type FieldStream<'a> = Pin<Box<dyn Stream<Item = Response> + Send + 'a>>;

impl<A: SubscriptionType, B: SubscriptionType> SubscriptionType for JoinedSubscription<A, B> {
    fn type_name() -> Cow<'static, str> {
        <Both<A, B> as SubscriptionType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <Both<A, B> as SubscriptionType>::create_type_info(registry)
    }

    fn is_empty() -> bool {
        A::is_empty() && B::is_empty()
    }

    // An empty subscription answers every field with an error, so it is not asked.
    fn create_field_stream<'a>(&'a self, context: &'a Context<'_>) -> Option<FieldStream<'a>> {
        let first = if A::is_empty() { None } else { self.0.create_field_stream(context) };
        first.or_else(|| if B::is_empty() { None } else { self.1.create_field_stream(context) })
    }
}
