//! Codes that several functions use.

use crate::Code;
use http::StatusCode;

/// The body cannot be read.
pub const MALFORMED_BODY: Code = Code::bad_request("MALFORMED_BODY", "the body does not match its schema");
/// An id in the path cannot be read.
pub const INVALID_ID: Code = Code::bad_request("INVALID_ID", "an id in the path is not valid");
/// A parameter of the query string cannot be read, or does not exist.
pub const INVALID_PARAMETER: Code = Code::bad_request(
    "INVALID_PARAMETER",
    "a parameter is unknown or has an invalid value",
);
/// The cursor of a page cannot be read or belongs to another list.
pub const INVALID_CURSOR: Code = Code::bad_request(
    "INVALID_CURSOR",
    "the cursor is damaged or belongs to another list",
);
/// The `Idempotency-Key` cannot be used.
pub const INVALID_IDEMPOTENCY_KEY: Code = Code::bad_request(
    "INVALID_IDEMPOTENCY_KEY",
    "the key is empty, too long, or contains other than visible ASCII characters",
);
/// The `Consistency-Token` cannot be read, or names a position that does not exist.
pub const INVALID_CONSISTENCY_TOKEN: Code = Code::bad_request(
    "INVALID_CONSISTENCY_TOKEN",
    "the token was not made by this API, or its stream was put back to an earlier version",
);
/// The `Prefer` header requests a wait that is not supported.
pub const INVALID_PREFERENCE: Code = Code::bad_request(
    "INVALID_PREFERENCE",
    "`wait` is too long or not a whole number of seconds",
);
/// The server framework refused the request for another reason.
pub const BAD_REQUEST: Code = Code::bad_request("BAD_REQUEST", "the request could not be understood");

/// The request has no valid credentials.
pub const NOT_AUTHENTICATED: Code = Code::new(
    StatusCode::UNAUTHORIZED,
    "NOT_AUTHENTICATED",
    "the request has no credentials, or they have expired",
);
/// The caller has no role that may use the operation, or holds nothing that it is about.
pub const NOT_ALLOWED: Code = Code::new(
    StatusCode::FORBIDDEN,
    "NOT_ALLOWED",
    "the caller has no role that may use this operation, or holds nothing that it is about",
);

/// The path does not exist.
pub const NO_SUCH_RESOURCE: Code = Code::not_found("NO_SUCH_RESOURCE", "there is nothing at this path");
/// The path does not support the method.
pub const METHOD_NOT_ALLOWED: Code = Code::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "METHOD_NOT_ALLOWED",
    "the resource does not support the method",
);

/// The state does not allow the command.
pub const INVALID_STATE_TRANSITION: Code =
    Code::conflict("INVALID_STATE_TRANSITION", "`currentStatus` does not allow it");
/// The command lost every race with other commands.
pub const TOO_MANY_CONFLICTS: Code =
    Code::conflict("TOO_MANY_CONFLICTS", "too many commands raced; try again");

/// The body is too large.
pub const BODY_TOO_LARGE: Code = Code::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "BODY_TOO_LARGE",
    "the body is too large",
);
/// The data that a command would store is too large.
pub const COMMAND_TOO_LARGE: Code = Code::new(
    StatusCode::PAYLOAD_TOO_LARGE,
    "COMMAND_TOO_LARGE",
    "the data that the command stores is too large; split it",
);
/// The media type of the body is not JSON.
pub const UNSUPPORTED_MEDIA_TYPE: Code = Code::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "UNSUPPORTED_MEDIA_TYPE",
    "the body is not `application/json`",
);
/// The body is compressed, or encoded in another way.
pub const UNSUPPORTED_CONTENT_ENCODING: Code = Code::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "UNSUPPORTED_CONTENT_ENCODING",
    "the body has a `Content-Encoding`",
);
/// The key was used for another command.
pub const IDEMPOTENCY_KEY_REUSED: Code =
    Code::unprocessable("IDEMPOTENCY_KEY_REUSED", "the key was used with another body");

/// A defect.
pub const INTERNAL_ERROR: Code = Code::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "INTERNAL_ERROR",
    "a defect; logged under `errorId`",
);
/// A dependency of the function did not respond.
pub const TEMPORARILY_UNAVAILABLE: Code = Code::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "TEMPORARILY_UNAVAILABLE",
    "try again after `Retry-After` seconds",
);
