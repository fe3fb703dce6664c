//! The view with its tables and functions, and helpers that read its pages.

use crate::{AccountStatement, router};
use serde_json::Value;
use testkit::{Answer, ViewStack};

pub(crate) async fn start() -> ViewStack<AccountStatement> {
    ViewStack::start(router).await
}

pub(crate) trait Statement {
    /// Returns the movements on the page.
    fn movements(&self) -> Vec<Value>;

    /// Returns their versions.
    fn versions(&self) -> Vec<u64> {
        let movements = self.movements().into_iter();
        movements
            .map(|movement| movement["version"].as_u64().unwrap())
            .collect()
    }
}

impl Statement for Answer {
    #[track_caller]
    fn movements(&self) -> Vec<Value> {
        self.page("movements")
    }
}
