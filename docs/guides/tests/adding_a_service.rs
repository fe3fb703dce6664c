// --- The events
//! The loyalty service: members collect a point for every whole dollar of a delivered order, and spend them.

use commit::Event;
use contracts::OrderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of a member's stream, which has the consumer's id.
const CATEGORY: &str = "points";

/// What happens to a member. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
enum PointsEvent {
    /// A consumer became a member.
    #[serde(rename_all = "camelCase")]
    MemberJoined {},
    /// An order was delivered.
    #[serde(rename_all = "camelCase")]
    PointsEarned {
        /// The order.
        order_id: OrderId,
        /// What it was worth.
        points: u64,
    },
    /// The member got something for points.
    #[serde(rename_all = "camelCase")]
    PointsSpent {
        /// How many.
        points: u64,
    },
}

impl Event for PointsEvent {
    const TYPES: &'static [(&'static str, u32)] =
        &[("MemberJoined", 1), ("PointsEarned", 1), ("PointsSpent", 1)];
}

// --- The golden files
#[cfg(test)]
mod published {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_stored_as_its_golden_file_says() {
        let order_id = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061";
        let earned = PointsEvent::PointsEarned {
            order_id: order_id.parse().unwrap(),
            points: 61,
        };
        let golden = json!({ "t": "PointsEarned", "v": 1, "d": { "orderId": order_id, "points": 61 } });
        assert_eq!(serde_json::to_value(earned.encode().unwrap()).unwrap(), golden);
    }
}

// --- The aggregate
use contracts::ConsumerId;
use event_store::Decider;

/// A member as it now is. The names are stored in snapshots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct PointsState {
    /// Whether the consumer is one.
    joined: bool,
    /// What can be spent.
    points: u64,
}

/// What can be asked of a member.
#[derive(Debug, Clone, PartialEq)]
enum PointsCommand {
    /// To become one. Whoever is one already stays one.
    Join,
    /// To be given the points of an order.
    Earn { order_id: OrderId, points: u64 },
    /// To give points away.
    Spend { points: u64 },
}

/// Why a member refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum PointsError {
    /// Nobody joined under this id.
    #[error("the consumer is not a member")]
    NotAMember,
    /// More is to be spent than there is.
    #[error("there are {points} points and {asked} are asked for")]
    TooFewPoints { points: u64, asked: u64 },
}

/// The decider of members.
struct Points;

impl Decider for Points {
    type Id = ConsumerId;
    type Command = PointsCommand;
    type Event = PointsEvent;
    type State = PointsState;
    type Error = PointsError;
    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(member: &PointsState, command: &PointsCommand) -> Result<Vec<PointsEvent>, PointsError> {
        match *command {
            PointsCommand::Join if member.joined => Ok(vec![]),
            PointsCommand::Join => Ok(vec![PointsEvent::MemberJoined {}]),
            _ if !member.joined => Err(PointsError::NotAMember),
            PointsCommand::Earn { order_id, points } => {
                Ok(vec![PointsEvent::PointsEarned { order_id, points }])
            }
            PointsCommand::Spend { points } if points <= member.points => {
                Ok(vec![PointsEvent::PointsSpent { points }])
            }
            PointsCommand::Spend { points } => Err(PointsError::TooFewPoints {
                points: member.points,
                asked: points,
            }),
        }
    }

    fn evolve(mut member: PointsState, event: &PointsEvent) -> PointsState {
        match event {
            PointsEvent::MemberJoined {} => member.joined = true,
            PointsEvent::PointsEarned { points, .. } => member.points = member.points.saturating_add(*points),
            PointsEvent::PointsSpent { points } => member.points = member.points.saturating_sub(*points),
        }
        member
    }
}

// --- Given, when, then
#[cfg(test)]
mod rules {
    use super::*;
    use event_store::testing::given;
    use uuid::Uuid;

    fn earned(points: u64) -> PointsEvent {
        PointsEvent::PointsEarned {
            order_id: OrderId::from_uuid(Uuid::from_u128(1)),
            points,
        }
    }

    #[test]
    fn a_member_spends_what_was_earned() {
        given::<Points>([PointsEvent::MemberJoined {}, earned(61)])
            .when(PointsCommand::Spend { points: 61 })
            .then([PointsEvent::PointsSpent { points: 61 }]);
    }

    #[test]
    fn what_is_spent_is_gone() {
        given::<Points>([
            PointsEvent::MemberJoined {},
            earned(61),
            PointsEvent::PointsSpent { points: 60 },
        ])
        .when(PointsCommand::Spend { points: 2 })
        .then_error(PointsError::TooFewPoints { points: 1, asked: 2 });
    }

    #[test]
    fn who_is_no_member_earns_nothing() {
        let order_id = OrderId::from_uuid(Uuid::from_u128(1));
        given::<Points>([])
            .when(PointsCommand::Earn { order_id, points: 61 })
            .then_error(PointsError::NotAMember);
    }

    #[test]
    fn to_join_twice_is_to_join() {
        given::<Points>([PointsEvent::MemberJoined {}])
            .when(PointsCommand::Join)
            .then_nothing();
    }
}

// --- The commands over HTTP
use axum::extract::State;
use axum::response::Response;
use event_store::EventStore;
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{Code, Command, Consistency, IfNoneMatch, PathId, Problem, created, found, ok, problems};
use std::num::NonZeroU64;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The loyalty service's part of the API.
fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(join))
        .routes(routes!(spend))
        .routes(routes!(get_member))
        .with_state(wiring.store::<Points>())
}

impl From<PointsError> for Problem {
    fn from(error: PointsError) -> Self {
        match error {
            PointsError::NotAMember => UNKNOWN_MEMBER.problem(&error),
            PointsError::TooFewPoints { points, .. } => {
                TOO_FEW_POINTS.problem(&error).with("currentPoints", points)
            }
        }
    }
}

const UNKNOWN_MEMBER: Code = Code::not_found("UNKNOWN_MEMBER", "the consumer did not join");
const TOO_FEW_POINTS: Code = Code::conflict("TOO_FEW_POINTS", "there are only `currentPoints`");

problems!(SpendProblems = CommandProblems, UNKNOWN_MEMBER, TOO_FEW_POINTS);
problems!(GetProblems = ResourceRead, UNKNOWN_MEMBER);

/// Who joins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Join {
    /// The consumer.
    consumer_id: ConsumerId,
}

/// What is spent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spend {
    /// How many points.
    #[schema(value_type = u64, minimum = 1)]
    points: NonZeroU64,
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Points)]
struct PointsBody {
    /// The consumer.
    consumer_id: ConsumerId,
    /// What can be spent.
    points: u64,
}

/// Become a member
///
/// Nobody asks whether there is such a consumer: one that does not exist never gets an order delivered.
#[utoipa::path(
    post,
    path = "/loyalty",
    tag = "loyalty",
    operation_id = "joinLoyalty",
    params(CommandHeaders),
    request_body = Join,
    responses(
        (status = 201, description = "The member.", body = PointsBody,
            headers(("Location" = String), ("Consistency-Token" = String))),
        CommandProblems,
    )
)]
async fn join(
    State(members): State<EventStore<Points>>,
    command: Command<Join>,
) -> Result<Response, Problem> {
    let consumer_id = command.body.consumer_id;
    // The first command of its stream: one put and no query.
    let joined = members
        .create(&consumer_id, &PointsCommand::Join, &command.context)
        .await?;
    let points = joined.state.points;
    Ok(created(
        &format!("/loyalty/{consumer_id}"),
        &PointsBody { consumer_id, points },
        &joined,
    ))
}

/// Spend points
#[utoipa::path(
    post,
    path = "/loyalty/{id}/spend",
    tag = "loyalty",
    operation_id = "spendPoints",
    params(("id" = ConsumerId, Path, description = "The consumer's id."), CommandHeaders),
    request_body = Spend,
    responses(
        (status = 200, description = "The member as it now is.", body = PointsBody,
            headers(("Consistency-Token" = String))),
        SpendProblems,
    )
)]
async fn spend(
    State(members): State<EventStore<Points>>,
    PathId(consumer_id): PathId<ConsumerId>,
    command: Command<Spend>,
) -> Result<Response, Problem> {
    let points = command.body.points.get();
    let spend = PointsCommand::Spend { points };
    let spent = members.execute(&consumer_id, &spend, &command.context).await?;
    let points = spent.state.points;
    Ok(ok(&PointsBody { consumer_id, points }, &spent))
}

/// Look at a member
///
/// Read from the events themselves, so it is never older than any token; 1 read unit.
#[utoipa::path(
    get,
    path = "/loyalty/{id}",
    tag = "loyalty",
    operation_id = "getMember",
    params(("id" = ConsumerId, Path, description = "The consumer's id."), ReadHeaders),
    responses(
        (status = 200, description = "The member.", body = PointsBody),
        GetProblems,
    )
)]
async fn get_member(
    State(members): State<EventStore<Points>>,
    PathId(consumer_id): PathId<ConsumerId>,
    // Only for its check: a damaged token is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let member = members.load(&consumer_id).await?;
    if !member.state.joined {
        return Err(PointsError::NotAMember.into());
    }
    let points = member.state.points;
    found(&asked, &member, &PointsBody { consumer_id, points })
}

// --- The reactor
use contracts::{Money, OrderEvent, order};
use projection::{ApplyError, Published, Reactor};

/// What is remembered of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PlacedOrder {
    consumer_id: ConsumerId,
    total: Money,
}

/// What the reactor asks of its service: the points of one order.
#[derive(Debug, Clone, PartialEq)]
struct Award {
    consumer_id: ConsumerId,
    order_id: OrderId,
    points: u64,
}

/// Listens to the orders. One that is delivered earns points.
struct LoyaltyReactor;

impl Reactor for LoyaltyReactor {
    type Document = Option<PlacedOrder>;
    type Command = Award;
    const NAME: &'static str = "loyalty-reactor";
    const SOURCES: &'static [&'static str] = &[order::CATEGORY];

    fn react(document: &mut Option<PlacedOrder>, event: &Published<'_>) -> Result<Vec<Award>, ApplyError> {
        let event_of_order = event.decode()?;
        if let OrderEvent::OrderCreated {
            consumer_id,
            order_total: total,
            ..
        } = event_of_order
        {
            *document = Some(PlacedOrder { consumer_id, total });
            return Ok(vec![]);
        }
        let missing = || ApplyError::rejected("the order's stream does not begin with its creation");
        let order = document.as_mut().ok_or_else(missing)?;
        match event_of_order {
            OrderEvent::OrderRevised { new_order_total, .. } => order.total = new_order_total,
            OrderEvent::OrderCompleted {} => {
                let id = event.id().parse();
                let award = Award {
                    consumer_id: order.consumer_id,
                    order_id: id.map_err(|error| ApplyError::rejected(format!("no order's id: {error}")))?,
                    points: order.total.minor().unsigned_abs() / 100,
                };
                return Ok(vec![award]);
            }
            // Nothing is earned before the food is there.
            OrderEvent::OrderCreated { .. }
            | OrderEvent::OrderApproved {}
            | OrderEvent::OrderRejected { .. }
            | OrderEvent::OrderCancelRequested {}
            | OrderEvent::OrderCancelled {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevisionProposed { .. }
            | OrderEvent::OrderRevisionRejected { .. } => {}
        }
        Ok(vec![])
    }
}

// --- The effect
use event_store::ExecuteError;
use projection::{Cause, EffectError, Effects};

/// Carries out what the reactor asks.
struct LoyaltyEffects {
    members: EventStore<Points>,
}

impl LoyaltyEffects {
    fn new(wiring: &Wiring) -> Self {
        Self {
            members: wiring.store(),
        }
    }
}

impl Effects<Award> for LoyaltyEffects {
    async fn run(&self, award: Award, cause: &Cause) -> Result<(), EffectError> {
        let Award {
            consumer_id,
            order_id,
            points,
        } = award;
        let earn = PointsCommand::Earn { order_id, points };
        match self.members.execute(&consumer_id, &earn, &cause.context()).await {
            // Who is no member has been answered: nothing is earned.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}

// --- Once, whatever happens
#[cfg(test)]
mod reactions {
    use super::*;
    use commit::{CommandId, Commit, CommitId, Metadata};
    use contracts::{Address, LineItem, LineItems, Quantity};
    use jiff::Timestamp;
    use proptest::prelude::*;
    use testkit::reacts_once;
    use uuid::Uuid;

    pub(super) fn consumer() -> ConsumerId {
        ConsumerId::from_uuid(Uuid::from_u128(8))
    }

    pub(super) fn placed() -> OrderEvent {
        let line_items = LineItems::new(vec![LineItem {
            menu_item_id: "1".parse().unwrap(),
            name: "Chicken Vindaloo".parse().unwrap(),
            price: "12.34".parse().unwrap(),
            quantity: Quantity::new(5).unwrap(),
        }])
        .unwrap();
        OrderEvent::OrderCreated {
            consumer_id: consumer(),
            restaurant_id: contracts::RestaurantId::from_uuid(Uuid::from_u128(7)),
            restaurant_name: "Ajanta".parse().unwrap(),
            order_total: line_items.total(),
            line_items,
            delivery_address: Address {
                street1: "9 Amazing View".parse().unwrap(),
                street2: None,
                city: "Oakland".parse().unwrap(),
                state: "CA".parse().unwrap(),
                zip: "94612".parse().unwrap(),
            },
            delivery_time: "2026-12-24T18:00:00Z".parse().unwrap(),
        }
    }

    /// The commits of one order, an event in each, as the order service would have stored them.
    pub(super) fn history(number: u128, events: &[OrderEvent]) -> Vec<Commit> {
        let stream = format!("order#{}", OrderId::from_uuid(Uuid::from_u128(number)));
        let commit = |(event, version): (&OrderEvent, u64)| Commit {
            stream: stream.parse().unwrap(),
            first: version,
            count: 1,
            id: CommitId::from_bytes(CommandId::derive(&[&stream, &version.to_string()]).bytes()),
            command_id: CommandId::random(),
            time: Timestamp::from_second(1_795_000_000 + version.cast_signed()).unwrap(),
            metadata: Metadata::default(),
            events: vec![event.encode().unwrap()],
        };
        events.iter().zip(1..).map(commit).collect()
    }

    #[test]
    fn g6_every_award_is_asked_for_whatever_happens_on_the_way() {
        let course = prop_oneof![
            Just(vec![]),
            Just(vec![OrderEvent::OrderApproved {}, OrderEvent::OrderCompleted {}]),
            Just(vec![
                OrderEvent::OrderCancelRequested {},
                OrderEvent::OrderCancelled {}
            ]),
        ];
        let histories = prop::collection::vec(course, 1..4).prop_map(|courses| {
            let whole = |(number, course): (u128, &Vec<OrderEvent>)| {
                history(number, &[vec![placed()], course.clone()].concat())
            };
            (1..).zip(&courses).flat_map(whole).collect()
        });
        reacts_once::<LoyaltyReactor>(histories, 50);
    }
}

// --- From the command to the effect
#[cfg(test)]
mod end_to_end {
    use super::reactions::{consumer, history, placed};
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use commit::{Parcel, StreamId};
    use event_store::{CommitReader, event_table};
    use http::Request;
    use http_body_util::BodyExt;
    use local_dynamodb::LocalDynamo;
    use projection::BatchHandler;
    use projection::testing::{batch, message};
    use serde_json::{Value, json};
    use testkit::Bench;
    use tower::ServiceExt;

    async fn post(router: &Router, path: &str, key: &str, body: Value) -> (u16, Value) {
        let request = Request::post(path).header("content-type", "application/json");
        let request = request
            .header("Idempotency-Key", key)
            .body(Body::from(body.to_string()));
        let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_delivered_order_earns_its_points_once_and_they_are_spent_once() {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        event_table("loyalty-events").create(&client).await.unwrap();
        let wiring = Wiring::new(client.clone()).events(CATEGORY, "loyalty-events");
        let (router, _) = router(&wiring).split_for_parts();
        let router = http_api::finish(router);
        // The orders' events, and the table of the reactor; and an empty one, as if it had crashed before it took a note.
        let bench = Bench::create(client.clone(), LoyaltyReactor::NAME, &[])
            .await
            .unwrap();
        let crashed = Bench::create(client.clone(), "crashed", &[]).await.unwrap();
        let reactor = |table: &str| {
            let wiring = wiring
                .clone()
                .events(order::CATEGORY, &bench.event_table)
                .documents(LoyaltyReactor::NAME, table);
            wiring.reactor::<LoyaltyReactor, _>(LoyaltyEffects::new(&wiring))
        };

        let joined = post(&router, "/loyalty", "join", json!({ "consumerId": consumer() })).await;
        assert_eq!(joined, (201, json!({ "consumerId": consumer(), "points": 0 })));

        // An order of 61.70 is delivered. What relay and queue do, by hand: the commits arrive, and arrive again.
        let order = history(
            1,
            &[
                placed(),
                OrderEvent::OrderApproved {},
                OrderEvent::OrderCompleted {},
            ],
        );
        bench.store(&order).await.unwrap();
        let reactors = [reactor(&bench.view_table), reactor(&crashed.view_table)];
        for reactor in [&reactors[0], &reactors[0], &reactors[1]] {
            let parcels = order.iter().cloned().map(Parcel::Whole).collect();
            let done = reactor.handle(batch(vec![message("1", 1, parcels)])).await;
            assert!(done.batch_item_failures.is_empty());
        }

        let path = format!("/loyalty/{}/spend", consumer());
        let (status, refused) = post(&router, &path, "nothing", json!({ "points": 0 })).await;
        assert_eq!((status, &refused["field"]), (400, &json!("points")));
        // A client that got no answer asks again.
        for _ in 0..2 {
            let spent = post(&router, &path, "a-pot-of-tea", json!({ "points": 60 })).await;
            assert_eq!(spent, (200, json!({ "consumerId": consumer(), "points": 1 })));
        }
        let (status, refused) = post(&router, &path, "another-pot", json!({ "points": 60 })).await;
        assert_eq!(
            (status, &refused["code"], &refused["currentPoints"]),
            (409, &json!("TOO_FEW_POINTS"), &json!(1))
        );

        let stream = StreamId::new(CATEGORY, &consumer().to_string()).unwrap();
        let commits = CommitReader::new(client, "loyalty-events")
            .after(&stream, 0)
            .await
            .unwrap();
        let kinds: Vec<&str> = commits
            .iter()
            .flat_map(|commit| &commit.events)
            .map(|event| &*event.kind)
            .collect();
        assert_eq!(kinds, ["MemberJoined", "PointsEarned", "PointsSpent"]);
    }
}

// --- The part
use function::{Part, Subscriber};

/// The loyalty service.
fn part() -> Part {
    Part::service("loyalty", &[CATEGORY])
        .commands(router)
        .reacts(Subscriber::reactor::<LoyaltyReactor, _>(LoyaltyEffects::new))
}

#[test]
fn a_part_has_its_tables() {
    let tables: Vec<String> = part().tables().map(|table| table.name).collect();
    assert_eq!(tables, ["loyalty-events", "loyalty-reactor"]);
}
