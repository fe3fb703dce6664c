use crate::{Neighbour, Subscriber};
use aws_sdk_dynamodb::Client;
use commit::{InvalidStreamId, StreamId};
use event_store::{CommitReader, Decider, EventStore, StoreError};
use projection::{Effects, Options, Projector, Reactor, ReactorRunner, Sources, View, ViewReader};
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What a function uses: a DynamoDB client, the names of its tables, and the other functions that it may call.
///
/// On Lambda it is read from the environment; elsewhere the code that starts the function creates it. It has exactly what the
/// function's description names. A function that uses more fails when it is built, on every platform in the same way.
///
/// ```
/// use aws_sdk_dynamodb::Client;
/// use function::Wiring;
///
/// let client = Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build());
/// let wiring = Wiring::new(client).events("order", "orders-events").documents("couriers", "couriers");
/// assert_eq!(wiring.commits("order").table(), "orders-events");
/// ```
#[derive(Clone)]
pub struct Wiring {
    client: Client,
    /// The event table of each category.
    events: BTreeMap<String, String>,
    /// The table of each subscriber's documents.
    documents: BTreeMap<String, String>,
    neighbours: BTreeMap<String, Arc<dyn Neighbour>>,
    shared: Shared,
}

/// One value of each type.
type Shared = Arc<Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>>;

/// The table of a category or subscriber is not named: the wiring has less than the function's description requires.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnwiredError {
    /// The event table of a category.
    #[error("no event table is named for the category {0:?}")]
    Events(String),
    /// The table of a subscriber's documents.
    #[error("no table is named for the documents of {0:?}")]
    Documents(String),
}

impl Wiring {
    /// Creates a wiring without tables.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            events: BTreeMap::new(),
            documents: BTreeMap::new(),
            neighbours: BTreeMap::new(),
            shared: Shared::default(),
        }
    }

    /// Adds the event table of a category.
    #[must_use]
    pub fn events(mut self, category: impl Into<String>, table: impl Into<String>) -> Self {
        self.events.insert(category.into(), table.into());
        self
    }

    /// Adds the table of a subscriber's documents.
    #[must_use]
    pub fn documents(mut self, subscriber: impl Into<String>, table: impl Into<String>) -> Self {
        self.documents.insert(subscriber.into(), table.into());
        self
    }

    /// Adds another function that this one may call, under the name of its part.
    #[must_use]
    pub fn neighbour(mut self, part: impl Into<String>, neighbour: Arc<dyn Neighbour>) -> Self {
        self.neighbours.insert(part.into(), neighbour);
        self
    }

    /// Adds a value that functions can look up by its type ([`Self::shared`]).
    #[must_use]
    pub fn share<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.lock().insert(TypeId::of::<T>(), Box::new(value));
        self
    }

    /// Returns the wiring of a function that may use only these categories, documents and parts.
    ///
    /// # Errors
    /// [`UnwiredError`] when this wiring does not name one of the tables.
    pub fn narrowed(
        &self,
        categories: &[&str],
        subscriber: Option<&str>,
        neighbours: &[&str],
    ) -> Result<Self, UnwiredError> {
        let mut narrowed = Self {
            shared: self.shared.clone(),
            ..Self::new(self.client.clone())
        };
        for category in categories {
            narrowed = narrowed.events(*category, self.table_of(category)?);
        }
        if let Some(subscriber) = subscriber {
            let table = self.documents.get(subscriber);
            let table = table.ok_or_else(|| UnwiredError::Documents(subscriber.to_owned()))?;
            narrowed = narrowed.documents(subscriber, table);
        }
        let asked = self.neighbours.iter();
        let asked = asked.filter(|(part, _)| neighbours.contains(&part.as_str()));
        narrowed
            .neighbours
            .extend(asked.map(|(part, neighbour)| (part.clone(), neighbour.clone())));
        Ok(narrowed)
    }

    /// Returns the DynamoDB client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the event store of one kind of aggregate. All functions in a process share one store with its cached states.
    ///
    /// # Panics
    /// When the description does not name the category.
    #[must_use]
    pub fn store<D: Decider>(&self) -> EventStore<D> {
        if let Some(store) = self.shared::<EventStore<D>>() {
            return store;
        }
        let store = EventStore::new(self.client.clone(), self.events_of(D::CATEGORY));
        self.lock()
            .insert(TypeId::of::<EventStore<D>>(), Box::new(store.clone()));
        store
    }

    /// Returns a reader of a category's events.
    ///
    /// # Panics
    /// When the description does not name the category.
    #[must_use]
    pub fn commits(&self, category: &str) -> CommitReader {
        CommitReader::new(self.client.clone(), self.events_of(category))
    }

    /// Returns the sources from which a subscriber heals.
    ///
    /// # Panics
    /// When the description does not name a category.
    #[must_use]
    pub fn sources(&self, categories: &[&str]) -> Sources {
        categories.iter().fold(Sources::new(), |sources, category| {
            sources.with(*category, self.commits(category))
        })
    }

    /// Returns the table of a subscriber's documents.
    ///
    /// # Panics
    /// When the description does not name it.
    #[must_use]
    pub fn documents_of(&self, subscriber: &str) -> &str {
        match self.documents.get(subscriber) {
            Some(table) => table,
            None => panic!(
                "{}: name it in the function's description",
                UnwiredError::Documents(subscriber.to_owned())
            ),
        }
    }

    /// Returns a reader of a view.
    ///
    /// # Panics
    /// When the description does not name the view or one of its sources.
    #[must_use]
    pub fn reader<V: View>(&self) -> ViewReader<V> {
        ViewReader::new(
            self.client.clone(),
            self.documents_of(V::NAME),
            self.sources(V::SOURCES),
        )
    }

    /// Returns the projector of a view, with the [`Options`] that were shared, if any.
    ///
    /// # Panics
    /// The same as for [`Self::reader`].
    #[must_use]
    pub fn projector<V: View>(&self) -> Projector<V> {
        Projector::new(
            self.client.clone(),
            self.documents_of(V::NAME),
            self.sources(V::SOURCES),
            self.shared::<Options>().unwrap_or_default(),
        )
    }

    /// Returns the processor of a reactor, with the [`Options`] that were shared, if any.
    ///
    /// # Panics
    /// The same as for [`Self::reader`].
    #[must_use]
    pub fn reactor<R: Reactor, E: Effects<R::Command>>(&self, effects: E) -> ReactorRunner<R, E> {
        ReactorRunner::new(
            self.client.clone(),
            self.documents_of(R::NAME),
            self.sources(R::SOURCES),
            effects,
            self.shared::<Options>().unwrap_or_default(),
        )
    }

    /// Returns another part's HTTP function.
    ///
    /// # Panics
    /// When the description does not name it.
    #[must_use]
    pub fn ask(&self, part: &str) -> Arc<dyn Neighbour> {
        match self.neighbours.get(part) {
            Some(neighbour) => neighbour.clone(),
            None => panic!("{part:?} is not wired: name it in the function's description"),
        }
    }

    /// Returns a value that was shared by [`Self::share`].
    #[must_use]
    pub fn shared<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        let shared = self.lock();
        shared.get(&TypeId::of::<T>())?.downcast_ref::<T>().cloned()
    }

    /// Checks that the tables of a subscriber and of its sources are named.
    ///
    /// # Errors
    /// [`UnwiredError`] names the first one that is missing.
    pub fn check(&self, subscriber: &Subscriber) -> Result<(), UnwiredError> {
        self.narrowed(subscriber.sources, Some(subscriber.name), &[])
            .map(|_| ())
    }

    /// Reads a stream that does not exist with one Query (0.5–1 RU), so that name resolution, TLS and credentials do not delay
    /// the first request but happen in the init phase, which has a full CPU. One table is enough, because all tables have the
    /// same endpoint.
    ///
    /// # Errors
    /// When the table does not respond.
    pub async fn warm(&self) -> Result<(), WarmError> {
        if let Some(category) = self.events.keys().next() {
            self.commits(category)
                .head(&StreamId::new(category, "nobody")?)
                .await?;
        }
        Ok(())
    }

    fn table_of(&self, category: &str) -> Result<&str, UnwiredError> {
        let table = self.events.get(category);
        table
            .map(String::as_str)
            .ok_or_else(|| UnwiredError::Events(category.to_owned()))
    }

    fn events_of(&self, category: &str) -> &str {
        match self.table_of(category) {
            Ok(table) => table,
            Err(error) => panic!("{error}: name it in the function's description"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TypeId, Box<dyn Any + Send + Sync>>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first read of a table failed.
#[derive(Debug, thiserror::Error)]
pub enum WarmError {
    /// The table does not respond.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A category is invalid.
    #[error(transparent)]
    Category(#[from] InvalidStreamId),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wiring() -> Wiring {
        let client = Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build());
        Wiring::new(client)
            .events("order", "orders-events")
            .events("ticket", "kitchen-events")
            .documents("order-history", "history")
    }

    #[test]
    fn narrowed_wiring_has_only_what_was_named() {
        let narrowed = wiring().narrowed(&["order"], None, &[]).unwrap();
        assert_eq!(narrowed.commits("order").table(), "orders-events");
        assert_eq!(
            narrowed.table_of("ticket"),
            Err(UnwiredError::Events("ticket".to_owned()))
        );
        assert!(narrowed.documents.is_empty());
    }

    #[test]
    fn unnamed_table_is_an_error_with_its_category() {
        let error = wiring().narrowed(&["order", "payment"], None, &[]).err();
        assert_eq!(error, Some(UnwiredError::Events("payment".to_owned())));
        let error = wiring().narrowed(&[], Some("couriers"), &[]).err();
        assert_eq!(error, Some(UnwiredError::Documents("couriers".to_owned())));
    }

    #[test]
    fn shared_values_are_found_by_their_type() {
        let wiring = wiring().share(7_u32);
        assert_eq!(wiring.shared::<u32>(), Some(7));
        assert_eq!(wiring.shared::<u64>(), None);
    }

    #[tokio::test]
    async fn unreachable_table_is_an_error_before_the_first_request() {
        let dynamo = local_dynamodb::LocalDynamo::in_memory().await.unwrap();
        let wiring = Wiring::new(dynamo.client()).events("order", "orders-events");
        assert!(wiring.warm().await.is_err());
        event_store::event_table("orders-events")
            .create(&dynamo.client())
            .await
            .unwrap();
        assert!(wiring.warm().await.is_ok());
    }
}
