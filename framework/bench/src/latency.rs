//! How long a durable answer takes: a lone client against a bare commit, and many clients at half of full load.

use std::time::Duration;

use crate::error::BenchError;
use crate::load;
use crate::market::Market;
use crate::storage::Commits;

/// Answers to a lone client, each followed by a bare commit.
const LONE: u64 = 200;

/// Times to durable answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    /// Median of a client that is alone.
    pub(crate) lone: Duration,
    /// Median of a commit of one row on the same kind of database.
    pub(crate) commit: Duration,
    /// Of 100 answers at half of full load 99 took at most so long.
    pub(crate) p99_half_load: Duration,
    /// What half of full load was, transfers a second.
    pub(crate) half_load: f64,
}

impl Latency {
    /// Measures; `full` is full load in transfers a second, `time` for how long half of it is kept up.
    pub(crate) async fn measure(
        market: &mut Market,
        commits_url: &str,
        full: f64,
        time: Duration,
    ) -> Result<Self, BenchError> {
        let mut commits = Commits::open(commits_url).await?;
        let (mut lone, mut bare) = (Vec::new(), Vec::new());
        market.leave(LONE).await?;
        for transfer in market.even_transfers(LONE).await? {
            lone.extend(load::alone(&market.node, &market.chain, vec![transfer]).await?);
            bare.push(commits.one().await?);
        }
        commits.close().await?;
        let half_load = full / 2.0;
        let count = (half_load * time.as_secs_f64()).ceil() as u64;
        market.leave(count.max(1)).await?;
        let transfers = market.even_transfers(count.max(1)).await?;
        let answers = load::arriving(&market.node, &market.chain, transfers, half_load).await?;
        Ok(Self {
            lone: percentile(lone, 50),
            commit: percentile(bare, 50),
            p99_half_load: percentile(answers, 99),
            half_load,
        })
    }
}

/// The smallest time that so many of a hundred do not exceed.
fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_occurred() {
        let times = |count: u64| (1..=count).rev().map(Duration::from_millis).collect::<Vec<_>>();
        for (count, percent, expected) in
            [(1, 50, 1), (2, 50, 1), (3, 50, 2), (100, 99, 99), (200, 99, 198), (10, 99, 10)]
        {
            assert_eq!(percentile(times(count), percent), Duration::from_millis(expected), "{percent} of {count}");
        }
    }
}
