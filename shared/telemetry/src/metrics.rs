use crate::{capture, emf};
use serde_json::Value;
use std::collections::BTreeMap;

/// The unit of a number, as CloudWatch names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A duration in milliseconds.
    Milliseconds,
    /// A size in bytes.
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
    /// Creates an event, for example `RelayBatch`.
    pub fn event(name: &'static str) -> Self {
        Self {
            name,
            dimensions: BTreeMap::new(),
            numbers: BTreeMap::new(),
            properties: BTreeMap::new(),
        }
    }

    /// Adds a dimension by which the numbers are separated, for example the view. Use few values: each is billed as a
    /// metric of its own.
    pub fn dimension(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.dimensions.insert(name, value.into());
        self
    }

    /// Adds a number of things.
    pub fn count(self, name: &'static str, value: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let value = value as f64;
        self.number(name, Unit::Count, value)
    }

    /// Adds a duration.
    pub fn milliseconds(self, name: &'static str, value: f64) -> Self {
        self.number(name, Unit::Milliseconds, value)
    }

    /// Adds a number. A second call with the same name adds a further value, for example the lag of each commit of a
    /// batch. Numbers that are not finite are left out: CloudWatch would refuse the whole line.
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

    /// Adds a value to search by and to add up in the logs. A property is not a metric: it is billed as a part of its
    /// line only, however many values there are. A null value is left out.
    pub fn property(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.properties.insert(name, value);
        }
        self
    }

    /// Emits the event: to the test that captures events, to standard output on Lambda, or nowhere.
    pub fn emit(self) {
        if let Some(event) = capture::offer(self) {
            emf::write(&event);
        }
    }

    /// Returns the event's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the values under a name; none when it was not recorded.
    #[must_use]
    pub fn values(&self, name: &str) -> &[f64] {
        self.numbers.get(name).map_or(&[], |(_, values)| values)
    }

    /// Returns the sum of the values under a name, or else the number in the property with this name.
    #[must_use]
    pub fn sum(&self, name: &str) -> f64 {
        let property = || self.properties.get(name).and_then(Value::as_f64);
        match self.values(name) {
            [] => property().unwrap_or_default(),
            values => values.iter().sum(),
        }
    }

    /// Returns the names of the metrics. They are billed, and alarms and dashboards may use them.
    pub fn metric_names(&self) -> impl Iterator<Item = &'static str> {
        self.numbers.keys().copied()
    }

    /// Returns the names of the dimensions.
    pub fn dimension_names(&self) -> impl Iterator<Item = &'static str> {
        self.dimensions.keys().copied()
    }

    /// Returns a dimension's value.
    #[must_use]
    pub fn dimension_value(&self, name: &str) -> Option<&str> {
        self.dimensions.get(name).map(String::as_str)
    }

    /// Returns a property's value.
    #[must_use]
    pub fn property_value(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }
}
