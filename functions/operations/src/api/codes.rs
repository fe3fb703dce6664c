use http_api::Code;

pub(super) const UNKNOWN_VIEW: Code = Code::not_found("UNKNOWN_VIEW", "there is no such view or reactor");
pub(super) const UNKNOWN_REBUILD: Code = Code::not_found("UNKNOWN_REBUILD", "the view has no such rebuild");
pub(super) const UNKNOWN_SWEEP: Code = Code::not_found(
    "UNKNOWN_SWEEP",
    "there is no such sweep; the last twenty are kept",
);
pub(super) const NOT_QUARANTINED: Code =
    Code::not_found("NOT_QUARANTINED", "this document is not quarantined");
pub(super) const NOT_QUARANTINED_THERE: Code = Code::conflict(
    "NOT_QUARANTINED_THERE",
    "the document is not quarantined at this event",
);
pub(super) const REBUILD_UNDER_WAY: Code = Code::conflict(
    "REBUILD_UNDER_WAY",
    "another rebuild is being built, is ready or was rolled back (`currentStatus`): flip to it or abort it",
);
pub(super) const PREVIOUS_NOT_RETIRED: Code =
    Code::conflict("PREVIOUS_NOT_RETIRED", "the last flip can still be rolled back");
pub(super) const REACTOR_NOT_REBUILT: Code = Code::conflict(
    "REACTOR_NOT_REBUILT",
    "a reactor cannot be rebuilt, because its side effects would run again",
);
pub(super) const SWEEP_UNDER_WAY: Code = Code::conflict(
    "SWEEP_UNDER_WAY",
    "another sweep is running; wait until it is done",
);
pub(super) const REACTOR_NOT_SWEPT_DEEP: Code = Code::conflict(
    "REACTOR_NOT_SWEPT_DEEP",
    "a reactor cannot be swept deep, because its documents are not compared as a whole",
);
