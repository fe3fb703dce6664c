use std::cell::Cell;

tokio::task_local! {
    static FILLED: Cell<Option<bool>>;
}

/// Runs what reads views, and tells of the lists, rows and tallies in it whether all of them are of views that are filled. False:
/// one is of a view that has never been built, so that documents are missing. None: there were none. Single documents do not
/// count: none is ever missing.
///
/// It costs nothing: readers know it from the item that tells them which generation serves. They notice within a second when
/// the view is filled.
///
/// It sees what is read in the task of the future itself, and not in tasks that it spawns.
pub async fn tell_filled<F: Future>(reads: F) -> (F::Output, Option<bool>) {
    let reads = async {
        let output = reads.await;
        (output, FILLED.with(Cell::get))
    };
    FILLED.scope(Cell::new(None), reads).await
}

/// Notes whether the view is filled of which many documents are being read.
pub(super) fn note(filled: bool) {
    // Nobody asked when there is no scope.
    let _ = FILLED.try_with(|all| all.set(Some(filled && all.get() != Some(false))));
}
