/// How many cases a law on a DynamoDB runs where nothing is said: enough to notice a mistake at once.
const FEW: u32 = 40;

/// Whether `BELVEDERE_IN_FULL` is set, as in CI: what takes long is done in full then, and a small part of it otherwise.
#[must_use]
pub fn in_full() -> bool {
    std::env::var_os("BELVEDERE_IN_FULL").is_some()
}

/// How many cases a law runs that is worth `most`: all of them [in full](in_full), a few otherwise, and as many as
/// `PROPTEST_CASES` says, which proptest's macro obeys as well, where it is set.
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
