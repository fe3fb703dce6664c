//! The code of `docs/adding-a-view.md` and `docs/adding-a-service.md`, so that neither can go stale.
//!
//! Each guide is a program in `tests/`: its code is compiled, and the tests in it run. A line `// --- The fold` begins
//! what stands under the guide's heading `## 3. The fold`. The program is the source; `tests/in_step.rs` compares, and with
//! `UPDATE_GUIDES=1` it writes the code into the guides anew.
