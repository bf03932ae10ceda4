//! A backup is whole, is verified before it is given, and nothing that is not as it was written is restored.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::audit::busy_market;
use super::market::{Market, TestClock, config, skips_on_file, url};
use crate::backup::file;
use crate::storage::damage::Vandal;
use crate::{BackupError, BackupReport, Node, NodeConfig, RestoreReport, backup, restore};

const NODE: &str = "node-1";
/// Bytes behind the SQLite file.
const END: u64 = 52;

struct Written {
    folder: TempDir,
    file: PathBuf,
    report: BackupReport,
}

/// A backup of the market's node, which runs.
async fn write(market: &Market) -> Written {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("node.backup");
    let mut last = None;
    let config = config(&market.directory, &market.clock);
    let report = backup(config, NODE, &file, |progress| last = Some(progress)).await.unwrap();
    let last = last.unwrap();
    assert_eq!((last.rows, last.blocks), (last.rows_total, last.blocks_total));
    Written { folder, file, report }
}

async fn restore_at(config: NodeConfig, file: &Path, scratch: &Path) -> Result<RestoreReport, BackupError> {
    restore(config, NODE, file, scratch, |_| {}).await
}

/// Restores into a folder of its own, or into its database on the server.
async fn restore_into(
    folder: &Path,
    clock: &std::sync::Arc<TestClock>,
    file: &Path,
) -> Result<RestoreReport, BackupError> {
    let restored = restore_at(config(folder, clock), file, &folder.join("restoring")).await;
    assert!(!folder.join("restoring").exists(), "nothing of the time being is left");
    restored
}

async fn tips(node: &Node) -> Vec<(u64, String)> {
    let chains = node.chains(&node.chain_ids()).await.unwrap();
    chains.iter().map(|chain| (chain.height, chain.tip.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_running_node_holds_is_backed_up_and_restored() {
    let market = busy_market().await;
    let written = write(&market).await;
    let manifest = &written.report.manifest;
    let said: Vec<_> = manifest.chains.iter().map(|chain| (chain.height, chain.tip.to_string())).collect();
    assert_eq!((said, manifest.node.as_str()), (tips(&market.node).await, NODE));
    assert_eq!(written.report.bytes, fs::metadata(&written.file).unwrap().len());
    market.issue("after the backup", &[9]).await;

    let target = TempDir::new().unwrap();
    let report = restore_into(target.path(), &market.clock, &written.file).await.unwrap();
    assert_eq!((&report.manifest, report.migrations.len()), (manifest, 0));
    let node = Node::open(config(target.path(), &market.clock)).await.unwrap();
    assert_eq!(tips(&node).await[0].0, market.height() - 1);
    let audit = node.audit(|_| {}).await.unwrap();
    assert!(audit.is_clean(), "{:?}", audit.findings);
    assert_eq!(audit.journal_entries, report.audit.journal_entries);
    let parked = market.node.parked();
    assert_eq!((node.parked(), parked.len()), (parked, 1));
    market.at(node).issue("goes on", &[9]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_go_from_one_kind_of_database_to_the_other_and_back() {
    if skips_on_file("it needs a server's database beside a file") {
        return;
    }
    let market = busy_market().await;
    let written = write(&market).await;
    let folder = TempDir::new().unwrap();
    let on_file = || {
        let mut config = config(folder.path(), &market.clock);
        config.database_url = format!("sqlite:{}", folder.path().join("hive.sqlite").display());
        config
    };
    restore_at(on_file(), &written.file, &folder.path().join("restoring")).await.unwrap();
    let again = folder.path().join("again.backup");
    let report = backup(on_file(), NODE, &again, |_| {}).await.unwrap();
    assert_eq!((&report.manifest.chains, report.rows), (&written.report.manifest.chains, written.report.rows));
    let target = TempDir::new().unwrap();
    restore_into(target.path(), &market.clock, &again).await.unwrap();
    let node = Node::open(config(target.path(), &market.clock)).await.unwrap();
    assert_eq!(tips(&node).await, tips(&market.node).await);
    assert!(node.audit(|_| {}).await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_one_byte_changed_is_refused_and_the_target_stays_empty() {
    let market = Market::open().await;
    let written = write(&market).await;
    let sound = fs::read(&written.file).unwrap();
    let end = sound.len() - usize::try_from(END).unwrap();
    let target = TempDir::new().unwrap();
    let places = [(0, "RESTORE_DAMAGED"), (100, "RESTORE_DAMAGED"), (end / 3, "RESTORE_DAMAGED")].into_iter();
    let places = places.chain([(end / 2, "RESTORE_DAMAGED"), (end - 1, "RESTORE_DAMAGED")]);
    for (place, code) in places.chain([(end, "RESTORE_NO_BACKUP"), (sound.len() - 1, "RESTORE_DAMAGED")]) {
        let mut damaged = sound.clone();
        damaged[place] ^= 1;
        fs::write(&written.file, &damaged).unwrap();
        let refused = restore_into(target.path(), &market.clock, &written.file).await.unwrap_err();
        assert_eq!(refused.code(), code, "byte {place}: {refused}");
        assert!(!target.path().join("node.db").exists());
    }
    for (length, code) in [(sound.len() - 1, "RESTORE_NO_BACKUP"), (10, "RESTORE_NO_BACKUP"), (0, "RESTORE_NO_BACKUP")]
    {
        fs::write(&written.file, &sound[..length]).unwrap();
        let refused = restore_into(target.path(), &market.clock, &written.file).await.unwrap_err();
        assert_eq!(refused.code(), code, "{length} bytes");
    }
    fs::write(&written.file, &sound).unwrap();
    restore_into(target.path(), &market.clock, &written.file).await.unwrap();
    let again = restore_into(target.path(), &market.clock, &written.file).await.unwrap_err();
    assert_eq!(again.code(), "RESTORE_NOT_EMPTY");
}

/// Changes what a backup holds and gives it the hash of what it is now.
async fn forge(written: &Written, change: &str) -> PathBuf {
    let forged = written.folder.path().join("forged.backup");
    fs::copy(&written.file, &forged).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&forged).unwrap();
    file.set_len(file.metadata().unwrap().len() - END).unwrap();
    let vandal = Vandal::open(&file::url(&forged)).await;
    vandal.execute(change).await;
    drop(vandal);
    file::seal(&forged).unwrap();
    forged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_backup_does_not_pass_the_audit() {
    let market = busy_market().await;
    let written = write(&market).await;
    let target = TempDir::new().unwrap();
    for (change, code) in [
        ("UPDATE state SET lock_count = lock_count + 1 WHERE number = 2", "RESTORE_AUDIT_FAILED"),
        ("UPDATE block SET bytes = X'00' WHERE height = 3", "RESTORE_AUDIT_FAILED"),
        ("DELETE FROM journal_entry WHERE number = 1", "RESTORE_AUDIT_FAILED"),
        ("DELETE FROM sample_transaction", "RESTORE_AUDIT_FAILED"),
        ("UPDATE backup_manifest SET manifest = replace(manifest, '\"height\":', '\"height\":1')", "RESTORE_DIFFERS"),
        ("UPDATE backup_manifest SET manifest = '{}'", "RESTORE_DIFFERS"),
        ("UPDATE backup_manifest SET manifest = replace(manifest, 'node-1', 'node-2')", "RESTORE_NODE_FOREIGN"),
        ("INSERT INTO seaql_migrations VALUES ('zz_of_tomorrow', 0)", "NODE_SCHEMA_NEWER"),
    ] {
        let forged = forge(&written, change).await;
        let refused = restore_into(target.path(), &market.clock, &forged).await.unwrap_err();
        assert_eq!(refused.code(), code, "{change}: {refused}");
        assert!(!target.path().join("node.db").exists());
    }
    let folder = target.path().join("not there");
    let missing = restore_into(target.path(), &market.clock, &folder).await.unwrap_err();
    assert_eq!(missing.code(), "BACKUP_FILE");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_program_are_not_left_out_in_silence() {
    let market = Market::open().await;
    let vandal = Vandal::open(&url(&market.directory)).await;
    vandal.execute("CREATE TABLE of_another (chain_id BIGINT)").await;
    let folder = TempDir::new().unwrap();
    let config = config(&market.directory, &market.clock);
    let refused = backup(config, NODE, &folder.path().join("x"), |_| {}).await.unwrap_err();
    assert_eq!(refused.code(), "BACKUP_TABLE_UNKNOWN");
}
