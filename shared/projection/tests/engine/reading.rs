//! G10, G13, D1, D2, D4: documents, lists, reads of the client's own writes.

use crate::library::{BookEvent, Library, Town, bought, commit, lent, stream, tagged};
use aws_sdk_dynamodb::Client;
use commit::{Commit, StreamId};
use local_dynamodb::Faults;
use projection::{Condition, Filter, IndexQuery, Page, Position, ReadError, ReadYourWrites, ViewReader};
use serde_json::{Value, json};
use std::time::Duration;

fn anything() -> ReadYourWrites {
    ReadYourWrites::default()
}

fn at_least(stream: &str, version: u64) -> ReadYourWrites {
    ReadYourWrites {
        positions: vec![(stream.parse().unwrap(), version)],
        wait: None,
    }
}

fn shelf(partition: &str) -> IndexQuery {
    IndexQuery {
        partition: partition.into(),
        lower: None,
        upper: None,
        descending: false,
        limit: 20,
        filter: Filter::default(),
        start: None,
    }
}

fn status(values: &[&str]) -> Filter {
    let values = values.iter().map(|value| json!(value)).collect();
    let attribute = "status".to_owned();
    Filter {
        all: vec![Condition::OneOf { attribute, values }],
    }
}

fn titles(page: &Page) -> Vec<&str> {
    page.items
        .iter()
        .map(|item| item["title"].as_str().unwrap())
        .collect()
}

/// Creates books `t00`, `t01`, … on shelf `a`, each bought later than the one before.
fn books(count: usize) -> Vec<Commit> {
    let books = (0..count).map(|n| {
        let mut commit = commit(&format!("book#b{n}"), 1, &[bought(&format!("t{n:02}"), "a")]);
        commit.time += jiff::SignedDuration::from_secs(i64::try_from(n).unwrap());
        commit
    });
    books.collect()
}

#[tokio::test]
async fn stored_document_is_returned_with_its_versions() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann"), lent("bob")]);
    town.publish(&commits).await;
    let fresh = town.reader().get("b", &anything()).await.unwrap().unwrap();
    assert_eq!(fresh.document.member.as_deref(), Some("bob"));
    assert_eq!(
        (fresh.revision, fresh.versions["loan"], fresh.caught_up),
        (1, 2, false)
    );
    assert_eq!(fresh.time, Some(commits[1].time));
    assert_eq!(fresh.tag(), format!("g1.loan-2-{}", commits[1].id.link()));
}

#[tokio::test]
async fn document_is_unknown_only_after_reading_the_sources() {
    let town = Town::new().await;
    assert_eq!(town.reader().get("b", &anything()).await.unwrap(), None);
    assert_eq!(
        town.reader().get("no/stream id", &anything()).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn committed_document_exists_before_it_is_projected() {
    let town = Town::new().await;
    town.commit(&stream("book#b", &[bought("Emma", "a")])).await;
    town.commit(&stream("loan#b", &[lent("ann")])).await;
    let fresh = town.reader().get("b", &anything()).await.unwrap().unwrap();
    assert_eq!(fresh.document.title.as_deref(), Some("Emma"));
    assert_eq!(fresh.document.member.as_deref(), Some("ann"));
    assert!(fresh.caught_up);
    assert_eq!(town.stored("b").await, None, "reading writes nothing");
}

#[tokio::test]
async fn a_token_shows_the_write_at_once() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann")])).await;
    town.commit(&[commit("loan#b", 2, &[lent("bob")])]).await;
    let reader = town.reader();
    let old = reader.get("b", &anything()).await.unwrap().unwrap();
    assert_eq!(old.document.member.as_deref(), Some("ann"));
    let fresh = reader.get("b", &at_least("loan#b", 2)).await.unwrap().unwrap();
    assert_eq!(fresh.document.member.as_deref(), Some("bob"));
}

#[tokio::test]
async fn tag_is_the_same_for_caught_up_and_stored_documents() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann"), lent("bob")]);
    town.commit(&commits).await;
    let reader = town.reader();
    let caught_up = reader.get("b", &at_least("loan#b", 2)).await.unwrap().unwrap();
    town.deliver(&commits).await;
    let stored = reader.get("b", &anything()).await.unwrap().unwrap();
    assert_eq!(caught_up.tag(), stored.tag());
    assert_eq!(caught_up.document, stored.document);
}

#[tokio::test]
async fn token_beyond_the_stream_is_an_error() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann")])).await;
    let reader = town.reader();
    let foreign = ReadError::ForeignToken {
        stream: "loan#b".parse().unwrap(),
        version: 5,
    };
    let read = at_least("loan#b", 5);
    assert_eq!(reader.get("b", &read).await.unwrap_err(), foreign);
    assert_eq!(reader.list(&shelf("a"), &read).await.unwrap_err(), foreign);
}

#[tokio::test]
async fn positions_of_other_views_and_documents_are_ignored() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann")])).await;
    let reader = town.reader();
    for other in ["member#b", "loan#z"] {
        assert!(reader.get("b", &at_least(other, 9)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn wait_ends_when_the_document_is_projected() {
    let town = Town::new().await;
    let commits = stream("loan#b", &[lent("ann")]);
    town.commit(&commits).await;
    let read = ReadYourWrites {
        wait: Some(Duration::from_secs(10)),
        ..at_least("loan#b", 1)
    };
    let reader = town.reader();
    let (fresh, _) = tokio::join!(reader.get("b", &read), town.deliver(&commits));
    assert!(!fresh.unwrap().unwrap().caught_up);
}

#[tokio::test]
async fn read_catches_up_when_the_wait_is_over() {
    let town = Town::new().await;
    town.commit(&stream("loan#b", &[lent("ann")])).await;
    let read = ReadYourWrites {
        wait: Some(Duration::from_millis(1)),
        ..at_least("loan#b", 1)
    };
    assert!(town.reader().get("b", &read).await.unwrap().unwrap().caught_up);
}

#[tokio::test]
async fn a1_versions_that_no_stream_has_are_not_waited_for() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann")])).await;
    let reader = town.reader();
    for (stream, version) in [("loan#b", 2), ("loan#nowhere", 1)] {
        let read = ReadYourWrites {
            wait: Some(Duration::from_secs(600)),
            ..at_least(stream, version)
        };
        let key = stream.strip_prefix("loan#").unwrap();
        let shelf = shelf("a");
        let reads = async { (reader.get(key, &read).await, reader.list(&shelf, &read).await) };
        let (one, many) = tokio::time::timeout(Duration::from_secs(60), reads)
            .await
            .expect("no wait");
        let foreign = ReadError::ForeignToken {
            stream: stream.parse().unwrap(),
            version,
        };
        assert_eq!((one.unwrap_err(), many.unwrap_err()), (foreign.clone(), foreign));
    }
}

#[tokio::test]
async fn lists_are_sorted_both_ways() {
    let town = Town::new().await;
    town.publish(&books(3)).await;
    let reader = town.reader();
    let page = reader.list(&shelf("a"), &anything()).await.unwrap();
    assert_eq!((titles(&page), &page.next), (vec!["t00", "t01", "t02"], &None));
    let newest = IndexQuery {
        descending: true,
        ..shelf("a")
    };
    let page = reader.list(&newest, &anything()).await.unwrap();
    assert_eq!(titles(&page), ["t02", "t01", "t00"]);
    assert_eq!(
        page.items[0],
        json!({ "title": "t02", "status": "here", "loans": 0 })
    );
}

#[tokio::test]
async fn bounds_are_inclusive() {
    let town = Town::new().await;
    let books = books(4);
    town.publish(&books).await;
    let sort = |n: usize| format!("{:015}-t{n:02}", books[n].time.as_millisecond());
    let between = IndexQuery {
        lower: Some(sort(1)),
        upper: Some(sort(2)),
        ..shelf("a")
    };
    let page = town.reader().list(&between, &anything()).await.unwrap();
    assert_eq!(titles(&page), ["t01", "t02"]);
    let crossed = IndexQuery {
        lower: Some(sort(2)),
        upper: Some(sort(1)),
        ..shelf("a")
    };
    assert_eq!(
        town.reader().list(&crossed, &anything()).await.unwrap().items,
        [Value::Null; 0]
    );
}

#[tokio::test]
async fn a10_position_that_a_list_cannot_have_is_refused() {
    let town = Town::new().await;
    town.publish(&books(3)).await;
    let reader = town.reader();
    let first = IndexQuery {
        limit: 1,
        ..shelf("a")
    };
    let page = reader.list(&first, &anything()).await.unwrap();
    let Position { sort, key } = page.next.unwrap();
    let long = "x".repeat(1_025);
    let longer = "x".repeat(2_049);
    for (sort, key) in [
        ("", key.as_str()),
        (long.as_str(), key.as_str()),
        (sort.as_str(), ""),
        (sort.as_str(), longer.as_str()),
    ] {
        let start = Some(Position {
            sort: sort.to_owned(),
            key: key.to_owned(),
        });
        let query = IndexQuery {
            start,
            ..first.clone()
        };
        let error = reader.list(&query, &anything()).await.unwrap_err();
        assert_eq!(error, ReadError::ForeignPosition, "{query:?}");
    }
    let start = Some(Position {
        sort: sort.clone(),
        key,
    });
    for (lower, upper, inside) in [
        (Some(sort.clone()), Some(sort.clone()), true),
        (Some(format!("{sort}0")), None, false),
        (None, Some(sort[..sort.len() - 1].to_owned()), false),
    ] {
        let start = start.clone();
        let query = IndexQuery {
            start,
            lower,
            upper,
            ..first.clone()
        };
        let page = reader.list(&query, &anything()).await;
        let expected = if inside {
            None
        } else {
            Some(ReadError::ForeignPosition)
        };
        assert_eq!(page.err(), expected, "{query:?}");
    }
}

#[tokio::test]
async fn incomplete_document_is_in_no_list() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann")])).await;
    let page = town.reader().list(&shelf(""), &anything()).await.unwrap();
    assert_eq!(page.items, [Value::Null; 0]);
}

async fn walk(reader: &ViewReader<Library>, mut query: IndexQuery) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let page = reader.list(&query, &anything()).await.unwrap();
        seen.extend(titles(&page).into_iter().map(str::to_owned));
        query.start = page.next;
        if query.start.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn pages_show_everything_once_while_books_arrive() {
    let town = Town::new().await;
    let books = books(11);
    town.publish(&books[..10]).await;
    for descending in [false, true] {
        let query = IndexQuery {
            limit: 3,
            descending,
            ..shelf("a")
        };
        let reader = town.reader();
        let first = reader.list(&query, &anything()).await.unwrap();
        assert_eq!(first.items.len(), 3);
        town.publish(&books[10..]).await;
        let rest = walk(
            &reader,
            IndexQuery {
                start: first.next.clone(),
                ..query
            },
        )
        .await;
        let mut seen: Vec<&str> = titles(&first);
        seen.extend(rest.iter().map(String::as_str));
        seen.retain(|title| *title != "t10");
        seen.sort_unstable();
        let all: Vec<String> = (0..10).map(|n| format!("t{n:02}")).collect();
        assert_eq!(seen, all);
    }
}

#[tokio::test]
async fn the_last_page_has_no_next_one() {
    let town = Town::new().await;
    town.publish(&books(2)).await;
    let query = IndexQuery {
        limit: 1,
        ..shelf("a")
    };
    let reader = town.reader();
    let first = reader.list(&query, &anything()).await.unwrap();
    assert_eq!(titles(&first), ["t00"]);
    let second = reader
        .list(
            &IndexQuery {
                start: first.next,
                ..query
            },
            &anything(),
        )
        .await
        .unwrap();
    assert_eq!((titles(&second), &second.next), (vec!["t01"], &None));
}

#[tokio::test]
async fn filters_find_what_matches() {
    let town = Town::new().await;
    town.publish(&books(4)).await;
    town.publish(&[commit("book#b1", 2, &[tagged("war"), tagged("sea")])])
        .await;
    town.publish(&[commit("book#b2", 2, &[tagged("sea")])]).await;
    town.publish(&stream("loan#b3", &[lent("ann")])).await;
    let reader = town.reader();
    let find = async |all: Vec<Condition>| {
        let filter = Filter { all };
        let page = reader
            .list(&IndexQuery { filter, ..shelf("a") }, &anything())
            .await
            .unwrap();
        titles(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |tag: &str| Condition::Contains {
        attribute: "tags".into(),
        value: tag.into(),
    };
    assert_eq!(find(vec![has("sea")]).await, ["t01", "t02"]);
    assert_eq!(find(vec![has("sea"), has("war")]).await, ["t01"]);
    assert_eq!(find(vec![has("se")]).await, [""; 0]);
    assert_eq!(find(status(&["lent"]).all).await, ["t03"]);
    assert_eq!(find(status(&["lent", "here"]).all).await.len(), 4);
    assert_eq!(find(status(&[]).all).await, [""; 0]);
}

#[tokio::test]
async fn filter_for_one_in_a_hundred_of_a_thousand_takes_two_calls() {
    let town = Town::new().await;
    let books = books(1_000);
    town.publish(&books).await;
    let loans: Vec<Commit> = (0..10)
        .map(|n| commit(&format!("loan#b{}", n * 100), 1, &[lent("ann")]))
        .collect();
    town.publish(&loans).await;
    let faults = Faults::default();
    let client = Client::from_conf(town.dynamo.config().http_client(faults.transport()).build());
    let calls = || faults.requests("Query").len() + faults.requests("GetItem").len();
    let reader = town.reader_with(client);
    for (wanted, found) in [("lent", 10), ("lost", 0)] {
        for cached in [false, true] {
            let before = calls();
            let query = IndexQuery {
                filter: status(&[wanted]),
                limit: 10,
                ..shelf("a")
            };
            let page = reader.list(&query, &anything()).await.unwrap();
            assert_eq!(page.items.len(), found);
            assert!(calls() - before <= 2, "{wanted}, generation cached: {cached}");
        }
    }
}

#[tokio::test]
async fn list_contains_documents_of_the_token_at_their_places() {
    let town = Town::new().await;
    let books = books(5);
    let but_2 = [&books[..2], &books[3..]].concat();
    town.publish(&but_2).await;
    town.commit(&books[2..3]).await;
    let page = town
        .reader()
        .list(&shelf("a"), &at_least("book#b2", 1))
        .await
        .unwrap();
    assert_eq!(titles(&page), ["t00", "t01", "t02", "t03", "t04"]);
}

#[tokio::test]
async fn list_omits_documents_that_left_it_by_the_token() {
    let town = Town::new().await;
    town.publish(&books(3)).await;
    let shelf_z = BookEvent::Moved { shelf: "z".into() };
    town.commit(&[commit("book#b1", 2, &[shelf_z])]).await;
    town.commit(&stream("loan#b2", &[lent("ann")])).await;
    let read = ReadYourWrites {
        positions: vec![("book#b1".parse().unwrap(), 2), ("loan#b2".parse().unwrap(), 1)],
        wait: None,
    };
    let reader = town.reader();
    let here = IndexQuery {
        filter: status(&["here"]),
        ..shelf("a")
    };
    assert_eq!(titles(&reader.list(&here, &read).await.unwrap()), ["t00"]);
    assert_eq!(titles(&reader.list(&shelf("z"), &read).await.unwrap()), ["t01"]);
}

#[tokio::test]
async fn caught_up_document_is_on_one_page_only() {
    let town = Town::new().await;
    let books = books(6);
    let but_4 = [&books[..4], &books[5..]].concat();
    town.publish(&but_4).await;
    town.commit(&books[4..5]).await;
    let read = at_least("book#b4", 1);
    let reader = town.reader();
    let mut seen = Vec::new();
    let mut start: Option<Position> = None;
    loop {
        let query = IndexQuery {
            limit: 2,
            start,
            ..shelf("a")
        };
        let page = reader.list(&query, &read).await.unwrap();
        seen.extend(titles(&page).into_iter().map(str::to_owned));
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["t00", "t01", "t02", "t03", "t04", "t05"]);
}

#[tokio::test]
async fn every_unprojected_write_is_visible_with_its_token() {
    let town = Town::new().await;
    let commits: Vec<Commit> = books(50);
    town.commit(&commits).await;
    let reader = town.reader();
    for commit in &commits {
        let positions: Vec<(StreamId, u64)> = vec![(commit.stream.clone(), 1)];
        let read = ReadYourWrites {
            positions,
            wait: None,
        };
        let page = reader.list(&shelf("a"), &read).await.unwrap();
        assert_eq!(page.items.len(), 1, "{}", commit.stream);
    }
}
