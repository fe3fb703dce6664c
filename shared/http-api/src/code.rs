use http::StatusCode;

/// A problem code: a stable name for programs, the status that always comes with it, and its meaning for the API's
/// description.
///
/// A function has one constant for each of its codes. Its handlers return [`Code::problem`], and
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
    /// The meaning, as the end of a sentence.
    pub meaning: &'static str,
}

impl Code {
    /// Creates a code with this status.
    #[must_use]
    pub const fn new(status: StatusCode, name: &'static str, meaning: &'static str) -> Self {
        Self {
            status,
            name,
            meaning,
        }
    }

    /// Creates a code with status 400, for malformed requests.
    #[must_use]
    pub const fn bad_request(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, meaning)
    }

    /// Creates a code with status 404, for resources that do not exist.
    #[must_use]
    pub const fn not_found(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, name, meaning)
    }

    /// Creates a code with status 409, for commands that the state does not allow.
    #[must_use]
    pub const fn conflict(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, name, meaning)
    }

    /// Creates a code with status 422, for commands that are understood but not acceptable.
    #[must_use]
    pub const fn unprocessable(name: &'static str, meaning: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, name, meaning)
    }
}
