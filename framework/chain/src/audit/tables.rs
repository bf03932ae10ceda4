//! Every table against its shadow: rows that are missing, rows that should not be, columns that differ.

use super::{Audit, AuditProgress, AuditStage, Finding, FindingKind};
use crate::error::ChainError;
use crate::storage::dump::{Pair, Row, SideBySide, TableShape, readable};

/// This crate's tables that follow from blocks alone; journals are verified by their hashes instead.
const CHAIN_TABLES: [&str; 11] = [
    "chain",
    "block",
    "committed_transaction",
    "state",
    "claim",
    "chain_timer",
    "chain_party",
    "chain_configuration",
    "chain_journal",
    "outbox_event",
    "parked_projection",
];

impl<P: FnMut(AuditProgress) + Send> Audit<'_, P> {
    /// Compares all tables of this crate and of the projections.
    pub(super) async fn compare_tables(&mut self) -> Result<(), ChainError> {
        let shared = self.shared;
        let of_projections = shared.projections.iter().flat_map(|projection| projection.tables());
        for table in CHAIN_TABLES.iter().chain(of_projections) {
            let shape = TableShape::of(self.shadow.read(), table).await?;
            self.compare(&shape).await?;
        }
        Ok(())
    }

    async fn compare(&mut self, shape: &TableShape) -> Result<(), ChainError> {
        // The walk borrows the databases, so what it finds is added afterwards; it stops at what a report can hold.
        let mut differences = Vec::new();
        let mut rows = 0_u64;
        let mut both = SideBySide::new(self.live.orm(), self.shadow.read(), shape);
        while let Some(pair) = both.next().await? {
            rows = rows.saturating_add(1);
            match &pair {
                Pair::Left(row) if self.is_broken(shape, row) => {}
                Pair::Left(row) => {
                    differences.push(finding(FindingKind::RowUnexpected, (shape, row), None, "a row", "no such row"))
                }
                Pair::Right(row) => {
                    differences.push(finding(FindingKind::RowMissing, (shape, row), None, "no such row", "a row"))
                }
                Pair::Both(found, expected) if found.values == expected.values => {}
                Pair::Both(found, expected) => {
                    let values = found.values.iter().zip(&expected.values).zip(&shape.columns);
                    for ((is, must), column) in values.filter(|((is, must), _)| is != must) {
                        let (is, must) = (shown(is), shown(must));
                        differences.push(finding(
                            FindingKind::ValueDiffers,
                            (shape, expected),
                            Some(column),
                            &is,
                            &must,
                        ));
                    }
                }
            }
        }
        self.report.rows = self.report.rows.saturating_add(rows);
        differences.into_iter().for_each(|difference| self.report.add(difference));
        self.tell(AuditStage::Tables);
        Ok(())
    }

    /// True for a row of a chain whose blocks do not verify to the end: that is the finding.
    fn is_broken(&self, shape: &TableShape, row: &Row) -> bool {
        let number = shape.value(row, "chain_id").map(readable).and_then(|number| number.parse().ok());
        number.is_some_and(|number: i64| self.broken.contains(&number))
    }
}

fn finding(
    kind: FindingKind,
    (shape, row): (&TableShape, &Row),
    column: Option<&str>,
    found: &str,
    expected: &str,
) -> Finding {
    let height = shape.value(row, "height").map(readable).and_then(|height| height.parse().ok());
    Finding {
        kind,
        table: shape.name.clone(),
        key: shape.key_text(row),
        column: column.map(str::to_owned),
        height,
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

/// A value for a report; long ones are cut.
fn shown(value: &str) -> String {
    const CHARACTERS_MAX: usize = 160;
    let text = readable(value);
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}… ({} characters)", text.get(..end).unwrap_or_default(), text.chars().count()),
        None => text,
    }
}
