use crate::new::Name;
use clap::{ArgGroup, Args, Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// Operates the views and reactors of Belvedere: rebuilds, sweeps and the quarantine. Creates views, services and systems.
///
/// The commands for operations use only the API, over HTTP. With AWS credentials in the environment (AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION) they sign requests, as a deployment on AWS requires. `new` writes files.
#[derive(Debug, Parser)]
#[command(name = "belvedere", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The heading of the options that every command has, apart from those of one command.
const API: &str = "Options of requests to the API";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The API's address.
    #[arg(
        long,
        global = true,
        help_heading = API,
        env = "BELVEDERE_URL",
        default_value = "http://127.0.0.1:3000"
    )]
    pub(crate) url: String,
    /// Print the API's reply as JSON.
    #[arg(long, global = true, help_heading = API)]
    pub(crate) json: bool,
    /// How long to wait for the work that a request starts, in seconds.
    #[arg(long, global = true, help_heading = API, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub(crate) timeout: Duration,
}

const EXAMPLES: &str = "Examples:
  belvedere views                                  generations, lag, queues and quarantine at a glance
  belvedere rebuild order-history --flip           build a new generation, and serve it to readers when it is ready
  belvedere rollback order-history                 serve the previous generation again, at once
  belvedere retire order-history                   delete the previous generation
  belvedere sweep --all --deep                     compare every document with its events
  belvedere quarantine order-history               quarantined documents and the reasons
  belvedere redrive order-history --all            apply the events again after a fix was deployed
  belvedere new view favourite-dishes --source order             create a view in this checkout
  belvedere new service loyalty --category points                create a service in this checkout
  belvedere new system shop --path ../belvedere --at ../shop     create a system with the crates of a checkout
  belvedere --url https://….amazonaws.com/v1 views

Exit codes: 0 done; 1 refused or failed, with the reason and what to do next on standard error; 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a view or a service in the checkout in the current folder, or a new system. The code compiles and has tests.
    New(New),
    #[command(flatten)]
    Operate(Operate),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Operate {
    /// List the views and reactors: generations, documents, lag, queues, quarantine.
    Views,
    /// Build a new generation of a view beside the serving one, and wait until it is ready.
    Rebuild(Rebuild),
    /// List the last rebuilds of a view.
    Rebuilds(OfView),
    /// Serve the new generation to readers.
    Flip(Step),
    /// Serve the previous generation to readers again.
    Rollback(Step),
    /// Abort a rebuild whose generation does not serve.
    Abort(Step),
    /// Delete the previous generation. A rollback is no longer possible.
    Retire(Step),
    /// Compare documents with their events, and heal those that are behind. Exits with 1 when documents differ.
    Sweep(Sweep),
    /// List quarantined documents and skipped events.
    Quarantine(OfView),
    /// Apply quarantined events again. Exits with 1 when a document is quarantined again.
    Redrive(Redrive),
    /// Skip the event at which a document is quarantined.
    Skip(Skip),
}

#[derive(Debug, Args)]
pub(crate) struct New {
    #[command(subcommand)]
    pub(crate) part: NewPart,
    /// Do not run `cargo run -- generate` at the end.
    #[arg(long, global = true)]
    pub(crate) no_generate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NewPart {
    /// Create a view of the events of one or more categories.
    View(NewView),
    /// Create a service that owns a new category.
    Service(NewService),
    /// Create a system: a workspace with one service and one view.
    System(NewSystem),
}

#[derive(Debug, Args)]
pub(crate) struct NewSystem {
    /// The system's name, for example shop.
    pub(crate) name: Name,
    /// The folder to create. The default is the system's name in the current folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) at: Option<PathBuf>,
    /// The checkout of Belvedere that provides the crates. The default is the current folder.
    #[arg(long, value_name = "CHECKOUT", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// The repository of Belvedere that provides the crates.
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
    /// The commit of the repository.
    #[arg(long, requires = "git")]
    pub(crate) rev: Option<String>,
    /// The name of the first service.
    #[arg(long, default_value = "baskets")]
    pub(crate) service: Name,
    /// The category of the service's streams.
    #[arg(long, default_value = "basket")]
    pub(crate) category: Name,
    /// The name of the first view, of the service's events. The default is the category with `-history`.
    #[arg(long)]
    pub(crate) view: Option<Name>,
}

#[derive(Debug, Args)]
pub(crate) struct NewService {
    /// The service's name, for example loyalty.
    pub(crate) name: Name,
    /// The category of the service's streams, for example points. It is also the name of the aggregate.
    #[arg(long)]
    pub(crate) category: Name,
    /// The categories whose events a reactor of the service consumes, for example order.
    #[arg(long, value_delimiter = ',', value_name = "CATEGORY")]
    pub(crate) reacts_to: Vec<Name>,
    /// The prefix of the streams' ids. The default is the first three letters of the category.
    #[arg(long, value_parser = prefix)]
    pub(crate) prefix: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NewView {
    /// The view's name, for example favourite-dishes.
    pub(crate) name: Name,
    /// The categories whose events the view consumes, for example order. List first the one whose events create the documents.
    #[arg(long, required = true, value_delimiter = ',', value_name = "CATEGORY")]
    pub(crate) source: Vec<Name>,
}

#[derive(Debug, Args)]
pub(crate) struct OfView {
    /// The view or reactor, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// The view, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: String,
    /// Segments of each event table, which is the number of workers that can scan it at once.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) segments: Option<u32>,
    /// Compare the documents with those of the serving generation. Use it when the view's code has not changed.
    #[arg(long)]
    pub(crate) compare: bool,
    /// Serve it to readers as soon as it is ready, unless --compare found differences.
    #[arg(long, conflicts_with = "no_wait")]
    pub(crate) flip: bool,
    /// Wait until it is ready or failed. This is the default.
    #[arg(long, conflicts_with = "no_wait")]
    wait: bool,
    /// Only start it.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Step {
    /// The view, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: String,
    /// The rebuild's number. Without it, the only rebuild to which the command can apply.
    #[arg(value_parser = clap::value_parser!(u64).range(1..=9_999_999_999))]
    pub(crate) id: Option<u64>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("swept").required(true).args(["view", "all"]))]
pub(crate) struct Sweep {
    /// The view or reactor, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: Option<String>,
    /// All views and reactors.
    #[arg(long)]
    pub(crate) all: bool,
    /// Compare whole documents, not only their versions. With --all, this applies to the views only.
    #[arg(long)]
    pub(crate) deep: bool,
    /// Only start it.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("redriven").required(true).args(["document", "all"]),
    // The usage that clap derives has the group first.
    override_usage = "belvedere redrive [OPTIONS] <VIEW> <DOCUMENT|--all>"
)]
pub(crate) struct Redrive {
    /// The view or reactor, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: String,
    /// The document, for example ord_0193….
    pub(crate) document: Option<String>,
    /// All quarantined documents.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Skip {
    /// The view or reactor, for example order-history.
    #[arg(value_parser = view)]
    pub(crate) view: String,
    /// The event's stream, for example order#ord_0193….
    pub(crate) stream: String,
    /// The event's version.
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) version: u64,
    /// The reason, for people who look for the event later.
    #[arg(long)]
    pub(crate) reason: String,
    /// Who decided to skip it.
    #[arg(long)]
    pub(crate) by: Option<String>,
}

fn view(text: &str) -> Result<String, String> {
    let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    if fits && (1..=64).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("a view's name has lower-case letters and hyphens; `belvedere views` lists them".to_owned())
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let prefix = text.strip_suffix('_').unwrap_or(text);
    let fits = prefix.bytes().all(|byte| byte.is_ascii_lowercase());
    if fits && (1..=8).contains(&prefix.len()) {
        Ok(prefix.to_owned())
    } else {
        Err("a prefix is one to eight lower-case letters: ord".to_owned())
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| (1..=604_800).contains(seconds));
    let seconds = seconds.ok_or("expected whole seconds, from 1 to 604800 (a week)")?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_definition_is_valid() {
        Arguments::command().debug_assert();
    }
}
