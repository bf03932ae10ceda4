//! The parameters of a GraphQL request, from a JSON body or from the query of a URL.

use std::collections::HashMap;

use async_graphql::{Extensions, Request, Value, Variables};
use hive_plug::error::{ApiError, ApiResult};
use serde_json::Map;

/// The request that a JSON body holds.
///
/// # Errors
/// `BAD_USER_INPUT` for anything but one well-formed request: invalid UTF-8, other JSON, a batch.
pub fn of_body(body: &[u8]) -> ApiResult<Request> {
    let text = std::str::from_utf8(body).map_err(|error| {
        ApiError::bad_input(format!("the body is not UTF-8: byte {} does not belong there", error.valid_up_to()))
    })?;
    if text.trim().is_empty() {
        return Err(ApiError::bad_input("the body is empty; send {\"query\": \"…\"}"));
    }
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| ApiError::bad_input(format!("the body is not JSON: {error}")))?;
    match json {
        serde_json::Value::Object(members) => of_members(members),
        serde_json::Value::Array(_) => Err(ApiError::bad_input("batches are not taken; send one request at a time")),
        _ => Err(ApiError::bad_input("the body must be a JSON object with a member query")),
    }
}

/// The request that the query of a URL holds; none if it has no parameter `query`.
///
/// # Errors
/// `BAD_USER_INPUT` as for [`of_body`].
pub fn of_url(parameters: HashMap<String, String>) -> ApiResult<Option<Request>> {
    let mut members = Map::new();
    for (name, text) in parameters {
        let value = match name.as_str() {
            "query" | "operationName" => serde_json::Value::String(text),
            "variables" | "extensions" => serde_json::from_str(&text)
                .map_err(|error| ApiError::bad_input(format!("the parameter {name} is not JSON: {error}")))?,
            _ => continue,
        };
        members.insert(name, value);
    }
    if members.contains_key("query") { of_members(members).map(Some) } else { Ok(None) }
}

fn of_members(mut members: Map<String, serde_json::Value>) -> ApiResult<Request> {
    let Some(serde_json::Value::String(query)) = members.remove("query") else {
        return Err(ApiError::bad_input("the parameter query is missing or is not a string"));
    };
    let mut request = Request::new(query);
    request.operation_name = match members.remove("operationName") {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(ApiError::bad_input("the parameter operationName is not a string")),
    };
    request.variables = Variables::from_json(object(members.remove("variables"), "variables")?);
    let extensions = object(members.remove("extensions"), "extensions")?;
    if let Ok(Value::Object(extensions)) = Value::from_json(extensions) {
        request.extensions =
            Extensions(extensions.into_iter().map(|(name, value)| (name.to_string(), value)).collect());
    }
    Ok(request)
}

fn object(value: Option<serde_json::Value>, name: &str) -> ApiResult<serde_json::Value> {
    match value {
        None | Some(serde_json::Value::Null) => Ok(serde_json::Value::Object(Map::new())),
        Some(object @ serde_json::Value::Object(_)) => Ok(object),
        Some(_) => Err(ApiError::bad_input(format!("the parameter {name} is not an object"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_well_formed_request_is_read() {
        let request =
            of_body(br#"{"query":"{ a }","operationName":null,"variables":{"x":"1"},"extensions":{}}"#).unwrap();
        assert_eq!(request.query, "{ a }");
        assert_eq!(request.variables.get("x"), Some(&Value::from("1")));
    }

    #[test]
    fn anything_else_is_refused() {
        let bodies: [&[u8]; 9] = [
            b"",
            b"\xff\xfe",
            b"{\"query\":\"\xc3\x28\"}",
            b"[]",
            b"7",
            b"{",
            br#"{"query":7}"#,
            br#"{"query":"{a}","variables":[]}"#,
            br#"{"query":"{a}","operationName":{}}"#,
        ];
        for body in bodies {
            assert!(of_body(body).is_err(), "{}", String::from_utf8_lossy(body));
        }
        assert!(of_body(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()).is_err());
    }

    #[test]
    fn a_url_without_a_query_holds_no_request() {
        let parameters =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        assert!(of_url(parameters(&[("raw", "1")])).unwrap().is_none());
        assert!(of_url(parameters(&[("query", "{a}"), ("variables", "{\"x\":1}")])).unwrap().is_some());
        assert!(of_url(parameters(&[("query", "{a}"), ("variables", "x")])).is_err());
    }
}
