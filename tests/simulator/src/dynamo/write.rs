//! The write operations.

use super::expression::{Action, Condition, Terms, update};
use super::read::consumed;
use super::refusal::{CONDITION, INVALID, Refusal, reason};
use super::table::{Item, Key};
use super::{Engine, Written};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, WriteRequest,
};
use std::collections::{BTreeSet, HashMap};

/// One write of one item, ready to be checked and executed.
struct Change<'a> {
    table: &'a str,
    key: Key,
    condition: Option<Condition>,
    effect: Effect<'a>,
    returns_old: bool,
}

enum Effect<'a> {
    Put(&'a Item),
    Update(&'a Item, Vec<Action>),
    Delete,
    Check,
}

macro_rules! change {
    ($engine:expr, $write:expr, $table:expr, $key:expr, $effect:expr) => {{
        let terms = Terms {
            names: $write.expression_attribute_names.as_ref(),
            values: $write.expression_attribute_values.as_ref(),
        };
        let condition = $write.condition_expression.as_deref();
        Change {
            table: $table,
            key: $engine.table(Some($table)).key($key),
            condition: condition.map(|text| Condition::parse(text, terms)),
            effect: $effect(terms),
            returns_old: $write.return_values_on_condition_check_failure
                == Some(ReturnValuesOnConditionCheckFailure::AllOld),
        }
    }};
}

impl Engine {
    pub(super) fn put(
        &mut self,
        input: &PutItemInput,
        written: &mut Written,
    ) -> Result<PutItemOutput, Refusal> {
        let table = input.table_name.as_deref().expect("a PutItem has a table");
        let item = input.item.as_ref().expect("a PutItem has an item");
        let change = change!(self, input, table, item, |_| Effect::Put(item));
        self.one(&change, written)?;
        Ok(PutItemOutput::builder().consumed_capacity(consumed(1.0)).build())
    }

    pub(super) fn update(
        &mut self,
        input: &UpdateItemInput,
        written: &mut Written,
    ) -> Result<UpdateItemOutput, Refusal> {
        let table = input.table_name.as_deref().expect("an UpdateItem has a table");
        let key = input.key.as_ref().expect("an UpdateItem has a key");
        let expression = input.update_expression.as_deref().unwrap_or_default();
        let change = change!(self, input, table, key, |terms| Effect::Update(
            key,
            update(expression, terms)
        ));
        let old = self.one(&change, written)?;
        let attributes = match &input.return_values {
            Some(ReturnValue::AllNew) => self.current(table, &change.key),
            Some(ReturnValue::AllOld) => old,
            None | Some(ReturnValue::None) => None,
            other => panic!("the simulator's DynamoDB does not support the return values {other:?}"),
        };
        Ok(UpdateItemOutput::builder()
            .set_attributes(attributes)
            .consumed_capacity(consumed(1.0))
            .build())
    }

    pub(super) fn delete(
        &mut self,
        input: &DeleteItemInput,
        written: &mut Written,
    ) -> Result<DeleteItemOutput, Refusal> {
        let table = input.table_name.as_deref().expect("a DeleteItem has a table");
        let key = input.key.as_ref().expect("a DeleteItem has a key");
        let change = change!(self, input, table, key, |_| Effect::Delete);
        let old = self.one(&change, written)?;
        let old = old.filter(|_| input.return_values == Some(ReturnValue::AllOld));
        Ok(DeleteItemOutput::builder()
            .set_attributes(old)
            .consumed_capacity(consumed(1.0))
            .build())
    }

    pub(super) fn batch_write(
        &mut self,
        input: &BatchWriteItemInput,
        written: &mut Written,
        process: &mut dyn FnMut(usize) -> bool,
    ) -> Result<BatchWriteItemOutput, Refusal> {
        let mut unprocessed: HashMap<String, Vec<WriteRequest>> = HashMap::new();
        let mut place = 0;
        for (name, requests) in input.request_items.iter().flatten() {
            let mut keys = BTreeSet::new();
            for request in requests {
                let (key, item) = match (&request.put_request, &request.delete_request) {
                    (Some(put), None) => (self.table(Some(name)).key(&put.item), Some(put.item.clone())),
                    (None, Some(delete)) => (self.table(Some(name)).key(&delete.key), None),
                    _ => return Err(Refusal::new(INVALID)),
                };
                if !keys.insert(key.clone()) || keys.len() > 25 {
                    return Err(Refusal::new(INVALID));
                }
                place += 1;
                if process(place - 1) {
                    self.store(name, key, item, written);
                } else {
                    unprocessed.entry(name.clone()).or_default().push(request.clone());
                }
            }
        }
        Ok(BatchWriteItemOutput::builder()
            .set_unprocessed_items(Some(unprocessed))
            .consumed_capacity(consumed(1.0))
            .build())
    }

    pub(super) fn transact_write(
        &mut self,
        input: &TransactWriteItemsInput,
        written: &mut Written,
    ) -> Result<TransactWriteItemsOutput, Refusal> {
        let output = TransactWriteItemsOutput::builder()
            .consumed_capacity(consumed(2.0))
            .build();
        if let Some(token) = &input.client_request_token
            && !self.tokens.insert(token.clone())
        {
            return Ok(output);
        }
        let items = input.transact_items.as_deref().unwrap_or_default();
        let changes: Vec<Change<'_>> = items.iter().map(|item| self.part(item)).collect();
        let places: BTreeSet<(&str, &Key)> = changes.iter().map(|c| (c.table, &c.key)).collect();
        if changes.len() > 100 || places.len() != changes.len() {
            return Err(Refusal::new(INVALID));
        }
        let reasons: Vec<_> = changes
            .iter()
            .map(|change| match self.check(change) {
                Ok(()) => reason("None", None),
                Err(refusal) => reason("ConditionalCheckFailed", refusal.item),
            })
            .collect();
        if reasons.iter().any(|reason| reason.code() != Some("None")) {
            if let Some(token) = &input.client_request_token {
                self.tokens.remove(token);
            }
            return Err(Refusal::cancelled(reasons));
        }
        for change in &changes {
            self.apply(change, written);
        }
        Ok(output)
    }

    fn part<'a>(&self, item: &'a TransactWriteItem) -> Change<'a> {
        if let Some(put) = &item.put {
            change!(self, put, put.table_name.as_str(), &put.item, |_| Effect::Put(
                &put.item
            ))
        } else if let Some(up) = &item.update {
            let expression = &up.update_expression;
            change!(self, up, up.table_name.as_str(), &up.key, |terms| Effect::Update(
                &up.key,
                update(expression, terms)
            ))
        } else if let Some(delete) = &item.delete {
            change!(self, delete, delete.table_name.as_str(), &delete.key, |_| {
                Effect::Delete
            })
        } else if let Some(check) = &item.condition_check {
            let terms = Terms {
                names: check.expression_attribute_names.as_ref(),
                values: check.expression_attribute_values.as_ref(),
            };
            Change {
                table: &check.table_name,
                key: self.table(Some(&check.table_name)).key(&check.key),
                condition: Some(Condition::parse(&check.condition_expression, terms)),
                effect: Effect::Check,
                returns_old: false,
            }
        } else {
            panic!("an empty TransactWriteItem")
        }
    }

    fn one(&mut self, change: &Change<'_>, written: &mut Written) -> Result<Option<Item>, Refusal> {
        self.check(change)?;
        let old = self.current(change.table, &change.key);
        self.apply(change, written);
        Ok(old)
    }

    fn check(&self, change: &Change<'_>) -> Result<(), Refusal> {
        let table = self.table(Some(change.table));
        let current = table.items.get(&change.key);
        let holds = change
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(current.map(AsRef::as_ref)));
        if holds {
            return Ok(());
        }
        let item = current
            .filter(|_| change.returns_old)
            .map(|item| Item::clone(item));
        Err(Refusal {
            item,
            ..Refusal::new(CONDITION)
        })
    }

    fn apply(&mut self, change: &Change<'_>, written: &mut Written) {
        let item = match &change.effect {
            Effect::Check => return,
            Effect::Put(item) => Some(Item::clone(item)),
            Effect::Delete => None,
            Effect::Update(key, actions) => {
                let mut item = self
                    .current(change.table, &change.key)
                    .unwrap_or_else(|| Item::clone(key));
                let before = item.clone();
                for action in actions {
                    action.apply(&mut item, &before);
                }
                Some(item)
            }
        };
        self.store(change.table, change.key.clone(), item, written);
    }

    fn store(&mut self, table: &str, key: Key, item: Option<Item>, written: &mut Written) {
        written.push((table.to_owned(), key.clone(), item.clone()));
        let now = self.now;
        self.table_mut(table).write(now, key, item);
    }

    fn current(&self, table: &str, key: &Key) -> Option<Item> {
        let item = self.table(Some(table)).items.get(key)?;
        Some(Item::clone(item))
    }
}

impl Action {
    fn apply(&self, item: &mut Item, before: &Item) {
        match self {
            Self::Set(name, operand) => {
                let value = match operand {
                    super::expression::Operand::Value(value) => value.clone(),
                    super::expression::Operand::Path(path) => before[path].clone(),
                };
                item.insert(name.clone(), value);
            }
            Self::Remove(name) => {
                item.remove(name);
            }
            Self::Add(name, amount) => {
                let (AttributeValue::N(amount), old) = (amount, before.get(name)) else {
                    panic!("the simulator's DynamoDB does not support ADD of {amount:?}");
                };
                let parse = |text: &str| -> i128 { text.parse().expect("counters are whole numbers") };
                let old = match old {
                    Some(AttributeValue::N(old)) => parse(old),
                    None => 0,
                    Some(other) => panic!("the simulator's DynamoDB does not support ADD to {other:?}"),
                };
                item.insert(name.clone(), AttributeValue::N((old + parse(amount)).to_string()));
            }
        }
    }
}
