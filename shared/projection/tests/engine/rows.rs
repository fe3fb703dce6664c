//! Tests of reads of rows, derived and journal rows (G10, G13).

use crate::diary::Diary;
use crate::library::{BookEvent, LoanEvent, Town, bought, commit, lent, returned, stream, tagged};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Commit;
use local_dynamodb::Faults;
use projection::{ReadError, ReadYourWrites, RowPage, RowPosition, RowRange, RowsQuery, View, ViewReader};
use serde_json::json;

pub(crate) fn anything() -> ReadYourWrites {
    ReadYourWrites::default()
}

fn at_least(stream: &str, version: u64) -> ReadYourWrites {
    ReadYourWrites {
        positions: vec![(stream.parse().unwrap(), version)],
        wait: None,
    }
}

pub(crate) fn all(partition: &str) -> RowsQuery {
    RowsQuery {
        partition: partition.into(),
        limit: 100,
        ..RowsQuery::default()
    }
}

pub(crate) fn sorts(page: &RowPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.sort.as_str()).collect()
}

pub(crate) fn untagged(tag: &str) -> BookEvent {
    BookEvent::Untagged { tag: tag.into() }
}

async fn walk<V: View>(reader: &ViewReader<V>, mut query: RowsQuery, read: &ReadYourWrites) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let page = reader.rows(&query, read).await.unwrap();
        assert!(page.rows.len() <= query.limit);
        assert!(seen.len() < 1_000, "the pages do not end");
        seen.extend(page.rows.into_iter().map(|row| row.sort));
        query.start = page.next;
        if query.start.is_none() {
            return seen;
        }
    }
}

/// Creates books with these titles, all with the tag `x`.
fn books(titles: &[&str]) -> Vec<Commit> {
    let books = titles.iter().map(|title| {
        let events = [bought(title, "a"), tagged("x")];
        commit(&format!("book#{title}"), 1, &events)
    });
    books.collect()
}

async fn town_of(titles: &[&str]) -> Town {
    let town = Town::new().await;
    town.publish(&books(titles)).await;
    town
}

#[tokio::test]
async fn rows_are_sorted_by_sort_key_both_ways() {
    let town = town_of(&["c", "a", "b"]).await;
    let reader = town.reader();
    let page = reader.rows(&all("tag-x"), &anything()).await.unwrap();
    assert_eq!((sorts(&page), &page.next), (vec!["a", "b", "c"], &None));
    assert_eq!(page.rows[0].data, json!({ "title": "a", "lent": false }));
    let descending = RowsQuery {
        descending: true,
        ..all("tag-x")
    };
    let page = reader.rows(&descending, &anything()).await.unwrap();
    assert_eq!(sorts(&page), ["c", "b", "a"]);
}

#[tokio::test]
async fn a_range_is_inclusive_and_a_prefix_is_exact() {
    let town = town_of(&["a", "b1", "b2", "c", "d"]).await;
    let reader = town.reader();
    let between = |lower: Option<&str>, upper: Option<&str>| RowRange::Between {
        lower: lower.map(str::to_owned),
        upper: upper.map(str::to_owned),
    };
    for (range, expected) in [
        (RowRange::All, vec!["a", "b1", "b2", "c", "d"]),
        (between(Some("b1"), Some("c")), vec!["b1", "b2", "c"]),
        (between(Some("c"), None), vec!["c", "d"]),
        (between(None, Some("b1")), vec!["a", "b1"]),
        (between(None, Some("")), vec!["a", "b1", "b2", "c", "d"]),
        (between(Some("c"), Some("b")), vec![]),
        (RowRange::Prefix("b".into()), vec!["b1", "b2"]),
        (RowRange::Prefix(String::new()), vec!["a", "b1", "b2", "c", "d"]),
    ] {
        // Rows added because of a token are compared with the same range.
        for read in [anything(), at_least("book#b1", 2)] {
            let range = range.clone();
            let query = RowsQuery {
                range,
                ..all("tag-x")
            };
            let page = reader.rows(&query, &read).await.unwrap();
            assert_eq!(sorts(&page), expected, "{query:?}");
        }
    }
}

#[tokio::test]
async fn pages_show_everything_once() {
    let town = town_of(&["a", "b", "c", "d", "e"]).await;
    for limit in 1..=6 {
        for descending in [false, true] {
            let query = RowsQuery {
                limit,
                descending,
                ..all("tag-x")
            };
            let mut seen = walk(&town.reader(), query, &anything()).await;
            if descending {
                seen.reverse();
            }
            assert_eq!(seen, ["a", "b", "c", "d", "e"], "{limit}");
        }
    }
}

#[tokio::test]
async fn the_last_page_has_no_next_one() {
    let town = town_of(&["a", "b"]).await;
    let query = RowsQuery {
        limit: 1,
        ..all("tag-x")
    };
    let reader = town.reader();
    let first = reader.rows(&query, &anything()).await.unwrap();
    let start = Some(RowPosition { sort: "a".into() });
    assert_eq!((sorts(&first), &first.next), (vec!["a"], &start));
    let second = reader.rows(&RowsQuery { start, ..query }, &anything()).await;
    let second = second.unwrap();
    assert_eq!((sorts(&second), &second.next), (vec!["b"], &None));
}

#[tokio::test]
async fn empty_and_invalid_partitions_have_no_rows() {
    let town = town_of(&["a"]).await;
    let long = "x".repeat(3_000);
    for partition in ["tag-y", "", long.as_str()] {
        let page = town.reader().rows(&all(partition), &anything()).await.unwrap();
        let nothing = RowPage {
            rows: vec![],
            next: None,
        };
        assert_eq!(page, nothing);
    }
}

#[tokio::test]
async fn document_in_the_partition_is_not_a_row() {
    let town = Town::new().await;
    let pages = LoanEvent::Written { pages: 3 };
    town.note(&stream("loan#b", &[pages])).await;
    town.note(&stream("loan#pages-b", &[lent("ann")])).await;
    let query = RowsQuery {
        limit: 1,
        ..all("pages-b")
    };
    let seen = walk(&town.diary(), query, &anything()).await;
    assert_eq!(seen, ["0000", "0001", "0002"]);
}

#[tokio::test]
async fn a_page_takes_two_calls_at_most() {
    let town = town_of(&["a", "b", "c"]).await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let reader = town.reader_with(client);
    reader.rows(&all("tag-x"), &anything()).await.unwrap();
    assert_eq!(
        (faults.requests("GetItem").len(), faults.requests("Query").len()),
        (1, 1),
        "the registry and the rows"
    );
    reader.rows(&all("tag-x"), &anything()).await.unwrap();
    assert_eq!(
        (faults.requests("GetItem").len(), faults.requests("Query").len()),
        (1, 2),
        "the rows"
    );
}

#[tokio::test]
async fn undelivered_derived_rows_are_visible_with_a_token() {
    let town = town_of(&["a", "c"]).await;
    town.commit(&books(&["b"])).await;
    let reader = town.reader();
    assert_eq!(
        sorts(&reader.rows(&all("tag-x"), &anything()).await.unwrap()),
        ["a", "c"]
    );
    let page = reader.rows(&all("tag-x"), &at_least("book#b", 2)).await.unwrap();
    assert_eq!(sorts(&page), ["a", "b", "c"]);
}

#[tokio::test]
async fn derived_rows_are_current_with_a_token() {
    let town = town_of(&["a", "b"]).await;
    town.commit(&stream("loan#b", &[lent("ann")])).await;
    let page = town
        .reader()
        .rows(&all("tag-x"), &at_least("loan#b", 1))
        .await
        .unwrap();
    assert_eq!(page.rows[1].data, json!({ "title": "b", "lent": true }));
    assert_eq!(page.rows.len(), 2);
}

#[tokio::test]
async fn removed_derived_rows_are_left_out_with_a_token() {
    let town = town_of(&["a", "b", "c"]).await;
    town.commit(&[commit("book#b", 3, &[untagged("x"), tagged("y")])])
        .await;
    let (reader, read) = (town.reader(), at_least("book#b", 4));
    assert_eq!(
        sorts(&reader.rows(&all("tag-x"), &read).await.unwrap()),
        ["a", "c"]
    );
    assert_eq!(sorts(&reader.rows(&all("tag-y"), &read).await.unwrap()), ["b"]);
}

#[tokio::test]
async fn page_is_full_when_a_row_was_removed() {
    let town = town_of(&["a", "b", "c", "d"]).await;
    town.commit(&[commit("book#a", 3, &[untagged("x")])]).await;
    let query = RowsQuery {
        limit: 2,
        ..all("tag-x")
    };
    let page = town.reader().rows(&query, &at_least("book#a", 3)).await.unwrap();
    assert_eq!(sorts(&page), ["b", "c"]);
}

#[tokio::test]
async fn undelivered_journal_rows_are_visible_with_a_token() {
    let town = Town::new().await;
    town.note(&stream("loan#a", &[lent("ann"), returned(1)])).await;
    let loans = stream("loan#b", &[lent("ann"), returned(2), lent("ann")]);
    town.note(&loans[..1]).await;
    town.commit(&loans[1..]).await;
    let (reader, partition) = (town.diary(), all("member-ann"));
    let stored = reader.rows(&partition, &at_least("loan#b", 1)).await.unwrap();
    assert_eq!(sorts(&stored), ["0001-a", "0001-b", "0002-a"]);
    let fresh = reader.rows(&partition, &at_least("loan#b", 3)).await.unwrap();
    assert_eq!(sorts(&fresh), ["0001-a", "0001-b", "0002-a", "0002-b", "0003-b"]);
    assert_eq!(fresh.rows[3].data, json!({ "days": 2 }));
    town.deliver_to::<Diary>(&loans).await;
    let stored = reader.rows(&partition, &at_least("loan#b", 3)).await.unwrap();
    assert_eq!(stored, fresh, "the same when it is stored");
}

#[tokio::test]
async fn every_unprojected_movement_is_visible_with_its_token() {
    let town = Town::new().await;
    let loans: Vec<LoanEvent> = (0..30).map(|_| lent("ann")).collect();
    let reader = town.diary();
    let newest = RowsQuery {
        descending: true,
        limit: 1,
        ..all("member-ann")
    };
    for commit in stream("loan#b", &loans) {
        town.commit(std::slice::from_ref(&commit)).await;
        let page = reader.rows(&newest, &at_least("loan#b", commit.first)).await;
        assert_eq!(sorts(&page.unwrap()), [format!("{:04}-b", commit.first)]);
    }
    let read = at_least("loan#b", 30);
    let query = RowsQuery {
        limit: 7,
        ..all("member-ann")
    };
    assert_eq!(walk(&reader, query, &read).await.len(), 30);
    assert!(town.rows("member-ann").await.is_empty(), "reading writes nothing");
}

#[tokio::test]
async fn short_page_is_followed_by_the_remaining_rows() {
    let town = Town::new().await;
    // 3 MB, more than one request evaluates.
    for n in 0..15 {
        let data = AttributeValue::S("x".repeat(200_000));
        let put = town.bench.client.put_item().table_name(&town.bench.view_table);
        put.item("pk", AttributeValue::S("g1#tag-x".into()))
            .item("sk", AttributeValue::S(format!("row-{n:02}")))
            .item("data", AttributeValue::M([("text".to_owned(), data)].into()))
            .send()
            .await
            .unwrap();
    }
    town.commit(&books(&["zadig"])).await;
    let read = at_least("book#zadig", 2);
    let reader = town.reader();
    let first = reader.rows(&all("tag-x"), &read).await.unwrap();
    assert!(first.next.is_some() && first.rows.len() < 15, "short");
    let seen = walk(&reader, all("tag-x"), &read).await;
    let expected = (0..15).map(|n| format!("row-{n:02}"));
    let expected: Vec<String> = expected.chain(["zadig".to_owned()]).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn token_beyond_the_stream_is_an_error() {
    let town = town_of(&["a"]).await;
    let error = town.reader().rows(&all("tag-x"), &at_least("book#a", 9)).await;
    assert!(matches!(
        error.unwrap_err(),
        ReadError::ForeignToken { version: 9, .. }
    ));
}

#[tokio::test]
async fn position_is_short_in_a_cursor_and_round_trips() {
    let position = RowPosition { sort: "a".into() };
    let text = serde_json::to_string(&position).unwrap();
    assert_eq!(text, r#"{"s":"a"}"#);
    assert_eq!(serde_json::from_str::<RowPosition>(&text).unwrap(), position);
}

#[tokio::test]
async fn a10_position_that_a_range_cannot_have_is_refused() {
    let town = town_of(&["a", "b", "c"]).await;
    let reader = town.reader();
    let between = |lower: &str, upper: &str| RowRange::Between {
        lower: Some(lower.to_owned()),
        upper: Some(upper.to_owned()),
    };
    for (range, sort, inside) in [
        (RowRange::All, "a", true),
        (RowRange::All, "", false),
        (RowRange::All, &"x".repeat(1_025), false),
        (between("a", "b"), "b", true),
        (between("a", "b"), "c", false),
        (between("b", "c"), "a", false),
        (RowRange::Prefix("b".to_owned()), "b", true),
        (RowRange::Prefix("b".to_owned()), "c", false),
    ] {
        let query = RowsQuery {
            range,
            start: Some(RowPosition {
                sort: sort.to_owned(),
            }),
            ..all("tag-x")
        };
        let page = reader.rows(&query, &anything()).await;
        let expected = if inside {
            None
        } else {
            Some(ReadError::ForeignPosition)
        };
        assert_eq!(page.err(), expected, "{query:?}");
    }
}
