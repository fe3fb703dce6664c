//! Tests of the view __words__: its fold, its convergence, and its answers over HTTP.

mod http;
mod view;

use commit::Commit;
__test_contracts__
use jiff::{SignedDuration, Timestamp};
use testkit::commit_of;
use uuid::Uuid;

/// Events of each source, from the golden files.
const EVENTS: [(&str, &[&str]); __source_count__] = [
    __golden__
];

pub(crate) fn id(number: u128) -> __Id__ {
    __Id__::from_uuid(Uuid::from_u128(number))
}

/// Returns this number of events of each source, one per commit and a second apart. `number` becomes the id of the streams.
pub(crate) fn history(number: u128, events: usize) -> Vec<Commit> {
    let mut time = Timestamp::from_second(1_795_000_000).unwrap();
    let mut commits = Vec::new();
    for (source, texts) in EVENTS {
        let stream = format!("{source}#{}", id(number));
        for (version, text) in (1..).zip(texts.iter().take(events)) {
            time += SignedDuration::from_secs(1);
            let event = serde_json::from_str(text).unwrap();
            commits.push(commit_of(&stream, version, time, vec![event]));
        }
    }
    commits
}
