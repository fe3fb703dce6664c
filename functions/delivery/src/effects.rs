use crate::ask::Ask;
use crate::courier::{CourierCommand, Plan};
use crate::delivery::DeliveryCommand;
use crate::dispatch::Dispatch;
use crate::reactor::DeliveryReactor;
use crate::service::DeliveryService;
use contracts::{CourierId, OrderId};
use event_store::ExecuteError;
use function::Wiring;
use projection::{Cause, EffectError, Effects, Reactor};

/// Executes the reactor's commands.
#[derive(Clone)]
pub struct DeliveryEffects {
    service: DeliveryService,
    dispatch: Dispatch,
}

impl DeliveryEffects {
    /// Returns the effects on the delivery service's event table, with the dispatch rows in the reactor's table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        let service = DeliveryService::new(wiring);
        let rows = wiring.documents_of(DeliveryReactor::NAME);
        Self {
            dispatch: Dispatch::new(wiring.client().clone(), rows.to_owned(), &service),
            service,
        }
    }

    /// Executes a command on a delivery. A refusal is an outcome: the order was cancelled after pickup, or the delivery
    /// is in a later status already.
    async fn tell(
        &self,
        order_id: OrderId,
        command: &DeliveryCommand,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        let (context, deliveries) = (cause.context(), &self.service.deliveries);
        // A creation is a bare conditional put (1 WU); a repetition is always recognized, because it is the first commit.
        let done = match command {
            DeliveryCommand::Create { .. } => deliveries.create(&order_id, command, &context).await,
            _ => deliveries.execute(&order_id, command, &context).await,
        };
        match done {
            Ok(_) => Ok(()),
            Err(ExecuteError::Refused(error)) => {
                tracing::warn!(%order_id, %error, "a delivery refused a command of its order");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }

    async fn schedule(&self, courier_id: CourierId, plan: Plan, cause: &Cause) -> Result<(), EffectError> {
        let (order_id, context) = (plan.order_id, cause.context());
        let schedule = DeliveryCommand::Schedule(plan.schedule(courier_id));
        match self
            .service
            .deliveries
            .execute(&order_id, &schedule, &context)
            .await
        {
            Ok(_) => Ok(()),
            // Another courier has the delivery, or it is cancelled or done: this courier is released.
            Err(ExecuteError::Refused(error)) => {
                tracing::info!(%courier_id, %order_id, %error, "released a courier whose delivery could not be scheduled");
                self.release(courier_id, order_id, cause).await
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }

    async fn release(
        &self,
        courier_id: CourierId,
        order_id: OrderId,
        cause: &Cause,
    ) -> Result<(), EffectError> {
        let context = cause.context();
        let release = CourierCommand::Release { order_id };
        match self
            .service
            .couriers
            .execute(&courier_id, &release, &context)
            .await
        {
            // A courier without that delivery has nothing to release, so a refusal is an outcome.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}

impl Effects<Ask> for DeliveryEffects {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        match ask {
            Ask::Tell { order_id, command } => self.tell(order_id, &command, cause).await,
            Ask::FindCourier { order_id } => self.dispatch.request(order_id, cause).await,
            Ask::Schedule { courier_id, plan } => self.schedule(courier_id, plan, cause).await,
            Ask::Release { courier_id, order_id } => self.release(courier_id, order_id, cause).await,
            Ask::Offer { courier_id } => self.dispatch.offer(courier_id, cause).await,
        }
    }
}
