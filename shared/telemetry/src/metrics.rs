use crate::{capture, emf};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a number counts, in CloudWatch's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Milliseconds,
    /// Size.
    Bytes,
    /// Anything else, for example capacity units.
    None,
}

impl Unit {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Bytes => "Bytes",
            Self::None => "None",
        }
    }
}

/// One wide event: built, then emitted.
///
/// An event that is built and not emitted is a defect, hence `must_use`.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "call `emit`"]
pub struct Metrics {
    pub(crate) name: &'static str,
    pub(crate) dimensions: BTreeMap<&'static str, String>,
    pub(crate) numbers: BTreeMap<&'static str, (Unit, Vec<f64>)>,
    pub(crate) properties: BTreeMap<&'static str, Value>,
}

impl Metrics {
    /// An event, for example `RelayBatch`.
    pub fn event(name: &'static str) -> Self {
        Self {
            name,
            dimensions: BTreeMap::new(),
            numbers: BTreeMap::new(),
            properties: BTreeMap::new(),
        }
    }

    /// What the numbers are kept apart by, for example the view. Few values: each is a billed metric of its own.
    pub fn dimension(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.dimensions.insert(name, value.into());
        self
    }

    /// A number of things.
    pub fn count(self, name: &'static str, value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let value = value as f64;
        self.number(name, Unit::Count, value)
    }

    /// A time.
    pub fn milliseconds(self, name: &'static str, value: f64) -> Self {
        self.number(name, Unit::Milliseconds, value)
    }

    /// Any number. Of the same name again: a further value of it, for example the lag of each commit of a batch. Numbers
    /// that are not finite are left out: CloudWatch would refuse the whole line.
    pub fn number(mut self, name: &'static str, unit: Unit, value: f64) -> Self {
        if value.is_finite() {
            self.numbers
                .entry(name)
                .or_insert_with(|| (unit, Vec::new()))
                .1
                .push(value);
        }
        self
    }

    /// Something to search by and add up in the logs: not a metric, billed as a part of its line only, however many values
    /// there are. None is left out.
    pub fn property(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.properties.insert(name, value);
        }
        self
    }

    /// Done: to the test that captures, or to standard output on Lambda, or nowhere.
    pub fn emit(self) {
        if let Some(event) = capture::offer(self) {
            emf::write(&event);
        }
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The values under a name; none when it was not recorded.
    #[must_use]
    pub fn values(&self, name: &str) -> &[f64] {
        self.numbers.get(name).map_or(&[], |(_, values)| values)
    }

    /// The sum of the values under a name, or the number that a property of this name is.
    #[must_use]
    pub fn sum(&self, name: &str) -> f64 {
        let property = || self.properties.get(name).and_then(Value::as_f64);
        match self.values(name) {
            [] => property().unwrap_or_default(),
            values => values.iter().sum(),
        }
    }

    /// The names of its metrics: what is billed, and what alarms and dashboards may use.
    pub fn metric_names(&self) -> impl Iterator<Item = &'static str> {
        self.numbers.keys().copied()
    }

    /// The names of its dimensions.
    pub fn dimension_names(&self) -> impl Iterator<Item = &'static str> {
        self.dimensions.keys().copied()
    }

    /// A dimension's value.
    #[must_use]
    pub fn dimension_value(&self, name: &str) -> Option<&str> {
        self.dimensions.get(name).map(String::as_str)
    }

    /// A property's value.
    #[must_use]
    pub fn property_value(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }
}
