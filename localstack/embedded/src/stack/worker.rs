//! The options of the worker of rebuilds and sweeps in this process.

use function::settings;
use projection::operations::{ControlOptions, RoundOptions, WorkerOptions};
use std::time::Duration;

/// Segments of each table in a rebuild or a sweep. The local engine runs one operation at a time, and sorts the rest of the
/// whole table for every page of a parallel Scan.
const SEGMENTS: u32 = 1;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Longer than a worker's time slice and its longest page.
const STALE: Duration = Duration::from_secs(60);

/// Returns the options for functions with this timeout.
pub(super) fn options(function_timeout: Duration) -> WorkerOptions {
    WorkerOptions {
        control: ControlOptions {
            fence: function_timeout + settings::FENCE_MARGIN,
            segments: SEGMENTS,
            lanes: settings::LANES,
            ..ControlOptions::default()
        },
        page: function_timeout + settings::FENCE_MARGIN / 2,
        heartbeat: HEARTBEAT,
        stale: STALE,
        round: RoundOptions {
            parts: SEGMENTS,
            ..RoundOptions::default()
        },
        ..WorkerOptions::default()
    }
}
