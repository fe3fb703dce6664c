use http::HeaderMap;
use serde_json::Value;

/// What a function answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request's method and path, for the message of a failed assertion.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Asserts the status.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Status and code of a problem; no code when it is none.
    #[must_use]
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Status and code of a problem.
    ///
    /// # Panics
    /// When the answer's media type says that it is none.
    #[track_caller]
    #[must_use]
    pub fn problem(&self) -> (u16, &str) {
        let media_type = self.header("content-type");
        assert_eq!(media_type, "application/problem+json", "{self:#?}");
        self.code()
    }

    /// A header.
    ///
    /// # Panics
    /// When there is none of that name.
    #[track_caller]
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }

    /// The body.
    ///
    /// # Panics
    /// When it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("an answer in JSON")
    }

    /// The elements of a page.
    ///
    /// # Panics
    /// When the answer is no page of them.
    #[track_caller]
    #[must_use]
    pub fn page(&self, what: &str) -> Vec<Value> {
        assert_eq!(self.status, 200, "{self:#?}");
        match self.body[what].as_array() {
            Some(elements) => elements.clone(),
            None => panic!("no {what}: {self:#?}"),
        }
    }

    /// Where the next page begins.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.body["nextCursor"].as_str().map(str::to_owned)
    }
}
