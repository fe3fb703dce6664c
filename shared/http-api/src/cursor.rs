//! Cursors of lists: a position as opaque text that is bound to its query.
//!
//! ```
//! use commit::Fingerprint;
//! use http_api::cursor;
//!
//! let query = Fingerprint::of(&[b"orders", b"con_1", b"desc"]);
//! let text = cursor::encode(&query, &("2026-11-23", 7))?;
//! let position: (String, u32) = cursor::decode(&query, &text)?;
//! assert_eq!(position, ("2026-11-23".to_owned(), 7));
//!
//! let another = Fingerprint::of(&[b"orders", b"con_2", b"desc"]);
//! let refused = cursor::decode::<(String, u32)>(&another, &text);
//! assert_eq!(refused.unwrap_err().code, "INVALID_CURSOR");
//! # Ok::<(), http_api::Problem>(())
//! ```

use crate::codes::INVALID_CURSOR;
use crate::{Problem, TokenKeys, sealed_text};
use commit::Fingerprint;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of the format; cursors of other versions are refused.
const VERSION: u8 = 2;

/// The maximum length of a cursor that is decoded. A position is a few index keys, well under 1 KB.
const MAX_LENGTH: usize = 4096;

/// Encodes a position in the list of a query as a cursor.
///
/// # Errors
/// 500 when the position cannot be serialized as JSON, for example a map whose keys are not strings: a defect.
pub fn encode(query: &Fingerprint, position: &impl Serialize) -> Result<String, Problem> {
    let content = serde_json::to_vec(position).map_err(Problem::internal)?;
    Ok(sealed_text::seal(
        TokenKeys::of_process(),
        VERSION,
        &[b"cursor", &query.bytes()],
        &content,
    ))
}

/// Decodes the position in a cursor.
///
/// # Errors
/// 400 `INVALID_CURSOR` when the cursor is damaged, has an old format, or belongs to another query.
pub fn decode<T: DeserializeOwned>(query: &Fingerprint, cursor: &str) -> Result<T, Problem> {
    Some(cursor)
        .filter(|text| text.len() <= MAX_LENGTH)
        .and_then(|text| {
            sealed_text::open(
                TokenKeys::of_process(),
                VERSION,
                &[b"cursor", &query.bytes()],
                text,
            )
        })
        .and_then(|content| serde_json::from_slice(&content).ok())
        .ok_or_else(foreign)
}

/// Returns the error of [`decode`], for a position that can be read but does not belong to the query.
#[must_use]
pub fn foreign() -> Problem {
    INVALID_CURSOR
        .problem("This cursor does not belong to this query. Start without one.")
        .field("cursor")
}
