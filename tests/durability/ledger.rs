//! What really stands in the database: its blocks, read past the node, decoded and held against the customers' books.

use std::collections::BTreeMap;

use ledger_core::encoding::decode;
use ledger_core::{Address, AssetId, Block, BlockHash, ChainId, CommandId, Digest, SignedTransaction};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::book::{Place, Sent};
use super::world::{Chain, ENDOWMENT};

/// The blocks of all chains as far as they were read.
pub(super) struct Seen {
    chains: BTreeMap<ChainId, Tip>,
    /// Where each command's transaction stands.
    places: BTreeMap<CommandId, Place>,
    pub(super) blocks: u64,
}

struct Tip {
    chain: Chain,
    height: u64,
    hash: BlockHash,
    /// Root after the block before the tip.
    root: Option<Digest>,
}

impl Seen {
    pub(super) fn nothing(chains: &[Chain]) -> Self {
        let tip = |chain: &Chain| {
            let hash = BlockHash::from_bytes(*chain.id.as_bytes());
            (chain.id, Tip { chain: *chain, height: 0, hash, root: None })
        };
        Self { chains: chains.iter().map(tip).collect(), places: BTreeMap::new(), blocks: 0 }
    }

    /// Where a command's transaction stands, as of the last look.
    pub(super) fn place(&self, command: &CommandId) -> Option<Place> {
        self.places.get(command).copied()
    }

    /// Reads on. What was there before is still there, with its hash and root; no command is there twice.
    pub(super) fn look(&mut self, database: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut options = sea_orm::ConnectOptions::new(database);
            options.max_connections(1).sqlx_logging(false);
            let connection = sea_orm::Database::connect(options).await.expect("the database opens");
            for tip in self.chains.values_mut() {
                let blocks = blocks_from(&connection, tip).await;
                self.blocks += tip.go_on(blocks, &mut self.places);
            }
            connection.close().await.expect("the connection closes");
        });
    }

    /// Every accepted transaction stands where its customer was told, and nothing stands there that nobody has sent.
    pub(super) fn agree_with(&self, books: &[Vec<Sent>]) {
        let mut known = 0;
        for sent in books.iter().flatten() {
            let found = self.place(&sent.command);
            known += usize::from(found.is_some());
            if let Some(found) = found {
                assert_eq!(found.transaction, sent.transaction, "another transaction stands under the command");
            }
            if sent.accepted.is_some() {
                assert_eq!(found, sent.accepted, "an accepted transaction is lost or moved");
            }
        }
        assert_eq!(known, self.places.len(), "the ledger holds what no customer has sent");
    }
}

impl Tip {
    /// Goes on over further blocks; the first of them is the last one that was seen before, if one was.
    fn go_on(&mut self, blocks: Vec<Block>, places: &mut BTreeMap<CommandId, Place>) -> u64 {
        let mut blocks = blocks.into_iter();
        if self.height > 0 {
            let again = blocks.next().unwrap_or_else(|| panic!("the chain went back behind height {}", self.height));
            assert_eq!(again.header.hash(), self.hash, "height {} holds another block", self.height);
            assert_eq!(Some(again.header.state_root), self.root, "height {} has another root", self.height);
        }
        let mut count = 0;
        for block in blocks {
            assert_eq!(block.header.height, self.height + 1, "heights are dense");
            assert_eq!(block.header.previous, self.hash, "blocks stand on each other");
            (self.height, self.hash, self.root) =
                (block.header.height, block.header.hash(), Some(block.header.state_root));
            count += 1;
            // What the chain was made with is not the customers'.
            if self.height <= self.chain.height {
                continue;
            }
            for (position, bytes) in (0..).zip(&block.transactions) {
                let signed = SignedTransaction::decode(bytes).expect("a stored transaction decodes");
                let transaction = signed.transaction.id().expect("an id");
                let place = Place { height: self.height, position, transaction };
                let before = places.insert(signed.transaction.command_id, place);
                assert!(before.is_none(), "a command stands on the ledger twice: {before:?} and {place:?}");
            }
        }
        count
    }
}

async fn blocks_from(connection: &DatabaseConnection, tip: &Tip) -> Vec<Block> {
    let sql = format!(
        "SELECT bytes FROM block WHERE chain_id = {} AND height >= {} ORDER BY height",
        tip.chain.number, tip.height
    );
    // The text of the statement is the same for both kinds of database.
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.expect("blocks are read");
    let bytes = rows.iter().map(|row| row.try_get_by_index::<Vec<u8>>(0).expect("bytes"));
    bytes.map(|bytes| decode(&bytes).expect("a stored block decodes")).collect()
}

/// What each customer has of an asset, by what the books say is accepted.
pub(super) fn balances(chain: &Chain, customers: &[Address], books: &[Vec<Sent>]) -> BTreeMap<(AssetId, Address), u64> {
    let mut balances: BTreeMap<_, _> = customers.iter().map(|customer| ((chain.asset, *customer), ENDOWMENT)).collect();
    let accepted = books.iter().flatten().filter(|sent| sent.chain == chain.id && sent.accepted.is_some());
    for sent in accepted {
        *balances.get_mut(&(chain.asset, sent.to)).expect("a customer") += sent.amount;
        if let Some(from) = sent.from {
            *balances.get_mut(&(chain.asset, from)).expect("a customer") -= sent.amount;
        }
    }
    balances
}
