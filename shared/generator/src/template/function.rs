//! A function with its role and its log.

use super::operations;
use super::role::statements;
use super::text::{capitalized, comment, entry, fill, pascal};
use function::{Function, Kind, Part, System, Trigger, function_variable, settings};

/// The lowest concurrency that SQS allows for a mapping. What was given up need not be healed in parallel.
const LEAST_CONCURRENCY: &str = "2";

/// A route of the API: method, path, and the name of the operation.
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) operation: String,
}

/// Generates a function that is not a relay.
pub(super) fn function(system: &System, part: &Part, function: &Function, routes: &[Route]) -> String {
    let events = match &function.trigger {
        Trigger::Http(_) => routes.iter().map(route).collect(),
        Trigger::Queue(subscriber) => batch(
            "Messages",
            &format!("{}Queue", pascal(subscriber.name)),
            settings::QUEUE_BATCH,
            "!Ref SubscriberConcurrency",
        ),
        Trigger::Tasks => {
            let tasks = batch("Tasks", &operations::queue(part), 1, "!Ref OperationsConcurrency");
            let given_up = operations::given_up(system);
            let given_up =
                given_up.map(|queue| batch(&queue, &queue, settings::QUEUE_BATCH, LEAST_CONCURRENCY));
            tasks + &given_up.collect::<String>()
        }
        Trigger::Stream => String::new(),
    };
    block(&Block {
        name: &function.name,
        binary: part.name,
        function,
        depends: &match function.trigger {
            Trigger::Tasks => operations::after_relays(system),
            _ => after_subscribers(system, part, function),
        },
        environment: &environment(system, part, function),
        events: &events,
        statements: &statements(system, part, function),
    })
}

/// Returns the `DependsOn` that deploys what publishes a part's events after those who listen to them: the reactor after the
/// projectors, and the commands after both.
///
/// Reactors listen to one another, so there is no order among them. An event that is newer than its subscriber waits until the
/// subscriber knows it; the order only makes that rare.
fn after_subscribers(system: &System, part: &Part, function: &Function) -> String {
    let Some(table) = system.event_tables().find(|table| table.service == part.name) else {
        return String::new();
    };
    if !function.appends {
        return String::new();
    }
    let reacts = function.subscribes().is_some();
    let listeners = system.functions().filter_map(|(_, listener)| {
        let subscriber = listener.subscribes()?;
        let listens = subscriber
            .sources
            .iter()
            .any(|source| table.categories.contains(source));
        let first = !reacts || subscriber.kind == Kind::View;
        (listens && first).then(|| pascal(&listener.name))
    });
    let listeners: Vec<_> = listeners.collect();
    if listeners.is_empty() {
        return String::new();
    }
    comment(
        4,
        "Who listens to its events is deployed first, so that a new type of event seldom has to wait.",
    ) + &entry(4, "DependsOn", &listeners)
}

/// The variable contents of a function's section.
pub(super) struct Block<'a> {
    pub(super) name: &'a str,
    pub(super) binary: &'a str,
    pub(super) function: &'a Function,
    /// The resources that are deployed before it, with a remark.
    pub(super) depends: &'a str,
    /// The lines of its environment variables.
    pub(super) environment: &'a str,
    pub(super) events: &'a str,
    pub(super) statements: &'a str,
}

pub(super) fn block(block: &Block<'_>) -> String {
    let environment = match block.environment {
        "" => String::new(),
        variables => format!("      Environment:\n        Variables:\n{variables}"),
    };
    fill(
        include_str!("function.yaml"),
        &[
            ("id", &pascal(block.name)),
            ("name", block.name),
            ("binary", block.binary),
            ("handler", block.function.role),
            ("depends", block.depends),
            ("limits", &limits(block.function)),
            ("environment", &environment),
            ("events", block.events),
            ("statements", block.statements),
        ],
    )
}

/// Returns the settings that differ from the defaults.
fn limits(function: &Function) -> String {
    let mut limits = String::new();
    if function.timeout != settings::HTTP_TIMEOUT {
        limits += &format!("      Timeout: {}\n", function.timeout.as_secs());
    }
    if function.memory != settings::MEMORY {
        let why = match function.trigger {
            Trigger::Tasks => " # it folds continuously, and memory sets its share of a CPU",
            _ => "",
        };
        limits += &format!("      MemorySize: {}{why}\n", function.memory);
    }
    let reserved = match function.trigger {
        Trigger::Stream => "RelayReservedConcurrency",
        Trigger::Tasks => "OperationsConcurrency",
        Trigger::Http(_) | Trigger::Queue(_) => return limits,
    };
    limits
        + &format!(
            "      ReservedConcurrentExecutions: !If [ConcurrencyReserved, !Ref {reserved}, !Ref AWS::NoValue]\n"
        )
}

fn environment(system: &System, part: &Part, function: &Function) -> String {
    let mut variables = String::new();
    let mut set = |name: &str, value: &str| {
        variables += &format!("          {name}: {value}\n");
    };
    if function.appends
        && let Some(table) = part.event_table()
    {
        set("EVENT_TABLE", &format!("!Ref {}", pascal(&table)));
    }
    if let Some(documents) = function.documents() {
        set("VIEW_TABLE", &format!("!Ref {}Table", pascal(documents)));
    }
    if let Some(subscriber) = function.subscribes() {
        set("QUEUE_URL", &format!("!Ref {}Queue", pascal(subscriber.name)));
    }
    let sources = match function.subscribes() {
        Some(subscriber) => subscriber.sources,
        None => &function.reads,
    };
    if !sources.is_empty() {
        set(
            "SOURCE_TABLES",
            &format!("!Sub '{}'", source_tables(system, sources)),
        );
    }
    for asked in function.asks {
        set(&function_variable(asked), &format!("!Ref {}", pascal(asked)));
    }
    if function.answers_http() {
        set("TOKEN_KEY", "!Ref TokenKey");
        set("PREVIOUS_TOKEN_KEY", "!Ref PreviousTokenKey");
    }
    if operations::operates(part) {
        variables += &operations::variables(system, part);
    }
    variables
}

/// Returns the event table of each category, as JSON for a `Sub`.
pub(super) fn source_tables(system: &System, categories: &[&str]) -> String {
    let tables = categories.iter().filter_map(|category| {
        let table = system.owner(category)?;
        Some(format!(r#""{category}":"${{{}}}""#, pascal(&table.name)))
    });
    format!("{{{}}}", tables.collect::<Vec<_>>().join(","))
}

/// Returns the API's events for one operation. What answers `GET` answers `HEAD` as well (RFC 9110, section 9.1), which a gateway
/// forwards by a route of its own. It costs one permission per `GET`.
fn route(route: &Route) -> String {
    let operation = capitalized(&route.operation);
    let (method, path) = (&route.method, &route.path);
    let line = |name: &str, method: &str| {
        format!(
            "        {name}: {{Type: Api, Properties: {{RestApiId: !Ref Api, Method: {method}, Path: '{path}'}}}}\n"
        )
    };
    let mut lines = line(&operation, method);
    if method == "GET" {
        lines += &line(&format!("{operation}Head"), "HEAD");
    }
    lines
}

fn batch(name: &str, queue: &str, batch: usize, concurrency: &str) -> String {
    let values = [
        ("name", name),
        ("queue", queue),
        ("batch", &batch.to_string()),
        ("concurrency", concurrency),
    ];
    fill(include_str!("batch.yaml"), &values)
}
