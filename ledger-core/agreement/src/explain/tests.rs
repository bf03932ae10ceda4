//! One contract in every way of telling it, and names that would break out of theirs.

mod step;
mod template;

use super::{Language, mermaid, text};
use crate::sample::Sample;
use crate::{Contract, JsonForm};

const ESCROW: &str = r#"{"when":[{"case":{"into_account":{"role_token":"Seller"},"party":{"role_token":"Buyer"},"of_token":{"currency_symbol":"","token_name":"CNY"},"deposits":{"multiply":10,"times":{"use_value":"price"}}},"then":{"when":[{"case":{"for_choice":{"choice_name":"alright","choice_owner":{"role_token":"Buyer"}},"choose_between":[{"from":0,"to":0},{"from":2,"to":5}]},"then":"close"}],"timeout":1664816400001,"timeout_continuation":{"from_account":{"role_token":"Seller"},"to":{"account":{"role_token":"Buyer"}},"token":{"currency_symbol":"","token_name":"CNY"},"pay":10,"then":"close"}}}],"timeout":1664812800000,"timeout_continuation":"close"}"#;

fn escrow() -> Contract {
    Contract::from_text(ESCROW).expect("it is a contract")
}

#[test]
fn a_contract_is_told_in_lines() {
    let expected = "One of these, before 2022-10-03 16:00:00 UTC:
- “Buyer” deposits (10 × “price”) “CNY” into the account of “Seller”:
  One of these, before 2022-10-03 17:00:00.001 UTC:
  - “Buyer” chooses “alright” from 0, 2–5:
    Close: every account is paid out to its party.
  - From 2022-10-03 17:00:00.001 UTC:
    Pay 10 “CNY” from the account of “Seller” to the account of “Buyer”.
    Close: every account is paid out to its party.
- From 2022-10-03 16:00:00 UTC:
  Close: every account is paid out to its party.";
    assert_eq!(text(&escrow(), Language::English), expected);
    let chinese = text(&escrow(), Language::Chinese);
    assert!(
        chinese.starts_with(
            "在2022-10-03 16:00:00 UTC之前，下列之一：\n- “Buyer”向“Seller”的账户存入(10 × “price”) “CNY”：\n"
        ),
        "{chinese}"
    );
    assert_eq!(chinese.lines().count(), expected.lines().count());
}

#[test]
fn a_contract_is_drawn() {
    let expected = "flowchart TD
  n0{{\"One of these, before 2022-10-03 16:00:00 UTC:\"}}
  n1{{\"One of these, before 2022-10-03 17:00:00.001 UTC:\"}}
  n2([\"Close: every account is paid out to its party.\"])
  n1 -->|\"“Buyer” chooses “alright” from 0, 2–5\"| n2
  n3[\"Pay 10 “CNY” from the account of “Seller” to the account of “Buyer”.\"]
  n4([\"Close: every account is paid out to its party.\"])
  n3 --> n4
  n1 -->|\"From 2022-10-03 17:00:00.001 UTC\"| n3
  n0 -->|\"“Buyer” deposits (10 × “price”) “CNY” into the account of “Seller”\"| n1
  n5([\"Close: every account is paid out to its party.\"])
  n0 -->|\"From 2022-10-03 16:00:00 UTC\"| n5";
    assert_eq!(mermaid(&escrow(), Language::English), expected);
    assert!(mermaid(&escrow(), Language::Chinese).contains("结束：各账户余额退还其所有人。"));
}

#[test]
fn names_stay_within_their_quotes() {
    let hostile = ESCROW.replace("\"Buyer\"", r#""B\"]\n  n9[\"<script>&#35;`|\u202e""#);
    let contract = Contract::from_text(&hostile).expect("any text is a name");
    let lines = text(&escrow(), Language::English).lines().count();
    for language in [Language::English, Language::Chinese] {
        assert_eq!(text(&contract, language).lines().count(), lines, "no name breaks a line");
        let drawn = mermaid(&contract, language);
        assert_eq!(drawn.lines().count(), 12, "{drawn}");
        assert!(!drawn.contains('<') && !drawn.contains('\u{202e}'), "{drawn}");
        let quotes = drawn.lines().map(|line| line.matches('"').count());
        assert!(quotes.into_iter().all(|count| count == 0 || count == 2), "{drawn}");
    }
}

#[test]
fn every_contract_is_told() {
    for seed in 0..300 {
        let contract = Sample::seeded(seed).contract(5);
        for language in [Language::English, Language::Chinese] {
            assert!(!text(&contract, language).is_empty());
            assert!(mermaid(&contract, language).starts_with("flowchart TD\n"));
        }
    }
}
