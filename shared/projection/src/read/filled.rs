use std::cell::Cell;

tokio::task_local! {
    static FILLED: Cell<bool>;
}

/// Runs what reads views, and tells whether a list, rows or tallies in it are of a view that is not filled: one that has never
/// been built, so that documents are missing. A single document is never missing, and is not counted.
///
/// It costs nothing: readers know it from the item that tells them which generation serves. They notice within a second when
/// the view is filled.
///
/// It sees what is read in the task of the future itself, and not in tasks that it spawns.
pub async fn tell_unfilled<F: Future>(reads: F) -> (F::Output, bool) {
    let reads = async {
        let output = reads.await;
        (output, !FILLED.with(Cell::get))
    };
    FILLED.scope(Cell::new(true), reads).await
}

/// Notes that what is being read has documents missing.
pub(super) fn note_unfilled() {
    // Nobody asked when there is no scope.
    let _ = FILLED.try_with(|filled| filled.set(false));
}
