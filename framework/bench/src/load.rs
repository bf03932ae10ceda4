//! How transactions are put to a node, and how long its durable answers take.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use hive_chain::{Node, SubmitError};
use ledger_core::ChainId;

use crate::draw::Random;
use crate::error::BenchError;

/// Transactions of one request, as a platform sends them that collects its customers' signatures; a request may hold 1,000.
pub(crate) const REQUEST_TRANSACTIONS: usize = 500;
/// Requests under way at the same time, below what the node's mempool takes by default.
pub(crate) const REQUESTS_UNDER_WAY: usize = 16;

/// Puts transactions in order, in requests of many; ends when each is answered as accepted and durable.
pub(crate) async fn accepted(node: &Node, chain: &ChainId, transactions: Vec<Vec<u8>>) -> Result<(), BenchError> {
    let mut transactions = transactions.into_iter();
    let requests = std::iter::from_fn(|| {
        let request: Vec<_> = transactions.by_ref().take(REQUEST_TRANSACTIONS).collect();
        (!request.is_empty()).then_some(request)
    });
    // One task sends all requests, so they arrive in order though many are under way.
    let mut answers =
        stream::iter(requests).map(|request| node.submit_all(chain, request)).buffer_unordered(REQUESTS_UNDER_WAY);
    while let Some(answers) = answers.next().await {
        answers.into_iter().collect::<Result<Vec<_>, SubmitError>>()?;
    }
    Ok(())
}

/// Puts transactions one after another, each when the one before is answered; gives each answer's time.
pub(crate) async fn alone(
    node: &Node,
    chain: &ChainId,
    transactions: Vec<Vec<u8>>,
) -> Result<Vec<Duration>, BenchError> {
    let mut times = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        let begun = Instant::now();
        node.submit(chain, transaction).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// Puts transactions at random moments, so many a second, whatever the answers: clients who do not wait for each other. Gives
/// each answer's time from the moment at which it was to be sent.
pub(crate) async fn arriving(
    node: &Node,
    chain: &ChainId,
    transactions: Vec<Vec<u8>>,
    per_second: f64,
) -> Result<Vec<Duration>, BenchError> {
    let (mut random, mut due) = (Random::new(3), Duration::ZERO);
    let mut waiting: Vec<_> = transactions
        .into_iter()
        .map(|transaction| {
            // Gaps of a Poisson process.
            due += Duration::from_secs_f64(-(1.0 - random.unit()).ln() / per_second.max(1.0));
            (due, transaction)
        })
        .collect();
    waiting.reverse();
    let begun = Instant::now();
    let mut under_way = FuturesUnordered::new();
    let mut times = Vec::with_capacity(waiting.len());
    loop {
        while let Some((due, transaction)) = waiting.pop_if(|(due, _)| *due <= begun.elapsed()) {
            under_way.push(async move {
                let answer = node.submit(chain, transaction).await;
                answer.map(|_| begun.elapsed().saturating_sub(due))
            });
        }
        let next = waiting.last().map(|(due, _)| *due);
        tokio::select! {
            biased;
            Some(answer) = under_way.next() => times.push(answer?),
            () = until(begun, next), if next.is_some() => {}
            else => return Ok(times),
        }
    }
}

async fn until(begun: Instant, due: Option<Duration>) {
    if let Some(due) = due {
        tokio::time::sleep_until((begun + due).into()).await;
    }
}
