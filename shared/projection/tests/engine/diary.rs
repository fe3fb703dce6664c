//! A view of the library with a journal: the loans of every member, and the pages of every book as they are written.

use crate::library::{Library, LoanEvent, Town};
use commit::Commit;
use projection::{ApplyError, BatchReport, Published, Row, Uses, View, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The member who has the book, or had it last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Loans {
    pub(crate) member: String,
    pub(crate) loans: u64,
}

pub(crate) struct Diary;

impl View for Diary {
    type Document = Loans;
    const NAME: &'static str = "diary";
    const SOURCES: &'static [&'static str] = &["loan"];
    const USES: Uses = Uses::NOTHING.journal();
    const FILTERS: &'static [&'static str] = Library::FILTERS;

    fn apply(loans: &mut Loans, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.decode::<LoanEvent>()? {
            LoanEvent::Lent { member } => {
                loans.member = member;
                loans.loans += 1;
            }
            LoanEvent::Cursed {} => return Err(ApplyError::rejected("cursed")),
            LoanEvent::Returned { .. } | LoanEvent::Written { .. } | LoanEvent::Burnt {} => {}
        }
        Ok(())
    }

    fn journal(loans: &Loans, event: &Published<'_>) -> Vec<Row> {
        let entry = |data: Value| Row {
            partition: format!("member-{}", loans.member),
            sort: format!("{:04}-{}", event.version, event.id()),
            data,
        };
        match event.decode::<LoanEvent>() {
            Ok(LoanEvent::Lent { .. }) => vec![entry(json!({ "lent": event.id(), "loans": loans.loans }))],
            Ok(LoanEvent::Returned { days }) => vec![entry(json!({ "days": days }))],
            Ok(LoanEvent::Written { pages }) => (0..pages)
                .map(|page| Row {
                    partition: format!("pages-{}", event.id()),
                    sort: format!("{page:04}"),
                    data: json!({ "version": event.version }),
                })
                .collect(),
            Ok(LoanEvent::Burnt {}) => vec![Row {
                sort: "-".into(),
                ..entry(json!({}))
            }],
            _ => Vec::new(),
        }
    }
}

/// The diary after the fix, which ignores cursed events.
pub(crate) struct FixedDiary;

impl View for FixedDiary {
    type Document = Loans;
    const NAME: &'static str = Diary::NAME;
    const SOURCES: &'static [&'static str] = Diary::SOURCES;
    const USES: Uses = Diary::USES;
    const FILTERS: &'static [&'static str] = Diary::FILTERS;

    fn apply(loans: &mut Loans, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.event.kind.as_str() {
            "Cursed" => Ok(()),
            _ => Diary::apply(loans, event),
        }
    }

    fn journal(loans: &Loans, event: &Published<'_>) -> Vec<Row> {
        Diary::journal(loans, event)
    }
}

impl Town {
    /// Stores commits and delivers them to the diary, one message for all.
    pub(crate) async fn note(&self, commits: &[Commit]) -> BatchReport {
        self.commit(commits).await;
        self.deliver_to::<Diary>(commits).await
    }

    pub(crate) fn diary(&self) -> ViewReader<Diary> {
        let sources = self.bench.sources(Diary::SOURCES);
        ViewReader::new(self.dynamo.client(), &self.bench.view_table, sources)
    }

    /// Returns the stored rows of a partition, by sort key.
    pub(crate) async fn rows(&self, partition: &str) -> BTreeMap<String, Value> {
        let pk = format!("g1#{partition}");
        let items = self.bench.contents().await.unwrap().into_iter();
        let items = items.filter(|item| *item["pk"].as_s().unwrap() == pk && item.contains_key("data"));
        items
            .map(|mut item| {
                let data = serde_dynamo::from_attribute_value(item.remove("data").unwrap()).unwrap();
                (item["sk"].as_s().unwrap().clone(), data)
            })
            .collect()
    }
}
