//! What parties are called on this node.

use hive_chain::Database;
use ledger_core::Address;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::StorageError;
use super::convert::{fixed, signed, unsigned};
use super::entity::organisation::{ActiveModel, Column, Entity, Model};
use crate::directory::{Organisation, OrganisationKind};

/// Keeps an organisation, or changes what it is called.
pub(crate) async fn keep(database: &Database, organisation: &Organisation) -> Result<(), StorageError> {
    let row = ActiveModel {
        address: Set(organisation.address.to_vec()),
        name_en: Set(organisation.name_en.clone()),
        name_zh: Set(organisation.name_zh.clone()),
        kind: Set(organisation.kind.name().to_owned()),
        enrolled_at_ms: Set(signed("platform_organisation.enrolled_at_ms", organisation.enrolled_at_ms)?),
    };
    let renamed =
        OnConflict::column(Column::Address).update_columns([Column::NameEn, Column::NameZh, Column::Kind]).to_owned();
    let write = database.begin_write().await?;
    Entity::insert(row).on_conflict(renamed).exec_without_returning(write.orm()).await?;
    Ok(write.commit().await?)
}

/// The organisations of these addresses, as far as they are enrolled; at most a few hundred addresses.
pub(crate) async fn find(database: &Database, addresses: &[Address]) -> Result<Vec<Organisation>, StorageError> {
    let addresses: Vec<_> = addresses.iter().map(Address::to_vec).collect();
    let rows = Entity::find().filter(Column::Address.is_in(addresses)).all(database.read()).await?;
    rows.into_iter().map(organisation).collect()
}

fn organisation(row: Model) -> Result<Organisation, StorageError> {
    let kind = OrganisationKind::from_name(&row.kind);
    Ok(Organisation {
        address: Address::from_bytes(fixed("platform_organisation.address", &row.address)?),
        name_en: row.name_en,
        name_zh: row.name_zh,
        kind: kind.ok_or(StorageError::Malformed { column: "platform_organisation.kind" })?,
        enrolled_at_ms: unsigned("platform_organisation.enrolled_at_ms", row.enrolled_at_ms)?,
    })
}
