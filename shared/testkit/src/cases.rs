/// How many cases a law on a DynamoDB runs where nothing is said: enough to notice a mistake at once.
const FEW: u32 = 40;

/// Whether `BELVEDERE_IN_FULL` is set, as in CI. Then tests that take long do everything; otherwise they do a small part.
#[must_use]
pub fn in_full() -> bool {
    std::env::var_os("BELVEDERE_IN_FULL").is_some()
}

/// How many cases a law runs: `most` when tests run [in full](in_full), a few otherwise. `PROPTEST_CASES` overrides both, as it does
/// in proptest's own macro.
///
/// # Panics
/// When `PROPTEST_CASES` is not a number.
#[must_use]
pub fn cases(most: u32) -> u32 {
    match std::env::var("PROPTEST_CASES") {
        Ok(cases) => cases.parse().expect("PROPTEST_CASES is a number"),
        Err(_) if in_full() => most,
        Err(_) => most.min(FEW),
    }
}
