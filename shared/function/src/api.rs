use crate::in_process::InProcess;
use crate::{Function, System, UnwiredError, Wiring};
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
        let api = OpenApiRouter::with_openapi(http_api::openapi::common());
        let routers = self.routers(wiring)?.into_iter();
        Ok(routers.fold(api, |api, (_, router)| api.merge(router)))
    }

    /// The functions that answer HTTP, each with its routes.
    fn routers(&self, wiring: &Wiring) -> Result<Vec<(&Function, OpenApiRouter)>, UnwiredError> {
        let mut wiring = wiring.clone();
        for (part, function) in self.functions() {
            if self.functions().any(|(_, other)| other.asks.contains(&part.name))
                && function.name == part.name
                && let Some(routes) = function.routes(&function.narrow(part, &wiring)?)
            {
                let asked = InProcess::new(routes);
                wiring = wiring.neighbour(part.name, Arc::new(asked));
            }
        }
        let mut routers = Vec::new();
        for (part, function) in self.functions() {
            if function.answers_http()
                && let Some(routes) = function.routes(&function.narrow(part, &wiring)?)
            {
                routers.push((function, routes));
            }
        }
        Ok(routers)
    }

    /// What each function that answers HTTP says of its routes. Nothing is sent to make it.
    ///
    /// # Errors
    /// As [`Self::openapi`].
    pub fn described_routes(&self) -> Result<Vec<(&Function, OpenApi)>, UnwiredError> {
        let routers = self.routers(&self.unconnected())?.into_iter();
        Ok(routers
            .map(|(function, router)| (function, router.into_openapi()))
            .collect())
    }

    /// The wiring of a description, with a client that nothing is sent through.
    fn unconnected(&self) -> Wiring {
        let nowhere = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::v2026_01_12())
            .build();
        self.wiring(aws_sdk_dynamodb::Client::from_conf(nowhere))
    }

    /// The API's description. Nothing is sent to make it.
    ///
    /// # Errors
    /// [`UnwiredError`] when a function reads what no part owns; [`System::mistakes`] says which.
    pub fn openapi(&self) -> Result<OpenApi, UnwiredError> {
        let mut document = self.api(&self.unconnected())?.into_openapi();
        http_api::openapi::let_bodies_be_absent(&mut document, &[]);
        http_api::openapi::describe_read_headers(&mut document);
        document.info = InfoBuilder::new()
            .title(self.title)
            .version(self.version)
            .description(Some(self.about))
            .build();
        Ok(document)
    }
}
