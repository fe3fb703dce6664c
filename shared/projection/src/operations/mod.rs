//! Operations on subscribers: rebuilds (G8, G9), sweeps (G11) and the quarantine.
//!
//! A rebuild creates a new **generation** of a view while another one serves, and commands, projections and reads
//! continue:
//!
//! 1. *Attach*: the registry names the new generation; from its next batch on, the projector writes every commit to both.
//! 2. *Fence*: one projector timeout. Every batch that read the registry before has ended by then.
//! 3. *Scan*: the segments of the first source's event table are folded, aggregate by aggregate and together with the
//!    other sources, so that every document is written once.
//! 4. *Verify*: the heads of all streams are compared with the documents, and documents that are behind are healed. On
//!    request, documents are compared with those of the serving generation. Then the generation is ready.
//! 5. *Flip*: one conditional write. The previous generation is still fed, so a *rollback* is the same write in
//!    reverse.
//! 6. *Retire* (or *abort*): a generation is no longer fed; after the fence, its rows are deleted.
//!
//! A view that was never built is *filled* in the same way: the worker starts the rebuild, flips to it when it is ready,
//! and retires the incomplete generation in the same step.
//!
//! All of this is executed through one queue: a [`Task`] is a hint, and the work and its progress are stored in the
//! view's own table. So a worker may die at any time, a task may be delivered twice or never, and several workers may
//! work on the same segment: the position that they save is accepted once.
//!
//! [`Control`] offers the operations to an operator; [`Worker`] executes them.

mod clear;
mod compare;
mod control;
mod error;
mod fill;
mod fold;
mod heal;
mod member;
mod options;
mod page;
mod quarantine;
mod reading;
mod rebuild;
mod record;
mod round;
mod rounds;
mod run;
mod scan;
mod segment;
mod segments;
mod store;
mod sweep;
mod task;
mod tick;
mod verify;
mod worker;

pub use control::{Control, ControlOptions, MOST_SEGMENTS, Overview, Subject, SubjectKind};
pub use error::{ControlError, WorkError};
pub use options::WorkerOptions;
pub use quarantine::{QuarantinePage, Skip, Skipped};
pub use rebuild::{Rebuild, RebuildOptions};
pub use record::{Counts, Difference, Phase, State};
pub use round::RoundOptions;
pub use sweep::Sweep;
pub use task::{Advance, Bell, BellError, Heal, NotACommit, SegmentTask, SweepAfter, Task};
pub use worker::Worker;
