use projection::operations::Difference;
use serde::Serialize;
use utoipa::ToSchema;

/// A document that is not what it should be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Difference)]
pub(super) struct DifferenceBody {
    /// The document.
    #[schema(example = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    document: String,
    /// What is stored, as JSON text: at most 2,000 characters of it.
    #[schema(example = r#"{"status":"APPROVED"}"#)]
    stored: String,
    /// What it should be: the fold of the events (a sweep), or what the generation that serves has (a rebuild).
    #[schema(example = r#"{"status":"DELIVERED"}"#)]
    expected: String,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        Self {
            document: difference.key,
            stored: difference.stored,
            expected: difference.expected,
        }
    }
}

pub(super) fn bodies(differences: Vec<Difference>) -> Vec<DifferenceBody> {
    differences.into_iter().map(DifferenceBody::from).collect()
}
