//! What a template may be, what may be given for it, and that those of the house do what their texts say.

mod argument;
mod house;
mod read;

use super::{Template, TemplateError};
use crate::json::Json;

/// A template with every form there is.
const SMALL: &str = r#"{"name":"small","title":{"en":"Small","zh-CN":"小"},"text":{"en":"It is small.","zh-CN":"很小。"},
"roles":[{"name":"Payer","kind":"party","title":{"en":"pays","zh-CN":"付款人"}},{"name":"Payee","kind":"party","title":{"en":"is paid","zh-CN":"收款人"},"for_each":"payees"}],
"tokens":[{"name":"Money","kind":"asset","title":{"en":"money","zh-CN":"资金"}}],
"parameters":[{"name":"payees","kind":"list","title":{"en":"payees","zh-CN":"收款人"},"from":1,"to":3,"fields":[{"name":"due","kind":"amount","title":{"en":"due","zh-CN":"应付"},"from":2,"to":900},{"name":"share","kind":"share","title":{"en":"share","zh-CN":"份额"},"from":0,"to":10000}]},{"name":"least","kind":"integer","title":{"en":"least","zh-CN":"最少"},"from":-5,"to":5},{"name":"begin","kind":"time","title":{"en":"begin","zh-CN":"开始"}},{"name":"end","kind":"time","title":{"en":"end","zh-CN":"结束"}}],
"contract":{"when":[{"case":{"into_account":{"role_token":"Payer"},"party":{"role_token":"Payer"},"of_token":{"currency_symbol":"","token_name":"Money"},"deposits":{"sum":"due"}},"then":{"for_each":"payees","do":{"from_account":{"role_token":"Payer"},"to":{"party":{"role_token":{"numbered":"Payee"}}},"token":{"currency_symbol":"","token_name":"Money"},"pay":{"parameter":"due"},"then":{"rest":"payees"}},"then":{"for_each":"payees","do":{"assert":{"value":{"parameter":"share"},"gt":{"parameter":"least"}},"then":{"rest":"payees"}},"then":{"when":[],"timeout":{"parameter":"end"},"timeout_continuation":"close"}}}}],"timeout":{"parameter":"begin"},"timeout_continuation":"close"}}"#;

const GIVEN: &str = r#"{"payees":[{"due":2,"share":4000},{"due":5,"share":6000}],"least":-1,"begin":"1970-01-01T00:00:01+00:00","end":2000}"#;

fn small() -> Template {
    Template::read(SMALL).expect("it is a template")
}

fn given(text: &str) -> Json {
    Json::read(text).expect("it is JSON")
}

/// The code and the words of a refusal.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, TemplateError>) -> (&'static str, String) {
    let error = outcome.expect_err("it is refused");
    (error.code(), error.to_string())
}
