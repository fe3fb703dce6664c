use http::StatusCode;

/// What a program tells a problem by: a stable name, the status that it always comes with, and what the API's description
/// says of it.
///
/// A function has one constant for each of its codes. Its handlers answer with [`Code::problem`], and
/// [`problems!`](crate::problems) puts the same constants into the descriptions of its operations.
///
/// ```
/// use http_api::Code;
///
/// const TOO_BRIGHT: Code = Code::unprocessable("TOO_BRIGHT", "a lamp takes at most 100 W");
///
/// let problem = TOO_BRIGHT.problem("100 W are allowed, 120 W were asked for.").field("watts");
/// assert_eq!((problem.status.as_u16(), problem.code), (422, "TOO_BRIGHT"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The status.
    pub status: StatusCode,
    /// `UPPER_SNAKE_CASE`, never changed once published.
    pub name: &'static str,
    /// What it means, as the end of a sentence.
    pub meaning: &'static str,
}

impl Code {
    /// With any status.
    #[must_use]
    pub const fn new(status: StatusCode, name: &'static str, meaning: &'static str) -> Self {
        Self {
            status,
            name,
            meaning,
        }
    }

    /// 400: malformed.
    #[must_use]
    pub const fn bad_request(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, meaning)
    }

    /// 404: unknown.
    #[must_use]
    pub const fn not_found(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, name, meaning)
    }

    /// 409: the state does not allow it.
    #[must_use]
    pub const fn conflict(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, name, meaning)
    }

    /// 422: understood, but not acceptable.
    #[must_use]
    pub const fn unprocessable(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, name, meaning)
    }
}
