use account_statement::AccountStatement;
use accounting::AccountingReactor;
use available_restaurants::AvailableRestaurants;
use aws_sdk_dynamodb::Client;
use couriers::Couriers;
use delivery::DeliveryReactor;
use kitchen::KitchenReactor;
use kitchen_board::KitchenBoard;
use order_history::OrderHistory;
use order_totals::OrderTotals;
use orders::{OrderMenus, OrdersReactor};
use projection::operations::Worker;
use projection::{Reactor, Sources, View};
use std::collections::BTreeMap;
use view_function::SourceTables;

/// The worker with every view and reactor of the system. A new one is one line here.
///
/// # Errors
/// [`UnwiredError`] when a table of one of them is not named.
pub fn subscribers(worker: Worker, client: &Client, tables: &Tables) -> Result<Worker, UnwiredError> {
    let wiring = Wiring {
        worker,
        client,
        tables,
    };
    let wiring = wiring
        .view::<OrderMenus>()?
        .view::<OrderHistory>()?
        .view::<AvailableRestaurants>()?
        .view::<KitchenBoard>()?
        .view::<OrderTotals>()?
        .view::<AccountStatement>()?
        .view::<Couriers>()?
        .reactor::<OrdersReactor>()?
        .reactor::<KitchenReactor>()?
        .reactor::<AccountingReactor>()?
        .reactor::<DeliveryReactor>()?;
    Ok(wiring.worker)
}

/// The names of the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// The table of each subscriber's documents, by the subscriber's name.
    pub documents: BTreeMap<String, String>,
    /// The event table of each category.
    pub events: BTreeMap<String, String>,
}

/// A table that is not named: a subscriber is wired to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnwiredError {
    /// Of a subscriber's documents.
    #[error(
        "no table is named for the subscriber {0:?}: give it one where the others have theirs (SUBSCRIBERS)"
    )]
    Documents(String),
    /// Of a category's events.
    #[error(
        "no event table is named for the category {0:?}: give it one where the others have theirs (SOURCE_TABLES)"
    )]
    Events(String),
}

struct Wiring<'a> {
    worker: Worker,
    client: &'a Client,
    tables: &'a Tables,
}

impl Wiring<'_> {
    fn view<V: View>(mut self) -> Result<Self, UnwiredError> {
        let (table, sources) = self.tables_of(V::NAME, V::SOURCES)?;
        self.worker = self.worker.with_view::<V>(self.client.clone(), table, sources);
        Ok(self)
    }

    /// Only by its name and its sources: a reactor's own function runs its effects.
    fn reactor<R: Reactor>(mut self) -> Result<Self, UnwiredError> {
        let (table, sources) = self.tables_of(R::NAME, R::SOURCES)?;
        let client = self.client.clone();
        self.worker = self
            .worker
            .with_reactor(client, R::NAME, table, R::SOURCES, sources);
        Ok(self)
    }

    fn tables_of(&self, name: &str, categories: &[&str]) -> Result<(String, Sources), UnwiredError> {
        let documents = self.tables.documents.get(name);
        let documents = documents.ok_or_else(|| UnwiredError::Documents(name.to_owned()))?;
        let mut events = Vec::with_capacity(categories.len());
        for category in categories {
            let table = self.tables.events.get(*category);
            let table = table.ok_or_else(|| UnwiredError::Events((*category).to_owned()))?;
            events.push((*category, table.clone()));
        }
        Ok((
            documents.clone(),
            SourceTables::new(self.client, events).sources(),
        ))
    }
}
