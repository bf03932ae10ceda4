//! A schema of any type behind one face: what every endpoint does before and after it executes.

use std::any::TypeId;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{
    Data, Executor, ObjectType, Request, Response, Schema, SchemaBuilder, ServerError, SubscriptionType, Value,
};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use hive_plug::RequestId;
use hive_plug::error::{ApiError, ErrorCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::failure::{graphql_error, present};
use super::limits::{ALIASES_MAX, DEPTH_MAX, DIRECTIVES_MAX, LEVELS_MAX, REQUEST_TIME_MAX, SUBSCRIPTIONS_MAX};
use super::{cost, recheck};

/// What is needed of a schema.
trait AnySchema: Send + Sync + 'static {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
    fn stream(&self, request: Request, session: Arc<Data>) -> BoxStream<'static, Response>;
    fn sdl(&self) -> String;
}

impl<Q, M, S> AnySchema for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(Schema::execute(self, request))
    }

    fn stream(&self, request: Request, session: Arc<Data>) -> BoxStream<'static, Response> {
        self.execute_stream_with_session_data(request, session)
    }

    fn sdl(&self) -> String {
        Schema::sdl(self)
    }
}

/// A schema with the limits and the errors of this server. Cheap to clone.
#[derive(Clone)]
pub struct Endpoint {
    schema: Arc<dyn AnySchema>,
}

impl Endpoint {
    /// Limits the schema and closes it. It suggests no names: who may not see the schema should not guess it.
    pub fn new<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> Self
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        let schema = builder
            .limit_depth(DEPTH_MAX)
            .limit_recursive_depth(LEVELS_MAX)
            .limit_aliases(ALIASES_MAX)
            .limit_directives(DIRECTIVES_MAX)
            .disable_suggestions()
            .finish();
        Self { schema: Arc::new(schema) }
    }

    /// The schema definition, as `schema/<name>.graphql` holds it.
    pub fn sdl(&self) -> String {
        format!("{}\n", self.schema.sdl().trim_end())
    }

    /// Parses the document and weighs it.
    fn admit(request: &mut Request) -> Result<Admitted, ServerError> {
        cost::text_is_parsable(&request.query).map_err(graphql_error)?;
        let (variables, name) = (request.variables.clone(), request.operation_name.clone());
        let document = request.parsed_query()?;
        let operation = cost::operation(document, name.as_deref());
        Ok(Admitted {
            cost: cost::measured(document, &variables).map_err(graphql_error)?,
            subscribes: operation.is_some_and(|operation| operation.ty == OperationType::Subscription),
        })
    }

    async fn answer(&self, mut request: Request) -> Response {
        let cost = match Self::admit(&mut request) {
            Ok(admitted) => admitted.cost,
            Err(error) => return Response::from_errors(vec![error]),
        };
        let answer = timeout(REQUEST_TIME_MAX, self.schema.execute(request)).await;
        let response = answer.unwrap_or_else(|_| late());
        response.extension("cost", Value::from_json(cost.to_string().into()).unwrap_or_default())
    }
}

impl Executor for Endpoint {
    async fn execute(&self, request: Request) -> Response {
        let request_id = request_id(&request.data);
        let mut response = self.answer(request).await;
        present(&mut response, &request_id);
        response
    }

    fn execute_stream(&self, mut request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let session = session.unwrap_or_default();
        let request_id = session.get(&TypeId::of::<RequestId>()).map_or_else(|| request_id(&request.data), known_id);
        let admitted = Self::admit(&mut request).and_then(|admitted| Ok((admitted, seat(&session)?)));
        let events = match admitted {
            Ok((admitted, seat)) => {
                let events = self.schema.stream(request, session.clone());
                let events = if admitted.subscribes { events } else { in_time(events, REQUEST_TIME_MAX) };
                let events = recheck::guarded(events, session);
                // The closure owns the seat, which is free again when the stream is dropped.
                events.inspect(move |_| _ = &seat).boxed()
            }
            Err(error) => stream::iter([Response::from_errors(vec![error])]).boxed(),
        };
        let presented = events.map(move |mut response| {
            present(&mut response, &request_id);
            response
        });
        presented.boxed()
    }
}

/// A document that may be executed.
struct Admitted {
    cost: u64,
    subscribes: bool,
}

/// The one answer of an operation that is no subscription, or that it took too long.
pub(super) fn in_time(mut events: BoxStream<'static, Response>, limit: Duration) -> BoxStream<'static, Response> {
    let answer = async move { timeout(limit, events.next()).await.unwrap_or_else(|_| Some(late())) };
    stream::once(answer).filter_map(std::future::ready).boxed()
}

fn late() -> Response {
    let error = ApiError::new(ErrorCode::Busy, "the request took too long; ask for less, or ask again");
    Response::from_errors(vec![graphql_error(error)])
}

/// The seats of a connection's subscriptions.
#[derive(Clone)]
pub struct Seats(Arc<Semaphore>);

impl Default for Seats {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SUBSCRIPTIONS_MAX)))
    }
}

/// A seat for one more subscription, if the connection counts them.
fn seat(session: &Data) -> Result<Option<OwnedSemaphorePermit>, ServerError> {
    let seats = session.get(&TypeId::of::<Seats>()).and_then(|value| value.downcast_ref::<Seats>());
    let full = || {
        let message = format!("a connection has at most {SUBSCRIPTIONS_MAX} subscriptions; end some");
        graphql_error(ApiError::new(ErrorCode::ComplexityLimit, message))
    };
    seats.map(|seats| seats.0.clone().try_acquire_owned().map_err(|_| full())).transpose()
}

fn request_id(data: &Data) -> RequestId {
    data.get(&TypeId::of::<RequestId>()).map_or_else(|| RequestId(String::new()), known_id)
}

fn known_id(value: &Box<dyn std::any::Any + Send + Sync>) -> RequestId {
    value.downcast_ref::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()))
}
