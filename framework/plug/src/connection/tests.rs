use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

use super::*;
use crate::error::{ApiResult, ErrorCode};

struct Query;

#[Object]
impl Query {
    async fn numbers(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> ApiResult<Connection<i32>> {
        let page = Page::<i32>::new("numbers", first, after.as_deref(), last, before.as_deref())?;
        Ok(Connection::of_all(&page, (1..=50).map(|number| (number, number)).collect()))
    }
}

fn numbers(arguments: &str) -> (Vec<i64>, bool, bool, String, String) {
    let query = format!(
        "{{ numbers{arguments} {{ nodes totalCount pageInfo {{ hasPreviousPage hasNextPage startCursor endCursor }} }} }}"
    );
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let answer = futures_util::FutureExt::now_or_never(schema.execute(query)).unwrap();
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let data = answer.data.into_json().unwrap();
    let list = &data["numbers"];
    assert_eq!(list["totalCount"], "50");
    let nodes = list["nodes"].as_array().unwrap().iter().map(|node| node.as_i64().unwrap()).collect();
    let info = &list["pageInfo"];
    let text = |name: &str| info[name].as_str().unwrap_or_default().to_owned();
    let flag = |name: &str| info[name].as_bool().unwrap();
    (nodes, flag("hasPreviousPage"), flag("hasNextPage"), text("startCursor"), text("endCursor"))
}

#[test]
fn pages_walk_the_list_both_ways() {
    let (nodes, previous, next, _, end) = numbers("");
    assert_eq!((nodes, previous, next), ((1..=20).collect(), false, true));
    let (nodes, previous, next, start, _) = numbers(&format!("(first: 40, after: \"{end}\")"));
    assert_eq!((nodes, previous, next), ((21..=50).collect(), true, false));
    let (nodes, previous, next, ..) = numbers(&format!("(last: 3, before: \"{start}\")"));
    assert_eq!((nodes, previous, next), (vec![18, 19, 20], true, true));
    let (nodes, previous, next, ..) = numbers("(last: 2)");
    assert_eq!((nodes, previous, next), (vec![49, 50], true, false));
    assert_eq!(numbers("(first: 0)").0, Vec::<i64>::new());
}

#[test]
fn a_page_has_at_most_a_hundred_rows_and_one_direction() {
    let code = |first, last| Page::<i32>::new("numbers", first, None, last, None).unwrap_err().code;
    assert_eq!(code(Some(101), None), ErrorCode::BadUserInput);
    assert_eq!(code(Some(-1), None), ErrorCode::BadUserInput);
    assert_eq!(code(Some(1), Some(1)), ErrorCode::BadUserInput);
    assert!(Page::<i32>::new("numbers", Some(100), None, None, None).is_ok());
}

#[test]
fn a_cursor_is_good_for_its_own_list_only() {
    let cursor = Cursor { list: "numbers", key: 7 }.encode();
    assert_eq!(Cursor::<i32>::decode("numbers", &cursor).unwrap().key, 7);
    let later = hex::encode(r#"[2,"numbers",7]"#);
    for (list, text) in [("letters", cursor.as_str()), ("numbers", "zz"), ("numbers", ""), ("numbers", later.as_str())]
    {
        assert_eq!(Cursor::<i32>::decode(list, text).unwrap_err().code, ErrorCode::InvalidCursor);
    }
    assert!(Cursor::<String>::decode("numbers", &cursor).is_err());
}

#[test]
fn the_types_are_named_for_their_rows() {
    let sdl = Schema::new(Query, EmptyMutation, EmptySubscription).sdl();
    assert!(sdl.contains("type IntConnection") && sdl.contains("type IntEdge"), "{sdl}");
}
