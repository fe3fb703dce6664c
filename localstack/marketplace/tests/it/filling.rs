//! A view that is new in a folder with existing orders is built by the worker while the system serves.

use crate::api::{Api, PATIENCE};
use embedded::{Stack, StackOptions};
use function::System;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

const NEW: &str = "order-history";

/// Returns the marketplace before it had the view.
fn before() -> System {
    let after = system::belvedere();
    let others = after.parts().iter().filter(|part| part.name != NEW);
    let system = System::new("Belvedere", "Without the order history.");
    others.cloned().fold(system, System::with)
}

async fn start(system: System, data: Option<&Path>) -> (Stack, Api) {
    let options = StackOptions {
        data: data.map(Path::to_owned),
        // The fence then takes eight seconds. The build starts after it, so the tests can read the unfilled view.
        function_timeout: Duration::from_secs(6),
        ..StackOptions::default()
    };
    let stack = Stack::start(system, options).await.unwrap();
    let api = Api::new(stack.url());
    (stack, api)
}

/// Returns every view and reactor, and whether it is filled.
async fn filled(api: &Api) -> Vec<(String, Option<bool>)> {
    let list = api.get_patiently("/operations/views").await;
    let views = list["views"].as_array().unwrap().iter();
    let filled = |view: &Value| {
        (
            view["name"].as_str().unwrap().to_owned(),
            view["filled"].as_bool(),
        )
    };
    views.map(filled).collect()
}

/// Returns the header of a list of the consumer's orders.
async fn list_header(api: &Api, consumer: &str) -> String {
    let path = format!("/orders?consumerId={consumer}");
    let said = api.header(&path, "view-filled").await;
    said.expect("every list has the header")
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_an_empty_system_are_filled_at_the_start() {
    let (stack, api) = start(system::belvedere(), None).await;
    for (name, filled) in filled(&api).await {
        let reactor = name.ends_with("-reactor");
        assert_eq!(filled, (!reactor).then_some(true), "{name}");
    }
    assert_eq!(list_header(&api, &api.consumer().await).await, "true");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_view_is_filled_while_the_system_serves() {
    let data = tempfile::tempdir().unwrap();
    let (stack, api) = start(before(), Some(data.path())).await;
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let mut orders = vec![
        api.order(&consumer, &restaurant).await,
        api.order(&consumer, &restaurant).await,
    ];
    stack.quiet(PATIENCE).await.unwrap();
    stack.stop().await;

    let (stack, api) = start(system::belvedere(), Some(data.path())).await;
    let unfilled: Vec<_> = filled(&api)
        .await
        .into_iter()
        .filter(|(_, f)| *f == Some(false))
        .collect();
    assert_eq!(unfilled, [(NEW.to_owned(), Some(false))]);
    assert_eq!(list_header(&api, &consumer).await, "false");
    // An order placed earlier can be read, and one that is placed now is listed.
    assert_eq!(api.status(&orders[0]).await, "APPROVED");
    assert_eq!(
        api.header(&format!("/orders/{}", orders[0]), "view-filled").await,
        None
    );
    orders.push(api.order(&consumer, &restaurant).await);

    let deadline = Instant::now() + PATIENCE;
    while filled(&api)
        .await
        .iter()
        .any(|(_, filled)| *filled == Some(false))
    {
        assert!(Instant::now() < deadline, "{NEW} is not filled");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stack.quiet(PATIENCE).await.unwrap();
    // Readers notice within a second.
    while list_header(&api, &consumer).await == "false" {
        assert!(
            Instant::now() < deadline,
            "the list is still reported as incomplete"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut listed = api.listed(&consumer).await;
    listed.sort();
    orders.sort();
    let approved = |order: String| (order, "APPROVED".to_owned());
    assert_eq!(listed, orders.into_iter().map(approved).collect::<Vec<_>>());
    let overview = stack.control(NEW).unwrap().overview().await.unwrap();
    assert_eq!((overview.serving, overview.feeding), (2, [2].into()));
    stack.stop().await;
}
