use async_graphql::parser::parse_query;

use super::*;

#[track_caller]
fn check(query: &str, expected: Result<u64, ErrorCode>) {
    let document = parse_query(query).unwrap();
    let cost = measured(&document, &Variables::default()).map_err(|error| error.code);
    assert_eq!(cost, expected, "{query}");
}

#[test]
fn fields_cost_one_and_pages_cost_their_rows() {
    check("{ a b { c } }", Ok(3));
    check("{ list { nodes { a b } } }", Ok(61));
    check("{ list(first: 50) { edges { node { a } } } }", Ok(151));
    check("{ list(first: 1000000) { nodes { a } } }", Ok(201));
    check("{ list(first: 0) { totalCount } }", Ok(11));
    check("{ list { ...rows } } fragment rows on C { nodes { a } }", Ok(41));
}

#[test]
fn nested_pages_multiply_until_they_are_too_dear() {
    check("{ a(first: 100) { nodes { b(first: 100) { nodes { c } } } } }", Err(ErrorCode::ComplexityLimit));
}

/// Aliases do not make a dear field cheap.
#[test]
fn many_proofs_in_one_request_are_too_dear() {
    let proofs = |count: u32| {
        let proof = |n| format!("a{n}: stateProof(chain: \"c\", transaction: \"t\", output: {n}) {{ height }} ");
        format!("{{ {} }}", (0..count).map(proof).collect::<String>())
    };
    check(&proofs(9), Ok(9 * 2_001));
    check(&proofs(10), Err(ErrorCode::ComplexityLimit));
    check("{ journal(first: 100) { nodes { proof } } }", Ok(10_101));
    check(
        "{ a: journal(first: 100) { nodes { proof } } b: journal(first: 100) { nodes { proof } } }",
        Err(ErrorCode::ComplexityLimit),
    );
}

#[test]
fn fragments_that_spread_fragments_are_counted_without_being_written_out() {
    let bomb: String =
        (0..40).map(|n| format!("fragment f{n} on Q {{ {} }} ", format!("...f{} ", n + 1).repeat(40))).collect();
    check(&format!("{{ ...f0 }} {bomb} fragment f40 on Q {{ a }}"), Err(ErrorCode::ComplexityLimit));
    check("{ ...a } fragment a on Q { ...b } fragment b on Q { ...a }", Err(ErrorCode::BadUserInput));
}

#[test]
fn deep_documents_are_refused_before_and_after_parsing() {
    let deep = |levels: usize| format!("{}a{}", "{ a ".repeat(levels), " }".repeat(levels));
    assert!(text_is_parsable(&deep(20)).is_ok());
    for levels in [1_000, 30_000] {
        assert_eq!(text_is_parsable(&deep(levels)).unwrap_err().code, ErrorCode::ComplexityLimit);
    }
    check(&deep(21), Err(ErrorCode::ComplexityLimit));
    assert!(text_is_parsable(&" ".repeat(DOCUMENT_BYTES_MAX + 1)).is_err());
}

#[test]
fn brackets_in_strings_and_comments_do_not_count() {
    assert_eq!(brackets_deep(r#"{ a(b: "{{{ \" {{{") }"#), 2);
    assert_eq!(brackets_deep("{ a # {{{{\n }"), 1);
    assert_eq!(brackets_deep(r#"{ a(b: """ {{ \""" {{ """) { c } }"#), 2);
    assert_eq!(brackets_deep("{ a(b: \"蜂巢{\") }"), 2);
    assert_eq!(brackets_deep("\"\\"), 0);
}

#[test]
fn long_chains_of_fragments_do_not_exhaust_the_stack() {
    let chain: String = (0..3_000).map(|n| format!("fragment f{n} on Q {{ ...f{} }} ", n + 1)).collect();
    check(&format!("{{ ...f0 }} {chain} fragment f3000 on Q {{ a }}"), Err(ErrorCode::ComplexityLimit));
}
