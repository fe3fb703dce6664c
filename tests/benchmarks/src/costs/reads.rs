//! Measures reads of the view and of the composition.

use crate::costs::marketplace::Marketplace;
use crate::costs::spent::Spent;
use anyhow::ensure;
use futures::future::try_join_all;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How often each query is repeated.
const TIMES: usize = 200;
const PAGE: usize = 20;

struct Measured {
    spent: Spent,
    times: Vec<Duration>,
}

impl Measured {
    /// Measures the average cost of `ask` and its duration.
    async fn of(
        marketplace: &Marketplace,
        ask: impl AsyncFn(usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        // This warms connections, the code's caches and the registry's cache.
        ask(0).await?;
        marketplace.purse.take();
        let mut times = Vec::with_capacity(TIMES);
        for number in 0..TIMES {
            let start = Instant::now();
            ask(number).await?;
            times.push(start.elapsed());
        }
        let spent = marketplace.purse.take();
        times.sort();
        Ok(Self { spent, times })
    }

    fn row(&self, what: &str) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let (calls, times) = (self.spent.calls as f64, TIMES as f64);
        let at = |percent: usize| self.times[(TIMES * percent / 100).min(TIMES - 1)].as_secs_f64() * 1e3;
        format!(
            "| {what} | {:.1} | {:.1} | {:.1} ms | {:.1} ms |\n",
            calls / times,
            self.spent.units / times,
            at(50),
            at(99)
        )
    }
}

pub(crate) async fn table(marketplace: &Marketplace, orders: &[String]) -> anyhow::Result<String> {
    let view = Measured::of(marketplace, async |number| {
        let order = &orders[number % orders.len()];
        let story = marketplace.client.get(&format!("/orders/{order}")).await?;
        ensure!(story["status"] == "DELIVERED", "{story}");
        Ok(())
    })
    .await?;
    let composed = Measured::of(marketplace, async |number| {
        compose(marketplace, &orders[number % orders.len()]).await
    })
    .await?;
    let list = Measured::of(marketplace, async |_| {
        let path = format!("/orders?consumerId={}&limit={PAGE}", marketplace.consumer);
        let page = marketplace.client.get(&path).await?;
        ensure!(page["orders"].as_array().map(Vec::len) == Some(PAGE), "{page}");
        Ok(())
    })
    .await?;
    // A client that composes a page has to know the ids: no service lists a consumer's orders.
    let page = Measured::of(marketplace, async |number| {
        let first = number * PAGE % orders.len();
        let orders = orders[first..].iter().take(PAGE);
        try_join_all(orders.map(|order| compose(marketplace, order))).await?;
        Ok(())
    })
    .await?;
    let mut table = format!(
        "Each repeated {TIMES} times, one after the other:\n\n\
        | query | DynamoDB calls | read units | p50 | p99 |\n\
        | --- | ---: | ---: | ---: | ---: |\n"
    );
    for (what, measured) in [
        ("one order, from the view", &view),
        ("one order, composed", &composed),
        ("a page of twenty, from the view", &list),
        ("a page of twenty, composed (ids known)", &page),
    ] {
        // Writing to a String cannot fail.
        let _ = write!(table, "{}", measured.row(what));
    }
    Ok(table)
}

async fn compose(marketplace: &Marketplace, order: &str) -> anyhow::Result<()> {
    let composed = marketplace
        .client
        .get(&format!("/orders/{order}/composed"))
        .await?;
    ensure!(composed["missing"] == serde_json::json!([]), "{composed}");
    Ok(())
}
