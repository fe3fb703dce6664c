//! The view with its tables and functions.

use crate::{OrderTotals, router};
use view_function::testing::ViewStack;

pub(crate) async fn start() -> ViewStack<OrderTotals> {
    ViewStack::start(router).await
}
