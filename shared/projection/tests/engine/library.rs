//! A system for tests: a library whose books (source `book`) are lent (source `loan`).

use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CodecError, CommandId, Commit, CommitId, Event, Metadata, Parcel, StreamId};
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::{
    ApplyError, BatchReport, Index, Options, Projector, Published, Row, Tally, Uses, View, ViewReader,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use testkit::Bench;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
pub(crate) enum BookEvent {
    Bought { title: String, shelf: String },
    Moved { shelf: String },
    Tagged { tag: String },
    Untagged { tag: String },
}

impl Event for BookEvent {
    const TYPES: &'static [(&'static str, u32)] =
        &[("Bought", 1), ("Moved", 1), ("Tagged", 1), ("Untagged", 1)];
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
pub(crate) enum LoanEvent {
    Lent {
        member: String,
    },
    Returned {
        days: i64,
    },
    /// An event that the view rejects.
    Cursed {},
    /// An event on which the view panics.
    Burnt {},
    /// An event that makes the document too large for DynamoDB.
    Written {
        pages: usize,
    },
}

impl Event for LoanEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("Lent", 1),
        ("Returned", 1),
        ("Cursed", 1),
        ("Burnt", 1),
        ("Written", 1),
    ];
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    pub(crate) title: Option<String>,
    pub(crate) bought: Option<i64>,
    pub(crate) shelf: String,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) member: Option<String>,
    pub(crate) loans: i64,
    pub(crate) days: i64,
    pub(crate) pages: String,
}

pub(crate) struct Library;

impl View for Library {
    type Document = Book;
    const NAME: &'static str = "library";
    const SOURCES: &'static [&'static str] = &["book", "loan"];
    const USES: Uses = Uses::NOTHING.index().rows().tallies();
    const FILTERS: &'static [&'static str] = &["status", "tags"];

    fn apply(book: &mut Book, event: &Published<'_>) -> Result<(), ApplyError> {
        if event.category() == "book" {
            match event.decode::<BookEvent>()? {
                BookEvent::Bought { title, shelf } => {
                    book.title = Some(title);
                    book.shelf = shelf;
                    book.bought = Some(event.time().as_millisecond());
                }
                BookEvent::Moved { shelf } => book.shelf = shelf,
                BookEvent::Tagged { tag } => {
                    book.tags.insert(tag);
                }
                BookEvent::Untagged { tag } => {
                    book.tags.remove(&tag);
                }
            }
            return Ok(());
        }
        match event.decode::<LoanEvent>()? {
            LoanEvent::Lent { member } => {
                book.member = Some(member);
                book.loans += 1;
            }
            LoanEvent::Returned { days } => {
                book.member = None;
                book.days += days;
            }
            LoanEvent::Cursed {} => {
                book.member = Some("half done".into());
                return Err(ApplyError::rejected("cursed"));
            }
            LoanEvent::Burnt {} => panic!("the book burns"),
            LoanEvent::Written { pages } => book.pages = "x".repeat(pages),
        }
        Ok(())
    }

    fn index(book: &Book) -> Option<Index> {
        let title = book.title.clone()?;
        let status = if book.member.is_some() { "lent" } else { "here" };
        Some(Index {
            partition: book.shelf.clone(),
            sort: format!("{:015}-{title}", book.bought?),
            lean: json!({ "title": title, "status": status, "loans": book.loans }),
            attributes: BTreeMap::from([
                ("status".to_owned(), json!(status)),
                ("tags".to_owned(), json!(book.tags)),
            ]),
        })
    }

    fn rows(book: &Book) -> Vec<Row> {
        let rows = book.tags.iter().filter_map(|tag| {
            let title = book.title.as_ref()?;
            Some(Row {
                partition: format!("tag-{tag}"),
                sort: title.clone(),
                data: json!({ "title": title, "lent": book.member.is_some() }),
            })
        });
        rows.collect()
    }

    fn tallies(book: &Book) -> Vec<Tally> {
        if book.title.is_none() {
            return Vec::new();
        }
        vec![Tally {
            key: format!("shelf-{}", book.shelf),
            amounts: [
                ("books".to_owned(), 1),
                ("loans".to_owned(), book.loans),
                ("days".to_owned(), book.days),
            ]
            .into(),
        }]
    }
}

/// The library after the fix, which ignores cursed events.
pub(crate) struct FixedLibrary;

impl View for FixedLibrary {
    type Document = Book;
    const NAME: &'static str = Library::NAME;
    const SOURCES: &'static [&'static str] = Library::SOURCES;
    const USES: Uses = Library::USES;
    const FILTERS: &'static [&'static str] = Library::FILTERS;

    fn apply(book: &mut Book, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.event.kind.as_str() {
            "Cursed" | "Burnt" | "Written" => Ok(()),
            _ if event.event.schema > 1 => Ok(()),
            _ => Library::apply(book, event),
        }
    }

    fn index(book: &Book) -> Option<Index> {
        Library::index(book)
    }

    fn rows(book: &Book) -> Vec<Row> {
        Library::rows(book)
    }

    fn tallies(book: &Book) -> Vec<Tally> {
        Library::tallies(book)
    }
}

pub(crate) fn bought(title: &str, shelf: &str) -> BookEvent {
    BookEvent::Bought {
        title: title.into(),
        shelf: shelf.into(),
    }
}

pub(crate) fn tagged(tag: &str) -> BookEvent {
    BookEvent::Tagged { tag: tag.into() }
}

pub(crate) fn lent(member: &str) -> LoanEvent {
    LoanEvent::Lent {
        member: member.into(),
    }
}

pub(crate) fn returned(days: i64) -> LoanEvent {
    LoanEvent::Returned { days }
}

/// Creates a commit, with an id derived from its place.
pub(crate) fn commit<E: Event>(stream: &str, first: u64, events: &[E]) -> Commit {
    let stream: StreamId = stream.parse().unwrap();
    let place = CommandId::derive(&[&stream.to_string(), &first.to_string()]);
    let encoded: Result<Vec<_>, CodecError> = events.iter().map(Event::encode).collect();
    Commit {
        stream,
        first,
        count: events.len() as u64,
        id: CommitId::from_bytes(place.bytes()),
        command_id: place,
        previous: None,
        time: Timestamp::from_millisecond(1_700_000_000_000 + i64::try_from(first).unwrap()).unwrap(),
        metadata: Metadata::default(),
        events: encoded.unwrap(),
    }
}

/// Creates one commit per event.
pub(crate) fn stream<E: Event>(stream: &str, events: &[E]) -> Vec<Commit> {
    (1..)
        .zip(events)
        .map(|(version, event)| commit(stream, version, std::slice::from_ref(event)))
        .collect()
}

pub(crate) fn whole(commit: &Commit) -> Parcel {
    Parcel::Whole(commit.clone())
}

/// A separate library for each test.
pub(crate) struct Town {
    pub(crate) dynamo: LocalDynamo,
    pub(crate) bench: Bench,
}

impl Town {
    pub(crate) async fn new() -> Self {
        let Self { dynamo, bench } = Self::with_a_new_view().await;
        let bench = bench.filled().await.unwrap();
        Self { dynamo, bench }
    }

    /// Creates a library whose view has a new table and was never built.
    pub(crate) async fn with_a_new_view() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let bench = Bench::create(dynamo.client(), "town", Library::FILTERS).await;
        Self {
            bench: bench.unwrap(),
            dynamo,
        }
    }

    pub(crate) fn projector<V: View>(&self) -> Projector<V> {
        self.projector_with(self.dynamo.client())
    }

    pub(crate) fn projector_with<V: View>(&self, client: aws_sdk_dynamodb::Client) -> Projector<V> {
        let sources = self.bench.sources(V::SOURCES);
        let options = Options {
            clock: crate::desk::now,
            ..Options::default()
        };
        Projector::new(client, &self.bench.view_table, sources, options)
    }

    pub(crate) fn reader(&self) -> ViewReader<Library> {
        self.reader_with(self.dynamo.client())
    }

    pub(crate) fn reader_with(&self, client: aws_sdk_dynamodb::Client) -> ViewReader<Library> {
        let sources = self.bench.sources(Library::SOURCES);
        ViewReader::new(client, &self.bench.view_table, sources)
    }

    /// Stores commits, so that they exist.
    pub(crate) async fn commit(&self, commits: &[Commit]) {
        self.bench.store(commits).await.unwrap();
    }

    /// Stores commits and delivers them, one message for all.
    pub(crate) async fn publish(&self, commits: &[Commit]) -> BatchReport {
        self.commit(commits).await;
        self.deliver(commits).await
    }

    /// Delivers commits, one message for all.
    pub(crate) async fn deliver(&self, commits: &[Commit]) -> BatchReport {
        self.deliver_to::<Library>(commits).await
    }

    /// Delivers commits to a view, one message for all.
    pub(crate) async fn deliver_to<V: View>(&self, commits: &[Commit]) -> BatchReport {
        let parcels = commits.iter().map(whole).collect();
        let event = projection::testing::batch(vec![projection::testing::message("m", 1, parcels)]);
        let (response, report) = self.projector::<V>().handle_batch(event).await;
        assert_eq!(response.batch_item_failures, []);
        report
    }

    /// Returns the versions of a stored document.
    pub(crate) async fn stored_versions(&self, id: &str) -> BTreeMap<String, u64> {
        let items = self.bench.contents().await.unwrap();
        let pk = AttributeValue::S(format!("g1#{id}"));
        let item = items.into_iter().find(|item| item["pk"] == pk).unwrap();
        serde_dynamo::from_attribute_value(item["v"].clone()).unwrap()
    }

    /// Returns the stored document of a book, without reading the event tables.
    pub(crate) async fn stored(&self, id: &str) -> Option<StoredBook> {
        let items = self.bench.contents().await.unwrap();
        let pk = format!("g1#{id}");
        let mut item = items
            .into_iter()
            .find(|item| item["pk"].as_s() == Ok(&pk) && item["sk"].as_s().unwrap() == "-")?;
        let versions = item["v"].as_m().unwrap();
        let versions = versions
            .iter()
            .map(|(source, v)| (source.clone(), v.as_n().unwrap().parse().unwrap()));
        Some(StoredBook {
            versions: versions.collect(),
            revision: item["r"].as_n().unwrap().parse().unwrap(),
            held: item
                .get("q")
                .map(|q| q.as_m().unwrap().keys().cloned().collect())
                .unwrap_or_default(),
            book: item.remove("doc").map_or_else(Book::default, |doc| {
                serde_dynamo::from_attribute_value(doc).unwrap()
            }),
        })
    }
}

#[derive(Debug, PartialEq)]
pub(crate) struct StoredBook {
    pub(crate) book: Book,
    pub(crate) versions: BTreeMap<String, u64>,
    pub(crate) revision: u64,
    pub(crate) held: Vec<String>,
}
