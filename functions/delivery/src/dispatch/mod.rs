//! Matches waiting deliveries with free couriers, without a lock, a leader or a shared stream, and without losing a wake-up.
//!
//! **Two streams are authoritative.** A courier is claimed on the courier's own stream ([`CourierCommand::Assign`]): of
//! two deliveries that claim the same courier, one succeeds with the conditional append. Whether a delivery still waits
//! for a courier is in the delivery's stream. The rows here are hints: one for each courier who may be free, and one for
//! each delivery that may wait. A wrong hint costs one read and is removed.
//!
//! **No match is missed.** A courier who becomes free ([`Dispatch::offer`]) first writes the free row and then reads the
//! waiting rows. A delivery that needs a courier ([`Dispatch::request`]) first writes the waiting row and then reads the
//! free rows. Reads are strongly consistent. Therefore the one that *reads* last reads after both have written, and finds
//! the other. Three rules keep that true:
//!
//! - A row is removed only for a lasting reason. A waiting row is removed when its delivery no longer waits (it never
//!   waits again) or is claimed (the claim's event schedules it). A free row is removed when its courier refused or was
//!   claimed; whenever a courier becomes free again, an event follows, and with it another offer.
//! - Such an offer may arrive before the removal. Therefore a row carries the version of the stream at which the courier
//!   was free; it is removed only with the version that was read before the courier refused, and never replaced by an
//!   older one.
//! - A search ends with a match or at the end of the rows. If it has removed as many stale rows as one run may, it fails
//!   and is run again; it never reports an end that it has not reached.
//!
//! **A crash loses nothing.** A claim is an event of the courier ([`CourierAssigned`]), and that event schedules the
//! delivery. Until then two couriers may claim the same delivery; it is scheduled with the first, and the other is
//! released and offered again. Either effect may be repeated from its beginning at any time.
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

/// The maximum number of pages of rows that one run reads. 200 stale rows take 200 reads and 200 removals in sequence, a
/// few seconds; a reactor has 30 seconds for a batch, and a failed effect is run again at once.
const PAGES: u32 = 8;

/// Matches deliveries with couriers.
#[derive(Clone)]
pub struct Dispatch {
    rows: Rows,
    deliveries: EventStore<Delivery>,
    couriers: EventStore<Courier>,
}

impl Dispatch {
    /// Returns the dispatch with its rows in this table, which is the reactor's own.
    #[must_use]
    pub(crate) fn new(client: Client, table: String, service: &DeliveryService) -> Self {
        Self {
            rows: Rows { client, table },
            deliveries: service.deliveries.clone(),
            couriers: service.couriers.clone(),
        }
    }

    /// Offers a courier who may have become free to the waiting delivery whose food is ready first.
    ///
    /// Without a waiting delivery: 2 RU and 1 WU (the courier, the row, one Query). With a match: 2 RU and 3 WU more (the
    /// delivery, the claim, both rows removed). Each stale row on the way: 1 RU and 1 WU.
    ///
    /// # Errors
    /// [`EffectError::Retry`] if a table does not answer, or rows remain after the maximum number of stale ones.
    pub async fn offer(&self, courier_id: CourierId, cause: &Cause) -> Result<(), EffectError> {
        let loaded = self.couriers.load(&courier_id).await.map_err(retry)?;
        if !loaded.state.0.is_some_and(|courier| courier.is_free()) {
            // Another run that finds a stale row of this courier removes it.
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
                // Claimed by this delivery or another, or no longer available.
                return self.rows.remove(Set::Free, &free).await;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
        Err(still_more("deliveries"))
    }

    /// Finds a free courier for a delivery.
    ///
    /// Without a free courier: 2 RU and 1 WU (the delivery, the row, one Query). With a match: 1 RU and 3 WU more (the
    /// claim, both rows removed). Each stale row on the way: 1 RU and 1 WU.
    ///
    /// # Errors
    /// [`EffectError::Retry`] if a table does not answer, or rows remain after the maximum number of stale ones.
    pub async fn request(&self, order_id: OrderId, cause: &Cause) -> Result<(), EffectError> {
        let loaded = self.deliveries.load(&order_id).await.map_err(retry)?;
        let Some(ready_by) = loaded.state.0.and_then(|delivery| delivery.waits_for_courier()) else {
            // The next courier who is offered removes a stale row of this delivery.
            return Ok(());
        };
        let waiting = Row::waiting(order_id, ready_by, loaded.version);
        self.rows.put(Set::Waiting, &waiting).await?;

        let mut after = None;
        for _ in 0..PAGES {
            let mut page = self.rows.page(Set::Free, after.as_deref()).await?;
            // Deliveries that search at the same time read the same couriers; the shuffle keeps them from claiming the
            // same one first.
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

    /// Returns the order of a waiting row and when its food is ready, if the delivery still waits. 1 RU.
    async fn still_waits(&self, row: &Row) -> Result<Option<(OrderId, Moment)>, EffectError> {
        let Some(order_id) = row.order_id() else {
            return Ok(None);
        };
        let loaded = self.deliveries.load(&order_id).await.map_err(retry)?;
        let ready_by = loaded.state.0.and_then(|delivery| delivery.waits_for_courier());
        Ok(ready_by.map(|ready_by| (order_id, ready_by)))
    }

    /// Claims the courier, and returns whether the courier has this delivery afterwards. 1 RU and 1 WU, 1 RU if refused.
    ///
    /// Uses a new command id: the courier's state recognizes a repetition, while a known command id would return the
    /// earlier reply, although the courier may have been released and offered since.
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
        "the first {} {of} were all stale and were removed; there are more",
        i64::from(PAGES) * i64::from(rows::PAGE)
    ))
}
