//! Reading a body, up to a limit and for a limited time.

use axum::body::Body;
use futures_util::StreamExt;
use hive_plug::error::{ApiError, ErrorCode};
use tokio::time::timeout;

use super::limits::{BODY_TIME_MAX, DRAINED_BYTES_MAX};

/// The whole body. One that is too large is read to its end and thrown away first, because a sender that still sends
/// would otherwise see a broken connection instead of the answer.
///
/// # Errors
/// `COMPLEXITY_LIMIT` if it is too large, `BAD_USER_INPUT` if it breaks off, `BUSY` if it is too slow.
pub async fn read(body: Body, bytes_max: usize) -> Result<Vec<u8>, ApiError> {
    let slow = || ApiError::busy("the request's body took too long to arrive");
    timeout(BODY_TIME_MAX, collect(body, bytes_max)).await.map_err(|_| slow())?
}

async fn collect(body: Body, bytes_max: usize) -> Result<Vec<u8>, ApiError> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut total = 0usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ApiError::bad_input("the request's body breaks off"))?;
        total = total.saturating_add(chunk.len());
        if total <= bytes_max {
            bytes.extend_from_slice(&chunk);
        } else if total > DRAINED_BYTES_MAX {
            break;
        }
    }
    if total > bytes_max { Err(too_large(bytes_max)) } else { Ok(bytes) }
}

/// The refusal of a body over this limit.
pub fn too_large(bytes_max: usize) -> ApiError {
    ApiError::new(ErrorCode::ComplexityLimit, format!("the body is larger than {bytes_max} bytes; send it in parts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_are_read_up_to_their_limit() {
        let read = async |size: usize| read(Body::from(vec![b'x'; size]), 1000).await;
        assert_eq!(read(1000).await.map(|bytes| bytes.len()), Ok(1000));
        assert_eq!(read(1001).await.unwrap_err().code, ErrorCode::ComplexityLimit);
        assert_eq!(read(10_000_000).await.unwrap_err().code, ErrorCode::ComplexityLimit);
    }
}
