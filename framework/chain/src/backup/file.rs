//! The bytes of a backup: an SQLite file, [`MAGIC`], and the SHA-256 of both.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::BackupError;

/// What stands behind the SQLite file; the digit is the version of the format.
const MAGIC: [u8; 20] = *b"\nhivechain/backup/1\n";
/// Bytes of the hash behind it.
const HASH_BYTES: usize = 32;
/// Bytes read at once.
const PIECE: usize = 1 << 20;

/// The database that a file is.
pub(crate) fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Puts the end behind a whole file and makes it durable; answers its length.
pub(crate) fn seal(path: &Path) -> Result<u64, BackupError> {
    let refused = |source| BackupError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(refused)?;
    let mut hash = Sha256::new();
    each_piece(&mut BufReader::with_capacity(PIECE, &file), u64::MAX, |piece| {
        hash.update(piece);
        Ok(())
    })
    .map_err(refused)?;
    hash.update(MAGIC);
    let end = [MAGIC.as_slice(), &hash.finalize()].concat();
    file.seek(SeekFrom::End(0)).map_err(refused)?;
    file.write_all(&end).and_then(|()| file.sync_all()).map_err(refused)?;
    file.metadata().map(|metadata| metadata.len()).map_err(refused)
}

/// Copies the SQLite file out of a backup whose bytes are all as they were written.
pub(super) fn unseal(path: &Path, into: &Path) -> Result<(), BackupError> {
    let refused = |source| BackupError::File { path: path.to_owned(), source };
    let unwritten = |source| BackupError::File { path: into.to_owned(), source };
    let no_backup = || BackupError::NoBackup { path: path.to_owned() };
    let mut file = File::open(path).map_err(refused)?;
    let end_bytes = MAGIC.len().saturating_add(HASH_BYTES);
    let length = file.metadata().map_err(refused)?.len();
    let content = length.checked_sub(u64::try_from(end_bytes).unwrap_or(u64::MAX)).ok_or_else(no_backup)?;
    file.seek(SeekFrom::Start(content)).map_err(refused)?;
    let mut end = Vec::with_capacity(end_bytes);
    file.read_to_end(&mut end).map_err(refused)?;
    let (magic, expected) = end.split_at_checked(MAGIC.len()).ok_or_else(no_backup)?;
    if magic != MAGIC {
        return Err(no_backup());
    }
    file.seek(SeekFrom::Start(0)).map_err(refused)?;
    let mut target =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(into).map_err(unwritten)?;
    let mut hash = Sha256::new();
    each_piece(&mut BufReader::with_capacity(PIECE, &file), content, |piece| {
        hash.update(piece);
        target.write_all(piece)
    })
    .map_err(unwritten)?;
    hash.update(MAGIC);
    if hash.finalize()[..] != *expected {
        return Err(BackupError::Damaged { path: path.to_owned() });
    }
    target.sync_all().map_err(unwritten)
}

fn each_piece(
    from: &mut impl Read,
    mut left: u64,
    mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let wanted = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = from.read(piece.get_mut(..wanted).unwrap_or_default())?;
        if read == 0 {
            return Ok(());
        }
        take(piece.get(..read).unwrap_or_default())?;
        left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(())
}
