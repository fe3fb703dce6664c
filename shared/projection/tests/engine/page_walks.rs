//! Tests of pages of rows while a document that the token names adds and removes rows.

use crate::library::{BookEvent, commit, stream, tagged, whole};
use crate::property::check;
use crate::rows::{all, anything, sorts, untagged};
use commit::Commit;
use projection::testing::{batch, message};
use projection::{
    ApplyError, Options, Projector, Published, ReadYourWrites, Row, RowsQuery, Uses, View, ViewReader,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use testkit::Bench;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tagged {
    id: String,
    tags: BTreeSet<String>,
}

/// A view with a row for every tag of every book, all in one partition.
struct Tags;

impl View for Tags {
    type Document = Tagged;
    const NAME: &'static str = "tags";
    const SOURCES: &'static [&'static str] = &["book"];
    const USES: Uses = Uses::NOTHING.rows();

    fn apply(book: &mut Tagged, event: &Published<'_>) -> Result<(), ApplyError> {
        event.id().clone_into(&mut book.id);
        match event.decode::<BookEvent>()? {
            BookEvent::Tagged { tag } => book.tags.insert(tag),
            BookEvent::Untagged { tag } => book.tags.remove(&tag),
            _ => false,
        };
        Ok(())
    }

    fn rows(book: &Tagged) -> Vec<Row> {
        let row = |tag: &String| Row {
            partition: "tags".into(),
            sort: format!("{tag}-{}", book.id),
            data: json!({}),
        };
        book.tags.iter().map(row).collect()
    }
}

/// An action before the next page is read.
#[derive(Debug, Clone)]
enum Meanwhile {
    Nothing,
    Committed(BookEvent),
    Delivered,
    /// The commits are delivered while the page is read.
    DeliveredAtOnce,
}

fn event() -> impl Strategy<Value = BookEvent> {
    prop_oneof![
        "[a-j]".prop_map(|tag| tagged(&tag)),
        "[a-j]".prop_map(|tag| untagged(&tag)),
    ]
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    prop_oneof![
        1 => Just(Meanwhile::Nothing),
        4 => event().prop_map(Meanwhile::Committed),
        1 => Just(Meanwhile::Delivered),
        1 => Just(Meanwhile::DeliveredAtOnce),
    ]
}

#[derive(Debug, Clone)]
struct Walk {
    before: Vec<BookEvent>,
    stable: BTreeSet<String>,
    between: Vec<Meanwhile>,
    limit: usize,
    descending: bool,
}

fn walks() -> impl Strategy<Value = Walk> {
    (
        prop::collection::vec(event(), 1..8),
        prop::collection::btree_set("[a-j]", 0..6),
        prop::collection::vec(meanwhile(), 1..12),
        1..4_usize,
        any::<bool>(),
    )
        .prop_map(|(before, stable, between, limit, descending)| Walk {
            before,
            stable,
            between,
            limit,
            descending,
        })
}

fn tags_after(commits: &[Commit]) -> BTreeSet<String> {
    projection::testing::fold::<Tags>(commits).tags
}

async fn deliver(projector: &Projector<Tags>, commits: &[Commit]) {
    let parcels = commits.iter().map(whole).collect();
    let (response, _) = projector
        .handle_batch(batch(vec![message("m", 1, parcels)]))
        .await;
    assert_eq!(response.batch_item_failures, []);
}

async fn case(bench: Bench, walk: Walk) {
    let client = bench.client.clone();
    let sources = bench.sources(Tags::SOURCES);
    let projector = Projector::<Tags>::new(
        client.clone(),
        &bench.view_table,
        sources.clone(),
        Options::default(),
    );
    let reader = ViewReader::<Tags>::new(client, &bench.view_table, sources);
    let stable: Vec<BookEvent> = walk.stable.iter().map(|tag| tagged(tag)).collect();
    if !stable.is_empty() {
        let stable = [commit("book#stable", 1, &stable)];
        bench.store(&stable).await.unwrap();
        deliver(&projector, &stable).await;
    }
    let mut commits = stream("book#named", &walk.before);
    bench.store(&commits).await.unwrap();
    deliver(&projector, &commits).await;

    let (mut always, mut ever) = (tags_after(&commits), tags_after(&commits));
    let mut seen: Vec<String> = Vec::new();
    let mut between = walk.between.into_iter();
    let mut query = RowsQuery {
        limit: walk.limit,
        descending: walk.descending,
        ..all("tags")
    };
    loop {
        let mut at_once = false;
        match between.next().unwrap_or(Meanwhile::Nothing) {
            Meanwhile::Nothing => {}
            Meanwhile::Committed(event) => {
                let next = commit("book#named", commits.len() as u64 + 1, &[event]);
                bench.store(std::slice::from_ref(&next)).await.unwrap();
                commits.push(next);
            }
            Meanwhile::Delivered => deliver(&projector, &commits).await,
            Meanwhile::DeliveredAtOnce => at_once = true,
        }
        let now = tags_after(&commits);
        always = always.intersection(&now).cloned().collect();
        ever.extend(now.iter().cloned());
        let read = ReadYourWrites {
            positions: vec![("book#named".parse().unwrap(), commits.len() as u64)],
            wait: None,
        };
        let read_all = all("tags");
        let whole = reader.rows(&read_all, &read);
        let page = reader.rows(&query, &read);
        let (whole, page) = if at_once {
            let (whole, page, ()) = tokio::join!(whole, page, deliver(&projector, &commits));
            (whole.unwrap(), page.unwrap())
        } else {
            (whole.await.unwrap(), page.await.unwrap())
        };
        let mut expected: Vec<String> = now.iter().map(|tag| format!("{tag}-named")).collect();
        expected.extend(walk.stable.iter().map(|tag| format!("{tag}-stable")));
        expected.sort();
        assert_eq!(sorts(&whole), expected, "the committed rows, and no others");
        seen.extend(page.rows.into_iter().map(|row| row.sort));
        query.start = page.next;
        assert!(seen.len() < 1_000, "the pages do not end");
        if query.start.is_none() {
            break;
        }
    }
    if walk.descending {
        seen.reverse();
    }
    assert!(
        seen.is_sorted_by(|a, b| a < b),
        "not in order, or repeated: {seen:?}"
    );
    for tag in &walk.stable {
        assert!(
            seen.contains(&format!("{tag}-stable")),
            "{tag} is missing: {seen:?}"
        );
    }
    for tag in &always {
        assert!(
            seen.contains(&format!("{tag}-named")),
            "{tag} is missing: {seen:?}"
        );
    }
    for row in &seen {
        let (tag, book) = row.split_once('-').unwrap();
        assert!(book == "stable" || ever.contains(tag), "{row} never existed");
    }
    deliver(&projector, &commits).await;
    let stored = reader.rows(&all("tags"), &anything()).await.unwrap();
    assert_eq!(stored.rows.len(), tags_after(&commits).len() + walk.stable.len());
}

#[test]
fn no_page_repeats_or_skips_while_a_named_document_adds_and_removes_rows() {
    check(walks(), 200, case);
}
