//! Commands race with one another and with the choreography. The result is not determined, but the services must agree about
//! it.

use super::{Marketplace, Step, agreement, seeds};
use futures::{StreamExt, stream};

const CONSUMERS: usize = 10;
const COURIERS: usize = 6;
const ORDERS: usize = 60;
const STEPS: usize = 900;
/// Concurrent commands.
const AT_ONCE: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn services_agree_after_racing_commands_and_no_order_is_stuck() {
    for &seed in seeds(&[4, 5]) {
        let marketplace = Marketplace::open(CONSUMERS, COURIERS).await;
        let mut random = fastrand::Rng::with_seed(seed);
        for courier in &marketplace.couriers {
            marketplace.available(courier, true).await;
        }
        let placed = stream::iter(0..ORDERS)
            .map(|number| {
                let (consumer, _) = &marketplace.consumers[number % CONSUMERS];
                marketplace.place(consumer, random.u32(1..5))
            })
            .buffered(AT_ONCE);
        let orders: Vec<String> = placed.collect().await;
        let steps: Vec<(usize, Step)> = (0..STEPS)
            .map(|_| (random.usize(..ORDERS), Step::any(&mut random)))
            .collect();
        let accepted = stream::iter(steps)
            .map(|(number, step)| step.send(&marketplace.api, &orders[number]))
            .buffer_unordered(AT_ONCE)
            .filter(|accepted| std::future::ready(*accepted))
            .count()
            .await;
        assert!(
            accepted > STEPS / 10,
            "seed {seed}: only {accepted} steps were accepted"
        );
        marketplace.quiet().await;
        agreement::check(&marketplace, &orders).await;
        assert_eq!(
            marketplace.stack.sweep().await.unwrap(),
            0,
            "seed {seed}: nothing is behind"
        );
        marketplace.stack.stop().await;
    }
}
