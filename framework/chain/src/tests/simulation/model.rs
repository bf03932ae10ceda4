//! What must be: the accepted transactions of each chain in their order, and the coins that are left.

use std::collections::BTreeMap;

use ledger_core::contract::token;
use ledger_core::transaction::TransactionFrame;
use ledger_core::{
    Address, Anchor, AssetId, BlockHash, ChainId, CommandId, Date, StateRef, TimeWindow, TransactionBuilder,
    TransactionId, wire,
};

use super::world::{Beginning, COIN};
use crate::Accepted;
use crate::storage::damage::Dice;
use crate::tests::market::{Party, START_MS, amount, contract, sign};

/// A transaction with what it does to coins.
#[derive(Clone)]
pub(super) struct Payment {
    pub(super) id: TransactionId,
    pub(super) command: CommandId,
    pub(super) bytes: Vec<u8>,
    spends: (StateRef, Coin),
    makes: Vec<(StateRef, Coin)>,
}

/// One of the two parties, and what it holds there.
#[derive(Clone, Copy)]
pub(super) struct Coin {
    owner: usize,
    minor: u64,
}

/// What is sent, and what must be answered if nothing fails.
#[derive(Clone)]
pub(super) enum Sent {
    Fresh(Payment),
    /// Accepted before, at this place.
    Again(Payment, (u64, u32)),
    /// Refused with this code.
    Wrong(Payment, &'static str),
}

impl Sent {
    pub(super) fn payment(&self) -> &Payment {
        match self {
            Self::Fresh(payment) | Self::Again(payment, _) | Self::Wrong(payment, _) => payment,
        }
    }
}

/// The command under which a payment is made.
enum Command {
    /// Its owner's, under a new key.
    New(u64),
    /// One that was accepted.
    Used(CommandId),
}

/// One chain of the model.
pub(super) struct Chain {
    pub(super) id: ChainId,
    asset: AssetId,
    pub(super) begins_above: u64,
    pub(super) accepted: Vec<(Payment, (u64, u32))>,
    coins: BTreeMap<StateRef, Coin>,
    keys: u64,
}

pub(super) struct Parties([Party; 2]);

impl Parties {
    pub(super) fn new() -> Self {
        Self([Party::new(4), Party::new(5)])
    }

    pub(super) fn addresses(&self) -> [Address; 2] {
        [self.0[0].address, self.0[1].address]
    }
}

impl Chain {
    pub(super) fn of(beginning: &Beginning) -> Self {
        let coins = beginning.coins.iter().map(|coin| (*coin, Coin { owner: 0, minor: COIN })).collect();
        let Beginning { id, asset, height, .. } = *beginning;
        Self { id, asset, begins_above: height, accepted: Vec::new(), coins, keys: 0 }
    }

    /// Transactions to be sent together; those that are fresh may spend what others of them make.
    pub(super) fn batch(&mut self, parties: &Parties, dice: &mut Dice) -> Vec<Sent> {
        let mut coins = self.coins.clone();
        let mut batch = Vec::new();
        for _ in 0..=dice.below(3) {
            let sent = match dice.below(10) {
                0 if !self.accepted.is_empty() => {
                    let (payment, place) = self.accepted[dice.below(self.accepted.len())].clone();
                    Sent::Again(payment, place)
                }
                1 if !self.accepted.is_empty() => {
                    let (spends, key) = (self.accepted[dice.below(self.accepted.len())].0.spends, self.key());
                    Sent::Wrong(self.paid(parties, spends, Command::New(key), dice), "STATE_NOT_UNSPENT")
                }
                2 if !self.accepted.is_empty() => {
                    let first = self.accepted[dice.below(self.accepted.len())].0.clone();
                    let Some(coin) = pick(&self.coins, Some(first.spends.1.owner), dice) else { continue };
                    Sent::Wrong(self.paid(parties, coin, Command::Used(first.command), dice), "COMMAND_REPLAYED")
                }
                _ => {
                    let Some(coin) = pick(&coins, None, dice) else { continue };
                    let key = self.key();
                    let payment = self.paid(parties, coin, Command::New(key), dice);
                    coins.remove(&payment.spends.0);
                    coins.extend(payment.makes.iter().copied());
                    Sent::Fresh(payment)
                }
            };
            batch.push(sent);
        }
        batch
    }

    fn key(&mut self) -> u64 {
        self.keys += 1;
        self.keys
    }

    fn paid(&self, parties: &Parties, spends: (StateRef, Coin), command: Command, dice: &mut Dice) -> Payment {
        let (reference, coin) = spends;
        let (owner, other) = (&parties.0[coin.owner], &parties.0[1 - coin.owner]);
        let command_id = match command {
            Command::New(key) => CommandId::derive(&self.id, &owner.address, &format!("payment {key}")),
            Command::Used(command) => command,
        };
        let paid = 1 + u64::try_from(dice.below(usize::try_from(coin.minor).unwrap())).unwrap();
        let mut salt = [0; 32];
        salt.fill_with(|| u8::try_from(dice.below(256)).unwrap());
        let mut builder = TransactionBuilder::new(TransactionFrame {
            chain: self.id,
            salt,
            submitter: owner.address,
            command_id,
            time_window: TimeWindow { from_ms: START_MS, until_ms: START_MS + 86_400_000 },
            effective_on: Date::of_ms(START_MS).unwrap(),
            anchor: Anchor { height: 0, block: BlockHash::from_bytes(*self.id.as_bytes()) },
        })
        .input(reference)
        .output(token::holding_state(self.asset, other.address, amount(paid)));
        let mut made = vec![Coin { owner: 1 - coin.owner, minor: paid }];
        if coin.minor > paid {
            builder = builder.output(token::holding_state(self.asset, owner.address, amount(coin.minor - paid)));
            made.push(Coin { owner: coin.owner, minor: coin.minor - paid });
        }
        let transaction = builder.command(contract("token"), token::TRANSFER, &wire::TokenTransfer {}).build();
        let id = transaction.id().unwrap();
        let makes = (0..).zip(made).map(|(index, coin)| (StateRef { transaction: id, index }, coin)).collect();
        Payment { id, command: command_id, bytes: sign(transaction, &[owner]), spends, makes }
    }

    /// It stands on the ledger, here.
    pub(super) fn accept(&mut self, payment: &Payment, place: (u64, u32)) {
        self.coins.remove(&payment.spends.0).unwrap();
        self.coins.extend(payment.makes.iter().copied());
        self.accepted.push((payment.clone(), place));
    }

    /// What each of the two has.
    pub(super) fn balances(&self) -> [u64; 2] {
        [0, 1].map(|owner| self.coins.values().filter(|coin| coin.owner == owner).map(|coin| coin.minor).sum())
    }
}

/// Any coin, or any of one owner.
fn pick(coins: &BTreeMap<StateRef, Coin>, owner: Option<usize>, dice: &mut Dice) -> Option<(StateRef, Coin)> {
    let own: Vec<_> = coins.iter().filter(|(_, coin)| owner.is_none_or(|owner| coin.owner == owner)).collect();
    let (reference, coin) = own.get(dice.below(own.len().max(1)))?;
    Some((**reference, **coin))
}

pub(super) fn place(accepted: &Accepted) -> (u64, u32) {
    (accepted.height, accepted.position)
}
