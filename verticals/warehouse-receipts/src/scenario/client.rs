//! What a client needs that builds its transactions itself: the chain's head, claims, signatures, submission.

use std::thread;
use std::time::Duration;

use hive_plug::scenario::{ScenarioError, Seat, Stage};
use ledger_core::transaction::signing_bytes;
use ledger_core::{
    Address, Anchor, CommandId, Date, PartySignature, PublicKey, Signature, SignedTransaction, TimeWindow, Transaction,
    TransactionFrame,
};
use serde_json::{Value, json};

/// A transaction is good from a little before the node's time, for clocks differ, until an hour later.
const BEFORE_MS: u64 = 60_000;
const AFTER_MS: u64 = 3_600_000;
/// How often and how long a busy node is asked again.
const BUSY_PAUSE: Duration = Duration::from_millis(200);
const BUSY_TRIES: u32 = 50;

/// The chain as a client sees it when it begins to build.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    anchor: Anchor,
    now_ms: u64,
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str, ScenarioError> {
    value[name].as_str().ok_or_else(|| ScenarioError::unexpected(name))
}

/// A coded failure of the client's own work.
pub(super) fn fault(error: impl std::fmt::Display) -> ScenarioError {
    ScenarioError::Other(error.to_string())
}

/// Random bytes.
pub(super) fn random() -> Result<[u8; 32], ScenarioError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(fault)?;
    Ok(bytes)
}

/// Milliseconds of a moment in RFC 3339.
pub(super) fn milliseconds(moment: &str) -> Result<u64, ScenarioError> {
    let moment = chrono::DateTime::parse_from_rfc3339(moment).map_err(fault)?;
    u64::try_from(moment.timestamp_millis()).map_err(fault)
}

/// A moment in RFC 3339.
pub(super) fn moment(ms: u64) -> Result<String, ScenarioError> {
    let moment = i64::try_from(ms).ok().and_then(chrono::DateTime::from_timestamp_millis);
    let moment = moment.ok_or_else(|| fault("the time is past the calendar"))?;
    Ok(moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

/// The chain's head, and the node's time.
pub(super) fn head(stage: &Stage, role: &str) -> Result<Head, ScenarioError> {
    let data = stage.graphql_at("platform", role, "{ node { time } chains { id height tip } }", json!({}))?;
    let chain = stage.chain().to_string();
    let chains = data["chains"].as_array().ok_or_else(|| ScenarioError::unexpected("chains"))?;
    let found = chains.iter().find(|known| known["id"] == chain.as_str());
    let found = found.ok_or_else(|| ScenarioError::unexpected("the chain"))?;
    let height = text(found, "height")?.parse().map_err(fault)?;
    let block = text(found, "tip")?.parse().map_err(fault)?;
    Ok(Head { anchor: Anchor { height, block }, now_ms: milliseconds(text(&data["node"], "time")?)? })
}

impl Head {
    /// The node's time, milliseconds UTC.
    pub(super) fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// The frame of a transaction that this party submits.
    pub(super) fn frame(
        &self,
        stage: &Stage,
        submitter: Address,
        key: &str,
        effective_on: Option<Date>,
    ) -> Result<TransactionFrame, ScenarioError> {
        let chain = stage.chain();
        let today = Date::of_ms(self.now_ms).map_err(fault)?;
        Ok(TransactionFrame {
            chain,
            salt: random()?,
            submitter,
            command_id: CommandId::derive(&chain, &submitter, key),
            time_window: TimeWindow {
                from_ms: self.now_ms.saturating_sub(BEFORE_MS),
                until_ms: self.now_ms.saturating_add(AFTER_MS),
            },
            effective_on: effective_on.unwrap_or(today),
            anchor: self.anchor,
        })
    }
}

/// The transactions with their claims; refused if the node gives back anything else than was asked.
pub(super) fn prepared(
    stage: &Stage,
    role: &str,
    transactions: Vec<Transaction>,
) -> Result<Vec<Transaction>, ScenarioError> {
    let query = "query($chain: ID!, $transactions: [Hex!]!) { \
        preparedTransactions(chain: $chain, transactions: $transactions) { transaction userErrors { code message } } }";
    let bytes: Vec<String> = transactions.iter().map(|transaction| hex::encode(transaction.encode())).collect();
    let variables = json!({ "chain": stage.chain().to_string(), "transactions": bytes });
    let data = stage.graphql(role, query, variables)?;
    let answers = data["preparedTransactions"].as_array().filter(|answers| answers.len() == transactions.len());
    let answers = answers.ok_or_else(|| ScenarioError::unexpected("preparedTransactions"))?;
    let checked = |(own, answer): (Transaction, &Value)| {
        if let Some(error) = answer["userErrors"].get(0) {
            return Err(ScenarioError::Rejected {
                step: "prepare a transaction".to_owned(),
                code: text(error, "code")?.to_owned(),
                message: text(error, "message")?.to_owned(),
            });
        }
        let filled = Transaction::decode(&hex::decode(text(answer, "transaction")?).map_err(fault)?).map_err(fault)?;
        let is_own = Transaction { claims: own.claims.clone(), ..filled.clone() } == own;
        let changed =
            || ScenarioError::Dishonest { reason: "the node changed the transaction it was to prepare".into() };
        is_own.then_some(filled).ok_or_else(changed)
    };
    transactions.into_iter().zip(answers).map(checked).collect()
}

/// The transaction with the signatures of these seats, each with its own key for its own party.
pub(super) fn signed(transaction: Transaction, seats: &[&Seat]) -> Result<SignedTransaction, ScenarioError> {
    let (chain, id) = (transaction.chain, transaction.id().map_err(fault)?);
    let sign = |seat: &&Seat| {
        let given = seat.sign_bytes(seat.address, &signing_bytes(&chain, &id, &seat.address));
        let bytes = |text: &str| hex::decode(text).map_err(fault);
        Ok::<_, ScenarioError>(PartySignature {
            party: seat.address,
            key: PublicKey::from_bytes(&bytes(&given.key)?).map_err(fault)?,
            signature: Signature::from_bytes(&bytes(&given.signature)?).map_err(fault)?,
        })
    };
    let signatures = seats.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
    Ok(SignedTransaction::new(transaction, signatures))
}

/// Submits in one request; one result for each, in order. What a busy node did not look at is sent again.
pub(super) fn submitted(
    stage: &Stage,
    role: &str,
    transactions: &[SignedTransaction],
) -> Result<Vec<Value>, ScenarioError> {
    let mut open: Vec<usize> = (0..transactions.len()).collect();
    let mut results = vec![Value::Null; transactions.len()];
    for _ in 0..BUSY_TRIES {
        let bytes: Vec<String> = open
            .iter()
            .filter_map(|place| transactions.get(*place))
            .map(|signed| hex::encode(signed.encode()))
            .collect();
        for (place, answer) in open.iter().zip(submit_once(stage, role, bytes)?) {
            if let Some(result) = results.get_mut(*place) {
                *result = answer;
            }
        }
        open.retain(|place| results.get(*place).is_some_and(|result| result["busy"] == true));
        if open.is_empty() {
            return Ok(results);
        }
        thread::sleep(BUSY_PAUSE);
    }
    Err(fault("the node stays busy; run this again, what is done stays done"))
}

fn submit_once(stage: &Stage, role: &str, transactions: Vec<String>) -> Result<Vec<Value>, ScenarioError> {
    let mutation = "mutation($input: SubmitTransactionsInput!) { submitTransactions(input: $input) { \
        results { ledger { height transactionId } replayed busy userErrors { code message } } } }";
    let count = transactions.len();
    let input = json!({ "input": { "chain": stage.chain().to_string(), "transactions": transactions } });
    let data = stage.graphql_at("platform", role, mutation, input)?;
    let results = data["submitTransactions"]["results"].as_array().filter(|results| results.len() == count);
    results.cloned().ok_or_else(|| ScenarioError::unexpected("results"))
}
