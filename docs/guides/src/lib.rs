//! The code of `docs/adding-a-view.md` and `docs/adding-a-service.md`, so that neither becomes outdated.
//!
//! Each guide has a program in `tests/`: its code is compiled, and the tests in it run. A line `// --- The fold` begins the
//! section that the guide links to as `[The fold](guides/tests/adding_a_view.rs)`.
