use crate::in_process::InProcess;
use crate::{System, UnwiredError, Wiring};
use std::sync::Arc;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;

impl System {
    /// The wiring in which every table has its logical name.
    #[must_use]
    pub fn wiring(&self, client: aws_sdk_dynamodb::Client) -> Wiring {
        let mut wiring = Wiring::new(client);
        for table in self.event_tables() {
            for category in table.categories {
                wiring = wiring.events(*category, &table.name);
            }
        }
        self.subscribers().fold(wiring, |wiring, subscriber| {
            wiring.documents(subscriber.name, subscriber.name)
        })
    }

    /// All functions that answer HTTP as one API, in one process: who asks another part asks it there.
    ///
    /// # Errors
    /// [`UnwiredError`] when a table that a function needs is not named.
    pub fn api(&self, wiring: &Wiring) -> Result<OpenApiRouter, UnwiredError> {
        let mut wiring = wiring.clone();
        for (part, function) in self.functions() {
            if let Some(router) = function.router()
                && self.functions().any(|(_, other)| other.asks.contains(&part.name))
                && function.name == part.name
            {
                let asked = InProcess::new(router(&function.narrow(part, &wiring)?));
                wiring = wiring.neighbour(part.name, Arc::new(asked));
            }
        }
        let mut api = OpenApiRouter::with_openapi(http_api::openapi::common());
        for (part, function) in self.functions() {
            if let Some(router) = function.router() {
                api = api.merge(router(&function.narrow(part, &wiring)?));
            }
        }
        Ok(api)
    }

    /// The API's description. Nothing is sent to make it.
    ///
    /// # Errors
    /// [`UnwiredError`] when a function reads what no part owns; [`System::mistakes`] says which.
    pub fn openapi(&self, version: &str) -> Result<OpenApi, UnwiredError> {
        let nowhere = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::v2026_01_12())
            .build();
        let wiring = self.wiring(aws_sdk_dynamodb::Client::from_conf(nowhere));
        let mut document = self.api(&wiring)?.into_openapi();
        http_api::openapi::describe_read_headers(&mut document);
        document.info = InfoBuilder::new()
            .title(self.title)
            .version(version)
            .description(Some(self.about))
            .build();
        Ok(document)
    }
}
