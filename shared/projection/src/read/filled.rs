use std::cell::Cell;

tokio::task_local! {
    static FILLED: Cell<Option<bool>>;
}

/// Runs a future, and returns whether the views of all its list, row and tally reads are filled: `Some(false)` when one of the
/// views has never been built, so that documents are missing, and `None` without such reads. Reads of single documents do not
/// count, because they are always complete.
///
/// This costs nothing: readers know it from the registry item, which also names the serving generation. They notice within a
/// second that the view is filled.
///
/// Reads in tasks that the future spawns are not included.
pub async fn tell_filled<F: Future>(reads: F) -> (F::Output, Option<bool>) {
    let reads = async {
        let output = reads.await;
        (output, FILLED.with(Cell::get))
    };
    FILLED.scope(Cell::new(None), reads).await
}

/// Records whether the view of a list, row or tally read is filled.
pub(super) fn note(filled: bool) {
    // Without a scope the result is not needed.
    let _ = FILLED.try_with(|all| all.set(Some(filled && all.get() != Some(false))));
}
