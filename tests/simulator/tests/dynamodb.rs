//! Compares the simulator's DynamoDB with an independent engine: the same operations must have the same results.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Get, KeysAndAttributes, Put, ReturnValuesOnConditionCheckFailure,
    TransactGetItem, TransactWriteItem, Update,
};
use local_dynamodb::LocalDynamo;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use tables::TableDefinition;

type Item = HashMap<String, AttributeValue>;
type Sorted = BTreeMap<String, AttributeValue>;

/// The result of an operation, in a comparable form.
#[derive(Debug, PartialEq)]
enum Answer {
    Items(Vec<Option<Sorted>>),
    Error(String, Vec<String>, Option<Sorted>),
}

const TABLE: &str = "things";
const CASES: u64 = 150;
const OPERATIONS: usize = 40;

fn table(name: &str) -> TableDefinition {
    projection::view_table(name, &["status", "words"], true)
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn sorted(item: Item) -> Sorted {
    item.into_iter().collect()
}

struct Draw(fastrand::Rng);

impl Draw {
    fn pk(&mut self) -> String {
        format!("p{}", self.0.u8(..3))
    }

    fn sk(&mut self) -> String {
        ["-", "tally", "a", "ab", "b"][self.0.usize(..5)].to_owned()
    }

    fn key(&mut self) -> Item {
        [("pk".to_owned(), s(self.pk())), ("sk".to_owned(), s(self.sk()))].into()
    }

    fn item(&mut self) -> Item {
        let mut item = self.key();
        item.insert("r".to_owned(), n(self.0.i64(1..4)));
        if self.0.bool() {
            item.insert("g1pk".to_owned(), s(["x", "y"][self.0.usize(..2)]));
            item.insert("g1sk".to_owned(), s(format!("{}", self.0.u8(..20))));
            item.insert("l".to_owned(), n(self.0.i64(..9)));
            item.insert("status".to_owned(), s(["new", "old", "gone"][self.0.usize(..3)]));
            let words = (0..self.0.u8(..3)).map(|_| s(["red", "green"][self.0.usize(..2)]));
            let words = words.collect();
            item.insert("words".to_owned(), AttributeValue::L(words));
        }
        item
    }

    /// Draws a condition of a write in the forms that the project uses.
    fn condition(&mut self) -> (Option<&'static str>, Option<HashMap<String, AttributeValue>>) {
        let value = Some([(":v".to_owned(), n(self.0.i64(..4)))].into());
        match self.0.u8(..6) {
            0 => (Some("attribute_not_exists(pk)"), None),
            1 => (Some("r = :v"), value),
            2 => (Some("attribute_not_exists(pk) OR r < :v"), value),
            3 => (Some("attribute_exists(pk) AND NOT (r >= :v)"), value),
            _ => (None, None),
        }
    }
}

fn error<E, R>(error: SdkError<E, R>, reasons: impl Fn(&E) -> (Vec<String>, Option<Item>)) -> Answer
where
    E: ProvideErrorMetadata + Debug,
    R: Debug,
{
    let code = error.code().unwrap_or("none").to_owned();
    let (reasons, item) = error.as_service_error().map(reasons).unwrap_or_default();
    Answer::Error(code, reasons, item.map(sorted))
}

fn plain<E>(_: &E) -> (Vec<String>, Option<Item>) {
    (Vec::new(), None)
}

/// Executes one operation; the same seed gives the same operation for both engines.
async fn operation(client: &Client, table: &str, seed: u64) -> Answer {
    let mut draw = Draw(fastrand::Rng::with_seed(seed));
    match draw.0.u8(..14) {
        0..=3 => put(client, table, &mut draw).await,
        4 => {
            let (condition, values) = draw.condition();
            let delete = client.delete_item().table_name(table).set_key(Some(draw.key()));
            let delete = delete.set_condition_expression(condition.map(str::to_owned));
            match delete.set_expression_attribute_values(values).send().await {
                Ok(_) => Answer::Items(vec![]),
                Err(e) => error(e, plain),
            }
        }
        5 => {
            let get = client.get_item().table_name(table).set_key(Some(draw.key()));
            match get.consistent_read(true).send().await {
                Ok(output) => Answer::Items(vec![output.item.map(sorted)]),
                Err(e) => error(e, plain),
            }
        }
        6 => update(client, table, &mut draw).await,
        7 | 8 => transact(client, table, &mut draw).await,
        9 => batch_get(client, table, &mut draw).await,
        10 => {
            let gets = (0..draw.0.usize(1..4)).map(|_| {
                let get = Get::builder().table_name(table).set_key(Some(draw.key())).build();
                TransactGetItem::builder().get(get.unwrap()).build()
            });
            let gets = gets.collect();
            match client
                .transact_get_items()
                .set_transact_items(Some(gets))
                .send()
                .await
            {
                Ok(output) => {
                    let responses = output.responses.unwrap_or_default().into_iter();
                    Answer::Items(responses.map(|response| response.item.map(sorted)).collect())
                }
                // Real DynamoDB refuses a repeated key; only the wording would be compared.
                Err(_) => Answer::Items(vec![]),
            }
        }
        11 => query(client, table, &mut draw).await,
        12 => list(client, table, &mut draw).await,
        _ => scan(client, table, &mut draw).await,
    }
}

async fn put(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let (condition, values) = draw.condition();
    let put = client
        .put_item()
        .table_name(table)
        .set_item(Some(draw.item()))
        .set_condition_expression(condition.map(str::to_owned))
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    match put.send().await {
        Ok(_) => Answer::Items(vec![]),
        Err(e) => error(e, |e| match e {
            PutItemError::ConditionalCheckFailedException(refused) => (vec![], refused.item.clone()),
            _ => (vec![], None),
        }),
    }
}

async fn update(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let update = client.update_item().table_name(table).set_key(Some(draw.key()));
    let update = match draw.0.u8(..3) {
        0 => update
            .update_expression("SET l = :v, #s = :s REMOVE words")
            .expression_attribute_names("#s", "status"),
        1 => update.update_expression("ADD a :v, b :v"),
        _ => update.update_expression("SET l = :v"),
    };
    let uses = update
        .get_update_expression()
        .as_deref()
        .is_some_and(|text| text.contains(":s"));
    let update = update.expression_attribute_values(":v", n(draw.0.i64(-5..5)));
    let update = if uses {
        update.expression_attribute_values(":s", s("new"))
    } else {
        update
    };
    match update.send().await {
        Ok(_) => Answer::Items(vec![]),
        Err(e) => error(e, plain),
    }
}

async fn transact(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let mut items: Vec<TransactWriteItem> = Vec::new();
    let mut keys = Vec::new();
    for _ in 0..draw.0.usize(1..4) {
        let (condition, values) = draw.condition();
        let condition = condition.map(str::to_owned);
        let item = draw.item();
        let place = (item["pk"].clone(), item["sk"].clone());
        if keys.contains(&place) {
            continue;
        }
        keys.push(place);
        let key: Item = item
            .iter()
            .filter(|(k, _)| *k == "pk" || *k == "sk")
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        items.push(match draw.0.u8(..3) {
            0 => {
                let put = Put::builder()
                    .table_name(table)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values);
                TransactWriteItem::builder().put(put.build().unwrap()).build()
            }
            1 => {
                let delete = Delete::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values);
                TransactWriteItem::builder()
                    .delete(delete.build().unwrap())
                    .build()
            }
            _ => {
                let update = Update::builder()
                    .table_name(table)
                    .set_key(Some(key))
                    .update_expression("ADD #a :a")
                    .expression_attribute_names("#a", "a")
                    .expression_attribute_values(":a", n(draw.0.i64(1..9)));
                TransactWriteItem::builder()
                    .update(update.build().unwrap())
                    .build()
            }
        });
    }
    match client
        .transact_write_items()
        .set_transact_items(Some(items))
        .send()
        .await
    {
        Ok(_) => Answer::Items(vec![]),
        Err(e) => error(e, |e| match e {
            TransactWriteItemsError::TransactionCanceledException(e) => {
                let reasons = e.cancellation_reasons().iter();
                (
                    reasons
                        .map(|reason| reason.code().unwrap_or_default().to_owned())
                        .collect(),
                    None,
                )
            }
            _ => (vec![], None),
        }),
    }
}

async fn batch_get(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let sort = draw.sk();
    let keys =
        (0..3).map(|p| Item::from([("pk".to_owned(), s(format!("p{p}"))), ("sk".to_owned(), s(&sort))]));
    let request = KeysAndAttributes::builder()
        .set_keys(Some(keys.collect()))
        .projection_expression("#p0, #p1")
        .expression_attribute_names("#p0", "pk")
        .expression_attribute_names("#p1", "r")
        .consistent_read(true)
        .build()
        .unwrap();
    let answer = client
        .batch_get_item()
        .request_items(table, request)
        .send()
        .await
        .unwrap();
    let items = answer
        .responses
        .unwrap_or_default()
        .remove(table)
        .unwrap_or_default();
    let mut items: Vec<_> = items.into_iter().map(|item| Some(sorted(item))).collect();
    items.sort_by_key(|item| format!("{item:?}"));
    Answer::Items(items)
}

async fn query(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let range = draw.0.u8(..5);
    let (from, to) = (draw.sk(), draw.sk());
    let (from, to) = (from.clone().min(to.clone()), from.max(to));
    let (pk, forward, limit) = (draw.pk(), draw.0.bool(), draw.0.i32(1..4));
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let query = client
            .query()
            .table_name(table)
            .consistent_read(true)
            .scan_index_forward(forward)
            .limit(limit)
            .expression_attribute_values(":pk", s(&pk))
            .set_exclusive_start_key(start);
        let query = match range {
            0 => query.key_condition_expression("pk = :pk"),
            1 => query
                .key_condition_expression("pk = :pk AND sk > :a")
                .expression_attribute_values(":a", s(&from)),
            2 => query
                .key_condition_expression("pk = :pk AND sk <= :a")
                .expression_attribute_values(":a", s(&from)),
            3 => query
                .key_condition_expression("pk = :pk AND begins_with(sk, :a)")
                .expression_attribute_values(":a", s(&from)),
            _ => query
                .key_condition_expression("pk = :pk AND sk BETWEEN :a AND :b")
                .expression_attribute_values(":a", s(&from))
                .expression_attribute_values(":b", s(&to)),
        };
        let answer = query.send().await.unwrap();
        items.extend(
            answer
                .items
                .unwrap_or_default()
                .into_iter()
                .map(|item| Some(sorted(item))),
        );
        start = answer.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            return Answer::Items(items);
        }
    }
}

async fn list(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let (pk, forward, limit) = (["x", "y"][draw.0.usize(..2)], draw.0.bool(), draw.0.i32(1..4));
    let filtered = draw.0.bool();
    let mut items = Vec::new();
    let mut start = None;
    loop {
        let query = client
            .query()
            .table_name(table)
            .index_name("lists")
            .key_condition_expression("g1pk = :pk AND g1sk >= :a")
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":a", s("1"))
            .expression_attribute_names("#l", "l")
            .projection_expression("pk, g1sk, #l")
            .scan_index_forward(forward)
            .limit(limit)
            .set_exclusive_start_key(start);
        let query = if filtered {
            query
                .filter_expression("#f0 IN (:x, :y) AND contains(#f1, :z)")
                .expression_attribute_names("#f0", "status")
                .expression_attribute_names("#f1", "words")
                .expression_attribute_values(":x", s("new"))
                .expression_attribute_values(":y", s("old"))
                .expression_attribute_values(":z", s("red"))
        } else {
            query
        };
        let answer = query.send().await.unwrap();
        items.extend(
            answer
                .items
                .unwrap_or_default()
                .into_iter()
                .map(|item| Some(sorted(item))),
        );
        start = answer.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            // The order of equal sort keys in an index is undefined.
            items.sort_by_key(|item| format!("{item:?}"));
            return Answer::Items(items);
        }
    }
}

async fn scan(client: &Client, table: &str, draw: &mut Draw) -> Answer {
    let (of, limit) = (draw.0.i32(1..4), draw.0.i32(1..5));
    let mut items = Vec::new();
    for segment in 0..of {
        let mut start = None;
        loop {
            let scan = client
                .scan()
                .table_name(table)
                .consistent_read(true)
                .segment(segment)
                .total_segments(of)
                .limit(limit)
                .set_exclusive_start_key(start);
            let answer = scan.send().await.unwrap();
            items.extend(
                answer
                    .items
                    .unwrap_or_default()
                    .into_iter()
                    .map(|item| Some(sorted(item))),
            );
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                break;
            }
        }
    }
    // The segments and the order of items differ between engines.
    items.sort_by_key(|item| format!("{item:?}"));
    Answer::Items(items)
}

#[tokio::test]
async fn the_same_operations_have_the_same_results() {
    let dynamo = LocalDynamo::in_memory().await.unwrap();
    for case in 0..CASES {
        let name = format!("{TABLE}-{case}");
        let trusted = dynamo.client();
        table(&name).create(&trusted).await.unwrap();
        let simulated = simulator::dynamodb([table(&name)]);
        for place in 0..OPERATIONS {
            let seed = case * 1_000 + place as u64;
            let expected = operation(&trusted, &name, seed).await;
            let found = operation(&simulated, &name, seed).await;
            assert_eq!(found, expected, "operation {place} of case {case}");
        }
    }
    dynamo.shutdown().await;
}
