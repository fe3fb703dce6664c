// --- The events
//! The loyalty service: members earn a point for every whole dollar of a delivered order, and spend points.

use commit::Event;
use contracts::OrderId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The category of a member's stream, which has the consumer's id.
const CATEGORY: &str = "points";

/// What happened to a member. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
enum PointsEvent {
    /// A consumer became a member.
    #[serde(rename_all = "camelCase")]
    MemberJoined {},
    /// The member earned the points of a delivered order.
    #[serde(rename_all = "camelCase")]
    PointsEarned {
        /// The order.
        order_id: OrderId,
        /// The number of points.
        points: u64,
    },
    /// The member spent points.
    #[serde(rename_all = "camelCase")]
    PointsSpent {
        /// The number of points.
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
    fn encoded_event_matches_its_golden_file() {
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

/// The state of a member. The names are stored in snapshots.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct PointsState {
    /// Whether the consumer is a member.
    joined: bool,
    /// The points that can be spent.
    points: u64,
}

/// The commands of a member.
#[derive(Debug, Clone, PartialEq)]
enum PointsCommand {
    /// Makes the consumer a member. Has no effect on a member.
    Join,
    /// Adds the points of an order.
    Earn {
        /// The order.
        order_id: OrderId,
        /// Its points.
        points: u64,
    },
    /// Spends points.
    Spend {
        /// The number of points.
        points: u64,
    },
}

/// Why a member refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum PointsError {
    /// The consumer has not joined.
    #[error("the consumer is not a member")]
    NotAMember,
    /// The member has fewer points than the command spends.
    #[error("the member has {points} points, fewer than {asked}")]
    TooFewPoints {
        /// The member's points.
        points: u64,
        /// The points to spend.
        asked: u64,
    },
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
    fn member_spends_the_earned_points() {
        given::<Points>([PointsEvent::MemberJoined {}, earned(61)])
            .when(PointsCommand::Spend { points: 61 })
            .then([PointsEvent::PointsSpent { points: 61 }]);
    }

    #[test]
    fn spent_points_cannot_be_spent_again() {
        given::<Points>([
            PointsEvent::MemberJoined {},
            earned(61),
            PointsEvent::PointsSpent { points: 60 },
        ])
        .when(PointsCommand::Spend { points: 2 })
        .then_error(PointsError::TooFewPoints { points: 1, asked: 2 });
    }

    #[test]
    fn consumer_who_has_not_joined_earns_no_points() {
        let order_id = OrderId::from_uuid(Uuid::from_u128(1));
        given::<Points>([])
            .when(PointsCommand::Earn { order_id, points: 61 })
            .then_error(PointsError::NotAMember);
    }

    #[test]
    fn repeated_join_has_no_event() {
        given::<Points>([PointsEvent::MemberJoined {}])
            .when(PointsCommand::Join)
            .then_nothing();
    }
}

// --- The commands over HTTP
use axum::extract::State;
use axum::response::Response;
use contracts::access::BY_BACK_OFFICE;
use event_store::EventStore;
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Code, Command, Consistency, Guarded, IfNoneMatch, NoParameters, PathId, Problem, Query, created, found,
    ok, problems,
};
use std::num::NonZeroU64;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Returns the loyalty service's endpoints and their description.
fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(join).allow(BY_BACK_OFFICE))
        .routes(routes!(spend).allow(BY_BACK_OFFICE))
        .routes(routes!(get_member).allow(BY_BACK_OFFICE))
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

const UNKNOWN_MEMBER: Code = Code::not_found("UNKNOWN_MEMBER", "the consumer is not a member");
const TOO_FEW_POINTS: Code = Code::conflict("TOO_FEW_POINTS", "the member has only `currentPoints`");

problems!(SpendProblems = CommandProblems, UNKNOWN_MEMBER, TOO_FEW_POINTS);
problems!(GetProblems = ResourceRead, UNKNOWN_MEMBER);

/// A request to become a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Join {
    /// The consumer.
    consumer_id: ConsumerId,
}

/// A request to spend points.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spend {
    /// The number of points.
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
    /// The points that can be spent.
    points: u64,
}

/// Makes a consumer a member.
///
/// Does not check that the consumer exists, because an unknown consumer cannot earn points.
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

/// Spends points.
#[utoipa::path(
    post,
    path = "/loyalty/{id}/spend",
    tag = "loyalty",
    operation_id = "spendPoints",
    params(("id" = ConsumerId, Path, description = "The consumer's id."), CommandHeaders),
    request_body = Spend,
    responses(
        (status = 200, description = "The current state of the member.", body = PointsBody,
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

/// Shows a member.
///
/// Reads the member's own events, so the answer is never older than a token. Costs 1 read unit.
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
    Query(NoParameters {}): Query<NoParameters>,
    // Extracted only to refuse a damaged token, as all other reads do.
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

/// The data of an order that a later event needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PlacedOrder {
    consumer_id: ConsumerId,
    total: Money,
}

/// A command to add the points of one order.
#[derive(Debug, Clone, PartialEq)]
struct Award {
    consumer_id: ConsumerId,
    order_id: OrderId,
    points: u64,
}

/// The reactor that consumes the orders' events: a delivered order earns points.
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
                    order_id: id.map_err(|error| ApplyError::rejected(format!("bad order id: {error}")))?,
                    points: order.total.minor().unsigned_abs() / 100,
                };
                return Ok(vec![award]);
            }
            // Only a delivery earns points.
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

/// Executes the reactor's commands.
struct LoyaltyEffects {
    members: EventStore<Points>,
}

impl LoyaltyEffects {
    /// Uses the service's own event table.
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
            // A refusal is final: a consumer who is not a member earns no points.
            Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}

// --- One effect under any delivery
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

    /// Returns the commits of one order, with an event in each, as the orders service stores them.
    pub(super) fn history(number: u128, events: &[OrderEvent]) -> Vec<Commit> {
        let stream = format!("order#{}", OrderId::from_uuid(Uuid::from_u128(number)));
        let commit = |(event, version): (&OrderEvent, u64)| Commit {
            stream: stream.parse().unwrap(),
            first: version,
            count: 1,
            id: CommitId::from_bytes(CommandId::derive(&[&stream, &version.to_string()]).bytes()),
            command_id: CommandId::random(),
            previous: None,
            time: Timestamp::from_second(1_795_000_000 + version.cast_signed()).unwrap(),
            metadata: Metadata::default(),
            events: vec![event.encode().unwrap()],
        };
        events.iter().zip(1..).map(commit).collect()
    }

    #[test]
    fn g6_every_award_is_requested_under_any_delivery() {
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
    use commit::{Parcel, StreamId};
    use event_store::{CommitReader, event_table};
    use local_dynamodb::LocalDynamo;
    use projection::BatchHandler;
    use projection::testing::{batch, message};
    use serde_json::json;
    use testkit::{Bench, Client};

    #[tokio::test]
    async fn delivered_order_earns_points_once_and_they_are_spent_once() {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        event_table("loyalty-events").create(&client).await.unwrap();
        let wiring = Wiring::new(client.clone()).events(CATEGORY, "loyalty-events");
        let http = Client::new(router(&wiring));
        // The orders' event table and the reactor's table. The second table is empty, as after a crash before the first write.
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

        let join = json!({ "consumerId": consumer() });
        let joined = http.post("/loyalty", join).await.expect(201);
        assert_eq!(joined.body, json!({ "consumerId": consumer(), "points": 0 }));

        // An order of 61.70 is delivered. The test replaces relay and queue: it delivers the commits several times.
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
        let refused = http.post(&path, json!({ "points": 0 })).await.expect(400);
        assert_eq!(refused.body["field"], "points");
        // A client that got no answer repeats the request.
        for _ in 0..2 {
            let spent = http
                .post_once(&path, "a-pot-of-tea", json!({ "points": 60 }))
                .await;
            assert_eq!(
                spent.expect(200).body,
                json!({ "consumerId": consumer(), "points": 1 })
            );
        }
        let refused = http.post(&path, json!({ "points": 60 })).await;
        assert_eq!(refused.problem(), (409, "TOO_FEW_POINTS"));
        assert_eq!(refused.body["currentPoints"], 1);

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

/// Describes the loyalty service.
fn part() -> Part {
    Part::service("loyalty", &[CATEGORY])
        .commands(router)
        .reacts(Subscriber::reactor::<LoyaltyReactor, _>(LoyaltyEffects::new))
}

#[test]
fn part_has_an_event_table_and_the_reactors_table() {
    let tables: Vec<String> = part().tables().map(|table| table.name).collect();
    assert_eq!(tables, ["loyalty-events", "loyalty-reactor"]);
}
