//! What a vertical needs: trait [`Vertical`], scalars, guards, connections, errors, texts, scenarios.
//!
//! A vertical depends on this crate and never on the server that runs it.

pub mod connection;
pub mod context;
pub mod error;
pub mod guard;
pub mod locale;
pub mod money;
pub mod node_id;
pub mod party;
pub mod proposal;
pub mod scalar;
pub mod scenario;
pub mod user_error;
pub mod vertical;

pub use connection::{Connection, Page};
pub use context::{RequestContext, RequestId};
pub use error::{ApiError, ApiResult, ErrorCode};
pub use locale::{Locale, LocaleFile, Messages};
pub use money::{Money, Quantity};
pub use node_id::NodeId;
pub use party::Party;
pub use user_error::{UserError, Warning};
pub use vertical::{FRAMEWORK_VERSION, Manifest, Vertical};
