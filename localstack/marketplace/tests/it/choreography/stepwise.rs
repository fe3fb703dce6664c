//! Bursts of commands on different orders of different consumers, with a rest after each: the result is determined, except
//! which courier gets which delivery.

use super::model::Model;
use super::{Marketplace, Step, agreement, minor, seeds};
use futures::future::join_all;
use serde_json::Value;

const CONSUMERS: usize = 8;
const COURIERS: usize = 3;
const BURSTS: usize = 25;

struct Run {
    marketplace: Marketplace,
    model: Model,
    /// The ids of the orders, by their number in the model.
    orders: Vec<String>,
    random: fastrand::Rng,
}

impl Run {
    async fn start(seed: u64) -> Self {
        let marketplace = Marketplace::open(CONSUMERS, COURIERS).await;
        let model = Model {
            orders: Vec::new(),
            limits: marketplace.consumers.iter().map(|(_, limit)| *limit).collect(),
            available: vec![false; COURIERS],
        };
        Self {
            marketplace,
            model,
            orders: Vec::new(),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Sends one command per consumer at once, and compares the replies with the model.
    async fn burst(&mut self) {
        let mut placed = Vec::new();
        let mut steps = Vec::new();
        for consumer in 0..CONSUMERS {
            let own: Vec<usize> = (0..self.orders.len())
                .filter(|number| self.model.orders[*number].consumer == consumer)
                .collect();
            if own.is_empty() || self.random.u8(..4) == 0 {
                placed.push((consumer, self.random.u32(1..8)));
            } else {
                let number = own[self.random.usize(..own.len())];
                steps.push((number, Step::any(&mut self.random)));
            }
        }
        let allowed: Vec<bool> = steps
            .iter()
            .map(|(number, step)| self.model.step(*number, *step))
            .collect();
        let sent = join_all(
            steps
                .iter()
                .map(|(number, step)| step.send(&self.marketplace.api, &self.orders[*number])),
        );
        let new = join_all(placed.iter().map(|(consumer, quantity)| {
            self.marketplace
                .place(&self.marketplace.consumers[*consumer].0, *quantity)
        }));
        let (accepted, new) = futures::join!(sent, new);
        for ((step, allowed), accepted) in steps.iter().zip(&allowed).zip(&accepted) {
            assert_eq!(allowed, accepted, "{step:?} on {:?}", self.model.orders[step.0]);
        }
        for (consumer, quantity) in placed {
            self.model.place(consumer, quantity);
        }
        self.orders.extend(new);
        if self.random.bool() {
            let courier = self.random.usize(..COURIERS);
            let available = self.random.u8(..3) > 0;
            self.model.available[courier] = available;
            self.marketplace
                .available(&self.marketplace.couriers[courier], available)
                .await;
        }
        self.marketplace.quiet().await;
        self.match_couriers().await;
    }

    /// Checks that as many waiting deliveries have a courier now as couriers were free; the services choose which.
    async fn match_couriers(&mut self) {
        let mut carrying = Vec::new();
        for (number, courier) in self.marketplace.couriers.iter().enumerate() {
            let shown = self.marketplace.read(&format!("/couriers/{courier}")).await;
            if !shown["delivery"].is_null() {
                carrying.push(number);
            }
        }
        for (number, order) in self.model.orders.iter_mut().enumerate() {
            if order.waits && order.delivery == Some("PENDING") {
                let path = format!("/deliveries/{}", self.orders[number]);
                if self.marketplace.read(&path).await["status"] == "SCHEDULED" {
                    order.delivery = Some("SCHEDULED");
                    order.waits = false;
                }
            }
        }
        let carried = self
            .model
            .orders
            .iter()
            .filter(|order| order.is_carried())
            .count();
        assert_eq!(
            carried,
            carrying.len(),
            "every courier who carries carries one of these"
        );
        let waiting = self.model.orders.iter().filter(|order| order.waits).count();
        let free = self.model.free(&carrying);
        assert!(
            waiting == 0 || free == 0,
            "{waiting} deliveries wait while {free} couriers are free"
        );
    }

    /// Checks that every order has the model's state in the services and in the view.
    async fn compare(&self) {
        for (id, order) in self.orders.iter().zip(&self.model.orders) {
            let composed = self.marketplace.composed(id).await;
            let shown = |part: &str, field: &str| composed[part][field].clone();
            assert_eq!(shown("order", "status"), order.status, "{composed}\n{order:?}");
            assert_eq!(
                minor(&shown("order", "orderTotal")),
                order.total(),
                "{composed}\n{order:?}"
            );
            assert_eq!(shown("ticket", "status"), order.ticket, "{composed}\n{order:?}");
            assert_eq!(
                shown("ticket", "lineItems")[0]["quantity"],
                order.quantity,
                "{composed}\n{order:?}"
            );
            assert_eq!(
                shown("payment", "status"),
                order.payment.0,
                "{composed}\n{order:?}"
            );
            assert_eq!(
                minor(&shown("payment", "amount")),
                order.payment.1,
                "{composed}\n{order:?}"
            );
            match order.delivery {
                Some(status) => assert_eq!(shown("delivery", "status"), status, "{composed}\n{order:?}"),
                None => assert_eq!(composed.get("delivery"), None::<&Value>, "{composed}\n{order:?}"),
            }
        }
        agreement::check(&self.marketplace, &self.orders).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_match_the_model_after_every_burst() {
    for &seed in seeds(&[1, 2, 3]) {
        let mut run = Run::start(seed).await;
        for burst in 0..BURSTS {
            run.burst().await;
            if burst % 5 == 4 {
                run.compare().await;
            }
        }
        assert!(run.orders.len() > CONSUMERS, "seed {seed} did next to nothing");
        run.marketplace.stack.stop().await;
    }
}
