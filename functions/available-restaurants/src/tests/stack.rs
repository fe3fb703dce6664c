//! The view with its tables and functions, and helpers that read its pages.

use crate::tests::commits::id;
use crate::{AvailableRestaurants, router};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use testkit::{Answer, ViewStack};

pub(crate) type Stack = ViewStack<AvailableRestaurants>;

pub(crate) async fn start() -> Stack {
    ViewStack::start(router).await
}

pub(crate) trait Found {
    /// Returns the restaurants on the page, by number.
    fn found(&self) -> Vec<u128>;
}

impl Found for Answer {
    #[track_caller]
    fn found(&self) -> Vec<u128> {
        let number = |restaurant: Value| {
            let id = restaurant["restaurantId"].as_str().unwrap();
            id.parse::<contracts::RestaurantId>().unwrap().uuid().as_u128()
        };
        self.page("restaurants").into_iter().map(number).collect()
    }
}

/// Returns the restaurants that are open for a zip code, from all pages.
pub(crate) async fn open_at(stack: &Stack, zip: &str, at: &str) -> Vec<u128> {
    let first = format!("/restaurants/available?zip={zip}&at={at}&limit=100");
    let mut page = stack.get(&first).await;
    let mut found = page.found();
    while let Some(cursor) = page.cursor() {
        page = stack.get(&format!("{first}&cursor={cursor}")).await;
        found.extend(page.found());
    }
    found
}

/// Returns the keys of all rows in the view's table.
pub(crate) async fn all_rows(stack: &Stack) -> Vec<(String, String)> {
    let items = stack.bench.contents().await.unwrap().into_iter();
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    let places = items.map(|item| (text(&item["pk"]), text(&item["sk"])));
    let mut rows: Vec<_> = places.filter(|(_, sort)| *sort != "-").collect();
    rows.sort();
    rows
}

pub(crate) async fn rows_of(stack: &Stack, number: u128) -> usize {
    let id = id(number).to_string();
    all_rows(stack)
        .await
        .iter()
        .filter(|(_, sort)| *sort == id)
        .count()
}
