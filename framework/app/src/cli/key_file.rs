//! Key files: a party's key, and the node's own secrets. Only their owner may read them.

use std::fmt;
use std::path::Path;

use hive_chain::seal::EncryptionKey;
use ledger_core::{Address, ClaimSecret, PartyRecord, Policy, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};

use super::error::CliError;
use super::folder::{read_secret_file, write_secret_file};

/// A party's key with what its address follows from.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyFile {
    /// Name for people.
    pub name: String,
    /// The party's address.
    pub address: String,
    /// Address nonce, hexadecimal, 16 bytes.
    pub nonce: String,
    /// Public key, hexadecimal.
    pub public_key: String,
    /// Seed of the private key (RFC 8032), hexadecimal.
    seed: String,
    /// Private key for what is sealed to the party (X25519, RFC 7748), hexadecimal.
    encryption_seed: String,
}

/// The node's own secrets.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeSecrets {
    /// Stable name of the node, audience of its sign-ins.
    pub node_id: String,
    recorder_seed: String,
    claim_secret: String,
    journal_key: String,
    token_seed: String,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyFile({} {})", self.name, self.address)
    }
}

impl fmt::Debug for NodeSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NodeSecrets(of {})", self.node_id)
    }
}

fn random<const N: usize>() -> Result<[u8; N], CliError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CliError::Randomness(error.to_string()))?;
    Ok(bytes)
}

fn bytes_of<const N: usize>(text: &str, field: &'static str) -> Result<[u8; N], CliError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| CliError::Content {
        path: field.into(),
        expected: "field of a key file",
        reason: format!("it has {N} bytes in hexadecimal"),
    })?;
    Ok(bytes)
}

impl KeyFile {
    /// A new key, its party's policy being this one key.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn generate(name: &str) -> Result<Self, CliError> {
        let (seed, nonce, encryption_seed) = (random::<32>()?, random::<16>()?, random::<32>()?);
        let public = SigningKey::from_seed(&seed).public();
        Ok(Self {
            name: name.to_owned(),
            address: Policy::Key(public).address(&nonce).to_string(),
            nonce: hex::encode(nonce),
            public_key: public.to_string(),
            seed: hex::encode(seed),
            encryption_seed: hex::encode(encryption_seed),
        })
    }

    /// Reads a key file; its address must follow from its key.
    ///
    /// # Errors
    /// It is unreadable, open to others, or does not fit together.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let key: Self = read_secret_file(path, "key file of a party")?;
        if key.record()?.address.to_string() == key.address && key.public()?.to_string() == key.public_key {
            return Ok(key);
        }
        let reason = "address and public key do not follow from seed and nonce".to_owned();
        Err(CliError::Content { path: path.to_owned(), expected: "key file of a party", reason })
    }

    /// Writes the key file; an existing one is never overwritten.
    ///
    /// # Errors
    /// It exists, or the file system refuses.
    pub fn write(&self, path: &Path) -> Result<(), CliError> {
        write_secret_file(path, self)
    }

    /// The private key.
    ///
    /// # Errors
    /// The seed is damaged.
    pub fn signing_key(&self) -> Result<SigningKey, CliError> {
        Ok(SigningKey::from_seed(&bytes_of(&self.seed, "seed")?))
    }

    /// Opens what is sealed to the party.
    ///
    /// # Errors
    /// The seed is damaged.
    pub fn encryption_key(&self) -> Result<EncryptionKey, CliError> {
        let seed = bytes_of(&self.encryption_seed, "encryptionSeed")?;
        EncryptionKey::from_bytes(&seed).map_err(|_| CliError::Content {
            path: "encryptionSeed".into(),
            expected: "field of a key file",
            reason: "it is a private X25519 key".to_owned(),
        })
    }

    /// The public key, from the seed.
    ///
    /// # Errors
    /// The seed is damaged.
    pub fn public(&self) -> Result<PublicKey, CliError> {
        Ok(self.signing_key()?.public())
    }

    /// Seed of the address nonce.
    ///
    /// # Errors
    /// The nonce is damaged.
    pub fn nonce(&self) -> Result<[u8; 16], CliError> {
        bytes_of(&self.nonce, "nonce")
    }

    /// The party as it is registered.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn record(&self) -> Result<PartyRecord, CliError> {
        let record = PartyRecord::simple(Policy::Key(self.public()?), self.nonce()?, "");
        Ok(PartyRecord { encryption_key: self.encryption_key()?.public().to_vec(), ..record })
    }

    /// The party's address.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn party(&self) -> Result<Address, CliError> {
        Ok(self.record()?.address)
    }
}

impl NodeSecrets {
    /// New secrets.
    pub(super) fn generate() -> Result<Self, CliError> {
        Ok(Self {
            node_id: format!("hive-{}", hex::encode(random::<8>()?)),
            recorder_seed: hex::encode(random::<32>()?),
            claim_secret: hex::encode(random::<32>()?),
            journal_key: hex::encode(random::<32>()?),
            token_seed: hex::encode(random::<32>()?),
        })
    }

    /// Signs the headers of the node's chains.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn recorder(&self) -> Result<SigningKey, CliError> {
        Ok(SigningKey::from_seed(&bytes_of(&self.recorder_seed, "recorderSeed")?))
    }

    /// Hides the identities behind claims.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn claim_secret(&self) -> Result<ClaimSecret, CliError> {
        Ok(ClaimSecret::from_bytes(bytes_of(&self.claim_secret, "claimSecret")?))
    }

    /// Opens the contents of the node's journals.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn journal_key(&self) -> Result<hive_chain::JournalKey, CliError> {
        Ok(hive_chain::JournalKey::from_bytes(bytes_of(&self.journal_key, "journalKey")?))
    }

    /// Seed of the key that signs access tokens.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn token_key(&self) -> Result<hive_platform::Secret, CliError> {
        Ok(hive_platform::Secret::from_bytes(bytes_of(&self.token_seed, "tokenSeed")?))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::cli::folder::DataFolder;

    fn folder() -> (tempfile::TempDir, DataFolder) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(temporary.path().join("data"));
        folder.create().unwrap();
        (temporary, folder)
    }

    #[test]
    fn keys_are_made_once_and_closed_to_others() {
        let (_temporary, folder) = folder();
        let first = folder.key_or_new("bank-a").unwrap();
        assert_eq!(folder.key_or_new("bank-a").unwrap().address, first.address);
        assert_eq!(fs::metadata(folder.key_of("bank-a")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(folder.keys()).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(matches!(first.write(&folder.key_of("bank-a")), Err(CliError::Exists { .. })));
        assert!(!format!("{first:?}").contains(&first.seed));
    }

    #[test]
    fn keys_that_others_can_read_or_that_do_not_fit_are_refused() {
        let (_temporary, folder) = folder();
        let path = folder.key_of("bank-a");
        let key = folder.key_or_new("bank-a").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(KeyFile::read(&path), Err(CliError::KeyOpenToOthers { mode: 0o644, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let other = KeyFile::generate("other").unwrap();
        let mixed = fs::read_to_string(&path).unwrap().replace(&key.seed, &other.seed);
        fs::write(&path, mixed).unwrap();
        let refused = KeyFile::read(&path).unwrap_err().to_string();
        assert!(refused.contains("do not follow") && !refused.contains(&other.seed), "{refused}");
        fs::write(&path, format!("{{\"seed\": {}}}", key.seed)).unwrap();
        assert!(!KeyFile::read(&path).unwrap_err().to_string().contains(&key.seed[..8]));
    }

    #[test]
    fn one_process_has_the_folder() {
        let (_temporary, folder) = folder();
        let lock = folder.lock().unwrap();
        assert!(matches!(folder.lock(), Err(CliError::InUse { .. })));
        drop(lock);
        assert!(folder.lock().is_ok());
        assert!(matches!(folder.node_secrets(false), Err(CliError::NoNode { .. })));
        let secrets = folder.node_secrets(true).unwrap();
        assert_eq!(folder.node_secrets(false).unwrap().node_id, secrets.node_id);
    }
}
