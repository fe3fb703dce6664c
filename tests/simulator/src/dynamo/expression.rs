//! The expressions that the project sends. Any other expression causes a panic that names it.

use super::table::Item;
use aws_sdk_dynamodb::types::AttributeValue;
use std::cmp::Ordering;
use std::collections::HashMap;

/// The names and values behind the placeholders of one request.
#[derive(Clone, Copy, Default)]
pub(super) struct Terms<'a> {
    pub(super) names: Option<&'a HashMap<String, String>>,
    pub(super) values: Option<&'a HashMap<String, AttributeValue>>,
}

/// A condition, key condition or filter.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Or(Box<Condition>, Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    Exists(String),
    NotExists(String),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Path(String),
    Value(AttributeValue),
}

/// The action of an update on one attribute.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Set(String, Operand),
    Add(String, AttributeValue),
    Remove(String),
}

impl Condition {
    pub(super) fn parse(text: &str, terms: Terms<'_>) -> Self {
        let mut parser = Parser::new(text, terms);
        let condition = parser.or();
        parser.end();
        condition
    }

    /// Evaluates the condition for an item; one that does not exist has no attributes.
    pub(super) fn holds(&self, item: Option<&Item>) -> bool {
        match self {
            Self::Or(a, b) => a.holds(item) || b.holds(item),
            Self::And(a, b) => a.holds(item) && b.holds(item),
            Self::Not(a) => !a.holds(item),
            Self::Compare(a, comparison, b) => match (a.of(item), b.of(item)) {
                (Some(a), Some(b)) => comparison.holds(a, b),
                // A missing attribute is unequal to every value.
                _ => *comparison == Comparison::NotEqual,
            },
            Self::Between(a, low, high) => match (a.of(item), low.of(item), high.of(item)) {
                (Some(a), Some(low), Some(high)) => {
                    Comparison::GreaterOrEqual.holds(a, low) && Comparison::LessOrEqual.holds(a, high)
                }
                _ => false,
            },
            Self::In(a, list) => a.of(item).is_some_and(|a| {
                list.iter()
                    .filter_map(|b| b.of(item))
                    .any(|b| Comparison::Equal.holds(a, b))
            }),
            Self::Exists(name) => item.is_some_and(|item| item.contains_key(name)),
            Self::NotExists(name) => !item.is_some_and(|item| item.contains_key(name)),
            Self::BeginsWith(a, b) => match (a.of(item), b.of(item)) {
                (Some(AttributeValue::S(a)), Some(AttributeValue::S(b))) => a.starts_with(b.as_str()),
                _ => false,
            },
            Self::Contains(a, b) => match (a.of(item), b.of(item)) {
                (Some(AttributeValue::S(a)), Some(AttributeValue::S(b))) => a.contains(b.as_str()),
                (Some(AttributeValue::L(list)), Some(b)) => list.contains(b),
                (Some(AttributeValue::Ss(set)), Some(AttributeValue::S(b))) => set.contains(b),
                _ => false,
            },
        }
    }

    /// Returns the value that an attribute must equal.
    pub(super) fn equal_to(&self, name: &str) -> Option<&AttributeValue> {
        match self {
            Self::And(a, b) => a.equal_to(name).or_else(|| b.equal_to(name)),
            Self::Compare(Operand::Path(path), Comparison::Equal, Operand::Value(value)) if path == name => {
                Some(value)
            }
            _ => None,
        }
    }
}

impl Operand {
    fn of<'a>(&'a self, item: Option<&'a Item>) -> Option<&'a AttributeValue> {
        match self {
            Self::Path(name) => item?.get(name),
            Self::Value(value) => Some(value),
        }
    }
}

impl Comparison {
    fn holds(self, a: &AttributeValue, b: &AttributeValue) -> bool {
        match self {
            Self::Equal => equal(a, b),
            Self::NotEqual => !equal(a, b),
            _ => match order(a, b) {
                Some(Ordering::Less) => matches!(self, Self::Less | Self::LessOrEqual),
                Some(Ordering::Equal) => matches!(self, Self::LessOrEqual | Self::GreaterOrEqual),
                Some(Ordering::Greater) => matches!(self, Self::Greater | Self::GreaterOrEqual),
                None => false,
            },
        }
    }
}

fn equal(a: &AttributeValue, b: &AttributeValue) -> bool {
    a == b || order(a, b) == Some(Ordering::Equal)
}

fn order(a: &AttributeValue, b: &AttributeValue) -> Option<Ordering> {
    match (a, b) {
        (AttributeValue::S(a), AttributeValue::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (AttributeValue::N(a), AttributeValue::N(b)) => match (a.parse::<i128>(), b.parse::<i128>()) {
            (Ok(a), Ok(b)) => Some(a.cmp(&b)),
            _ => a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?),
        },
        _ => None,
    }
}

/// Returns the attributes that a projection names.
pub(super) fn projection(text: &str, terms: Terms<'_>) -> Vec<String> {
    let mut parser = Parser::new(text, terms);
    let mut names = vec![parser.path()];
    while parser.take(",") {
        names.push(parser.path());
    }
    parser.end();
    names
}

/// Parses the actions of an update expression.
pub(super) fn update(text: &str, terms: Terms<'_>) -> Vec<Action> {
    let mut parser = Parser::new(text, terms);
    let mut actions = Vec::new();
    while let Some(clause) = parser.next() {
        loop {
            let path = parser.path();
            actions.push(match clause.to_uppercase().as_str() {
                "SET" => {
                    parser.expect("=");
                    Action::Set(path, parser.operand())
                }
                "ADD" => Action::Add(path, parser.value()),
                "REMOVE" => Action::Remove(path),
                _ => parser.unknown(),
            });
            if !parser.take(",") {
                break;
            }
        }
    }
    actions
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<&'a str>,
    at: usize,
    terms: Terms<'a>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, terms: Terms<'a>) -> Self {
        let mut tokens = Vec::new();
        let bytes = text.as_bytes();
        let mut start = 0;
        while start < bytes.len() {
            let mut end = start + 1;
            match bytes[start] {
                b' ' => {}
                b'<' | b'>' => {
                    if end < bytes.len() && (bytes[end] == b'=' || bytes[end] == b'>') {
                        end += 1;
                    }
                    tokens.push(&text[start..end]);
                }
                b'=' | b'(' | b')' | b',' => tokens.push(&text[start..end]),
                byte if is_word(byte) => {
                    while end < bytes.len() && is_word(bytes[end]) {
                        end += 1;
                    }
                    tokens.push(&text[start..end]);
                }
                _ => panic!("the simulator's DynamoDB does not support the expression {text:?}"),
            }
            start = end;
        }
        Self {
            text,
            tokens,
            at: 0,
            terms,
        }
    }

    fn unknown(&self) -> ! {
        panic!(
            "the simulator's DynamoDB does not support the expression {:?} from token {} on",
            self.text, self.at
        )
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.tokens.get(self.at).copied();
        self.at += 1;
        token
    }

    fn word(&mut self) -> &'a str {
        match self.next() {
            Some(word) if is_word(word.as_bytes()[0]) => word,
            _ => self.unknown(),
        }
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self
            .tokens
            .get(self.at)
            .is_some_and(|next| next.eq_ignore_ascii_case(token));
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, token: &str) {
        if !self.take(token) {
            self.unknown();
        }
    }

    fn end(&self) {
        if self.at != self.tokens.len() {
            self.unknown();
        }
    }

    fn or(&mut self) -> Condition {
        let mut left = self.and();
        while self.take("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.and()));
        }
        left
    }

    fn and(&mut self) -> Condition {
        let mut left = self.not();
        while self.take("AND") {
            left = Condition::And(Box::new(left), Box::new(self.not()));
        }
        left
    }

    fn not(&mut self) -> Condition {
        if self.take("NOT") {
            return Condition::Not(Box::new(self.not()));
        }
        if self.take("(") {
            let inner = self.or();
            self.expect(")");
            return inner;
        }
        let function = self.tokens.get(self.at + 1) == Some(&"(");
        if function {
            return self.function();
        }
        let left = self.operand();
        let operator = self.next().unwrap_or_default();
        let comparison = match operator.to_uppercase().as_str() {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "BETWEEN" => {
                let low = self.operand();
                self.expect("AND");
                return Condition::Between(left, low, self.operand());
            }
            "IN" => {
                self.expect("(");
                let mut list = vec![self.operand()];
                while self.take(",") {
                    list.push(self.operand());
                }
                self.expect(")");
                return Condition::In(left, list);
            }
            _ => self.unknown(),
        };
        Condition::Compare(left, comparison, self.operand())
    }

    fn function(&mut self) -> Condition {
        let name = self.word();
        self.expect("(");
        let condition = match name {
            "attribute_exists" => Condition::Exists(self.path()),
            "attribute_not_exists" => Condition::NotExists(self.path()),
            "begins_with" | "contains" => {
                let a = self.operand();
                self.expect(",");
                let b = self.operand();
                if name == "contains" {
                    Condition::Contains(a, b)
                } else {
                    Condition::BeginsWith(a, b)
                }
            }
            _ => self.unknown(),
        };
        self.expect(")");
        condition
    }

    fn operand(&mut self) -> Operand {
        match self.tokens.get(self.at) {
            Some(token) if token.starts_with(':') => Operand::Value(self.value()),
            _ => Operand::Path(self.path()),
        }
    }

    fn value(&mut self) -> AttributeValue {
        let word = self.word();
        match self.terms.values.and_then(|values| values.get(word)) {
            Some(value) => value.clone(),
            None => self.unknown(),
        }
    }

    fn path(&mut self) -> String {
        let word = self.word();
        if !word.starts_with('#') {
            return word.to_owned();
        }
        match self.terms.names.and_then(|names| names.get(word)) {
            Some(name) => name.clone(),
            None => self.unknown(),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'#' | b':')
}
