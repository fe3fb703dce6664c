/// How many cases a law on a DynamoDB runs where nothing is said: enough to notice a mistake at once.
const FEW: u32 = 40;

/// How many cases a law runs that is worth `most`: no more than `PROPTEST_CASES`, which proptest reads as well, or a few where
/// it is not set. CI sets it so high that every law runs in full.
#[must_use]
pub fn cases(most: u32) -> u32 {
    let limit = std::env::var("PROPTEST_CASES")
        .map_or(FEW, |limit| limit.parse().expect("PROPTEST_CASES is a number"));
    most.min(limit)
}
