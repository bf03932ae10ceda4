//! What one request may cost at most. Every limit answers with a code and says which it was.

use std::time::Duration;

/// Body of a request, bytes.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Body of a request whose only field is a bulk write, bytes.
pub const BULK_BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Fields that take bulk bodies.
pub const BULK_FIELDS: &[&str] = &["submitTransactions"];
/// What is read and thrown away of a body that is too large, so that the sender gets to read the answer, bytes.
pub const DRAINED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The longest a body may take to arrive.
pub const BODY_TIME_MAX: Duration = Duration::from_secs(20);
/// A GraphQL document, bytes. Values belong in variables.
pub const DOCUMENT_BYTES_MAX: usize = 128 * 1024;
/// Brackets within brackets of a document, before it is parsed at all.
pub const BRACKETS_DEEP_MAX: usize = 64;
/// Fields within fields. Introspection needs 15.
pub const DEPTH_MAX: usize = 20;
/// Selections within selections, fragments included.
pub const LEVELS_MAX: usize = 32;
/// Fields of an operation after its fragments are written out, each page counted with all its rows.
pub const COST_MAX: u64 = 20_000;
/// Fields that cost more than reading a value, each with its cost; every other one costs 1.
pub const DEAR_FIELDS: &[(&str, u64)] = &[
    ("stateProof", 2_000),
    ("claimProof", 2_000),
    ("preparedTransactions", 1_000),
    ("submitTransactions", 500),
    ("checkTransaction", 200),
    ("proof", 100),
    ("totalCount", 10),
];
/// Aliases of a document.
pub const ALIASES_MAX: usize = 50;
/// Directives on one field.
pub const DIRECTIVES_MAX: usize = 8;
/// The longest a request may take.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// Subscriptions of one connection.
pub const SUBSCRIPTIONS_MAX: usize = 64;
/// A subscriber that takes no event for so long is dropped; it can resume.
pub const SLOW_CONSUMER: Duration = Duration::from_secs(15);
/// How often a quiet subscription asks whether its session still counts.
pub const RECHECK: Duration = Duration::from_secs(5);
