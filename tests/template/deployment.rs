//! What a template deploys, in SAM's short form or expanded by SAM.

use crate::json::{list, referent};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deployment {
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) routes: BTreeSet<Route>,
    /// All resources that SAM does not transform, as written.
    pub(crate) resources: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    /// The package that its binary comes from.
    pub(crate) binary: String,
    pub(crate) handler: String,
    /// The logical name of its role.
    pub(crate) role: String,
    pub(crate) variables: Map<String, Value>,
    pub(crate) timeout: u64,
    pub(crate) traced: bool,
    pub(crate) log_format: String,
}

/// An event source mapping.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mapping {
    pub(crate) function: String,
    /// The logical name of the queue, or of the table whose stream it is.
    pub(crate) source: String,
    pub(crate) settings: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) function: String,
    pub(crate) authorization: String,
}

impl Deployment {
    /// Parses the template as it is written here.
    pub(crate) fn of_source(template: &Value) -> Self {
        let globals = &template["Globals"]["Function"];
        let mut functions = BTreeMap::new();
        let mut mappings = Vec::new();
        let mut routes = BTreeSet::new();
        let mut resources = BTreeMap::new();
        let authorizer = authorizer(template);
        for (name, resource) in template["Resources"].as_object().expect("resources") {
            match resource["Type"].as_str().expect("a type") {
                "AWS::Serverless::Function" => {
                    let own = &resource["Properties"];
                    let mut all = globals["Environment"]["Variables"]
                        .as_object()
                        .cloned()
                        .unwrap_or_default();
                    all.extend(
                        own["Environment"]["Variables"]
                            .as_object()
                            .cloned()
                            .unwrap_or_default(),
                    );
                    let either = |property: &str| match &own[property] {
                        Value::Null => globals[property].clone(),
                        own => own.clone(),
                    };
                    functions.insert(
                        name.clone(),
                        Function {
                            binary: last_segment(own["CodeUri"].as_str().expect("a folder")),
                            handler: own["Handler"].as_str().expect("a handler").to_owned(),
                            role: referent(&own["Role"]).expect("a role of its own").to_owned(),
                            variables: all,
                            timeout: either("Timeout").as_u64().expect("seconds"),
                            traced: either("Tracing") == "Active",
                            log_format: text(&either("LoggingConfig")["LogFormat"]),
                        },
                    );
                    for event in own["Events"].as_object().expect("events").values() {
                        let settings = &event["Properties"];
                        match event["Type"].as_str().expect("a type") {
                            "Api" => {
                                routes.insert(Route {
                                    method: text(&settings["Method"]),
                                    path: text(&settings["Path"]),
                                    function: name.clone(),
                                    authorization: match &settings["Auth"]["Authorizer"] {
                                        Value::String(own) => own.clone(),
                                        _ => authorizer.clone(),
                                    },
                                });
                            }
                            "SQS" => mappings.push(mapping(name, settings, "Queue")),
                            "DynamoDB" => mappings.push(mapping(name, settings, "Stream")),
                            other => panic!("{name} has the unknown event source {other}"),
                        }
                    }
                }
                "AWS::Serverless::Api" => {}
                _ => {
                    resources.insert(name.clone(), resource.clone());
                }
            }
        }
        Self {
            functions,
            mappings: sorted(mappings),
            routes,
            resources,
        }
    }

    /// Parses a template that SAM expanded.
    pub(crate) fn of_expansion(template: &Value) -> Self {
        let mut functions = BTreeMap::new();
        let mut mappings = Vec::new();
        let mut routes = BTreeSet::new();
        let mut resources = BTreeMap::new();
        for (name, resource) in template["Resources"].as_object().expect("resources") {
            let own = &resource["Properties"];
            match resource["Type"].as_str().expect("a type") {
                "AWS::Lambda::Function" => {
                    functions.insert(
                        name.clone(),
                        Function {
                            binary: last_segment(own["Code"]["S3Key"].as_str().expect("a key")),
                            handler: text(&own["Handler"]),
                            role: referent(&own["Role"]).expect("a role").to_owned(),
                            variables: own["Environment"]["Variables"]
                                .as_object()
                                .cloned()
                                .unwrap_or_default(),
                            timeout: own["Timeout"].as_u64().expect("seconds"),
                            traced: own["TracingConfig"]["Mode"] == "Active",
                            log_format: text(&own["LoggingConfig"]["LogFormat"]),
                        },
                    );
                }
                "AWS::Lambda::EventSourceMapping" => {
                    let function = referent(&own["FunctionName"]).expect("a function");
                    mappings.push(mapping(function, own, "EventSourceArn"));
                }
                "AWS::ApiGateway::RestApi" => {
                    for (path, methods) in own["Body"]["paths"].as_object().expect("paths") {
                        for (method, operation) in methods.as_object().expect("methods") {
                            routes.insert(route(path, method, operation));
                        }
                    }
                }
                // SAM generates these from a route.
                "AWS::Lambda::Permission" | "AWS::ApiGateway::Deployment" | "AWS::ApiGateway::Stage" => {}
                _ => {
                    resources.insert(name.clone(), resource.clone());
                }
            }
        }
        Self {
            functions,
            mappings: sorted(mappings),
            routes,
            resources,
        }
    }

    /// Returns the resources of one type.
    pub(crate) fn all<'a>(&'a self, wanted: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let wanted = wanted.to_owned();
        self.resources
            .iter()
            .filter(move |(_, resource)| resource["Type"] == wanted.as_str())
            .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
    }

    #[track_caller]
    pub(crate) fn properties(&self, name: &str) -> &Value {
        match self.resources.get(name) {
            Some(resource) => &resource["Properties"],
            None => panic!("template.yaml has no {name}"),
        }
    }

    #[track_caller]
    pub(crate) fn function(&self, name: &str) -> &Function {
        self.functions
            .get(name)
            .unwrap_or_else(|| panic!("template.yaml has no function {name}"))
    }

    /// Returns the number of resources that CloudFormation receives, with those that SAM generates for functions, mappings and
    /// routes.
    pub(crate) fn size(&self) -> usize {
        // The API, its stage and its deployment.
        let api = 3;
        self.resources.len() + self.functions.len() + self.mappings.len() + self.routes.len() + api
    }

    /// Returns the statements of a function's role.
    pub(crate) fn statements(&self, role: &str) -> Vec<&Value> {
        list(&self.properties(role)["Policies"])
            .into_iter()
            .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
            .collect()
    }
}

fn authorizer(template: &Value) -> String {
    template["Resources"]["Api"]["Properties"]["Auth"]["DefaultAuthorizer"]
        .as_str()
        .unwrap_or("NONE")
        .to_owned()
}

fn route(path: &str, method: &str, operation: &Value) -> Route {
    let uri = text(&operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]);
    let function = uri
        .split_once("${")
        .and_then(|_| uri.rsplit_once(".Arn}"))
        .expect("an integration with a function")
        .0;
    let security = list(&operation["security"]);
    let scheme = |requirement: &Value| {
        requirement
            .as_object()
            .and_then(|scheme| scheme.keys().next().cloned())
    };
    Route {
        method: method.to_uppercase(),
        path: path.to_owned(),
        function: function.rsplit_once("${").expect("a function").1.to_owned(),
        authorization: security
            .first()
            .and_then(|first| scheme(first))
            .unwrap_or_else(|| "NONE".to_owned()),
    }
}

fn mapping(function: &str, properties: &Value, source: &str) -> Mapping {
    let mut settings = properties.as_object().expect("settings").clone();
    let source = settings.remove(source).expect("a source");
    settings.remove("FunctionName");
    if let Some(destination) = settings
        .get_mut("DestinationConfig")
        .and_then(|config| config["OnFailure"].as_object_mut())
    {
        // Only SAM has this field; the destination's address has the same information.
        destination.remove("Type");
    }
    Mapping {
        function: function.to_owned(),
        source: referent(&source).expect("a source of this template").to_owned(),
        settings: settings.into(),
    }
}

fn sorted(mut mappings: Vec<Mapping>) -> Vec<Mapping> {
    mappings.sort_by(|a, b| (&a.function, &a.source).cmp(&(&b.function, &b.source)));
    mappings
}

fn last_segment(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
