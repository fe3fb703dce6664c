use super::problems::{problem, reference};
use super::{operations, sent};
use crate::codes::{NOT_ALLOWED, NOT_AUTHENTICATED};
use identity::{Access, Grant};
use serde_json::{Value, json};
use utoipa::openapi::path::Paths;
use utoipa::openapi::{Components, OpenApi, RefOr};

/// The extension of an operation that holds its access rule: `"anybody"`, or a list of roles such as
/// `[{"role": "consumer", "own": "consumer"}, {"role": "back-office"}]`. `own` is the kind of what the caller must hold; a role
/// without it may use the operation for everything.
pub const X_ACCESS: &str = "x-access";

const ANYBODY: &str = "anybody";

/// The problems of an operation that asks for credentials, with the names of their components.
const REFUSALS: [(&str, &str); 2] = [("401", "NotAuthenticated"), ("403", "NotAllowed")];

/// Adds an access rule to the description of every operation of these paths.
pub(crate) fn describe_access(paths: &mut Paths, access: Access) {
    for (_, operation) in paths.paths.values_mut().flat_map(operations) {
        let extensions = operation.extensions.get_or_insert_default();
        extensions.insert(X_ACCESS.to_owned(), rule(access));
        if access.grants().is_some() {
            let refusals = REFUSALS.map(|(status, name)| (status.to_owned(), reference(name)));
            operation.responses.responses.extend(refusals);
        }
    }
}

/// Returns the operations of a document that have no access rule, for example `GET /orders`.
pub fn without_access(document: &mut OpenApi) -> Vec<String> {
    let paths = document.paths.paths.iter_mut();
    let operations =
        paths.flat_map(|(path, item)| operations(item).map(move |(method, it)| (method, path, it)));
    let unruled = operations.filter(|(_, _, operation)| {
        let extensions = operation.extensions.as_ref();
        !extensions.is_some_and(|extensions| extensions.contains_key(X_ACCESS))
    });
    unruled
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect()
}

fn rule(access: Access) -> Value {
    let role = |grant: &Grant| match grant.own {
        Some(kind) => json!({ "role": grant.role, "own": kind }),
        None => json!({ "role": grant.role }),
    };
    match access.grants() {
        Some(grants) => grants.iter().map(role).collect(),
        None => ANYBODY.into(),
    }
}

/// Adds the responses that [`describe_access`] refers to.
pub(super) fn add_components(components: &mut Components) {
    for ((_, name), code) in REFUSALS.iter().zip([NOT_AUTHENTICATED, NOT_ALLOWED]) {
        let mut response = problem(&[code]);
        if let RefOr::T(response) = &mut response
            && code == NOT_AUTHENTICATED
        {
            response.headers.extend([sent::CHALLENGE.named()]);
        }
        components.responses.insert((*name).to_owned(), response);
    }
}
