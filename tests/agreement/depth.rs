//! Everything recursive in agreements, at the greatest depth, within the stack that threads have.

use std::sync::Arc;

use ledger_agreement::analysis::{self, AnalysisError};
use ledger_agreement::conformance::answer;
use ledger_agreement::explain::{self, Language};
use ledger_agreement::json::DEPTH_MAX;
use ledger_agreement::template::Template;
use ledger_agreement::{BigInt, Contract, JsonForm, State};

const PAY: &str = r#"{"from_account":{"role_token":"a"},"to":{"party":{"role_token":"b"}},"token":{"currency_symbol":"","token_name":""},"pay":1,"then":"#;

fn nested(begin: &str, end: &str, kernel: &str, count: usize) -> String {
    [&begin.repeat(count), kernel, &end.repeat(count)].concat()
}

/// Everything recursive, at the greatest depth, on a thread with less than the 2 MB that threads have by default.
#[test]
fn the_greatest_depth_fits_into_a_small_stack() {
    let work = || {
        for (begin, end, kernel) in [
            (r#"{"assert":true,"then":"#, "}", r#""close""#),
            (r#"{"if":false,"then":"close","else":"#, "}", r#""close""#),
            (PAY, "}", r#""close""#),
            (r#"{"let":"x","be":{"negate":1},"then":"#, "}", r#""close""#),
            (r#"{"when":[],"timeout":1,"timeout_continuation":"#, "}", r#""close""#),
        ] {
            let deepest = nested(begin, end, kernel, DEPTH_MAX - 2);
            let contract = Contract::from_text(&deepest).expect("the depth is allowed");
            assert_eq!(contract.to_text(), deepest);
            assert_eq!(contract.clone(), contract);
            assert!(format!("{contract:?}").len() > 1_000);
            assert!(explain::text(&contract, Language::English).lines().count() >= DEPTH_MAX - 2);
            assert!(explain::mermaid(&contract, Language::Chinese).lines().count() > DEPTH_MAX);
            let analysed = analysis::analyse(&Arc::new(contract.clone()), &State::empty(BigInt::ZERO), 0);
            let too_long = |error: &AnalysisError| error.code() == "AGREEMENT_TOO_LONG";
            assert!(analysed.as_ref().err().is_none_or(too_long), "{analysed:?}");
            assert!(contract.max_transactions() <= DEPTH_MAX + 1 && contract.max_time() <= BigInt::from(1));
            answer(&format!(
                r#"{{"request":"playtrace","transactionInputs":[{{"tx_interval":{{"from":1,"to":1}},"tx_inputs":[]}}],"coreContract":{},"initialTime":0}}"#,
                nested(begin, end, kernel, DEPTH_MAX - 3)
            ));
        }
        let case = nested(
            r#"{"when":[{"case":{"notify_if":true},"then":"#,
            r#"}],"timeout":9,"timeout_continuation":"close"}"#,
            r#""close""#,
            DEPTH_MAX / 3,
        );
        assert_eq!(Contract::from_text(&case).expect("the depth is allowed").to_text(), case);
        for (begin, end) in
            [(r#"{"negate":"#, "}"), (r#"{"add":1,"and":"#, "}"), (r#"{"if":true,"then":"#, r#","else":1}"#)]
        {
            let value = nested(begin, end, "7", DEPTH_MAX - 4);
            let state = r#"{"accounts":[],"choices":[],"boundValues":[],"minTime":0}"#;
            let answer = answer(&format!(
                r#"{{"request":"eval-value","environment":{{"timeInterval":{{"from":0,"to":1}}}},"state":{state},"value":{value}}}"#
            ));
            assert!(answer.starts_with(r#"{"request-response":"#), "{answer}");
        }
    };
    on_a_small_stack(work);
}

/// A template with one list, whose entries become what `each` says, before what `then` says.
fn template(each: &str, then: &str, entries: usize) -> String {
    let text = r#"{"en":"a","zh-CN":"甲"}"#;
    let list = format!(
        r#"{{"name":"list","kind":"list","title":{text},"from":1,"to":{entries},"fields":[{{"name":"field","kind":"share","title":{text},"from":0,"to":9}}]}}"#
    );
    let contract = format!(r#"{{"for_each":"list","do":{each},"then":{then}}}"#);
    format!(
        r#"{{"name":"deep","title":{text},"text":{text},"roles":[],"tokens":[],"parameters":[{list}],"contract":{contract}}}"#
    )
}

/// Places lie as deep as JSON goes, a list repeats what is deep, and loops that make nothing stand one behind the other.
#[test]
fn the_deepest_template_fits_into_a_small_stack() {
    let code = |text: &str| Template::read(text).map_or_else(|error| error.code(), |_| "");
    let deep = move |levels: usize, entries: usize| {
        let rest = r#"{"assert":{"value":{"parameter":"field"},"gt":1},"then":{"rest":"list"}}"#;
        code(&template(&nested(r#"{"assert":true,"then":"#, "}", rest, levels), "\"close\"", entries))
    };
    let empty = move |loops: usize| {
        let used = r#"{"assert":{"value":{"sum":"field"},"gt":1},"then":"close"}"#;
        let begin = r#"{"for_each":"list","do":{"rest":"list"},"then":"#;
        code(&template(r#"{"rest":"list"}"#, &nested(begin, "}", used, loops), 36))
    };
    on_a_small_stack(move || {
        assert_eq!((deep(248, 1), deep(5, 36)), ("", ""));
        for (levels, entries) in [(252, 1), (7, 36), (248, 36)] {
            assert_eq!(deep(levels, entries), "AGREEMENT_JSON_TOO_DEEP", "{levels} levels, {entries} entries");
        }
        assert_eq!((empty(2), empty(20)), ("", "AGREEMENT_TEMPLATE_TOO_LARGE"));
    });
}

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(7 << 18).spawn(work).expect("a thread can be started");
    thread.join().expect("the stack suffices");
}
