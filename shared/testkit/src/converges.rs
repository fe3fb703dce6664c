use crate::bench::Bench;
use crate::plan::Plan;
use crate::property::{check, deliver};
use anyhow::ensure;
use commit::Commit;
use projection::testing::{Contents, EveryFourth, Poisoned, expected_contents, feeding, found_contents};
use projection::{Options, Projector, View};
use proptest::strategy::Strategy;

/// Checks G6 as a property: whatever happens during delivery, the view's table contains the fold of the sources:
/// documents, index attributes, derived rows, journal rows and tallies, and nothing else.
///
/// A history is the commits of any number of documents; the commits of one stream follow one another from version 1,
/// with different commit ids. During delivery they are reordered, duplicated, dropped, sent as keys, packed into
/// messages and batches of all sizes, handled concurrently, and delivered again after the writes of a crashed function.
/// A version of the view that cannot apply all of them may handle some, until it is fixed and the quarantine is
/// redriven.
///
/// ```no_run
/// # use proptest::prelude::*;
/// # fn histories() -> impl Strategy<Value = Vec<commit::Commit>> { Just(vec![]) }
/// # fn check<OrderHistory: projection::View>() {
/// testkit::converges::<OrderHistory>(histories(), 1_000);
/// # }
/// ```
///
/// Runs at most `most` cases ([`cases`](super::cases)).
///
/// # Panics
/// When the property does not hold, with the smallest history and plan that were found, and the seed. Also when the
/// view derives what [`View::USES`] does not declare.
#[track_caller]
pub fn converges<V: View>(histories: impl Strategy<Value = Vec<Commit>>, most: u32) {
    check(V::FILTERS, histories, most, case::<V>);
}

async fn case<V: View>(bench: Bench, history: Vec<Commit>, plan: Plan) -> anyhow::Result<()> {
    // This runs first: the error of a view that can never apply an event is reported here.
    let mut expected = Contents::new();
    for generation in 1..=plan.generations {
        expected.extend(expected_contents::<V>(generation, &history)?);
    }
    if plan.generations > 1 {
        let put = bench.client.put_item().table_name(&bench.view_table);
        put.set_item(Some(feeding(plan.generations))).send().await?;
    }
    let sources = bench.sources(V::SOURCES);
    let options = Options::default();
    let (client, table) = (&bench.client, &bench.view_table);
    let broken =
        Projector::<Poisoned<V, EveryFourth>>::new(client.clone(), table, sources.clone(), options.clone());
    let fixed = Projector::<V>::new(client.clone(), table, sources, options);
    deliver(&plan, &history, &broken, &fixed, &bench, V::SOURCES).await?;

    let mut found = found_contents(bench.contents().await?);
    for (place, expected) in &expected {
        let found = found.remove(place);
        ensure!(
            found.as_ref() == Some(expected),
            "{place:?} is {found:#?}, expected {expected:#?}"
        );
    }
    ensure!(found.is_empty(), "unexpected items: {found:#?}");
    Ok(())
}
