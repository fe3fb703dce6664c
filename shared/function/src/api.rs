use crate::in_process::InProcess;
use crate::{Function, System, UnwiredError, Wiring};
use std::sync::Arc;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;

impl System {
    /// Returns the wiring in which every table has its logical name.
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

    /// Combines all functions that serve HTTP into one API in this process. Calls between parts stay in the process.
    ///
    /// # Errors
    /// [`UnwiredError`] when a function needs a table that the wiring does not name.
    pub fn api(&self, wiring: &Wiring) -> Result<OpenApiRouter, UnwiredError> {
        let api = OpenApiRouter::with_openapi(http_api::openapi::common());
        let routers = self.routers(wiring)?.into_iter();
        Ok(routers.fold(api, |api, (_, router)| api.merge(router)))
    }

    /// Returns the functions that serve HTTP, each with its routes.
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

    /// Returns the OpenAPI description of each function that serves HTTP. This sends no requests.
    ///
    /// # Errors
    /// The same as for [`Self::openapi`].
    pub fn described_routes(&self) -> Result<Vec<(&Function, OpenApi)>, UnwiredError> {
        let routers = self.routers(&self.unconnected())?.into_iter();
        Ok(routers
            .map(|(function, router)| (function, router.into_openapi()))
            .collect())
    }

    /// Returns a wiring for descriptions, whose client never sends anything.
    fn unconnected(&self) -> Wiring {
        let nowhere = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::v2026_01_12())
            .build();
        self.wiring(aws_sdk_dynamodb::Client::from_conf(nowhere))
    }

    /// Returns the API's OpenAPI description. This sends no requests.
    ///
    /// # Errors
    /// [`UnwiredError`] when a function reads a category that no part owns; [`System::mistakes`] names it.
    pub fn openapi(&self) -> Result<OpenApi, UnwiredError> {
        let mut document = self.api(&self.unconnected())?.into_openapi();
        http_api::openapi::let_bodies_be_absent(&mut document, &[]);
        http_api::openapi::describe_headers(&mut document);
        document.info = InfoBuilder::new()
            .title(self.title)
            .version(self.version)
            .description(Some(self.about))
            .build();
        Ok(document)
    }
}
