//! What has to be given to make a contract of a template.

use num_bigint::BigInt;

use super::{TemplateError, Text};
use crate::analysis::AMOUNT_MAX;
use crate::json::{FIELDS_MAX, Json, JsonError, JsonForm, Node};
use crate::party::Bound;

/// The whole in basis points.
pub const SHARE_WHOLE: i64 = 10_000;
/// The most entries of a list.
pub const LIST_MAX: usize = 36;
/// The most parameters of a template, fields of a list, roles, tokens: arguments are an object.
pub const NAMES_MAX: usize = FIELDS_MAX;

/// A parameter of a template or a field of a list's entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name; no other parameter or field of the template has it.
    pub name: String,
    /// What may be given.
    pub kind: Kind,
    /// What it is.
    pub title: Text,
}

/// What may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An amount above zero, in its token's smallest unit.
    Amount(Bound),
    /// An integer.
    Integer(Bound),
    /// Basis points of something; those of a list come to [`SHARE_WHOLE`] at most.
    Share(Bound),
    /// Milliseconds since 1970, or a text as `2026-10-01T08:00:00Z`.
    Time,
    /// Entries with the same fields.
    List {
        /// How few.
        from: usize,
        /// How many.
        to: usize,
        /// The fields of an entry, none of them a list.
        fields: Vec<Parameter>,
    },
}

impl Kind {
    /// Its name in a template.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Amount(_) => "amount",
            Self::Integer(_) => "integer",
            Self::Share(_) => "share",
            Self::Time => "time",
            Self::List { .. } => "list",
        }
    }

    /// How few and how many are allowed: of a number, or of a list's entries. None for a time, which other times bound.
    pub fn bounds(&self) -> Option<Bound> {
        match self {
            Self::Amount(bound) | Self::Integer(bound) | Self::Share(bound) => Some(bound.clone()),
            Self::Time => None,
            Self::List { from, to, .. } => Some(Bound { from: BigInt::from(*from), to: BigInt::from(*to) }),
        }
    }

    /// The fields of a list's entries.
    pub fn fields(&self) -> &[Parameter] {
        match self {
            Self::List { fields, .. } => fields,
            _ => &[],
        }
    }
}

impl Parameter {
    /// Refuses bounds that are none, or wider than its kind's, or than its fields' kinds'.
    pub(super) fn check(&self) -> Result<(), TemplateError> {
        let (least, most) = match self.kind {
            Kind::Integer(_) => (-AMOUNT_MAX, AMOUNT_MAX),
            Kind::Share(_) => (0, SHARE_WHOLE),
            Kind::Amount(_) | Kind::List { .. } | Kind::Time => (1, AMOUNT_MAX),
        };
        let is_within = |bound: Bound| {
            BigInt::from(least) <= bound.from && bound.from <= bound.to && bound.to <= BigInt::from(most)
        };
        if !self.kind.bounds().is_none_or(is_within) {
            return Err(TemplateError::Bounds { name: self.name.clone() });
        }
        self.kind.fields().iter().try_for_each(Self::check)
    }
}

impl JsonForm for Parameter {
    fn from_node(node: &Node<'_>) -> Result<Self, JsonError> {
        let kind_of = node.field("kind")?;
        let kind = match kind_of.text()? {
            "time" => {
                node.expect(["name", "kind", "title"])?;
                Kind::Time
            }
            "list" => {
                node.expect(["name", "kind", "title", "from", "to", "fields"])?;
                let count = |name| {
                    let node = node.field(name)?;
                    let count = usize::try_from(&node.integer()?).ok().filter(|count| *count <= LIST_MAX);
                    count.ok_or_else(|| node.unexpected("count of a list's entries, 36 at most"))
                };
                let fields: Vec<Self> = node.field("fields")?.list()?;
                if fields.iter().any(|field| matches!(field.kind, Kind::List { .. })) {
                    return Err(node.field("fields")?.unexpected("list of fields that are no lists"));
                }
                Kind::List { from: count("from")?, to: count("to")?, fields }
            }
            name => {
                node.expect(["name", "kind", "title", "from", "to"])?;
                let bound = Bound { from: node.field("from")?.integer()?, to: node.field("to")?.integer()? };
                match name {
                    "amount" => Kind::Amount(bound),
                    "integer" => Kind::Integer(bound),
                    "share" => Kind::Share(bound),
                    _ => return Err(kind_of.unexpected("kind: one of amount, integer, share, time, list")),
                }
            }
        };
        let name = node.field("name")?.text()?.to_owned();
        Ok(Self { name, kind, title: Text::from_node(&node.field("title")?)? })
    }

    fn to_json(&self) -> Json {
        let mut fields = vec![
            ("name".to_owned(), Json::text(&self.name)),
            ("kind".to_owned(), Json::text(self.kind.name())),
            ("title".to_owned(), self.title.to_json()),
        ];
        if let Some(Bound { from, to }) = self.kind.bounds() {
            fields.extend([("from".to_owned(), from.to_json()), ("to".to_owned(), to.to_json())]);
        }
        if let Kind::List { fields: of, .. } = &self.kind {
            fields.push(("fields".to_owned(), Json::array(of)));
        }
        Json::Object(fields)
    }
}
