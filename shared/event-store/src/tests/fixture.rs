//! A separate event table for every test.

use crate::tests::jar::{Jar, JarEvent, JarOf, State};
use crate::{CommandContext, CommitReader, Decider, EventStore, Options, event_table};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CommandId, Commit, CommitId, Event, Fingerprint, StreamId};
use jiff::Timestamp;
use local_dynamodb::{Faults, LocalDynamo, config_for};
use std::collections::HashMap;
use std::time::Duration;

pub(crate) struct Fixture {
    /// Keeps the engine running; `None` when the engine runs elsewhere.
    _engine: Option<LocalDynamo>,
    config: Builder,
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let (engine, config) = match std::env::var("BELVEDERE_DYNAMODB_ENDPOINT") {
            Ok(endpoint) => (None, config_for(&endpoint)),
            Err(_) => {
                let engine = LocalDynamo::in_memory().await.unwrap();
                let config = engine.config();
                (Some(engine), config)
            }
        };
        let table = format!("events-{}", CommitId::random());
        let client = Client::from_conf(config.clone().build());
        event_table(&table)
            .without_stream()
            .create(&client)
            .await
            .unwrap();
        Self {
            _engine: engine,
            config,
            client,
            table,
        }
    }

    /// Returns a store with an empty cache, as in a new process.
    pub(crate) fn cold(&self) -> EventStore<Jar> {
        self.store_of()
    }

    pub(crate) fn store_of<D: Decider>(&self) -> EventStore<D> {
        EventStore::new(self.client.clone(), &self.table)
    }

    pub(crate) fn with_options(&self, options: Options) -> EventStore<Jar> {
        EventStore::with_options(self.client.clone(), &self.table, options)
    }

    /// Returns a store with an empty cache whose transport fails on request.
    pub(crate) fn faulty(&self) -> (EventStore<Jar>, Faults) {
        let faults = Faults::default();
        let config = self.config.clone().http_client(faults.transport());
        (
            EventStore::new(Client::from_conf(config.build()), &self.table),
            faults,
        )
    }

    pub(crate) fn faulty_reader(&self) -> (CommitReader, Faults) {
        let faults = Faults::default();
        let config = self.config.clone().http_client(faults.transport());
        (
            CommitReader::new(Client::from_conf(config.build()), &self.table),
            faults,
        )
    }

    pub(crate) fn reader(&self) -> CommitReader {
        CommitReader::new(self.client.clone(), &self.table)
    }

    pub(crate) async fn commits(&self, id: &str) -> Vec<Commit> {
        self.reader().after(&stream(id), 0).await.unwrap()
    }

    /// Returns the state folded from the events alone, and the version. Every load must agree with it.
    pub(crate) async fn folded(&self, id: &str) -> (State, u64) {
        let commits = self.commits(id).await;
        let mut version = 0;
        let mut state = State::default();
        for commit in &commits {
            assert_eq!(commit.first, version + 1, "the versions of {id} are not dense");
            version = commit.last();
            for event in &commit.events {
                state = Jar::evolve(state, &JarEvent::decode(event).unwrap());
            }
        }
        (state, version)
    }

    pub(crate) async fn item(&self, id: &str, version: u64) -> HashMap<String, AttributeValue> {
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let get = get.key("pk", AttributeValue::S(stream(id).to_string()));
        let got = get
            .key("sk", AttributeValue::N(version.to_string()))
            .send()
            .await
            .unwrap();
        got.item.unwrap()
    }

    /// Deletes the commits of a stream from this version on, as if the table were put back to an earlier time.
    pub(crate) async fn put_back(&self, id: &str, from: u64) {
        for commit in self
            .commits(id)
            .await
            .iter()
            .filter(|commit| commit.first >= from)
        {
            let delete = self.client.delete_item().table_name(&self.table);
            let delete = delete.key("pk", AttributeValue::S(stream(id).to_string()));
            let delete = delete.key("sk", AttributeValue::N(commit.first.to_string()));
            delete.send().await.unwrap();
        }
    }

    pub(crate) async fn put(&self, item: HashMap<String, AttributeValue>) {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        put.send().await.unwrap();
    }
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new(JarOf::<1, 4>::CATEGORY, id).unwrap()
}

/// Returns the context of a command that is not repeated.
pub(crate) fn once() -> CommandContext {
    CommandContext::unrepeatable(at(0))
}

/// Returns the context of a command under a client's key, with a body.
pub(crate) fn keyed(key: &str, body: &str) -> CommandContext {
    CommandContext::new(
        CommandId::derive(&[key]),
        Fingerprint::of(&[body.as_bytes()]),
        at(0),
    )
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(crate) fn no_cache() -> Options {
    Options {
        cached_streams: 0,
        ..Options::default()
    }
}

pub(crate) fn patient(max_attempts: u32) -> Options {
    Options {
        max_attempts,
        backoff: Duration::from_millis(2),
        ..Options::default()
    }
}
