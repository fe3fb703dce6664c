//! Operating a subscriber: rebuilds (G8, G9), sweeps (G11) and what stands still.
//!
//! A rebuild makes a new **generation** of a view beside the one that serves, while commands, projections and reads go
//! on:
//!
//! 1. *Attach*: the registry names the new generation; from its next batch on, the projector writes every commit to both.
//! 2. *Fence*: one projector timeout. Who had read the registry before has ended by then.
//! 3. *Scan*: segments of the first source's event table, folded aggregate by aggregate with what the other sources have
//!    of each, so that every document is written once.
//! 4. *Verify*: the heads of all streams against the documents; what is behind is healed. If asked for, documents against
//!    those of the generation that serves. Now it is ready.
//! 5. *Flip*: one conditional write. The generation that served goes on being fed, so *rollback* is the same write
//!    backwards.
//! 6. *Retire* (or *abort*): a generation is no longer fed; after the fence, its rows are deleted.
//!
//! A view that was never built is *filled* in the same way: the worker begins the rebuild by itself, flips to it when it is
//! ready and retires the incomplete generation in the same step.
//!
//! All of it is work for one queue: a [`Task`] is a doorbell, and what is to be done, and how far it is, stands in the
//! view's own table. So a worker may die at any time, a task may be delivered twice or never, and several workers may be
//! at the same segment: the place that they save is taken once.
//!
//! [`Control`] is what an operator asks for; [`Worker`] does it.

mod clear;
mod compare;
mod control;
mod error;
mod fill;
mod fold;
mod member;
mod options;
mod page;
mod quarantine;
mod reading;
mod rebuild;
mod record;
mod run;
mod scan;
mod segment;
mod segments;
mod store;
mod sweep;
mod task;
mod verify;
mod worker;

pub use control::{Control, ControlOptions, MOST_SEGMENTS, Overview, Subject, SubjectKind};
pub use error::{ControlError, WorkError};
pub use options::WorkerOptions;
pub use quarantine::{QuarantinePage, Skip, Skipped};
pub use rebuild::{Rebuild, RebuildOptions};
pub use record::{Counts, Difference, Phase, State};
pub use sweep::Sweep;
pub use task::{Advance, Bell, BellError, SegmentTask, Task};
pub use worker::Worker;
