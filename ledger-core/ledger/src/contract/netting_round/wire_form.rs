//! The wire form of a round.

use super::check::Checking;
use super::row::minor;
use super::{NettingRound, Phase};
use crate::encoding::{EncodingError, Wire, at_most, plain_text, required};
use crate::id::Digest;
use crate::merkle::PATH_MAX;
use crate::wire;
use crate::wire::netting_round::Phase as Message;

/// Hashes of a message.
pub(super) fn hashes(list: &[Vec<u8>]) -> Result<Vec<[u8; 32]>, EncodingError> {
    list.iter().map(|bytes| hash(bytes)).collect()
}

/// A hash of a message.
pub(super) fn hash(bytes: &[u8]) -> Result<[u8; 32], EncodingError> {
    Ok(*Digest::try_from(bytes)?.as_bytes())
}

/// Hashes as a message carries them.
pub(super) fn to_vecs(hashes: &[[u8; 32]]) -> Vec<Vec<u8>> {
    hashes.iter().map(|hash| hash.to_vec()).collect()
}

fn phase_to_wire(phase: &Phase) -> Message {
    match phase {
        Phase::Gathering { peaks } => Message::Gathering(wire::NettingRoundGathering { peaks: to_vecs(peaks) }),
        Phase::Checking(checking) => Message::Checking(wire::NettingRoundChecking {
            joined: checking.joined.to_vec(),
            result: checking.result.to_vec(),
            cleared: checking.cleared.minor(),
            checked_rows: checking.checked_rows,
            checked_cleared: checking.checked_cleared.minor(),
            balance: checking.balance.to_vec(),
        }),
        Phase::Committed { result, cleared } => {
            Message::Committed(wire::NettingRoundCommitted { result: result.to_vec(), cleared: cleared.minor() })
        }
        Phase::Voided => Message::Voided(wire::NettingRoundVoided {}),
    }
}

fn phase_from_wire(message: Message) -> Result<Phase, EncodingError> {
    Ok(match message {
        Message::Gathering(wire::NettingRoundGathering { peaks }) => {
            at_most(&peaks, PATH_MAX, "round.peaks")?;
            Phase::Gathering { peaks: hashes(&peaks)? }
        }
        Message::Checking(checking) => Phase::Checking(Checking {
            joined: hash(&checking.joined)?,
            result: hash(&checking.result)?,
            cleared: minor(checking.cleared, "round.cleared")?,
            checked_rows: checking.checked_rows,
            checked_cleared: minor(checking.checked_cleared, "round.checked_cleared")?,
            balance: hash(&checking.balance)?,
        }),
        Message::Committed(wire::NettingRoundCommitted { result, cleared }) => {
            Phase::Committed { result: hash(&result)?, cleared: minor(cleared, "round.cleared")? }
        }
        Message::Voided(wire::NettingRoundVoided {}) => Phase::Voided,
    })
}

impl Wire for NettingRound {
    type Message = wire::NettingRound;

    fn to_wire(&self) -> wire::NettingRound {
        wire::NettingRound {
            round: self.round.to_vec(),
            operator: self.operator.to_vec(),
            asset: self.asset.to_vec(),
            algorithm: self.algorithm.clone(),
            cut_off_ms: self.cut_off_ms,
            void_after_ms: self.void_after_ms,
            salt: self.salt.to_vec(),
            rows: self.rows,
            gross: self.gross.minor(),
            phase: Some(phase_to_wire(&self.phase)),
        }
    }

    fn from_wire(message: wire::NettingRound) -> Result<Self, EncodingError> {
        plain_text(&message.algorithm, 64, "round.algorithm")?;
        Ok(Self {
            round: message.round.as_slice().try_into()?,
            operator: message.operator.as_slice().try_into()?,
            asset: message.asset.as_slice().try_into()?,
            algorithm: message.algorithm,
            cut_off_ms: message.cut_off_ms,
            void_after_ms: message.void_after_ms,
            salt: hash(&message.salt)?,
            rows: message.rows,
            gross: minor(message.gross, "round.gross")?,
            phase: phase_from_wire(required(message.phase, "round.phase")?)?,
        })
    }
}
