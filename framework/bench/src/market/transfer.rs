//! Transfers of one input and two outputs, signed before any clock runs.

use ledger_core::contract::token;
use ledger_core::{AssetId, EncodingError, StateRef, Transaction, wire};

use super::issue::{ISSUE_OUTPUTS, ISSUED_MINOR};
use super::{Market, Moment, amount, contract};
use crate::cores;
use crate::error::BenchError;

/// A transfer of one input and two outputs.
#[derive(Clone, Copy, Debug)]
struct Spend {
    input: StateRef,
    held: u64,
    payer: usize,
    payee: usize,
    paid: u64,
}

impl Market {
    /// Signed transfers of random states, by their owners, to random accounts; fewer where no more are left.
    pub(crate) async fn even_transfers(&mut self, count: u64) -> Result<Vec<Vec<u8>>, BenchError> {
        let mut spends = Vec::new();
        for _ in 0..count {
            let Some(number) = self.unspent.draw(&mut self.random) else { break };
            let Some(transaction) = self.issues.get((number / ISSUE_OUTPUTS) as usize).copied() else { break };
            let payee = self.random.below(self.accounts.len() as u64) as usize;
            let input = StateRef { transaction, index: (number % ISSUE_OUTPUTS) as u32 };
            let paid = 1 + self.random.below(ISSUED_MINOR - 1);
            self.built += 1;
            let payer = self.owner_of(number);
            spends.push((self.built, Spend { input, held: ISSUED_MINOR, payer, payee, paid }));
        }
        let moment = self.moment().await;
        let signed = cores::map(&spends, |(number, spend)| {
            let transaction = self.transfer(&moment, self.even.asset, *number, spend)?;
            self.sign(transaction, &[&self.accounts[spend.payer]])
        });
        signed.into_iter().collect()
    }

    /// Signed transfers between accounts by Zipf's law, both payer and payee; each spends the change of the payer's last one.
    pub(crate) async fn hot_transfers(&mut self, count: u64) -> Result<Vec<Vec<u8>>, BenchError> {
        let moment = self.moment().await;
        let mut transactions = Vec::new();
        for _ in 0..count {
            let payer = self.zipf.draw(&mut self.random);
            let payee = self.zipf.draw(&mut self.random);
            let Some((input, held)) = self.change.get(payer).copied() else { break };
            self.built += 1;
            let spend = Spend { input, held, payer, payee, paid: 1 + self.random.below(100) };
            let transaction = self.transfer(&moment, self.hot.asset, self.built, &spend)?;
            self.change[payer] = (StateRef { transaction: transaction.id()?, index: 1 }, held - spend.paid);
            transactions.push((transaction, payer));
        }
        let sign =
            |(transaction, payer): &(Transaction, usize)| self.sign(transaction.clone(), &[&self.accounts[*payer]]);
        cores::map(&transactions, sign).into_iter().collect()
    }

    fn transfer(
        &self,
        moment: &Moment,
        asset: AssetId,
        number: u64,
        spend: &Spend,
    ) -> Result<Transaction, EncodingError> {
        let (payer, payee) = (self.accounts[spend.payer].address, self.accounts[spend.payee].address);
        let holding = |owner, minor| token::holding_state(asset, owner, amount(minor));
        let transaction = self
            .builder(moment, payer, number)
            .input(spend.input)
            .output(holding(payee, spend.paid))
            .output(holding(payer, spend.held - spend.paid))
            .command(contract(token::NAME)?, token::TRANSFER, &wire::TokenTransfer {})
            .build();
        Ok(transaction)
    }
}
