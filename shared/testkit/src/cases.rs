/// The default number of cases of a property test on DynamoDB: enough to detect a mistake at once.
const FEW: u32 = 40;

/// Returns whether `BELVEDERE_IN_FULL` is set, as in CI. Then long tests run completely; otherwise they run a small
/// part.
#[must_use]
pub fn in_full() -> bool {
    std::env::var_os("BELVEDERE_IN_FULL").is_some()
}

/// Returns the number of cases of a property test: `most` when tests run [in full](in_full), a few otherwise.
/// `PROPTEST_CASES` overrides both, as in proptest's own macro.
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
