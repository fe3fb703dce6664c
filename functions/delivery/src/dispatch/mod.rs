//! How a delivery that waits and a courier who is free find each other: without a lock, without a leader, without a stream
//! that all of them share, and without a wake-up that gets lost.
//!
//! **The truth is in two streams.** A courier is claimed on the courier's own stream ([`CourierCommand::Assign`]): of two
//! deliveries that want the same courier, one wins the conditional append. Whether a delivery still wants a courier is in
//! the delivery's stream. What is here are hints where to look: a row for each courier who is thought free, and one for
//! each delivery that is thought to wait. A hint that is wrong costs a look and is removed.
//!
//! **Nobody is overlooked.** A courier who becomes free ([`Dispatch::offer`]) first writes the free row and then reads the
//! waiting rows. A delivery that wants a courier ([`Dispatch::request`]) first writes the waiting row and then reads the
//! free rows. Reads are strongly consistent. So whichever of the two *reads* last reads after both have written, and finds
//! the other: it cannot be that both look before the other is there to be seen. Three things keep that true:
//!
//! - A row disappears only for a reason that outlives it. A waiting row is removed when its delivery waits no longer (it
//!   never waits again), or is claimed (then the claim's event schedules it). A free row is removed when its courier refused
//!   or was claimed; whenever a courier becomes free again, an event says so, and another offer follows.
//! - Such an offer may overtake the removal. So a row carries the version of the stream at which the courier was seen free;
//!   it is removed only with the version that was read before the courier refused, and never replaced by an older one.
//! - A search ends with a match or at the end of the rows. When it has removed as many stale ones as one run may, it fails
//!   and is run again; it never reports an end that it has not seen.
//!
//! **Nothing is lost in a crash.** A claim is an event of the courier ([`CourierAssigned`]), and that event schedules the
//! delivery. Until then two couriers may claim the same delivery; it is scheduled with the first, and the other is released
//! and offered again. Either effect may be run again from its beginning at any time.
//!
//! [`CourierAssigned`]: contracts::CourierEvent::CourierAssigned

mod rows;

use crate::courier::{Courier, CourierCommand, Plan};
use crate::delivery::Delivery;
use crate::service::DeliveryService;
use aws_sdk_dynamodb::Client;
use commit::CommandId;
use contracts::{CourierId, Moment, OrderId};
use event_store::{CommandContext, EventStore, ExecuteError};
use projection::{Cause, EffectError};
use rows::{Row, Rows, Set};
use std::fmt::Display;

/// How many pages of rows one run looks at. 200 rows that are all stale take 200 reads and 200 removals one after the other,
/// a few seconds; a reactor has 30 for a batch, and an effect that fails is run again at once.
const PAGES: u32 = 8;

/// Brings deliveries and couriers together.
#[derive(Clone)]
pub struct Dispatch {
    rows: Rows,
    deliveries: EventStore<Delivery>,
    couriers: EventStore<Courier>,
}

impl Dispatch {
    /// With its rows in this table, which is the reactor's own.
    #[must_use]
    pub(crate) fn new(client: Client, table: String, service: &DeliveryService) -> Self {
        Self {
            rows: Rows { client, table },
            deliveries: service.deliveries.clone(),
            couriers: service.couriers.clone(),
        }
    }

    /// A courier may have become free: finds the delivery that waits for the food that is ready first.
    ///
    /// With nobody waiting: 2 RU and 1 WU (the courier, the row, one Query). With a match: 2 RU and 3 WU more (the delivery,
    /// the claim, both rows removed). Each stale row on the way: 1 RU and 1 WU.
    ///
    /// # Errors
    /// [`EffectError::Retry`] when a table does not answer, or there are still rows after so many stale ones.
    pub async fn offer(&self, courier_id: CourierId, cause: &Cause) -> Result<(), EffectError> {
        let loaded = self.couriers.load(&courier_id).await.map_err(retry)?;
        if !loaded.state.0.is_some_and(|courier| courier.is_free()) {
            // A row that says otherwise is removed by whoever tries it.
            return Ok(());
        }
        let free = Row::free(courier_id, loaded.version);
        self.rows.put(Set::Free, &free).await?;

        let mut after = None;
        for _ in 0..PAGES {
            let page = self.rows.page(Set::Waiting, after.as_deref()).await?;
            for waiting in &page.rows {
                let Some((order_id, ready_by)) = self.still_waits(waiting).await? else {
                    self.rows.remove(Set::Waiting, waiting).await?;
                    continue;
                };
                if self.claim(courier_id, order_id, ready_by, cause).await? {
                    self.rows.remove(Set::Waiting, waiting).await?;
                }
                // Claimed by this delivery, or by another, or gone home.
                return self.rows.remove(Set::Free, &free).await;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
        Err(still_more("deliveries"))
    }

    /// A delivery wants a courier: finds one who is free.
    ///
    /// With nobody free: 2 RU and 1 WU (the delivery, the row, one Query). With a match: 1 RU and 3 WU more (the claim, both
    /// rows removed). Each stale row on the way: 1 RU and 1 WU.
    ///
    /// # Errors
    /// [`EffectError::Retry`] when a table does not answer, or there are still rows after so many stale ones.
    pub async fn request(&self, order_id: OrderId, cause: &Cause) -> Result<(), EffectError> {
        let loaded = self.deliveries.load(&order_id).await.map_err(retry)?;
        let Some(ready_by) = loaded.state.0.and_then(|delivery| delivery.waits_for_courier()) else {
            // A row that says otherwise is removed by the next courier who is offered.
            return Ok(());
        };
        let waiting = Row::waiting(order_id, ready_by, loaded.version);
        self.rows.put(Set::Waiting, &waiting).await?;

        let mut after = None;
        for _ in 0..PAGES {
            let mut page = self.rows.page(Set::Free, after.as_deref()).await?;
            // Deliveries that look at the same moment see the same couriers: they should not all begin with the same one.
            fastrand::shuffle(&mut page.rows);
            for free in &page.rows {
                let claimed = match free.courier_id() {
                    Some(courier_id) => self.claim(courier_id, order_id, ready_by, cause).await?,
                    None => false,
                };
                self.rows.remove(Set::Free, free).await?;
                if claimed {
                    return self.rows.remove(Set::Waiting, &waiting).await;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
        Err(still_more("couriers"))
    }

    /// The order of a waiting row and when its food is ready, if it does wait. 1 RU.
    async fn still_waits(&self, row: &Row) -> Result<Option<(OrderId, Moment)>, EffectError> {
        let Some(order_id) = row.order_id() else {
            return Ok(None);
        };
        let loaded = self.deliveries.load(&order_id).await.map_err(retry)?;
        let ready_by = loaded.state.0.and_then(|delivery| delivery.waits_for_courier());
        Ok(ready_by.map(|ready_by| (order_id, ready_by)))
    }

    /// Whether the courier now has this delivery. 1 RU and 1 WU, 1 RU when refused.
    ///
    /// A command id of its own: the courier's state knows a repetition, while a remembered command id would be answered with
    /// what was true then, although the courier may have been released and offered since.
    async fn claim(
        &self,
        courier_id: CourierId,
        order_id: OrderId,
        ready_by: Moment,
        cause: &Cause,
    ) -> Result<bool, EffectError> {
        let context = CommandContext {
            command_id: CommandId::random(),
            ..cause.context()
        };
        let assign = CourierCommand::Assign(Plan::new(order_id, ready_by, context.now));
        match self.couriers.execute(&courier_id, &assign, &context).await {
            Ok(_) => Ok(true),
            Err(ExecuteError::Refused(reason)) => {
                tracing::debug!(%courier_id, %order_id, %reason, "a courier was not free");
                Ok(false)
            }
            Err(error) => Err(retry(error)),
        }
    }
}

fn retry(error: impl Display) -> EffectError {
    EffectError::Retry(error.to_string())
}

fn still_more(of: &str) -> EffectError {
    EffectError::Retry(format!(
        "all of the first {} {of} were stale and are removed; there are more",
        i64::from(PAGES) * i64::from(rows::PAGE)
    ))
}
