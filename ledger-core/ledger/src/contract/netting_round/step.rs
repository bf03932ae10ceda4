//! The steps that nobody need sign, and the one transaction that each of them is.

use super::rules::time_is_over;
use super::{
    APPLY, CHECK, NAME, NettingRound, NettingRoundError, Phase, RELEASE, ROUND, VOID, obligations, read_round,
};
use crate::contract::obligation;
use crate::date::Date;
use crate::encoding::EncodingError;
use crate::error::rule;
use crate::hash::{Domain, hash};
use crate::id::{Address, BlockHash, ChainId, CommandId, ObligationId};
use crate::state::State;
use crate::transaction::{
    Anchor, LedgerTransaction, Reference, ReferenceKind, TimeWindow, Transaction, TransactionFrame,
};
use crate::wire;

/// Windows of steps without an end of their own begin at multiples of this and last twice as long, 15 days in milliseconds.
const WINDOW_STEP_MS: u64 = TimeWindow::LONGEST_MS / 2;

/// A step of a round that nobody need sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    round: NettingRound,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Check(u32),
    Void,
    Apply(Vec<u32>),
    Release(Vec<ObligationId>),
}

impl Step {
    /// The check of the next rows; of a round that is not being checked, from row 0.
    pub fn check(round: NettingRound) -> Self {
        let first = if let Phase::Checking(checking) = &round.phase { checking.checked_rows } else { 0 };
        Self { round, kind: Kind::Check(first) }
    }

    /// The end of a round whose time is over.
    pub fn void(round: NettingRound) -> Self {
        Self { round, kind: Kind::Void }
    }

    /// The residuals of these rows.
    pub fn apply(round: NettingRound, rows: Vec<u32>) -> Self {
        Self { round, kind: Kind::Apply(rows) }
    }

    /// The freeing of these obligations.
    pub fn release(round: NettingRound, obligations: Vec<ObligationId>) -> Self {
        Self { round, kind: Kind::Release(obligations) }
    }

    /// The step that a transaction takes; none where somebody must sign.
    pub(super) fn of(transaction: &LedgerTransaction) -> Result<Option<Self>, NettingRoundError> {
        let Some(command) = transaction.command(NAME) else { return Ok(None) };
        let consumed = || transaction.inputs_of(NAME, ROUND).map(|input| input.state.as_ref()).next();
        let referred =
            || transaction.references.iter().map(|read| read.state.as_ref()).find(|state| state.is(NAME, ROUND));
        let read = |state: Option<&State>| state.map(read_round).transpose();
        Ok(match command.name.as_str() {
            CHECK => read(consumed())?.map(Self::check),
            VOID if time_is_over(transaction)? => read(consumed())?.map(Self::void),
            APPLY => {
                let wire::NettingRoundApply { rows, .. } = command.message()?;
                let rows = rows.iter().map(|netted| netted.row).collect();
                read(referred())?.map(|round| Self::apply(round, rows))
            }
            RELEASE => {
                let freed = obligations::consumed(transaction)?.iter().map(|freed| freed.obligation).collect();
                read(referred())?.map(|round| Self::release(round, freed))
            }
            _ => None,
        })
    }

    /// The first row that a check shows.
    pub(super) fn first_row(&self) -> u32 {
        if let Kind::Check(first) = self.kind { first } else { 0 }
    }

    /// Which step of which round, so that it is taken once.
    pub fn text(&self) -> String {
        let round = &self.round.round;
        match &self.kind {
            Kind::Check(first) => format!("{NAME}/{CHECK} {round} {first}"),
            Kind::Void => format!("{NAME}/{VOID} {round}"),
            Kind::Apply(rows) => format!("{NAME}/{APPLY} {round} {}", listed(rows)),
            Kind::Release(obligations) => format!("{NAME}/{RELEASE} {round} {}", listed(obligations)),
        }
    }

    /// The window in which it is taken at a time, milliseconds UTC, or as soon as it may be.
    pub fn window(&self, now_ms: u64) -> TimeWindow {
        let NettingRound { cut_off_ms, void_after_ms, .. } = self.round;
        let begins = match self.kind {
            Kind::Check(_) => return TimeWindow { from_ms: cut_off_ms, until_ms: void_after_ms },
            Kind::Void => void_after_ms,
            Kind::Apply(_) | Kind::Release(_) => 0,
        };
        let since = now_ms.saturating_sub(begins);
        let from_ms = now_ms.max(begins).saturating_sub(since.checked_rem(WINDOW_STEP_MS).unwrap_or_default());
        TimeWindow { from_ms, until_ms: from_ms.saturating_add(TimeWindow::LONGEST_MS) }
    }

    /// The frame of its transaction in the window of a time, milliseconds UTC.
    pub fn frame(&self, chain: ChainId, now_ms: u64) -> Result<TransactionFrame, EncodingError> {
        let (text, time_window) = (self.text(), self.window(now_ms));
        let intention = match self.kind {
            Kind::Check(_) | Kind::Void => text.clone(),
            Kind::Apply(_) | Kind::Release(_) => format!("{text}\n{}/{}", obligation::NAME, obligation::NET),
        };
        Ok(TransactionFrame {
            chain,
            salt: hash(Domain::RoundSalt, &[&self.round.salt, text.as_bytes()]),
            submitter: Address::NOBODY,
            command_id: CommandId::derive(&chain, &Address::NOBODY, &intention),
            time_window,
            effective_on: Date::of_ms(time_window.from_ms)?,
            anchor: Anchor { height: 0, block: BlockHash::from_bytes(*chain.as_bytes()) },
        })
    }

    /// Nothing of what nobody signs is anybody's choice, but which rows it is for.
    pub(super) fn is_as_it_follows(&self, transaction: &LedgerTransaction) -> Result<(), NettingRoundError> {
        let given = &transaction.transaction;
        if given.submitter != Address::NOBODY {
            return Ok(());
        }
        let (inputs, commands) = match &self.kind {
            Kind::Check(_) | Kind::Void => (1, [NAME].as_slice()),
            Kind::Apply(rows) => (rows.len(), [NAME, obligation::NAME].as_slice()),
            Kind::Release(obligations) => (obligations.len(), [NAME, obligation::NAME].as_slice()),
        };
        let frame = self.frame(given.chain, given.time_window.from_ms)?;
        let as_past = |reference: &Reference| Reference { kind: ReferenceKind::Past, ..*reference };
        let expected = Transaction {
            salt: frame.salt,
            time_window: frame.time_window,
            effective_on: frame.effective_on,
            anchor: frame.anchor,
            references: given.references.iter().take(commands.len().saturating_sub(1)).map(as_past).collect(),
            outputs: given.outputs.iter().filter(|state| commands.contains(&state.contract.name())).cloned().collect(),
            attachments: Vec::new(),
            metadata: Vec::new(),
            ..given.clone()
        };
        let is_bare = given.inputs.len() == inputs
            && given.commands.iter().map(|command| command.contract.name()).eq(commands.iter().copied());
        rule(is_bare && *given == expected, || NettingRoundError::StepDiffers)
    }
}

fn listed<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
