//! Every operation × every kind of caller × own and foreign, against the rules in the API's description (G14).

use crate::embedded::stack;
use http_api::openapi::X_ACCESS;
use http_api::{Caller, CallerId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Answer, Client};
use tests::{Api, Consumer, Courier, Order, Restaurant, a_day_from_now, deadline, skipped_at_a_url};
use utoipa_axum::router::OpenApiRouter;

/// An order that was delivered, with all that it belongs to.
#[derive(Clone)]
struct Delivered {
    consumer: Consumer,
    restaurant: Restaurant,
    courier: Courier,
    order: Order,
}

impl Delivered {
    async fn new(api: &Api) -> Self {
        let (consumer, restaurant) = (Consumer::create(api).await, Restaurant::ajanta(api).await);
        let order = Order::place(api, &consumer, &restaurant, 5).await;
        let _ = order.eventually_in_the_kitchen(api).await;
        let courier = Courier::available(api).await;
        order.accept(api).await;
        let _ = order
            .eventually(api, "a courier is assigned", |story| {
                story["delivery"]["courierId"] == courier.id
            })
            .await;
        for step in ["preparing", "ready-for-pickup", "picked-up"] {
            let _ = order.ticket(api, step, &json!({})).await.expect(200);
        }
        for step in ["picked-up", "delivered"] {
            let _ = order.delivery(api, step, &json!({})).await.expect(200);
        }
        let _ = order.eventually_is(api, "DELIVERED").await;
        // So that the next order gets a courier of its own.
        let path = format!("/couriers/{}/availability", courier.id);
        let _ = api.post(&path, &json!({ "available": false })).await.expect(200);
        Self {
            consumer,
            restaurant,
            courier,
            order,
        }
    }

    /// Returns the same with ids of things that do not exist.
    fn of_nothing(&self) -> Self {
        let another = |id: &str| {
            let (prefix, _) = id.split_once('_').unwrap();
            format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
        };
        let mut nothing = self.clone();
        for id in nothing.ids() {
            *id = another(id);
        }
        nothing
    }

    fn ids(&mut self) -> [&mut String; 4] {
        [
            &mut self.consumer.id,
            &mut self.restaurant.id,
            &mut self.courier.id,
            &mut self.order.id,
        ]
    }

    /// Returns a text without the ids of these things.
    fn without_ids(&self, text: &str) -> String {
        let mut these = self.clone();
        let ids = these.ids();
        ids.iter()
            .fold(text.to_owned(), |text, id| text.replace(id.as_str(), "ID"))
    }

    /// Returns the id of what is held of this kind.
    fn id(&self, kind: &str) -> &str {
        match kind {
            "consumer" => &self.consumer.id,
            "restaurant" => &self.restaurant.id,
            "courier" => &self.courier.id,
            _ => panic!("what is a {kind}?"),
        }
    }

    /// Returns what an answer about this order, or about what it belongs to, contains.
    fn marks(&self) -> [&str; 4] {
        [&self.order.id, "61.7", "Anya", "Mia Wong"]
    }

    /// Returns the path and the body of an operation on this order, or on what it belongs to.
    fn request(&self, operation: &str, path: &str) -> (String, Value) {
        let Self {
            consumer,
            restaurant,
            courier,
            order,
        } = self;
        let id = match path.split('/').nth(1) {
            Some("consumers" | "accounts") => &consumer.id,
            Some("restaurants") => &restaurant.id,
            Some("couriers") => &courier.id,
            _ => &order.id,
        };
        let path = path
            .replace("{id}", if path.starts_with("/operations") { "1" } else { id })
            .replace("{consumerId}", &consumer.id)
            .replace("{view}", "order-history");
        let body = match operation {
            "createConsumer" => json!({ "name": { "firstName": "Jane", "lastName": "Doe" } }),
            "placeOrder" => Order::body(consumer, restaurant, 5),
            "reviseOrder" => json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 6 }] }),
            "createRestaurant" => tests::ajanta("Ajanta", &[("1", "Chicken Vindaloo", "12.34")]),
            "reviseMenu" => json!({ "menuItems": [{ "id": "1", "name": "Dal", "price": "5.00" }] }),
            "changeHours" => json!({ "openingHours": [] }),
            "changeServiceArea" => json!({ "serviceArea": ["94612"] }),
            "acceptTicket" => json!({ "readyBy": a_day_from_now() }),
            "setCreditLimit" => json!({ "creditLimit": "1000.00" }),
            "createCourier" => json!({ "name": "Joe" }),
            "setCourierAvailability" => json!({ "available": true }),
            "updateDeliveryLocation" => json!({ "latitude": 37.8, "longitude": -122.2 }),
            _ => json!({}),
        };
        match operation {
            "listOrders" => (format!("{path}?consumerId={}", consumer.id), body),
            "findAvailableRestaurants" => (
                format!("{path}?zip=94612&at={}", a_day_from_now().replace('+', "%2B")),
                body,
            ),
            "listTickets" => (format!("{path}?status=PICKED_UP"), body),
            _ => (path, body),
        }
    }
}

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'r> {
    /// Without credentials.
    Nobody,
    /// With a role that no rule names.
    Guest,
    /// With this role, holding what the order belongs to.
    Own(&'r str),
    /// With this role, holding what another order belongs to.
    Foreign(&'r str),
    /// With this role, for everything.
    All(&'r str),
    /// May do everything.
    Unrestricted,
}

impl Kind<'_> {
    /// Returns such a caller; `kinds` has the kind of what each role holds.
    fn caller(
        self,
        own: &Delivered,
        foreign: &Delivered,
        kinds: &BTreeMap<String, String>,
    ) -> Option<Caller> {
        let caller = Caller::new(CallerId::derive(&["tests", &format!("{self:?}")]));
        let holding = |role: &str, of: &Delivered| {
            let kind = &kinds[role];
            caller.clone().role(role).holding(kind, of.id(kind))
        };
        match self {
            Kind::Nobody => None,
            Kind::Guest => Some(caller.role("guest")),
            Kind::Own(role) => Some(holding(role, own)),
            Kind::Foreign(role) => Some(holding(role, foreign)),
            Kind::All(role) => Some(caller.role(role)),
            Kind::Unrestricted => Some(Caller::unrestricted(CallerId::named("local"))),
        }
    }
}

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// 401.
    NotAuthenticated,
    /// 403.
    NotAllowed,
    /// An answer that shows nothing of the order.
    Nothing,
    /// The answer of somebody who may do everything.
    Answer,
}

fn expected(rule: &Value, kind: Kind<'_>) -> Expected {
    let Some(grants) = rule.as_array() else {
        assert_eq!(rule, "anybody");
        return Expected::Answer;
    };
    let grant = |role: &str| grants.iter().find(|grant| grant["role"] == role);
    match kind {
        Kind::Nobody => Expected::NotAuthenticated,
        Kind::Guest => Expected::NotAllowed,
        Kind::Unrestricted => Expected::Answer,
        Kind::Own(role) | Kind::All(role) | Kind::Foreign(role) => match grant(role) {
            None => Expected::NotAllowed,
            Some(grant) if grant["own"].is_string() && matches!(kind, Kind::Foreign(_)) => Expected::Nothing,
            Some(_) => Expected::Answer,
        },
    }
}

/// Operations that are about the caller itself: there is nothing foreign in them.
const ABOUT_THE_CALLER: [&str; 1] = ["createConsumer"];

/// Returns whether the operation was carried out, or refused by what it was asked for: a delivered order cannot be cancelled.
fn is_an_answer(answer: &Answer) -> bool {
    match answer.status {
        200..300 | 409 => true,
        422 => answer.json()["code"] != "UNKNOWN_CONSUMER",
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_each_kind_of_caller_by_its_rule() {
    if skipped_at_a_url("the matrix of access", "it names callers itself") {
        return;
    }
    let system = system::belvedere();
    let stack = stack().await;
    let api = Api::at(stack.url());
    let own = Delivered::new(&api).await;
    let foreign = Delivered::new(&api).await;
    stack.quiet(deadline()).await.unwrap();

    // The same functions on the same tables, called by whom this test names.
    let routes = system.api(&system.wiring(stack.dynamodb())).unwrap();
    let document = serde_json::to_value(system.openapi().unwrap()).unwrap();
    let operations = operations(&document);
    let mut kinds = BTreeMap::new();
    let mut roles = BTreeMap::new();
    for grant in operations
        .iter()
        .flat_map(|operation| operation.rule.as_array())
        .flatten()
    {
        let role = grant["role"].as_str().unwrap();
        roles.insert(role, grant["own"].is_string());
        if let Some(kind) = grant["own"].as_str() {
            kinds.insert(role.to_owned(), kind.to_owned());
        }
    }
    let mut callers = vec![Kind::Nobody, Kind::Guest];
    for (role, own) in &roles {
        match own {
            true => callers.extend([Kind::Foreign(role), Kind::Own(role)]),
            false => callers.push(Kind::All(role)),
        }
    }
    callers.push(Kind::Unrestricted);

    let nothing = own.of_nothing();
    let (mut asked, mut wrong) = (0, Vec::new());
    for operation in &operations {
        for kind in &callers {
            let caller = kind.caller(&own, &foreign, &kinds);
            let answer = operation.send(&routes, caller, &own).await;
            asked += 1;
            let mut right = expected(operation.rule, *kind);
            if right == Expected::Nothing && ABOUT_THE_CALLER.contains(&operation.id) {
                right = Expected::Answer;
            }
            let text = String::from_utf8_lossy(&answer.bytes);
            let shows = own
                .marks()
                .iter()
                .any(|mark| text.contains(mark) && answer.status == 200);
            let is_right = match right {
                Expected::NotAuthenticated => answer.status == 401,
                Expected::NotAllowed => answer.status == 403,
                // A list or a sum of nothing is 200.
                Expected::Nothing if operation.method == "GET" => {
                    matches!(answer.status, 200 | 404) && !shows
                }
                Expected::Nothing => answer.status == if operation.id == "placeOrder" { 422 } else { 404 },
                Expected::Answer if operation.is_of_operators() => {
                    !matches!(answer.status, 401 | 403 | 500..)
                }
                // What is hidden from others is shown here, so the search for it can fail.
                Expected::Answer => is_an_answer(&answer) && (shows || !operation.shows_what_is_owned()),
            };
            if right == Expected::Nothing {
                // What is foreign cannot be told from what is not there.
                let caller = kind.caller(&own, &foreign, &kinds);
                let missing = operation.send(&routes, caller, &nothing).await;
                let said = nothing.without_ids(&String::from_utf8_lossy(&missing.bytes));
                if (missing.status, &said) != (answer.status, &own.without_ids(&text)) {
                    wrong.push(format!(
                        "{} {kind:?}: {text}, but of nothing {said}",
                        operation.id
                    ));
                }
            }
            if !is_right {
                wrong.push(format!(
                    "{} {kind:?}: {right:?}, but {} {text}",
                    operation.id, answer.status
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {asked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    println!(
        "{asked} combinations: {} operations, {} kinds of callers",
        operations.len(),
        callers.len()
    );
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_command_of_an_owner_gets_its_first_reply() {
    if skipped_at_a_url("repeated commands of owners", "it names callers itself") {
        return;
    }
    let system = system::belvedere();
    let stack = stack().await;
    let api = Api::at(stack.url());
    let (consumer, restaurant) = (Consumer::create(&api).await, Restaurant::ajanta(&api).await);
    let placed = [
        Order::place(&api, &consumer, &restaurant, 5).await,
        Order::place(&api, &consumer, &restaurant, 6).await,
    ];
    for order in &placed {
        let _ = order.eventually_in_the_kitchen(&api).await;
    }
    let owner = |role: &str, kind: &str, id: &str| {
        Caller::new(CallerId::derive(&["tests", role]))
            .role(role)
            .holding(kind, id)
    };
    let buyer = owner("consumer", "consumer", &consumer.id);
    let staff = owner("restaurant-staff", "restaurant", &restaurant.id);
    let ready = json!({ "readyBy": a_day_from_now() });
    let commands = [
        (&buyer, format!("/orders/{}/cancel", placed[0].id), json!({})),
        (&staff, format!("/tickets/{}/accept", placed[1].id), ready),
    ];
    // The second time in the same process, the third time in one that knows nothing.
    let warm = system.api(&system.wiring(stack.dynamodb())).unwrap();
    let cold = system.api(&system.wiring(stack.dynamodb())).unwrap();
    for (caller, path, body) in &commands {
        let ask = async |routes: &OpenApiRouter| {
            let client = Client::of(routes.clone(), Caller::clone(caller));
            client.post_once(path, "once", body).await
        };
        let first = ask(&warm).await.expect(200);
        for routes in [&warm, &cold] {
            let again = ask(routes).await.expect(200);
            assert_eq!(again.header("idempotent-replayed"), "true", "{path}");
            assert_eq!(again.json(), first.json());
        }
    }
    stack.stop().await;
}

/// An operation in the API's description.
struct Operation<'d> {
    id: &'d str,
    method: String,
    path: &'d str,
    rule: &'d Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| Operation {
                id: operation["operationId"].as_str().unwrap(),
                method: method.to_uppercase(),
                path,
                rule: &operation[X_ACCESS],
            })
    });
    operations.collect()
}

impl Operation<'_> {
    /// Returns whether it is a read that is for the owner only.
    fn shows_what_is_owned(&self) -> bool {
        let mut grants = self.rule.as_array().into_iter().flatten();
        self.method == "GET" && grants.any(|grant| grant["own"].is_string())
    }

    /// The operator's API has no subscribers here, so its answers are 404.
    fn is_of_operators(&self) -> bool {
        self.path.starts_with("/operations")
    }

    async fn send(&self, routes: &OpenApiRouter, caller: Option<Caller>, on: &Delivered) -> Answer {
        let (path, body) = on.request(self.id, self.path);
        let body = matches!(self.method.as_str(), "POST" | "PUT").then_some(&body);
        Client::of(routes.clone(), caller)
            .call(&self.method, &path, body)
            .await
    }
}
