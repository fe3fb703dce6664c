//! The sweep finds lost commits that no later event reveals.

use crate::library::{Library, LoanEvent, Town, bought, commit, lent, returned, stream};
use commit::{Commit, Parcel};
use projection::sweep::{Swept, quick};
use projection::testing::{batch, message};
use projection::{BatchHandler, View};

async fn sweep(town: &Town) -> Swept {
    let sources = town.bench.sources(Library::SOURCES);
    let (client, table) = (&town.bench.client, &town.bench.view_table);
    quick(client, table, &sources, Library::SOURCES).await.unwrap()
}

#[tokio::test]
async fn sweep_finds_nothing_behind_when_all_is_up_to_date() {
    let town = Town::new().await;
    town.publish(&stream("book#b", &[bought("Emma", "a")])).await;
    town.publish(&stream("loan#b", &[lent("ann"), returned(1)])).await;
    let swept = sweep(&town).await;
    assert_eq!((swept.streams, swept.behind), (2, vec![]));
}

#[tokio::test]
async fn lost_last_event_is_found_and_healed() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(1)]);
    town.publish(&loans[..1]).await;
    town.commit(&loans[1..]).await;
    let behind = sweep(&town).await.behind;
    assert_eq!(behind, [loans[1].key()]);

    let ring = message("m", 1, behind.into_iter().map(Parcel::Key).collect());
    town.projector::<Library>().handle(batch(vec![ring])).await;
    assert_eq!(sweep(&town).await.behind, []);
    assert_eq!(town.stored("b").await.unwrap().book.days, 1);
}

#[tokio::test]
async fn missing_document_is_found() {
    let town = Town::new().await;
    let loans = stream("loan#b", &[lent("ann"), returned(1)]);
    town.commit(&loans).await;
    assert_eq!(sweep(&town).await.behind, [loans[1].key()]);
}

#[tokio::test]
async fn many_streams_are_compared_in_several_calls() {
    let town = Town::new().await;
    let commits: Vec<Commit> = (0..250)
        .map(|n| commit(&format!("loan#b{n}"), 1, &[lent("ann")]))
        .collect();
    town.publish(&commits[..200]).await;
    town.commit(&commits[200..]).await;
    let swept = sweep(&town).await;
    assert_eq!((swept.streams, swept.behind.len()), (250, 50));
}

#[tokio::test]
async fn quarantined_stream_is_counted_and_not_behind() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[LoanEvent::Cursed {}])).await;
    let swept = sweep(&town).await;
    assert_eq!((swept.quarantined, swept.behind), (1, vec![]));
}
