use http::HeaderMap;
use serde_json::Value;

/// A function's response.
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
    /// The body as bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Asserts the status.
    ///
    /// # Panics
    /// When the status differs.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Returns status and code of a problem; `None` as the code when the response is not a problem.
    #[must_use]
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Returns status and code of a problem.
    ///
    /// # Panics
    /// When the response does not have the media type of a problem.
    #[track_caller]
    #[must_use]
    pub fn problem(&self) -> (u16, &str) {
        let media_type = self.header("content-type");
        assert_eq!(media_type, "application/problem+json", "{self:#?}");
        self.code()
    }

    /// Returns a header.
    ///
    /// # Panics
    /// When the response has no such header.
    #[track_caller]
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }

    /// Returns the body.
    ///
    /// # Panics
    /// When the body is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("the response is JSON")
    }

    /// Returns the elements of a page.
    ///
    /// # Panics
    /// When the response is not a page of them.
    #[track_caller]
    #[must_use]
    pub fn page(&self, what: &str) -> Vec<Value> {
        assert_eq!(self.status, 200, "{self:#?}");
        match self.body[what].as_array() {
            Some(elements) => elements.clone(),
            None => panic!("no {what}: {self:#?}"),
        }
    }

    /// Returns the cursor of the next page.
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.body["nextCursor"].as_str().map(str::to_owned)
    }
}
