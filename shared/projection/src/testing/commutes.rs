use crate::derived::Row;
use crate::journal::Journal;
use crate::state::{State, Step};
use crate::subscriber::ViewOf;
use crate::view::View;
use commit::Commit;
use std::collections::BTreeMap;

/// The maximum number of interleavings that are tried one by one. If there are more, this number is drawn at random,
/// the same in every run.
const MOST: usize = 10_000;

/// Returns the document after these commits, in this order. A commit that was applied before is dropped.
///
/// # Panics
/// When a commit cannot be applied, or one before it is missing.
#[must_use]
#[track_caller]
pub fn fold<V: View>(commits: &[Commit]) -> V::Document {
    folded::<V>(commits.iter()).document.unwrap_or_default()
}

/// Returns the journal rows of these commits ([`View::journal`]), in the order of their places.
///
/// # Panics
/// See [`fold`].
#[must_use]
#[track_caller]
pub fn journal<V: View>(commits: &[Commit]) -> Vec<Row> {
    folded::<V>(commits.iter()).journal.rows()
}

#[track_caller]
pub(crate) fn folded<'a, V: View>(commits: impl Iterator<Item = &'a Commit>) -> State<ViewOf<V>> {
    let mut state = State::<ViewOf<V>>::default();
    for commit in commits {
        match state.step(commit) {
            Step::Ready(advance) => state.accept(commit, *advance),
            Step::Duplicate => {}
            Step::Gap | Step::Doubt => panic!(
                "{} version {} comes before its predecessors",
                commit.stream, commit.first
            ),
            Step::Poison(poison) => panic!("{} cannot be applied: {}", commit.stream, poison.error),
        }
    }
    state
}

/// Asserts that every interleaving of the sources' streams, with each commit delivered twice, gives the same document
/// and the same journal rows. All commits must be of one document.
///
/// # Panics
/// When two interleavings differ, or a commit cannot be applied, for example because the view derives what
/// [`View::USES`] does not declare.
#[track_caller]
pub fn assert_commutes<V: View>(commits: &[Commit]) {
    let mut streams: BTreeMap<&str, Vec<&Commit>> = BTreeMap::new();
    for commit in commits {
        let stream = streams.entry(commit.stream.category()).or_default();
        stream.push(commit);
    }
    streams.values_mut().for_each(|s| s.sort_by_key(|c| c.first));
    let streams: Vec<Vec<&Commit>> = streams.into_values().collect();
    let lengths: Vec<usize> = streams.iter().map(Vec::len).collect();
    let mut orders = Vec::new();
    interleave(&mut lengths.clone(), &mut Vec::new(), &mut orders);
    if orders.len() > MOST {
        orders = (0..MOST as u64).map(|seed| draw(&lengths, seed)).collect();
    }
    let mut first = None;
    for order in orders {
        let mut next = vec![0; streams.len()];
        let sequence: Vec<&Commit> = order
            .iter()
            .map(|stream| {
                next[*stream] += 1;
                streams[*stream][next[*stream] - 1]
            })
            .collect();
        // Each commit twice in a row, and then all of them once more.
        let twice = sequence.iter().flat_map(|commit| [*commit, *commit]);
        let state = folded::<V>(twice.chain(sequence.iter().copied()));
        let outcome = (state.document.unwrap_or_default(), state.journal);
        let (expected, expected_order) = first.get_or_insert((outcome.clone(), order.clone()));
        if outcome != *expected {
            let json = |(document, journal): &(V::Document, Journal)| {
                let document = serde_json::to_string_pretty(document).unwrap_or_default();
                format!("{document} with the journal {:#?}", journal.rows())
            };
            let names = |order: &[usize]| -> Vec<&str> {
                let category = |i: &usize| streams[*i][0].stream.category();
                order.iter().map(category).collect()
            };
            panic!(
                "{} does not commute\n{:?} gives {}\n{:?} gives {}",
                V::NAME,
                names(expected_order),
                json(expected),
                names(&order),
                json(&outcome)
            );
        }
    }
}

/// Adds all sequences that take these numbers of commits from the streams, but at most one more than [`MOST`].
fn interleave(left: &mut Vec<usize>, taken: &mut Vec<usize>, orders: &mut Vec<Vec<usize>>) {
    if orders.len() > MOST {
        return;
    }
    if left.iter().all(|n| *n == 0) {
        orders.push(taken.clone());
        return;
    }
    for stream in 0..left.len() {
        if left[stream] > 0 {
            left[stream] -= 1;
            taken.push(stream);
            interleave(left, taken, orders);
            taken.pop();
            left[stream] += 1;
        }
    }
}

/// Draws one sequence at random.
fn draw(lengths: &[usize], seed: u64) -> Vec<usize> {
    let mut left = lengths.to_vec();
    let mut state = seed;
    let mut order = Vec::new();
    while left.iter().any(|n| *n > 0) {
        // SplitMix64, implemented here so that a failure repeats on every machine.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let total: usize = left.iter().sum();
        let mut pick = usize::try_from(z % total as u64).unwrap_or(0);
        let stream = left.iter().position(|n| {
            let here = pick < *n;
            pick = pick.saturating_sub(*n);
            here
        });
        let stream = stream.unwrap_or(0);
        left[stream] -= 1;
        order.push(stream);
    }
    order
}
