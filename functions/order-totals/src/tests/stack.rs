//! The view with its tables and functions.

use crate::{OrderTotals, router};
use testkit::ViewStack;

pub(crate) async fn start() -> ViewStack<OrderTotals> {
    ViewStack::start(router).await
}
