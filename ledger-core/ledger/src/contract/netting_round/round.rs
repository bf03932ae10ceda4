//! What each command makes of a round.

use super::check::Checking;
use super::row::Row;
use super::{ALGORITHM, CHECK, JOIN, NettingRound, NettingRoundError, PROPOSE, Phase, ROWS_MAX, VOID, WITHDRAW, tree};
use crate::amount::Amount;
use crate::contract::obligation::{NettingConsent, Obligation};
use crate::date::Date;
use crate::error::rule;
use crate::id::{Address, AssetId, RoundId};
use crate::transaction::Command;

impl NettingRound {
    /// A round without obligations.
    pub fn new(
        (round, operator, asset): (RoundId, Address, AssetId),
        (cut_off_ms, void_after_ms): (u64, u64),
        salt: [u8; 32],
    ) -> Self {
        Self {
            round,
            operator,
            asset,
            algorithm: ALGORITHM.to_owned(),
            cut_off_ms,
            void_after_ms,
            salt,
            rows: 0,
            gross: Amount::ZERO,
            phase: Phase::Gathering { peaks: Vec::new() },
        }
    }

    /// The round with these obligations, in this order.
    pub fn joined(&self, obligations: &[Obligation]) -> Result<Self, NettingRoundError> {
        let Phase::Gathering { peaks } = &self.phase else { return Err(self.is_past(JOIN)) };
        let due_by = Date::of_ms(self.cut_off_ms)?;
        let (mut rows, mut gross, mut peaks) = (self.rows, self.gross, peaks.clone());
        for obligation in obligations {
            self.may_join(obligation, due_by)?;
            rule(rows < ROWS_MAX, || NettingRoundError::RowsTooMany)?;
            let leaf = Row::of(obligation).joined_leaf();
            peaks = tree::appended(rows, &peaks, leaf).ok_or(NettingRoundError::RowsTooMany)?;
            rows = rows.saturating_add(1);
            gross = gross.checked_add(obligation.outstanding).map_err(|_| NettingRoundError::GrossTooLarge)?;
        }
        Ok(Self { rows, gross, phase: Phase::Gathering { peaks }, ..self.clone() })
    }

    fn may_join(&self, obligation: &Obligation, due_by: Date) -> Result<(), NettingRoundError> {
        let number = || obligation.number.clone();
        rule(obligation.round.is_none(), || NettingRoundError::InRoundAlready { number: number() })?;
        rule(obligation.asset == self.asset, || NettingRoundError::AssetOther { number: number() })?;
        rule(obligation.due_on <= due_by, || NettingRoundError::NotDue { number: number(), due_by })?;
        rule(obligation.creditor == obligation.issuer, || NettingRoundError::Assigned { number: number() })?;
        for consent in [obligation.debtor_nets, obligation.creditor_nets] {
            let NettingConsent { operator, until_ms } =
                consent.ok_or_else(|| NettingRoundError::NotConsenting { number: number() })?;
            rule(operator == self.operator, || NettingRoundError::ConsentOther { number: number() })?;
            let void_after_ms = self.void_after_ms;
            let is_within = void_after_ms <= until_ms;
            rule(is_within, || NettingRoundError::ConsentEnds { number: number(), until_ms, void_after_ms })?;
        }
        Ok(())
    }

    /// The round without an obligation that joined as this row, where the path leads from it to the root of its subtree.
    pub fn withdrawn(&self, obligation: &Obligation, row: u32, path: &[[u8; 32]]) -> Result<Self, NettingRoundError> {
        let Phase::Gathering { peaks } = &self.phase else { return Err(self.is_past(WITHDRAW)) };
        let leaves = [Row::of(obligation), Row::default()].map(|row| row.joined_leaf());
        let peaks = tree::replaced((self.rows, peaks), row, leaves, path);
        let not_joined = || NettingRoundError::NotThatRow { number: obligation.number.clone(), row };
        let peaks = peaks.ok_or_else(not_joined)?;
        let gross = self.gross.checked_sub(obligation.outstanding).map_err(|_| not_joined())?;
        Ok(Self { gross, phase: Phase::Gathering { peaks }, ..self.clone() })
    }

    /// The round with a result to be checked.
    pub fn proposed(&self, result: [u8; 32], cleared: Amount) -> Result<Self, NettingRoundError> {
        let Phase::Gathering { peaks } = &self.phase else { return Err(self.is_past(PROPOSE)) };
        let is_within = !cleared.is_zero() && cleared <= self.gross;
        let (minor, gross) = (cleared.minor(), self.gross.minor());
        rule(is_within, || NettingRoundError::ResultOutOfRange { cleared: minor, gross })?;
        let checking = Checking {
            joined: tree::root(peaks),
            result,
            cleared,
            checked_rows: 0,
            checked_cleared: Amount::ZERO,
            balance: [0; 32],
        };
        Ok(Self { phase: Phase::Checking(checking), ..self.clone() })
    }

    /// The round after the check of its next rows.
    pub fn checked(&self, command: &Command) -> Result<Self, NettingRoundError> {
        let Phase::Checking(checking) = &self.phase else { return Err(self.is_past(CHECK)) };
        Ok(Self { phase: checking.taken(self, command)?, ..self.clone() })
    }

    /// The round, ended without a result.
    pub fn voided(&self) -> Result<Self, NettingRoundError> {
        match self.phase {
            Phase::Gathering { .. } | Phase::Checking(_) => Ok(Self { phase: Phase::Voided, ..self.clone() }),
            Phase::Committed { .. } | Phase::Voided => Err(self.is_past(VOID)),
        }
    }

    pub(super) fn is_past(&self, command: &'static str) -> NettingRoundError {
        NettingRoundError::PhaseOther { command, phase: self.phase.name() }
    }
}
