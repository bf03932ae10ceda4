//! Which form the answer takes: the `Accept` header against what GraphQL over HTTP offers.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status tells about the request.
    GraphqlResponse,
    /// `application/json`: the form of before; well-formed requests answer 200.
    Json,
    /// `text/event-stream`: subscriptions, one connection each.
    EventStream,
    /// `text/html`: the page for people.
    Html,
}

impl MediaType {
    /// The text of the `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn essence(self) -> &'static str {
        self.content_type().split(';').next().unwrap_or_default()
    }
}

/// The form the caller likes best; none if it likes nothing that there is.
pub fn preferred(headers: &HeaderMap) -> Option<MediaType> {
    let values: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    if values.is_empty() {
        return Some(MediaType::Json);
    }
    let mut best: Option<(MediaType, u32)> = None;
    for range in values.iter().flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let Some(offered) = parts.next().and_then(offered) else { continue };
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        // Of equal qualities the first counts.
        if quality > 0 && best.is_none_or(|(_, known)| quality > known) {
            best = Some((offered, quality));
        }
    }
    best.map(|(media_type, _)| media_type)
}

/// What a media range stands for among the forms there are.
fn offered(range: &str) -> Option<MediaType> {
    use MediaType::{EventStream, GraphqlResponse, Html, Json};
    let range = range.to_ascii_lowercase();
    match range.as_str() {
        "*/*" | "application/*" => Some(Json),
        "text/*" => Some(Html),
        _ => [GraphqlResponse, Json, EventStream, Html].into_iter().find(|known| known.essence() == range),
    }
}

/// A quality such as `0.8` in thousandths; what is none counts as 0.
fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let fraction = format!("{fraction:0<3.3}");
    let parsed = whole.parse::<u32>().ok().zip(fraction.parse::<u32>().ok());
    parsed.map_or(0, |(whole, part)| whole.saturating_mul(1000).saturating_add(part).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accept: &str, expected: Option<MediaType>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        assert_eq!(preferred(&headers), expected, "{accept}");
    }

    #[test]
    fn the_caller_gets_what_it_likes_best() {
        assert_eq!(preferred(&HeaderMap::new()), Some(MediaType::Json));
        check("*/*", Some(MediaType::Json));
        check("application/graphql-response+json", Some(MediaType::GraphqlResponse));
        check(
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            Some(MediaType::GraphqlResponse),
        );
        check("application/json;q=0.9, application/graphql-response+json;q=0.1", Some(MediaType::Json));
        check("text/event-stream", Some(MediaType::EventStream));
        check("text/html,application/xhtml+xml,*/*;q=0.8", Some(MediaType::Html));
        check("image/png", None);
        check("application/json;q=0", None);
    }
}
