//! Tests of writes: rows, tallies, many of them, and documents that cannot be written.

use crate::library::{BookEvent, Library, LoanEvent, Town, bought, commit, lent, stream, tagged, whole};
use aws_sdk_dynamodb::Client;
use local_dynamodb::Faults;
use projection::BatchHandler;
use projection::testing::{batch, message};
use std::collections::BTreeMap;

async fn rows(town: &Town, tag: &str) -> Vec<String> {
    let pk = format!("g1#tag-{tag}");
    let items = town.bench.contents().await.unwrap().into_iter();
    let mut rows: Vec<String> = items
        .filter(|item| *item["pk"].as_s().unwrap() == pk)
        .map(|item| item["sk"].as_s().unwrap().clone())
        .collect();
    rows.sort();
    rows
}

async fn tally(town: &Town, shelf: &str) -> BTreeMap<String, i64> {
    let pk = format!("g1#shelf-{shelf}");
    let items = town.bench.contents().await.unwrap().into_iter();
    let mut items = items.filter(|item| *item["pk"].as_s().unwrap() == pk);
    let amounts = items.next().unwrap_or_default().into_iter();
    amounts
        .filter_map(|(name, amount)| Some((name, amount.as_n().ok()?.parse().unwrap())))
        .collect()
}

#[tokio::test]
async fn rows_change_with_the_document() {
    let town = Town::new().await;
    let book = [bought("Emma", "a"), tagged("x"), tagged("y")];
    town.publish(&stream("book#b", &book)).await;
    assert_eq!(rows(&town, "x").await, ["Emma"]);
    let tag = "x".to_owned();
    town.publish(&[commit("book#b", 4, &[BookEvent::Untagged { tag }])])
        .await;
    assert_eq!(rows(&town, "x").await, [""; 0]);
    assert_eq!(rows(&town, "y").await, ["Emma"]);
}

#[tokio::test]
async fn tallies_are_the_sum_over_documents() {
    let town = Town::new().await;
    for id in ["b", "c"] {
        town.publish(&stream(&format!("book#{id}"), &[bought(id, "a")]))
            .await;
        town.publish(&stream(&format!("loan#{id}"), &[lent("ann")])).await;
    }
    let two = [("books".to_owned(), 2), ("loans".to_owned(), 2)];
    assert_eq!(tally(&town, "a").await, two.into());
    let shelf = "z".to_owned();
    town.publish(&[commit("book#c", 2, &[BookEvent::Moved { shelf }])])
        .await;
    assert_eq!(tally(&town, "a").await["books"], 1);
    assert_eq!(tally(&town, "z").await["books"], 1);
}

#[tokio::test]
async fn document_without_other_changes_is_written_without_a_transaction() {
    let town = Town::new().await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let projector = town.projector_with::<Library>(client);
    let commits = [
        commit("loan#b", 1, &[lent("ann")]),
        commit("book#b", 1, &[bought("Emma", "a")]),
    ];
    for commit in &commits {
        projector
            .handle(batch(vec![message("m", 1, vec![whole(commit)])]))
            .await;
    }
    assert_eq!(faults.requests("PutItem").len(), 1, "the loan");
    assert_eq!(faults.requests("TransactWriteItems").len(), 1, "the tally");
}

#[tokio::test]
async fn more_rows_than_a_transaction_takes_are_written_in_parts() {
    let town = Town::new().await;
    let tags: Vec<BookEvent> = (0..250).map(|n| tagged(&format!("t{n}"))).collect();
    let report = town
        .publish(&[
            commit("book#b", 1, &[bought("Emma", "a")]),
            commit("book#b", 2, &tags),
        ])
        .await;
    assert_eq!((report.quarantined, report.written), (0, 1));
    for n in [0, 98, 99, 249] {
        assert_eq!(rows(&town, &format!("t{n}")).await, ["Emma"]);
    }
    let stored = town.stored("b").await.unwrap();
    assert_eq!((stored.book.tags.len(), stored.versions["book"]), (250, 251));
    assert_eq!(tally(&town, "a").await["books"], 1);
}

#[tokio::test]
async fn too_large_document_is_quarantined_and_does_not_fail_the_message() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), LoanEvent::Written { pages: 500_000 }]);
    town.publish(&loans[..1]).await;
    let report = town.publish(&loans[1..]).await;
    assert_eq!((report.quarantined, report.applied), (1, 0));
    let stored = town.stored("b").await.unwrap();
    assert_eq!((stored.book.pages.len(), stored.versions["loan"]), (0, 1));
    let held = town.held().await;
    assert_eq!(
        (held[0].stream.to_string(), held[0].version),
        ("loan#b".to_owned(), 2)
    );
}

#[tokio::test]
async fn all_fed_generations_are_written() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let town = Town::new().await;
    let number = |n: u64| AttributeValue::N(n.to_string());
    let put = town.bench.client.put_item().table_name(&town.bench.view_table);
    put.item("pk", AttributeValue::S("registry".into()))
        .item("sk", AttributeValue::S("-".into()))
        .item("serving", number(1))
        .item("feeding", AttributeValue::L(vec![number(1), number(2)]))
        .send()
        .await
        .unwrap();
    let report = town.publish(&stream("loan#b", &[lent("ann")])).await;
    assert_eq!(report.written, 2);
    assert_eq!(
        report.lags_ms.len(),
        1,
        "the generation that is not read has no lag"
    );
    let items = town.bench.contents().await.unwrap();
    let mut keys: Vec<&String> = items.iter().map(|item| item["pk"].as_s().unwrap()).collect();
    keys.sort();
    assert_eq!(keys, ["g1#b", "g2#b", "registry"]);
}
