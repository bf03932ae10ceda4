//! Parties that the demonstration does not know: one on its chain that takes part in no trade, one on another chain.

use std::path::Path;

use hive_app::cli::demonstration;
use hive_app::cli::folder::DataFolder;
use hive_app::cli::key_file::KeyFile;
use hive_app::cli::open;
use hive_app::endpoint::vertical::Registered;
use hive_chain::Node;
use hive_platform::OrganisationKind;
use hive_plug::scenario::Role;
use ledger_core::{Bounds, Genesis, Permission, Policy, PublicKey};
use warehouse_receipts::WarehouseReceipts;

const ELSEWHERE: &str = "elsewhere";
const STRANGER: Role = Role {
    name: "stranger",
    title: "Stranger",
    title_zh: "陌生人",
    kind: OrganisationKind::Company,
    permissions: &[Permission::Connect, Permission::Transact, Permission::Issue],
};

/// Keys of parties without a part in any trade.
pub(crate) struct Outsiders {
    /// On the demonstration chain.
    pub(crate) stranger: KeyFile,
    /// The administrator of another chain on the same node.
    pub(crate) elsewhere: KeyFile,
}

/// Registers them on a data folder on which no node is running.
pub(crate) fn register(data: &Path) -> Outsiders {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let folder = DataFolder::new(data);
    runtime.block_on(async {
        let verticals = vec![Registered::of::<WarehouseReceipts>()];
        let opened = open::node(&folder, &verticals, false, |_| {}).await.expect("the node opens");
        let services = open::services(&opened, &verticals).await.expect("the platform opens");
        demonstration::ensure(&services.platform, &folder, &[STRANGER]).await.expect("the stranger is registered");
        let recorder = folder.node_secrets(false).expect("the node's secrets").recorder().expect("its recorder");
        create_chain(&services.node, &folder.key_or_new(ELSEWHERE).expect("a key is made"), recorder.public()).await;
        services.node.shutdown().await;
    });
    let key = |name| folder.key_or_new(name).expect("the key was just made");
    Outsiders { stranger: key(STRANGER.name), elsewhere: key(ELSEWHERE) }
}

/// Another chain of the same node; whoever administers it takes part in no other.
async fn create_chain(node: &Node, administrator: &KeyFile, recorder: PublicKey) {
    let genesis = Genesis {
        name: "Elsewhere".to_owned(),
        administrator: Policy::Key(administrator.public().expect("a sound key")),
        administrator_nonce: administrator.nonce().expect("a sound key"),
        bounds: Bounds::default(),
        recorder,
        contracts: node.contracts().ids(),
        nonce: [7; 32],
        created_ms: node.clock().now_ms(),
        directory: None,
    };
    node.create_chain(genesis).await.expect("a second chain is made");
}
