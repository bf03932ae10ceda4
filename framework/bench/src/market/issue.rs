//! What the accounts begin with: issues of many outputs.

use futures_util::StreamExt;
use ledger_core::contract::token;
use ledger_core::{EncodingError, StateRef, Transaction, TransactionId, wire};

use super::{Market, Token, amount, contract};
use crate::cores;
use crate::draw::Random;
use crate::error::BenchError;
use crate::load;

/// Outputs of one issue.
pub(super) const ISSUE_OUTPUTS: u64 = 250;
/// Issues that are built and signed together; they fit into a block.
const ISSUES_AT_ONCE: u64 = 100;
/// Smallest units of each state that is issued.
pub(super) const ISSUED_MINOR: u64 = 1_000;
/// Smallest units that each account begins with in the token of the hot accounts.
const HOT_MINOR: u64 = 1_000_000_000;

impl Market {
    /// Issues states to random accounts until the chain has had so many of them.
    pub(crate) async fn issue_up_to(&mut self, states: u64, mut told: impl FnMut(u64)) -> Result<(), BenchError> {
        loop {
            let issued = self.issues.len() as u64 * ISSUE_OUTPUTS;
            let missing = states.saturating_sub(issued).div_ceil(ISSUE_OUTPUTS).min(ISSUES_AT_ONCE);
            if missing == 0 {
                return Ok(());
            }
            let first = self.issues.len() as u64;
            let owners = |issue: u64| {
                let numbers = issue * ISSUE_OUTPUTS..(issue + 1) * ISSUE_OUTPUTS;
                numbers.map(|number| self.owner_of(number)).collect::<Vec<_>>()
            };
            let issues: Vec<_> = (first..first + missing).map(owners).collect();
            let issued = self.issue(self.even, ISSUED_MINOR, issues).await?;
            self.issues.extend(issued);
            self.unspent.grow(missing * ISSUE_OUTPUTS);
            told(self.issues.len() as u64 * ISSUE_OUTPUTS);
        }
    }

    /// Issues more states where fewer than so many are unspent.
    pub(crate) async fn leave(&mut self, count: u64) -> Result<(), BenchError> {
        let missing = count.saturating_sub(self.unspent.left());
        self.issue_up_to(self.issues.len() as u64 * ISSUE_OUTPUTS + missing, |_| {}).await
    }

    /// Gives each account its one state of the hot token, if it has none yet.
    pub(crate) async fn give_each_one(&mut self) -> Result<(), BenchError> {
        while self.change.len() < self.accounts.len() {
            let first = self.change.len();
            let last = self.accounts.len().min(first + (ISSUE_OUTPUTS * ISSUES_AT_ONCE) as usize);
            let owners: Vec<usize> = (first..last).collect();
            let issues: Vec<_> = owners.chunks(ISSUE_OUTPUTS as usize).map(<[usize]>::to_vec).collect();
            let sizes: Vec<u32> = issues.iter().map(|owners| owners.len() as u32).collect();
            let issued = self.issue(self.hot, HOT_MINOR, issues).await?;
            for (transaction, size) in issued.into_iter().zip(sizes) {
                self.change.extend((0..size).map(|index| (StateRef { transaction, index }, HOT_MINOR)));
            }
        }
        Ok(())
    }

    /// The account that a state of the even token was issued to.
    pub(super) fn owner_of(&self, number: u64) -> usize {
        Random::new(number ^ 0x6f77_6e65_7273).below(self.accounts.len() as u64) as usize
    }

    /// Issues to these owners, a transaction for each list; gives the transactions' ids.
    async fn issue(
        &mut self,
        of: Token,
        minor: u64,
        issues: Vec<Vec<usize>>,
    ) -> Result<Vec<TransactionId>, BenchError> {
        let moment = self.moment().await;
        let first = self.built + 1;
        self.built += issues.len() as u64;
        let numbered: Vec<_> = (first..).zip(issues).collect();
        let unsigned = cores::map(&numbered, |(number, owners)| {
            let issue = wire::TokenIssue {
                asset: of.asset.to_vec(),
                amount: minor * owners.len() as u64,
                reference: format!("deposit {number}"),
            };
            let mut builder = self.builder(&moment, self.issuer.address, *number).current(of.definition);
            for owner in owners {
                builder = builder.output(token::holding_state(of.asset, self.accounts[*owner].address, amount(minor)));
            }
            Ok(builder.command(contract(token::NAME)?, token::ISSUE, &issue).build())
        });
        let unsigned = unsigned.into_iter().collect::<Result<Vec<Transaction>, EncodingError>>()?;
        let filled = unsigned.into_iter().map(|transaction| self.node.fill_claims(&self.chain, transaction));
        let filled: Vec<_> = futures_util::stream::iter(filled).buffered(cores::count() * 2).collect().await;
        let filled = filled.into_iter().collect::<Result<Vec<_>, _>>()?;
        let signed = cores::map(&filled, |transaction| {
            Ok((transaction.id()?, self.sign(transaction.clone(), &[&self.issuer, &self.attestor])?))
        });
        let signed = signed.into_iter().collect::<Result<Vec<(TransactionId, Vec<u8>)>, BenchError>>()?;
        let (ids, bytes) = signed.into_iter().unzip();
        load::accepted(&self.node, &self.chain, bytes).await?;
        Ok(ids)
    }
}
