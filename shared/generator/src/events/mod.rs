//! The events for `cargo lambda invoke`: one file for every function, with the input that it receives on Lambda.

mod example;
mod queue;
mod request;
mod story;
mod stream;

use super::{File, GenerateError, Places, operations, pretty, read};
use function::{Function, Subscriber, System, Trigger};
use request::Route;
use serde_json::Value;
use std::collections::BTreeMap;
use story::Story;
pub(super) use story::{Commit, numbered};

/// The folder of the files in the checkout.
pub(super) const FOLDER: &str = "localstack/events";

/// An event cannot be generated.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// A request names a route that the function does not serve.
    #[error("the request of {function} is for {route}, which it does not serve")]
    Route {
        /// The function.
        function: String,
        /// The route.
        route: String,
    },
    /// A function serves HTTP but has no route.
    #[error("{0} has no route")]
    NoRoute(String),
    /// The story names an event without a golden file.
    #[error("there is no golden event {0}: name another one under \"story\" in system/events.json")]
    Story(String),
    /// A kind of stream has no published event.
    #[error("there is no event of the category {0}")]
    NoEvent(String),
}

/// Returns what a subscriber receives of the golden events: those of the story, and all, with the story's first.
pub(super) fn golden_history(
    subscriber: &Subscriber,
    places: &Places,
) -> Result<(Vec<Commit>, Vec<Commit>), GenerateError> {
    story(places)?.golden_history(subscriber, &places.contracts)
}

fn story(places: &Places) -> Result<Story, GenerateError> {
    serde_json::from_str(&read(&places.events)?).map_err(|error| GenerateError::Json {
        what: places.events.display().to_string(),
        error,
    })
}

/// Returns all files.
pub(super) fn files(system: &System, places: &Places) -> Result<Vec<File>, GenerateError> {
    let story = story(places)?;
    let routes = routes(system)?;
    let mut files = Vec::new();
    for (part, function) in system.functions() {
        let event = match &function.trigger {
            Trigger::Http(_) => {
                let routes = routes.get(&function.name).map_or(&[][..], Vec::as_slice);
                request::request(function, routes, &story)?
            }
            Trigger::Queue(subscriber) => {
                let commits = story.commits_for(subscriber, &places.contracts)?;
                queue::messages(system, subscriber, &commits)
            }
            Trigger::Tasks => queue::task(&format!("{}-tasks", part.name)),
            Trigger::Stream => stream::batch(system, &story.first(system, &places.contracts)?),
        };
        files.push(file(function, &event)?);
    }
    Ok(files)
}

fn file(function: &Function, event: &Value) -> Result<File, GenerateError> {
    let path = format!("{FOLDER}/{}.json", function.name);
    let text = pretty(&path, event)?;
    Ok(File { path, text })
}

/// Returns the routes of each function by its name, each with all schemas of the API.
fn routes(system: &System) -> Result<BTreeMap<String, Vec<Route>>, GenerateError> {
    let mut routes = BTreeMap::new();
    for (function, description) in system.described_routes()? {
        let components = serde_json::to_value(&description.components).unwrap_or(Value::Null);
        let of_function = operations(&description)?.into_iter();
        let of_function = of_function.map(|(path, method, operation)| Route {
            method,
            path,
            operation,
            components: components.clone(),
        });
        routes.insert(function.name.clone(), of_function.collect());
    }
    Ok(routes)
}
