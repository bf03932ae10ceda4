//! Texts that are templates, and those that are none.

use super::{SMALL, refused, small};
use crate::template::{BUILT_IN, Kind, RoleKind, TEMPLATE_BYTES_MAX, Template};

#[test]
fn a_template_is_read_and_has_one_text() {
    let template = small();
    assert_eq!((template.name.as_str(), template.title.chinese.as_str()), ("small", "小"));
    assert_eq!(template.roles[1].kind, RoleKind::Party);
    assert!(matches!(&template.parameters[0].kind, Kind::List { from: 1, to: 3, fields } if fields.len() == 2));
    for text in std::iter::once(SMALL).chain(BUILT_IN.iter().map(|built_in| built_in.template)) {
        let template = Template::read(text).expect("it is a template");
        let one = template.text();
        assert!(one.is_ascii());
        let again = Template::read(&one).expect("its text is a template");
        assert_eq!((&again, again.text()), (&template, one));
    }
}

/// Each change makes it no template, for its own reason.
#[test]
fn what_is_no_template_is_refused() {
    let share = r#"{"name":"share","kind":"share","title":{"en":"share","zh-CN":"份额"},"from":0,"to":10000}"#;
    let many_fields: Vec<_> =
        (0..20).map(|at| share.replace("\"share\",\"kind\"", &format!("\"s{at}\",\"kind\""))).collect();
    for (from, to, code, told) in [
        ("\"name\":\"small\"", "\"names\":\"small\"", "AGREEMENT_JSON_FIELD_UNKNOWN", "\"names\""),
        ("\"name\":\"small\",", "", "AGREEMENT_JSON_FIELD_MISSING", "\"name\""),
        ("\"en\":\"Small\"", "\"en\":\"\"", "AGREEMENT_JSON_UNEXPECTED", "$.title.en"),
        ("\"kind\":\"integer\"", "\"kind\":\"number\"", "AGREEMENT_JSON_UNEXPECTED", "$.parameters[1].kind"),
        ("\"kind\":\"asset\"", "\"kind\":\"money\"", "AGREEMENT_JSON_UNEXPECTED", "$.tokens[0].kind"),
        ("\"kind\":\"party\"", "\"kind\":\"asset\"", "AGREEMENT_JSON_UNEXPECTED", "$.roles[0].kind"),
        ("\"from\":1,\"to\":3", "\"from\":1,\"to\":37", "AGREEMENT_JSON_UNEXPECTED", "$.parameters[0].to"),
        (
            share,
            r#"{"name":"l","kind":"list","title":{"en":"l","zh-CN":"l"},"from":1,"to":1,"fields":[]}"#,
            "AGREEMENT_JSON_UNEXPECTED",
            "$.parameters[0].fields",
        ),
        ("\"name\":\"small\"", "\"name\":\"Small\"", "AGREEMENT_TEMPLATE_NAME", "\"Small\""),
        ("\"least\"", "\"1least\"", "AGREEMENT_TEMPLATE_NAME", "\"1least\""),
        ("\"name\":\"least\"", "\"name\":\"due\"", "AGREEMENT_TEMPLATE_NAME_TWICE", "\"due\""),
        ("\"Payee\"", "\"Payer\"", "AGREEMENT_TEMPLATE_NAME_TWICE", "\"Payer\""),
        (share, &many_fields.join(","), "AGREEMENT_TEMPLATE_TOO_MANY", "21 fields of a list"),
        ("\"from\":2,\"to\":900", "\"from\":0,\"to\":900", "AGREEMENT_TEMPLATE_BOUNDS", "\"due\""),
        ("\"from\":2,\"to\":900", "\"from\":2,\"to\":9223372036854775808", "AGREEMENT_TEMPLATE_BOUNDS", "\"due\""),
        ("\"from\":0,\"to\":10000", "\"from\":0,\"to\":10001", "AGREEMENT_TEMPLATE_BOUNDS", "\"share\""),
        ("\"from\":-5,\"to\":5", "\"from\":5,\"to\":-5", "AGREEMENT_TEMPLATE_BOUNDS", "\"least\""),
        ("\"from\":1,\"to\":3", "\"from\":0,\"to\":3", "AGREEMENT_TEMPLATE_BOUNDS", "\"payees\""),
        ("{\"parameter\":\"least\"}", "{\"parameter\":\"most\"}", "AGREEMENT_TEMPLATE_PLACE_UNKNOWN", "\"most\""),
        (
            "\"deposits\":{\"sum\":\"due\"}",
            "\"deposits\":{\"parameter\":\"due\"}",
            "AGREEMENT_TEMPLATE_PLACE_UNKNOWN",
            "\"due\"",
        ),
        ("{\"sum\":\"due\"}", "{\"sum\":\"least\"}", "AGREEMENT_TEMPLATE_PLACE_UNKNOWN", "\"least\""),
        (
            "\"for_each\":\"payees\",\"do\"",
            "\"for_each\":\"begin\",\"do\"",
            "AGREEMENT_TEMPLATE_PLACE_UNKNOWN",
            "\"begin\"",
        ),
        ("{\"rest\":\"payees\"}", "{\"rest\":\"others\"}", "AGREEMENT_TEMPLATE_PLACE_UNKNOWN", "\"others\""),
        (
            "\"role_token\":\"Payer\"",
            "\"role_token\":{\"numbered\":\"Payer\"}",
            "AGREEMENT_TEMPLATE_PLACE_UNKNOWN",
            "\"Payer\"",
        ),
        ("{\"parameter\":\"least\"}", "0", "AGREEMENT_TEMPLATE_PARAMETER_UNUSED", "\"least\""),
        ("\"role_token\":\"Payer\"", "\"role_token\":\"Buyer\"", "AGREEMENT_TEMPLATE_NAME_UNDECLARED", "\"Buyer\""),
        (",\"for_each\":\"payees\"}", "}", "AGREEMENT_TEMPLATE_NAME_UNDECLARED", "\"Payee 1\""),
        ("\"token_name\":\"Money\"", "\"token_name\":\"Gold\"", "AGREEMENT_TEMPLATE_NAME_UNDECLARED", "\"Gold\""),
        ("{\"numbered\":\"Payee\"}", "\"Payer\"", "AGREEMENT_TEMPLATE_NAME_UNUSED", "\"Payee 1\""),
        (
            "\"timeout_continuation\":\"close\"",
            "\"timeout_continuation\":\"closed\"",
            "AGREEMENT_JSON_UNEXPECTED",
            "no contract",
        ),
        ("\"do\":", "\"does\":", "AGREEMENT_JSON_UNEXPECTED", "something with for_each"),
    ] {
        let changed = SMALL.replace(from, to);
        assert_ne!(changed, SMALL, "{from}");
        let (refusal, words) = refused(Template::read(&changed));
        assert_eq!(refusal, code, "{from} → {to}: {words}");
        assert!(words.contains(told), "{words}");
    }
}

#[test]
fn a_template_has_a_length() {
    let kept = format!("\"en\":\"{}\"", "x".repeat(4_000));
    assert!(Template::read(&SMALL.replace("\"en\":\"It is small.\"", &kept)).is_ok());
    // Beyond ASCII each letter takes six bytes of the one text.
    let role = |at: usize| {
        format!(r#"{{"name":"{at}","kind":"party","title":{{"en":"a","zh-CN":"{}"}}}}"#, "小".repeat(1_300))
    };
    let roles: Vec<_> = (0..9).map(role).collect();
    let long = SMALL.replace("\"roles\":[", &format!("\"roles\":[{},", roles.join(",")));
    let (code, told) = refused(Template::read(&long));
    assert_eq!(code, "AGREEMENT_TEMPLATE_TOO_LONG", "{told}");
    assert!(told.contains(&TEMPLATE_BYTES_MAX.to_string()));
}

/// The rest of a list may follow twice, which doubles the contract with each entry.
#[test]
fn a_contract_that_could_grow_too_long_is_refused() {
    let twice = |to: usize| {
        let rest = r#"{"if":{"value":{"parameter":"share"},"gt":{"parameter":"least"}},"then":{"rest":"payees"},"else":{"rest":"payees"}}"#;
        let once = r#"{"assert":{"value":{"parameter":"share"},"gt":{"parameter":"least"}},"then":{"rest":"payees"}}"#;
        SMALL.replace(once, rest).replace("\"from\":1,\"to\":3", &format!("\"from\":1,\"to\":{to}"))
    };
    assert!(Template::read(&twice(8)).is_ok());
    for to in [10, 36] {
        assert_eq!(refused(Template::read(&twice(to))).0, "AGREEMENT_TEMPLATE_TOO_LARGE", "{to}");
    }
}
